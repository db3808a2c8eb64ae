"""The scope, and grounds that are facts with a source."""

from __future__ import annotations

from commonweal.catalogue.core.grounds import RECOGNISERS, computed_grounds, load_scope
from commonweal.catalogue.core.record import Record
from commonweal.catalogue.core.source import load_builtin


def test_every_ground_is_explained_in_three_languages() -> None:
    scope = load_scope()
    assert scope["version"]
    for ground in [scope["limit"], *scope["grounds"].values()]:
        assert set(ground["label"]) == set(ground["meaning"]) == {"en", "fr", "ar"}
    assert all(ground["recognised"] for ground in scope["grounds"].values())


def test_sources_state_only_grounds_of_the_scope() -> None:
    known = set(load_scope()["grounds"])
    assert set(RECOGNISERS) <= known
    for spec in load_builtin().values():
        for stream in spec.streams:
            assert {ground["ground"] for ground in stream.mapping.get("grounds", ())} <= known


def test_grounds_follow_from_the_values() -> None:
    record = Record("s", "1", "dataset", {"en": "x"}, sdgs=[3], licence={"raw": "MIT", "expression": "MIT", "category": "open"})
    assert computed_grounds(record, set()) == [
        {"ground": "open_licence", "detail": "MIT"},
        {"ground": "sdg", "detail": "3"},
    ]
    assert computed_grounds(record, {"sdg"}) == [{"ground": "open_licence", "detail": "MIT"}]


def test_no_ground_is_guessed() -> None:
    for category in ("unknown", "non-commercial", "field-of-use", "proprietary", "not-a-licence"):
        licence = {"raw": "open to all!", "expression": None, "category": category, "rule": ""}
        assert computed_grounds(Record("s", "1", "dataset", {"en": "x"}, licence=licence), set()) == []
