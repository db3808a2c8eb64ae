"""Plans: every vanished record is explained once, a name proves nothing, order does not matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.catalogue.core.plan import FATES, Guard, Standing, Tally, Vanished, content, explain, findings, fingerprint

marks = st.lists(st.sampled_from(["x", "y", "z", "doi:10.1/a"]), max_size=2).map(tuple)
keys = st.text("abAB-/_", min_size=1, max_size=6)


def standings(prefix: str) -> st.SearchStrategy[list[Standing]]:
    one = st.builds(Standing, keys, keys, marks, marks)
    return st.lists(one, max_size=12, unique_by=lambda s: s.native_id).map(
        lambda found: [s._replace(id=f"{prefix}{n}") for n, s in enumerate(found)]
    )


@given(standings("v"), standings("a"), st.randoms())
def test_each_vanished_record_has_one_fate_and_no_two_share_a_successor(vanished, added, chance) -> None:
    found = explain(vanished, added)
    assert sorted(one.record for one in found) == sorted(one.id for one in vanished)
    assert {one.fate for one in found} <= FATES.keys()
    taken = [one.successor for one in found if one.successor]
    assert len(set(taken)) == len(taken)
    assert set(taken) <= {one.id for one in added}
    by_id = {one.id: one for one in [*vanished, *added]}
    for one in found:
        assert bool(one.successor) == (one.basis != "") == (one.fate not in ("gone", "excluded"))
        if one.basis == "content":
            assert set(by_id[one.record].contents) & set(by_id[one.successor].contents)
        if one.basis == "identifier":
            assert one.detail in by_id[one.record].identifiers and one.detail in by_id[one.successor].identifiers
        assert one.proven == (one.basis in ("content", "identifier"))
    chance.shuffle(vanished)
    chance.shuffle(added)
    assert {one.record: one for one in explain(vanished, added)} == {one.record: one for one in found}


@given(st.lists(keys, min_size=1, max_size=20, unique=True))
def test_a_new_scheme_of_ids_is_followed_by_content(names) -> None:
    before = [Standing(f"v{n}", name, (f"c{n}",)) for n, name in enumerate(names)]
    after = [Standing(f"a{n}", str(10_000 + n), (f"c{n}",)) for n in range(len(names))]
    assert {(one.record, one.successor, one.proven) for one in explain(before, after)} == {
        (f"v{n}", f"a{n}", True) for n in range(len(names))
    }


@pytest.mark.parametrize(
    ("before", "after", "fate"),
    [
        ("nominees/x.json", "archive/x.json", "moved"),
        ("models/pythia-1B.yml", "models/Pythia-1B.yml", "respelled"),
        ("n/redirect-2%-x.json", "n/redirect-2-x.json", "respelled"),
        ("squad", "rajpurkar/squad", "namespaced"),
    ],
)
def test_a_name_is_a_proposal(before: str, after: str, fate: str) -> None:
    (found,) = explain([Standing("v", before)], [Standing("a", after)])
    assert (found.fate, found.basis, found.successor, found.proven) == (fate, "name", "a", False)


def test_a_name_that_fits_several_is_no_explanation() -> None:
    owners = [Standing(f"a{n}", f"owner{n}/gsm8k") for n in range(5)]
    assert explain([Standing("v", "gsm8k")], owners) == [Vanished("v", "gone")]


def test_content_that_two_share_pairs_nothing() -> None:
    vanished = [Standing("v1", "one", ("same",)), Standing("v2", "two", ("same",))]
    assert {one.fate for one in explain(vanished, [Standing("a", "three", ("same",))])} == {"gone"}


def test_what_the_description_passes_over_is_excluded() -> None:
    (found,) = explain([Standing("v", "test/1")], [], lambda one: one.native_id.startswith("test/"))
    assert found == Vanished("v", "excluded")


def test_the_guard_takes_the_smaller_limit_but_always_one() -> None:
    assert Guard().allows(1, 3)
    assert not Guard().allows(2, 3)
    assert Guard().allows(5, 100) and not Guard().allows(6, 100)
    assert Guard().allows(20, 100_000) and not Guard().allows(21, 100_000)
    assert Guard(share=1.0, records=1_000).allows(600, 600)


def test_findings_name_the_pattern() -> None:
    gone = [Vanished(str(n), "gone") for n in range(10)]
    renamed = [Vanished(str(n), "respelled", "name", "", f"a{n}") for n in range(11)]
    assert findings(Tally(232, 16, changed=232, same_values=232), []) == ["format-change"]
    assert findings(Tally(232, 16, changed=232, same_values=200), []) == ["rewritten"]
    assert findings(Tally(248, 34, unchanged=237), renamed) == ["keys-changed"]
    assert findings(Tally(60, unchanged=50), gone) == ["mass-disappearance"]
    assert findings(Tally(600, unchanged=590), gone) == []


def test_content_leaves_the_key_out() -> None:
    said = {"source": "s", "kind": "model", "title": {"en": "x"}}
    assert content({**said, "native_id": "1"}) == content({**said, "native_id": "2", "problems": [{}]})
    assert content(said) != content({**said, "title": {"en": "y"}})


def test_a_fingerprint_is_of_the_set() -> None:
    assert fingerprint(["a", "b"]) == fingerprint(["b", "a"]) != fingerprint(["a"])
