"""The log is append-only, its reading does not depend on order, and every judgement can be withdrawn."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.errors import CommonwealError
from commonweal.resolve.core.clusters import cluster
from commonweal.resolve.core.judgements import VERDICTS, Judgement, active, contradictions, pending, retract

IDS = [f"r{n:02d}" for n in range(12)]
JUDGEMENTS = st.builds(
    lambda two, verdict, actor, at: Judgement(two[0], two[1], verdict, actor, at),
    st.lists(st.sampled_from(IDS), min_size=2, max_size=2, unique=True),
    st.sampled_from(VERDICTS),
    st.sampled_from(["person:1", "person:2", "rule:identifier"]),
    st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]),
)


def said(left: str, right: str, verdict: str, at: str = "2026-01-01T00:00:00Z", actor: str = "person:1") -> Judgement:
    return Judgement(left, right, verdict, actor, at)


@given(st.lists(JUDGEMENTS, max_size=20), st.randoms())
def test_the_order_of_the_log_does_not_matter(log, chance):
    shuffled = list(log)
    chance.shuffle(shuffled)
    assert active(shuffled) == active(log)
    assert cluster(IDS, {}, active(shuffled)) == cluster(IDS, {}, active(log))


@given(st.lists(JUDGEMENTS, max_size=15))
def test_not_same_is_always_honoured(log):
    held = active(log)
    canonical = cluster(IDS, {}, held).canonical
    for (one, other), judgement in held.items():
        if judgement.verdict != "same":
            assert canonical[one] != canonical[other]


def test_the_newest_holds_and_the_contradiction_is_shown():
    old, new = said("a", "b", "same"), said("b", "a", "not_same", "2026-02-01T00:00:00Z")
    assert active([new, old])[("a", "b")] is new
    assert contradictions([old, new]) == {("a", "b"): [new, old]}
    assert contradictions([old, said("b", "a", "same", actor="person:2")]) == {}


def test_directed_verdicts_in_both_directions_contradict():
    cycle = [said("a", "b", "version_of"), said("b", "a", "version_of", actor="person:2")]
    assert contradictions(cycle) == {("a", "b"): [cycle[1], cycle[0]]}


def test_a_retraction_can_be_retracted():
    first = said("a", "b", "same")
    gone = retract(first, "person:2", "2026-02-01T00:00:00Z")
    back = retract(gone, "person:1", "2026-03-01T00:00:00Z")
    assert active([first, gone]) == {}
    assert active([back, gone, first]) == {("a", "b"): first}


def test_undoing_one_brings_the_former_back():
    first, second = said("a", "b", "same"), said("a", "b", "not_same", "2026-02-01T00:00:00Z")
    gone = retract(second, "person:1", "2026-03-01T00:00:00Z")
    assert active([first, second, gone])[("a", "b")] is first


def test_a_thousand_merges_undone_in_any_order_give_the_start_back():
    chance = random.Random(11)
    ids = [f"r{n:04d}" for n in range(600)]
    start = cluster(ids, {}, {}).canonical
    log, made = [], []
    for n in range(1000):
        one, other = chance.sample(ids, 2)
        made.append(Judgement(one, other, "same", "person:1", f"2026-01-01T00:{n // 60 % 60:02d}:{n % 60:02d}Z", str(n)))
    log.extend(made)
    assert cluster(ids, {}, active(log)).canonical != start
    chance.shuffle(made)
    log.extend(retract(judgement, "person:2", "2026-02-01T00:00:00Z") for judgement in made)
    assert cluster(ids, {}, active(log)).canonical == start


def test_unknown_verdicts_and_pairs_of_one_are_refused():
    for arguments in (("a", "b", "identical"), ("a", "a", "same")):
        with pytest.raises(CommonwealError):
            said(*arguments)


def test_where_two_must_agree_one_word_does_not_count():
    always = lambda two: True  # noqa: E731
    first, again = said("a", "b", "same"), said("a", "b", "same", "2026-01-02T00:00:00Z")
    other = said("b", "a", "same", "2026-01-03T00:00:00Z", "person:2")
    assert active([first, again], always) == {}
    assert pending([first, again], always) == {("a", "b"): again}
    assert active([first, again, other], always) == {("a", "b"): other}
    assert pending([first, other], always) == {}
    against = said("a", "b", "not_same", "2026-01-04T00:00:00Z", "person:3")
    assert active([first, other, against], always) == {("a", "b"): other}  # one voice does not undo two
    assert pending([first, other, against], always) == {("a", "b"): against}
