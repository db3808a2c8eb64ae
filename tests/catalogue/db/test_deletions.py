"""What a source itself says it deleted, as a run takes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from commonweal.catalogue import queries, services
from commonweal.catalogue.models import Record, Run
from registries import Oai, serving, things

pytestmark = pytest.mark.django_db


@pytest.fixture
def repository(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Oai]:
    monkeypatch.setenv("COMMONWEAL_OUTBOUND_ALLOW_HOSTS", "127.0.0.1")
    with serving(Oai(things(11))) as registry:
        assert isinstance(registry, Oai)
        services.add_source(registry.source, actor="command:test")
        yield registry
    (queries.own_sources() / "shelf.yaml").unlink()


def harvest() -> Run:
    return services.harvest("shelf", actor="command:test")


def states() -> dict[str, str]:
    return dict(Record.objects.values_list("native_id", "state"))


def test_a_deletion_is_believed_and_taken_back(repository: Oai) -> None:
    assert harvest().state == Run.State.DONE
    assert set(states().values()) == {Record.State.LIVE}
    repository.deleted = frozenset({"t001"})
    repository.things[1]["modified"] = "2024-05-01T00:00:00"
    run = harvest()
    assert run.state == Run.State.DONE, run.note
    assert states()["t001"] == Record.State.MISSING
    repository.deleted = frozenset()
    repository.things[1]["modified"] = "2024-06-01T00:00:00"
    assert harvest().state == Run.State.DONE
    assert states()["t001"] == Record.State.LIVE


def test_a_repository_that_deletes_nearly_all_is_doubted(repository: Oai) -> None:
    harvest()
    repository.deleted = frozenset(thing["id"] for thing in repository.things[:9])
    for thing in repository.things[:9]:
        thing["modified"] = "2024-05-01T00:00:00"
    run = harvest()
    assert run.state == Run.State.PARTIAL
    assert "9 of 11 records are deleted by the source" in run.note
    assert set(states().values()) == {Record.State.LIVE}
