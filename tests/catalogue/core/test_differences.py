"""Differences: what changed in the values, not in the keys."""

from __future__ import annotations

from commonweal.catalogue.core.differences import EXAMPLES, Difference, Differences, differences


def said(**values: object) -> dict[str, object]:
    return {"source": "s", "native_id": "1", "kind": "model", "title": {"en": "x"}, **values}


def test_values_are_compared_extras_too_and_contacts_never() -> None:
    before = said(licence={"raw": "MIT"}, extras={"architecture": "moe"}, contact="a@b.c", native_id="1")
    after = said(extras={"architecture": "dense"}, contact="d@e.f", native_id="2")
    assert differences(before, after) == [
        Difference("architecture", "moe", "dense"),
        Difference("licence", {"raw": "MIT"}, None),
    ]
    assert differences(before, before) == []


def test_a_run_keeps_counts_of_all_and_examples_of_the_first_and_goes_on_from_them() -> None:
    run = Differences()
    for n in range(EXAMPLES + 5):
        assert run.add(f"r{n}", str(n), said(), said(status="x" * 10_000))
    assert not run.add("r", "same", said(), said())
    again = Differences(run.to_json())
    again.add("q", "q", said(), said(status="y"))
    assert again.to_json()["properties"] == {"status": EXAMPLES + 6}
    assert len(again.examples) == EXAMPLES
    assert len(again.examples[0]["changes"][0]["after"]) < 1_000
