"""Clusters are a function of the edges, not of their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from commonweal.resolve.core.clusters import cluster, component
from commonweal.resolve.core.judgements import Judgement
from commonweal.resolve.core.neighbours import pair

IDS = [f"r{n:02d}" for n in range(14)]
PAIRS = st.lists(st.sampled_from(IDS), min_size=2, max_size=2, unique=True).map(lambda two: pair(*two))
EDGES = st.dictionaries(PAIRS, st.sampled_from([3.0, 5.0, 5.5, 9.0]), max_size=25)


@given(EDGES, st.lists(PAIRS, max_size=4), st.randoms())
def test_order_does_not_matter_and_the_opposed_stay_apart(edges, apart, chance):
    found = cluster(IDS, edges, {}, apart)
    shuffled_ids, shuffled_edges = list(IDS), list(edges.items())
    chance.shuffle(shuffled_ids)
    chance.shuffle(shuffled_edges)
    assert cluster(shuffled_ids, dict(shuffled_edges), {}, reversed(apart)).members() == found.members()
    assert all(found.canonical[one] != found.canonical[other] for one, other in apart)
    for canonical, members in found.members().items():
        assert canonical == min(members)


@given(EDGES)
def test_without_opposition_clusters_are_the_connected_components(edges):
    neighbours: dict[str, set[str]] = {}
    for one, other in edges:
        neighbours.setdefault(one, set()).add(other)
        neighbours.setdefault(other, set()).add(one)
    canonical = cluster(IDS, edges, {}).canonical
    for one in IDS:
        assert canonical[one] == min(component([one], neighbours))


def test_the_weakest_edge_is_cut():
    edges = {("a", "b"): 9.0, ("b", "c"): 3.0, ("c", "d"): 8.0}
    found = cluster("abcd", edges, {}, [("a", "d")])
    assert found.members() == {"a": ["a", "b"], "c": ["c", "d"]}
    assert found.refused == (("b", "c"),)


def test_a_persons_word_outranks_a_score():
    judged = {("a", "b"): Judgement("a", "b", "not_same", "person:1", "2026-01-01T00:00:00Z")}
    assert cluster("ab", {("a", "b"): 99.0}, judged).members() == {"a": ["a"], "b": ["b"]}
    judged = {("a", "b"): Judgement("a", "b", "same", "person:1", "2026-01-01T00:00:00Z")}
    assert cluster("ab", {}, judged, [("a", "b")]).members() == {"a": ["a", "b"]}


def test_edges_to_records_that_are_gone_are_ignored():
    assert cluster("ab", {("a", "x"): 9.0, ("b", "x"): 9.0}, {}).members() == {"a": ["a"], "b": ["b"]}


def test_rules_that_keep_apart_bind_automatic_edges_only():
    judged = {two: Judgement(*two, "same", "person:1", "2026-01-01T00:00:00Z") for two in (("a", "b"), ("b", "c"))}
    assert cluster("abcd", {("c", "d"): 9.0}, judged, [("a", "c"), ("a", "d")]).members() == {"a": ["a", "b", "c"], "d": ["d"]}
