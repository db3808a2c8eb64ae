"""From records to entities: the consumer, the views it has written, and the ids that never break."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from commonweal.base import feed
from commonweal.base.feed import Change
from commonweal.catalogue import queries
from commonweal.catalogue.core.record import Record, record_id
from commonweal.catalogue.models import Entity, Source
from commonweal.catalogue.models import Record as Row
from commonweal.catalogue.storing import Outcome, store
from commonweal.resolve import queries as resolve_queries
from commonweal.resolve.models import Key
from commonweal.resolve.services import ResolveConsumer, rebuild

pytestmark = pytest.mark.django_db


def say(*records: Record | tuple[str, str]) -> None:
    """Store records as a harvest does; a pair (source, native id) is one that can no longer be read."""
    now = timezone.now()
    for said in records:
        source, native_id = said if isinstance(said, tuple) else (said.source, said.native_id)
        row, _ = Source.objects.get_or_create(pk=source)
        data = {} if isinstance(said, tuple) else said.to_json()
        outcome = Outcome(record_id(source, native_id), native_id, "0" * 64, reason="" if data else "broken", data=data)
        former = Row.objects.in_bulk([outcome.id])
        with transaction.atomic():
            changes = store(source, "1", 1, [outcome], former, row.numbered, now)
            Source.objects.filter(pk=source).update(numbered=row.numbered + (not former))
            feed.append(changes)


def resolve(batch: int = 250) -> None:
    """Let the consumer read all it has not read."""
    consumer = ResolveConsumer()
    changes = feed.read(resolve.seq, topics=consumer.topics, limit=100_000)  # type: ignore[attr-defined]
    for start in range(0, len(changes), batch):
        consumer.handle(changes[start : start + batch])
    resolve.seq = feed.head()  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _from_here() -> None:
    resolve.seq = feed.head()  # type: ignore[attr-defined]


def model(source: str, title: str = "GPT-4o", **said: Any) -> Record:
    return Record(source, said.pop("native_id", title), "model", {"en": title}, **{"publisher": "OpenAI", **said})


def entity_changes(after: int) -> list[tuple[str, str, dict[str, Any]]]:
    return [(change.id, change.op, change.data) for change in feed.read(after, topics=("entity",))]


def test_a_record_alone_is_an_entity_of_its_own_id() -> None:
    one = model("a")
    say(one)
    resolve()
    found = queries.entity(one.id)
    assert found is not None
    assert (found[0]["id"], found[1]) == (one.id, one.id)
    assert queries.cards([one.id])[one.id]["title"] == {"en": "GPT-4o"}


def test_joined_records_are_one_entity_and_every_id_leads_to_it() -> None:
    records = [model("a"), model("b"), model("c", publisher="Open AI")]
    say(*records)
    resolve()
    smallest = min(record.id for record in records)
    assert {queries.entity(record.id)[1] for record in records} == {smallest}  # type: ignore[index]
    assert queries.entity(smallest)[0]["sources"] == ["a", "b", "c"]  # type: ignore[index]
    assert Entity.objects.count() == 1


def test_a_merge_tells_where_the_former_entity_went() -> None:
    records = sorted((model("a"), model("b")), key=lambda record: record.id)
    say(records[1])
    resolve()
    head = feed.head()
    say(records[0])
    resolve()
    changes = entity_changes(head)
    assert (records[1].id, "merged", {"into": records[0].id}) in changes
    assert (records[0].id, "added", {}) in changes


def test_a_record_that_leaves_gives_the_other_its_own_id_back() -> None:
    records = sorted((model("a"), model("b")), key=lambda record: record.id)
    say(*records)
    resolve()
    head = feed.head()
    say((records[0].source, records[0].native_id))
    resolve()
    assert queries.entity(records[0].id) is None
    assert queries.entity(records[1].id)[1] == records[1].id  # type: ignore[index]
    assert sorted(entity_changes(head)) == sorted([(records[1].id, "added", {}), (records[0].id, "removed", {})])
    say(records[0])
    resolve()
    assert queries.entity(records[1].id)[1] == records[0].id  # type: ignore[index]


def test_a_change_that_alters_no_view_is_not_told() -> None:
    say(model("a"))
    resolve()
    head = feed.head()
    with transaction.atomic():
        feed.append([Change("record", model("a").id, "changed")])
    resolve()
    assert entity_changes(head) == []


def test_a_changed_record_changes_its_entity_only() -> None:
    say(model("a"), model("a", "Other"), model("b"))
    resolve()
    head = feed.head()
    say(model("b", url="https://example.org"))
    resolve()
    assert [(key, op) for key, op, _ in entity_changes(head)] == [(min(model("a").id, model("b").id), "changed")]


def test_a_view_is_right_again_after_its_first_record_went_between_two_batches() -> None:
    records = sorted((model("a"), model("b")), key=lambda record: record.id)
    say(*records)
    resolve()
    say(model(records[1].source, url="https://example.org"), (records[0].source, records[0].native_id))
    resolve(batch=1)
    assert queries.entity(records[0].id) is None
    view, canonical = queries.entity(records[1].id)  # type: ignore[misc]
    assert (canonical, view["id"], view["chosen"]["url"]) == (records[1].id, records[1].id, "https://example.org")


HISTORY = (
    [model("a"), model("b")],
    [model("c"), model("a", "GPT 4o", native_id="rival")],
    [("a", "rival"), model("d", "openai/gpt-4o", publisher=None)],
    [model("e", "Other", identifiers=["hf:o/m"]), model("f", "Thing", identifiers=["hf:o/m"])],
)


@pytest.mark.parametrize("order", list(permutations(range(3)))[:6])
@pytest.mark.parametrize("batch", [1, 3, 250])
def test_entities_do_not_depend_on_order_or_batches(order: tuple[int, ...], batch: int) -> None:
    say(model("a", "GPT 4o", native_id="rival"))  # so that any order may take it away
    for step in (*order, 3):
        say(*HISTORY[step])
        resolve(batch)
    say(("a", "rival"))
    resolve(batch)
    found = {row["source"]: row["entity"] for row in queries.iter_records()}
    smallest = min(model(source).id for source in "abc")
    smallest = min(smallest, record_id("d", "openai/gpt-4o"))
    assert {found[source] for source in "abcd"} == {smallest}
    assert found["e"] == found["f"] != smallest
    assert Entity.objects.count() == 2


def test_a_rebuild_decides_the_same() -> None:
    say(*(record for step in HISTORY for record in step))
    feed.drain()
    before = list(queries.iter_entities())
    Key.objects.all().delete()
    rebuild()
    feed.drain()
    assert list(queries.iter_entities()) == before
    assert Key.objects.exists()


def test_why_records_are_one_thing_is_told() -> None:
    say(model("a"), model("b"))
    resolve()
    joins = [row["key"] for row in resolve_queries.explain(model("a").id) if row["joins"]]
    assert joins == ["n:model:openai:gpt4o"]
