"""What would it take; subjects and versions side by side; how licences go together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.errors import CommonwealError
from commonweal.openness import Evidence, Subject, assess, changes, compare, load_framework, notes, simulate, what_if
from openness.mof_reading import CLASS_1, CLASS_2, CLASS_3

MOF = load_framework("mof")


def released(*titles: str, licence: str = "MIT") -> Subject:
    return Subject("m", frozenset({"aimodel"}), tuple(Evidence(MOF.item(title).fact, "yes", licence=licence) for title in titles))


@given(st.sets(st.sampled_from(CLASS_3 + CLASS_2 + CLASS_1)), st.sampled_from(["MIT", "CC-BY-NC-4.0", ""]))
def test_the_changes_named_reach_the_next_class(titles: set[str], licence: str) -> None:
    found = simulate(released(*titles, licence=licence), MOF)
    better = {0: 3, 3: 2, 2: 1, 1: 1}[int(found.now.score or 0)]
    assert found.then.score in ({1, 2, 3} if better == 3 else {1, 2} if better == 2 else {1})
    assert found.then.score != found.now.score or not found.changes
    assert {change.action for change in found.changes} <= {"publish", "license", "relicense"}


def test_the_changes_are_named_as_what_to_do() -> None:
    it = released(*CLASS_3[:-1]).knowing([Evidence("data-card", "yes", licence="CC-BY-NC-4.0")], instead=True)
    found = simulate(it, MOF)
    assert {(change.item, change.action) for change in found.changes} == {
        ("data-card", "relicense"),
        ("technical-report", "publish"),
    }


@pytest.mark.parametrize("name", ["eosai", "osaid", "dpg", "fmti"])
def test_all_changes_together_reach_the_best_verdict(name: str) -> None:
    found = simulate(Subject("m", frozenset({"aimodel"})), load_framework(name))
    assert found.then.outcome.missing == () or name == "osaid"
    assert found.then.verdict in {"1.0000", "consistent with the definition", "meets the standard", "100"}


def test_gains_of_a_score_add_up() -> None:
    found = simulate(Subject("m", evidence=(Evidence("eosai.paper", "partial"),)), load_framework("eosai"))
    assert sum(change.gain for change in found.changes) == pytest.approx(1 - 0.5 / 12)


def test_what_if_an_item_were_otherwise() -> None:
    eosai = load_framework("eosai")
    assert what_if(Subject("m"), eosai, {"paper": "partial"}).score == pytest.approx(0.5 / 12)
    with pytest.raises(CommonwealError, match="no item"):
        what_if(Subject("m"), eosai, {"papre": "yes"})


def test_up_to_six_side_by_side() -> None:
    found = compare([assess(released("Datasets"), "mof"), assess(released("Model card"), "mof")])
    row = next(row for row in found["rows"] if row["item"] == "datasets")
    assert (row["statuses"], row["differs"]) == (["included", "missing"], True)
    with pytest.raises(CommonwealError, match="not assessed alike"):
        compare([assess(released(), "mof"), assess(released(), "mof", "normalised")])
    with pytest.raises(CommonwealError, match="Choose 1 to 6"):
        compare([assess(released(), "mof")] * 7)


def test_a_new_version_lists_what_it_changes() -> None:
    it = Subject("p", frozenset({"content"}), (Evidence("licence.distribution", "yes", licence="CC-BY-NC-SA-4.0"),))
    found = changes(assess(it, "dpg@1.1.6"), assess(it, "dpg@1.1.7"))
    assert found is not None
    assert found["versions"] == ["1.1.6", "1.1.7"]
    assert [(row["item"], row["before"], row["after"]) for row in found["items"]] == [("2", "meets", "does not meet")]
    assert changes(assess(it, "dpg"), assess(it, "dpg")) is None
    with pytest.raises(CommonwealError):
        changes(assess(it, "dpg"), assess(it, "mof"))


def parts(weights: str, data: str) -> Subject:
    return released().knowing(
        [Evidence("model-parameters-final", "yes", licence=weights), Evidence("datasets", "yes", licence=data)]
    )


@pytest.mark.parametrize(
    ("weights", "data", "words"),
    [
        ("Apache-2.0", "CC-BY-NC-4.0", "may not be used commercially"),
        ("Apache-2.0", "CC-BY-ND-4.0", "may not be changed"),
        ("Apache-2.0", "CC-BY-SA-4.0", "disputed"),
        ("Apache-2.0", "something", "could not be read"),
    ],
)
def test_notes_on_data_against_weights(weights: str, data: str, words: str) -> None:
    (note,) = notes(parts(weights, data))
    assert words in note.sentence


def test_no_note_where_nothing_is_odd() -> None:
    assert notes(parts("Apache-2.0", "CC-BY-4.0")) == []
    assert notes(parts("CC-BY-SA-4.0", "CC-BY-SA-4.0")) == []
    assert "advise against" in notes(released("Training code", licence="CC-BY-4.0"))[0].sentence
