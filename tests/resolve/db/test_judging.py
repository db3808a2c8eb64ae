"""Judgements: they take effect at once, can be taken back, are never lost, and the log cannot be altered."""

from __future__ import annotations

import random

import pytest
from django.db import DatabaseError, connection, transaction

from commonweal.base import feed
from commonweal.base.models import Event, User
from commonweal.base.permissions import SYSTEM
from commonweal.catalogue import queries as catalogue
from commonweal.catalogue.core.record import Record
from commonweal.kernel.errors import CommonwealError
from commonweal.resolve import queries, services
from commonweal.resolve.models import Edge, Judgement

pytestmark = pytest.mark.django_db


def dataset(source: str, title: str, **said: object) -> Record:
    return Record(source, title, "dataset", {"en": title}, **said)  # type: ignore[arg-type]


@pytest.fixture
def two(say, resolve) -> tuple[str, str]:
    """Two records that are no one thing by themselves."""
    records = dataset("a", "Swahili News"), dataset("b", "Habari za Kiswahili")
    say(*records)
    resolve()
    return records[0].id, records[1].id


def judge(left: str, right: str, verdict: str = "same", actor: str = "person:1") -> str:
    return services.judge(left, right, verdict, user=SYSTEM, actor=actor).digest


def undo(digest: str) -> None:
    services.undo(digest, user=SYSTEM, actor="person:2")


def entity(record: str) -> str:
    found = catalogue.entity(record)
    assert found is not None
    return found[1]


def crosswalk() -> list[tuple[str, str]]:
    return sorted(catalogue.entity_ids(catalogue.record_ids()).items())


def test_same_joins_at_once_and_undo_parts_again(two) -> None:
    before = crosswalk()
    said = judge(*two)
    assert entity(two[0]) == entity(two[1]) == min(two)
    head = feed.head()
    undo(said)
    assert crosswalk() == before
    changes = [(change.id, change.op, change.data) for change in feed.read(head, topics=("entity",))]
    assert (min(two), "changed", {"successors": sorted(two)}) in changes
    assert Event.objects.filter(action__in=["resolve.judged", "resolve.undone"]).count() == 2


def test_not_same_cuts_what_was_joined_by_itself(say, resolve) -> None:
    records = (
        dataset("a", "BillSum", identifiers=["hf:datasets/f/billsum"]),
        dataset("b", "billsum", identifiers=["hf:datasets/f/billsum"]),
    )
    say(*records)
    resolve()
    one, other = records[0].id, records[1].id
    assert entity(one) == entity(other)
    said = judge(one, other, "not_same")
    assert entity(one) != entity(other)
    say(dataset("c", "something else"))
    resolve()
    assert entity(one) != entity(other)  # the consumer honours it as well
    undo(said)
    assert entity(one) == entity(other)


def test_typed_links_stand_in_the_view_with_who_says_so(two) -> None:
    said = judge(*two, "part_of")
    view = catalogue.entity(two[0])[0]  # type: ignore[index]
    assert view["links"] == [{"type": "part_of", "target": f"record:{two[1]}", "title": None, "sources": ["judgement"]}]
    undo(said)
    assert catalogue.entity(two[0])[0]["links"] == []  # type: ignore[index]


def test_a_contradiction_is_shown_and_the_newer_holds(two) -> None:
    first, second = judge(*two), judge(*two, "not_same", actor="person:2")
    assert entity(two[0]) != entity(two[1])
    assert [line.digest for line in queries.contradicted()[tuple(sorted(two))]] == [second, first]  # type: ignore[index]
    undo(second)
    assert entity(two[0]) == entity(two[1])
    assert queries.contradicted() == {}


def test_cycles_of_versions_are_shown_not_followed(two) -> None:
    judge(*two, "version_of")
    judge(*reversed(two), "version_of", actor="person:2")
    assert len(queries.contradicted()) == 1
    assert entity(two[0]) != entity(two[1])


