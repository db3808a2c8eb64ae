"""The catalogue's API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commonweal.base import feed
from commonweal.catalogue.core.record import Record
from commonweal.catalogue.models import Source
from commonweal.catalogue.storing import Outcome, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def merged() -> Iterator[list[str]]:
    """Two records of one model; their ids, the entity's first."""
    records = [
        Record(
            source,
            "m",
            "model",
            {"en": "Meridian 7B", "fr": "Méridien 7B"},
            publisher="P",
            contact="x@example.org",
            identifiers=["hf:p/meridian-7b"],
        )
        for source in ("mteb", "crfm-helm")
    ]
    for record in records:
        Source.objects.get_or_create(pk=record.source)
        outcome = Outcome(record.id, "m", "0" * 64, data=record.to_json())
        feed.append(store(record.source, "1", 1, [outcome], {}, 0, timezone.now()))
    feed.drain()
    yield sorted(record.id for record in records)


def get(client: Client, path: str) -> Any:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_an_entity_says_who_says_what(client: Client, merged: list[str]) -> None:
    view = get(client, f"entity/{merged[0]}")
    assert [entry["sources"][0]["source"] for entry in view["values"]["publisher"]]
    assert view["linked_from"] == []
    assert "example.org" not in str(view)


def test_the_id_of_a_merged_entity_redirects_for_ever(client: Client, merged: list[str]) -> None:
    answer = client.get(f"/api/v1/entity/{merged[1]}")
    assert (answer.status_code, answer["Location"]) == (301, f"/api/v1/entity/{merged[0]}")


@pytest.mark.parametrize(
    ("path", "code"),
    [("entity/aaaa", "entity-unknown"), ("record/aaaa", "record-unknown"), ("sources/nowhere", "source-unknown")],
)
def test_what_is_not_there_is_a_problem_with_a_code(client: Client, path: str, code: str) -> None:
    answer = client.get(f"/api/v1/{path}", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (404, code)


def test_a_record_is_shown_without_its_contact(client: Client, merged: list[str]) -> None:
    said = get(client, f"record/{merged[0]}")
    assert (said["entity"], "contact" in said["record"]) == (merged[0], False)


def test_sources_runs_and_what_was_set_aside(client: Client, merged: list[str]) -> None:
    assert {source["id"]: source["records"] for source in get(client, "sources")}["mteb"] == 1
    assert get(client, "sources/mteb")["records"] == 1
    assert get(client, "sources/mteb/rejected") == []
    assert get(client, "runs?source=mteb") == []


def test_changes_are_read_in_order_to_the_end(client: Client, merged: list[str]) -> None:
    first = get(client, "changes?limit=1&topic=record")
    rest = get(client, f"changes?after={first['next']}")
    assert first["changes"][0]["topic"] == "record"
    assert [change["seq"] for change in rest["changes"]] == list(range(first["next"] + 1, rest["head"] + 1))
    assert get(client, f"changes?after={rest['next']}")["changes"] == []


def test_the_api_describes_these_answers(client: Client) -> None:
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]
    assert {"EntityView", "RecordView", "SourceView", "RunView", "Changes"} <= schemas.keys()
