"""From records to entities: the consumer, the views it has written, and the ids that never break."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import orjson
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commonweal.base import feed
from commonweal.base.feed import Change
from commonweal.catalogue import queries
from commonweal.catalogue.core.record import Record, record_id
from commonweal.catalogue.models import Entity
from commonweal.resolve import memory, services
from commonweal.resolve import queries as resolve_queries
from commonweal.resolve.models import Edge, Profile, State
from commonweal.resolve.services import decide_anew

pytestmark = pytest.mark.django_db


def model(source: str, title: str = "GPT-4o", **said: Any) -> Record:
    return Record(source, said.pop("native_id", title), "model", {"en": title}, **{"publisher": "OpenAI", **said})


def entity_changes(after: int) -> list[tuple[str, str, dict[str, Any]]]:
    return [(change.id, change.op, change.data) for change in feed.read(after, topics=("entity",))]


def test_a_record_alone_is_an_entity_of_its_own_id(say, resolve) -> None:
    one = model("a")
    say(one)
    resolve()
    found = queries.entity(one.id)
    assert found is not None
    assert (found[0]["id"], found[1]) == (one.id, one.id)
    assert queries.cards([one.id])[one.id]["title"] == {"en": "GPT-4o"}


def test_joined_records_are_one_entity_and_every_id_leads_to_it(say, resolve) -> None:
    records = [model("a"), model("b"), model("c", publisher="Open AI")]
    say(*records)
    resolve()
    smallest = min(record.id for record in records)
    assert {queries.entity(record.id)[1] for record in records} == {smallest}
    assert queries.entity(smallest)[0]["sources"] == ["a", "b", "c"]
    assert Entity.objects.count() == 1


def test_a_merge_tells_where_the_former_entity_went(say, resolve) -> None:
    records = sorted((model("a"), model("b")), key=lambda record: record.id)
    say(records[1])
    resolve()
    head = feed.head()
    say(records[0])
    resolve()
    changes = entity_changes(head)
    assert (records[1].id, "merged", {"into": records[0].id}) in changes
    assert (records[0].id, "added", {}) in changes


def test_a_record_that_leaves_gives_the_other_its_own_id_back(say, resolve) -> None:
    records = sorted((model("a"), model("b")), key=lambda record: record.id)
    say(*records)
    resolve()
    head = feed.head()
    say((records[0].source, records[0].native_id))
    resolve()
    assert queries.entity(records[0].id)[1] == records[1].id  # its id leads on for ever
    assert queries.entity(records[1].id)[1] == records[1].id
    assert sorted(entity_changes(head)) == sorted(
        [(records[1].id, "added", {}), (records[0].id, "merged", {"into": records[1].id})]
    )
    say(records[0])
    resolve()
    assert queries.entity(records[1].id)[1] == records[0].id


def test_a_change_that_alters_no_view_is_not_told(say, resolve) -> None:
    say(model("a"))
    resolve()
    head = feed.head()
    with transaction.atomic():
        feed.append([Change("record", model("a").id, "changed")])
    resolve()
    assert entity_changes(head) == []


def test_a_changed_record_changes_its_entity_only(say, resolve) -> None:
    say(model("a"), model("a", "Other"), model("b"))
    resolve()
    head = feed.head()
    say(model("b", url="https://example.org"))
    resolve()
    assert [(key, op) for key, op, _ in entity_changes(head)] == [(min(model("a").id, model("b").id), "changed")]


def test_a_view_is_right_again_after_its_first_record_went_between_two_batches(say, resolve) -> None:
    records = sorted((model("a"), model("b")), key=lambda record: record.id)
    say(*records)
    resolve()
    say(model(records[1].source, url="https://example.org"), (records[0].source, records[0].native_id))
    resolve(batch=1)
    assert queries.entity(records[0].id)[1] == records[1].id
    view, canonical = queries.entity(records[1].id)
    assert (canonical, view["id"], view["chosen"]["url"]) == (records[1].id, records[1].id, "https://example.org")


HISTORY = (
    [model("a"), model("b")],
    [model("c"), model("a", "GPT 4o", native_id="rival")],
    [("a", "rival"), model("d", "openai/gpt-4o", publisher=None)],
    [model("e", "Other", identifiers=["hf:o/m"]), model("f", "Thing", identifiers=["hf:o/m"])],
)


@pytest.mark.parametrize("order", list(permutations(range(3)))[:6])
@pytest.mark.parametrize("batch", [1, 3, 250])
def test_entities_do_not_depend_on_order_or_batches(say, resolve, order: tuple[int, ...], batch: int) -> None:
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
    assert len({found["e"], found["f"], smallest}) == 3  # one identifier, but other names: a question
    assert Entity.objects.count() == 3


def test_deciding_anew_decides_the_same(say, resolve) -> None:
    say(*(record for step in HISTORY for record in step))
    resolve(1)
    before, edges = list(queries.iter_entities()), dict(resolve_queries.iter_edges())
    Edge.objects.all().delete()
    Profile.objects.all().delete()
    report = decide_anew()
    assert list(queries.iter_entities()) == before
    assert dict(resolve_queries.iter_edges()) == edges
    assert report["entities"] == 0


def test_another_model_decides_anew_and_says_what_changed(say, resolve, monkeypatch) -> None:
    say(model("a"), model("b"))
    resolve()
    assert Entity.objects.count() == 1
    shipped = resolve_queries.model()
    strict = replace(shipped, model=replace(shipped.model, version="strict", automatic=99.0))
    monkeypatch.setattr(resolve_queries, "model", lambda: strict)
    head = feed.head()
    say(model("c", "Other"))
    resolve()
    assert Entity.objects.count() == 3
    assert (State.objects.get().version, orjson.loads(State.objects.get().report)["entities"]) == ("strict/n3", 1)
    split = {"successors": sorted([model("a").id, model("b").id])}
    assert (min(model("a").id, model("b").id), "changed", split) in entity_changes(head)


def test_a_process_that_starts_goes_on_from_the_rows(say, resolve) -> None:
    say(model("a"))
    resolve()
    memory.forget()
    say(model("b"))
    resolve()
    assert Entity.objects.count() == 1


def test_what_could_not_be_written_is_forgotten(say, resolve, monkeypatch) -> None:
    say(model("a"))
    resolve()
    with monkeypatch.context() as patch:
        patch.setattr(services.views, "write_views", lambda *args, **said: 1 / 0)
        say(model("b"))
        changes = feed.read(0, topics=("record",))
        with pytest.raises(ZeroDivisionError):
            services.ResolveConsumer().handle(changes)
    resolve()
    assert Entity.objects.count() == 1


def test_why_records_are_one_thing_is_told(say, resolve) -> None:
    say(model("a"), model("b"))
    resolve()
    (why,) = resolve_queries.explain_entity(model("a").id)
    assert why.rule == "developer"
    assert why.weight == pytest.approx(why.prior + sum(step.bits for step in why.steps), abs=1e-5)
    assert "the same developer or owner" in [step.words for step in why.steps]


RECORDS = st.builds(
    lambda source, key, title, publisher: model(source, title, native_id=key, publisher=publisher),
    st.sampled_from("abc"),
    st.sampled_from("12"),
    st.sampled_from(["Llama 3 8B", "meta-llama/Meta-Llama-3-8B", "llama-3-8b", "Llama 3 70B"]),
    st.sampled_from([None, "Meta", "OpenAI"]),
)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(st.tuples(RECORDS, st.booleans()), min_size=1, max_size=12), batch=st.integers(1, 5), chance=st.randoms())
def test_ids_and_questions_depend_on_the_present_records_alone(say, resolve, history, batch, chance) -> None:
    def outcome() -> Any:
        asked = resolve_queries.queue(100)
        return {row["native_id"] + row["source"]: row["entity"] for row in queries.iter_records()}, asked

    last = {(record.source, record.native_id): (record, live) for record, live in history}
    with transaction.atomic():
        for record, live in history:
            say(record if live else (record.source, record.native_id))
            if chance.random() < 0.5:
                resolve(batch)
        resolve(batch)
        stepwise = outcome()
        transaction.set_rollback(True)
    memory.forget()
    resolve()
    with transaction.atomic():
        say(*(record for record, live in last.values() if live))
        resolve()
        assert outcome() == stepwise
        transaction.set_rollback(True)
    memory.forget()
    resolve()