def test_two_curators_where_the_operator_wants_two(two, monkeypatch) -> None:
    monkeypatch.setenv("COMMONWEAL_RESOLVE_TWO_CURATORS", "dataset")
    judge(*two)
    assert entity(two[0]) != entity(two[1])
    assert len(queries.unseconded()) == 1
    judge(*two, actor="person:2")
    assert entity(two[0]) == entity(two[1])
    assert queries.unseconded() == {}


def test_what_is_answered_waits_no_longer(say, resolve) -> None:
    records = (
        dataset("a", "tydiqa", description={"en": "questions in many languages"}),
        dataset("b", "tydiqa-primary", description={"en": "questions in many languages"}),
    )
    say(*records)
    resolve()
    assert len(queries.queue()) == queries.waiting() == 1
    said = judge(records[1].id, records[0].id, "part_of")
    assert queries.waiting() == 0
    undo(said)
    assert queries.waiting() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"verdict": "identical"}, "verdict-unknown"),
        ({"right": "a" * 20}, "record-unknown"),
        ({"user": None}, "forbidden"),
    ],
)
def test_what_cannot_be_said_is_refused_and_nothing_is_written(two, change, code) -> None:
    said = {"left": two[0], "right": two[1], "verdict": "same", "user": SYSTEM, "actor": "person:1", **change}
    with pytest.raises(CommonwealError) as failure:
        services.judge(**said)
    assert failure.value.code == code
    assert not Judgement.objects.exists()


def test_only_curators_judge(two) -> None:
    contributor = User.objects.create_user("contributor")
    with pytest.raises(CommonwealError) as failure:
        services.judge(*two, "same", user=contributor, actor=contributor.actor)
    assert failure.value.code == "forbidden"


def test_things_of_two_kinds_are_never_the_same(say, resolve) -> None:
    one, other = dataset("a", "BLOOM"), Record("b", "BLOOM", "model", {"en": "BLOOM"})
    say(one, other)
    resolve()
    with pytest.raises(CommonwealError) as failure:
        judge(one.id, other.id)
    assert failure.value.code == "kinds-differ"
    judge(other.id, one.id, "derived_from")


def test_a_judgement_is_taken_back_once(two) -> None:
    said = judge(*two)
    undo(said)
    with pytest.raises(CommonwealError) as failure:
        undo(said)
    assert failure.value.code == "judgement-withdrawn"


def test_the_log_is_append_only(two) -> None:
    judge(*two)
    line = Judgement.objects.get()
    for act in (line.delete, line.save, Judgement.objects.all().delete, lambda: Judgement.objects.update(verdict="same")):
        with pytest.raises(TypeError):
            act()


@pytest.mark.django_db
def test_the_database_refuses_too(two) -> None:
    from importlib import import_module

    judge(*two)
    guard = import_module("commonweal.resolve.migrations.0002_append_only_judgements")
    guard.install(connection)
    try:
        for statement in ("UPDATE resolve_judgement SET verdict = 'same'", "DELETE FROM resolve_judgement"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    finally:
        guard.remove(connection)


def test_many_merges_undone_in_any_order_give_the_start_back(say, resolve) -> None:
    say(*(dataset(f"s{n}", f"thing number {n} of its own") for n in range(24)))
    resolve()
    before, chance = crosswalk(), random.Random(5)
    ids = [record for record, _ in before]
    said = [judge(*chance.sample(ids, 2), actor=f"person:{n % 3}") for n in range(30)]
    assert crosswalk() != before
    chance.shuffle(said)
    for digest in said:
        undo(digest)
    assert crosswalk() == before


def test_the_consumer_decides_the_same_as_the_judge(two, resolve) -> None:
    judge(*two)
    after = crosswalk()
    resolve()
    assert crosswalk() == after
    assert not Edge.objects.filter(answered=True).exists()  # the two were never compared
