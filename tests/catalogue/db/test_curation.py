"""Corrections: what a person says outlives every harvest, and the source's value stays beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from commonweal.base import feed
from commonweal.base.models import Event
from commonweal.catalogue import queries, services
from commonweal.catalogue.core.curation import CURATION, correction_id
from commonweal.catalogue.core.record import record_id
from commonweal.catalogue.models import Plan
from commonweal.kernel.errors import CommonwealError

pytestmark = pytest.mark.django_db


def item(key: str, title: str = "", **said: Any) -> dict[str, Any]:
    return {"key": key, "title": title or f"Model {key}", "maker": "M", "languages": ["en"], **said}


@pytest.fixture
def source(registry: Callable[..., Any]) -> Any:
    made = registry(trust=100)
    made.harvest(item("1"), item("2"))
    feed.drain()
    return made


def view(source: Any, key: str = "1") -> dict[str, Any]:
    found = queries.entity(record_id(source.id, key))
    assert found is not None
    return found[0]


def correct(source: Any, property: str, value: Any, key: str = "1") -> dict[str, Any]:
    said = services.correct(record_id(source.id, key), property, value, actor="person:7", reason="They told us.")
    feed.drain()
    return said


def test_a_correction_outlives_three_harvests_and_the_source_is_still_shown(source: Any) -> None:
    correct(source, "publisher", "The true maker")
    for n in range(3):
        source.harvest(item("1", maker=f"M{n}"), item("2"), force=n == 1)
        feed.drain()
        values = view(source)["values"]["publisher"]
        assert [(value["value"], value["chosen"]) for value in values] == [("The true maker", True), (f"M{n}", False)]
        assert values[0]["sources"][0]["source"] == CURATION
    assert view(source)["chosen"]["publisher"] == "The true maker"
    assert Event.objects.filter(action="record.corrected", actor="person:7").count() == 1


def test_a_corrected_list_replaces_the_sources_items_which_stay_beside_it(source: Any) -> None:
    correct(source, "languages", ["Swahili", "ha"])
    assert view(source)["chosen"]["languages"] == ["ha", "sw"]
    assert ("en", False) in [(value["value"], value["chosen"]) for value in view(source)["values"]["languages"]]


def test_a_correction_can_be_changed_and_withdrawn_and_its_history_is_kept(source: Any) -> None:
    correct(source, "publisher", "One")
    correct(source, "licence", "MIT")
    assert correct(source, "publisher", "Two")["licence"]["expression"] == "MIT"
    assert view(source)["chosen"]["publisher"] == "Two"
    correct(source, "publisher", None)
    assert correct(source, "licence", None) == {}
    assert view(source)["chosen"]["publisher"] == "M"
    assert len(queries.record_versions(correction_id(record_id(source.id, "1")))) == 5


def test_a_correction_is_no_record_of_a_registry(source: Any) -> None:
    before = queries.counts()
    correct(source, "publisher", "X")
    assert {row["source"] for row in queries.iter_records()} == {source.id}
    assert queries.counts() | {"newest": []} == before | {"newest": []}
    assert CURATION not in {one["id"] for one in queries.sources()}
    assert [record["source"] for record in view(source)["records"]] == [source.id]


def test_a_correction_follows_its_record_to_a_new_key(source: Any) -> None:
    source.harvest(*(item(f"old-{n}", page=f"https://huggingface.co/o/m{n}") for n in range(9)), item("1"), item("2"))
    feed.drain()
    correct(source, "publisher", "Kept", "old-3")
    source.harvest(*(item(f"new{n}", page=f"https://huggingface.co/o/m{n}") for n in range(9)), item("1"), item("2"))
    services.apply_plan(Plan.objects.get(state="open").pk, actor="person:7", reason="New keys.")
    feed.drain()
    assert view(source, "new3")["chosen"]["publisher"] == "Kept"
    assert services.correct(record_id(source.id, "old-3"), "status", "active", actor="person:7", reason="r")["native_id"] == (
        record_id(source.id, "new3")
    )


@pytest.mark.parametrize(
    ("property", "value", "code"),
    [
        ("colour", "red", "property-unknown"),
        ("contact", "a@example.org", "property-unknown"),
        ("issued", "circa 2019", "value-unreadable"),
        ("publisher", "", "value-unreadable"),
    ],
)
def test_what_no_source_could_say_is_refused(source: Any, property: str, value: Any, code: str) -> None:
    with pytest.raises(CommonwealError) as caught:
        correct(source, property, value)
    assert caught.value.code == code
