"""The index follows the catalogue: by the change feed, and from scratch."""

from __future__ import annotations

import pytest
from django.db import transaction

from commonweal.base import feed
from commonweal.base.feed import Change
from commonweal.search import indexer, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def entities(monkeypatch):
    """A catalogue in memory: entity id → view."""
    views = {}
    monkeypatch.setattr(indexer.catalogue, "views", lambda ids: {pk: views[pk] for pk in ids if pk in views})
    monkeypatch.setattr(indexer.catalogue, "iter_entities", lambda: iter([views[pk] for pk in sorted(views)]))
    return views


@pytest.fixture
def publish(home, view, entities):
    """Write entities and tell the feed, as the catalogue does; None removes one."""

    def write(**titles):
        changes = []
        for name, title in titles.items():
            made = view(name, {"en": title or ""})
            if title is None:
                del entities[made["id"]]
            else:
                entities[made["id"]] = made
            changes.append(Change("entity", made["id"], "removed" if title is None else "changed"))
        with transaction.atomic():
            feed.append(changes)

    return write


def titles():
    services.index().refresh()
    return sorted(card["title"]["en"] for card in services.search("").cards)


def test_the_feed_reaches_the_index(publish):
    publish(a="One", b="Two")
    feed.drain()
    assert titles() == ["One", "Two"]
    publish(a="One changed", b=None, c="Three")
    feed.drain()
    assert titles() == ["One changed", "Three"]
    assert services.index().cursor() == feed.head()


def test_taking_in_a_change_twice_is_harmless(publish):
    publish(a="One")
    indexer.rebuild()
    changes = feed.read(0)
    indexer.SearchConsumer().handle(changes)
    indexer.SearchConsumer().handle(changes)
    assert titles() == ["One"]


def test_a_merged_entity_leaves_the_index(publish, view, entities):
    publish(a="One", b="Two")
    feed.drain()
    merged = view("b", {})["id"]
    with transaction.atomic():
        del entities[merged]
        feed.append([Change("entity", merged, "merged", {"into": view("a", {})["id"]})])
    feed.drain()
    assert titles() == ["One"]


def test_an_index_older_than_the_consumers_cursor_catches_up(publish, view):
    """A crash between the consumer's cursor and the index, or an index put back from yesterday."""
    publish(a="One")
    feed.drain()
    index = services.index()
    publish(b="Two")
    feed.drain()
    index._write_state(index.current(), 1)
    index.update([view("b", {})["id"]], [], 1)
    assert titles() == ["One"]
    publish(c="Three")
    feed.drain()
    assert titles() == ["One", "Three", "Two"]


def test_an_index_of_another_database_is_made_again(publish):
    publish(a="One")
    indexer.rebuild()
    services.index()._write_state(services.index().current(), 10_000)
    publish(b="Two")
    feed.drain()
    assert titles() == ["One", "Two"]
    assert services.index().cursor() == feed.head()


def test_ensure_makes_a_missing_index_and_leaves_a_good_one(publish):
    publish(a="One")
    indexer.ensure_index()
    generation = services.index().current()
    assert titles() == ["One"]
    indexer.ensure_index()
    assert services.index().current() == generation
    services.index().discard()
    indexer.ensure_index()
    assert titles() == ["One"]


def test_what_changes_during_a_rebuild_is_not_lost(publish, monkeypatch):
    publish(a="One", b="Two")
    feed.drain()
    read = indexer.catalogue.iter_entities

    def read_then_change():
        yield from list(read())
        publish(a="One changed", b=None)
        feed.drain()  # goes to the old generation

    monkeypatch.setattr(indexer.catalogue, "iter_entities", read_then_change)
    indexer.rebuild()
    assert titles() == ["One changed"]


def test_batches_longer_than_one_are_taken_in_whole(publish, monkeypatch):
    monkeypatch.setattr(indexer, "BATCH", 2)
    monkeypatch.setattr(indexer.SearchConsumer, "batch_size", 2)
    publish(first="First")
    feed.drain()
    publish(**{f"n{number}": f"Title {number}" for number in range(7)})
    feed.drain()
    assert len(titles()) == 8
