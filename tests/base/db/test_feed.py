"""The change feed and its consumers, one process."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from commonweal.base import feed
from commonweal.base.feed import Change
from commonweal.base.models import Cursor
from commonweal.base.registries import Registry
from commonweal.kernel.errors import CommonwealError

pytestmark = pytest.mark.django_db


class Recorder:
    def __init__(self, name="recorder", topics=("record",), batch_size=3):
        self.name, self.topics, self.batch_size = name, topics, batch_size
        self.batches: list[list[str]] = []
        self.broken = False

    def handle(self, changes):
        if self.broken:
            raise ValueError("no space left on device")
        self.batches.append([change.id for change in changes])

    @property
    def ids(self):
        return [key for batch in self.batches for key in batch]


@pytest.fixture
def consumers(monkeypatch):
    registry = Registry("consumer")
    monkeypatch.setattr(feed, "consumers", registry)
    return registry


def append(*ids, topic="record"):
    with transaction.atomic():
        feed.append(Change(topic, key, "added", {"n": key}) for key in ids)


def test_numbers_are_gapless_from_one():
    append("a", "b")
    append("c", topic="entity")
    found = feed.read(0)
    assert [(change.seq, change.topic, change.id, change.op, change.data) for change in found] == [
        (1, "record", "a", "added", {"n": "a"}),
        (2, "record", "b", "added", {"n": "b"}),
        (3, "entity", "c", "added", {"n": "c"}),
    ]
    assert found[0].at.endswith("+00:00")
    assert feed.head() == 3


def test_reading_on_by_topic_and_limit():
    append("a", "b")
    append("x", topic="entity")
    append("c")
    assert [change.id for change in feed.read(1, topics=["record"])] == ["b", "c"]
    assert [change.id for change in feed.read(0, limit=2)] == ["a", "b"]
    assert feed.read(4) == []


def test_what_is_rolled_back_takes_no_number():
    with pytest.raises(RuntimeError), transaction.atomic():
        feed.append([Change("record", "lost", "added")])
        raise RuntimeError
    append("a")
    assert [(change.seq, change.id) for change in feed.read(0)] == [(1, "a")]


@pytest.mark.django_db(transaction=True)
def test_appending_outside_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError):
        feed.append([Change("record", "a", "added")])
    feed.append([])
    assert feed.head() == 0


def test_drain_hands_over_everything_in_batches_and_says_how_far(consumers):
    recorder = consumers.register(Recorder())
    append(*"abcd")
    append("x", topic="entity")
    said = []
    assert feed.drain(progress=lambda *step: said.append(step)) == 4
    assert recorder.batches == [["a", "b", "c"], ["d"]]
    assert said == [("recorder", 3, 5), ("recorder", 5, 5)]
    assert feed.drain() == 0
    append("e")
    assert feed.drain_once() == 1
    assert recorder.ids == list("abcde")


def test_a_consumer_may_write_what_the_next_one_reads(consumers):
    class Resolver(Recorder):
        def handle(self, changes):
            super().handle(changes)
            append(*(change.id.upper() for change in changes), topic="entity")

    index = consumers.register(Recorder("index", topics=("entity",)))
    consumers.register(Resolver("resolver"))
    append(*"abcd")
    assert feed.drain() == 8
    assert index.ids == list("ABCD")


def test_no_topics_means_all(consumers):
    recorder = consumers.register(Recorder(topics=()))
    append("a")
    append("x", topic="entity")
    feed.drain()
    assert recorder.ids == ["a", "x"]


def test_a_failing_consumer_keeps_its_place_says_why_and_holds_up_no_other(consumers):
    broken, sound = consumers.register(Recorder("broken")), consumers.register(Recorder("sound"))
    broken.broken = True
    append("a")
    assert feed.drain_once() == 1
    assert sound.ids == ["a"]
    [state, _] = feed.status()
    assert (state["seq"], state["behind"], state["failures"]) == (0, 1, 1)
    assert state["error"] == "ValueError: no space left on device"
    broken.broken = False
    assert feed.drain_once() == 0, "it pauses first"
    Cursor.objects.filter(name="broken").update(retry_at=timezone.now())
    assert feed.drain_once() == 1
    assert broken.ids == ["a"]
    assert feed.status()[0]["error"] == ""


def test_pauses_grow_and_end(consumers):
    consumers.register(Recorder("broken")).broken = True
    append("a")
    pauses = []
    for _ in range(12):
        Cursor.objects.update(retry_at=None)
        before = timezone.now()
        feed.drain_once()
        pauses.append(Cursor.objects.get().retry_at - before)
    assert all(pause >= timedelta(seconds=min(2**n, feed.LONGEST_PAUSE_S)) for n, pause in enumerate(pauses))
    assert pauses[-1] < timedelta(seconds=2 * feed.LONGEST_PAUSE_S)


def test_a_command_tries_at_once_and_reports_the_failure(consumers):
    broken, sound = consumers.register(Recorder("broken")), consumers.register(Recorder("sound"))
    broken.broken = True
    append("a")
    for _ in range(2):
        with pytest.raises(CommonwealError, match="no space left") as caught:
            feed.drain()
        assert caught.value.code == "consumer-failed"
    assert sound.ids == ["a"]
    broken.broken = False
    assert feed.drain() == 1


def _hold(name, seconds):
    Cursor.objects.update_or_create(
        name=name, defaults={"holder": "other", "lease_until": timezone.now() + timedelta(seconds=seconds)}
    )


def test_a_consumer_that_another_process_runs_is_left_to_it(consumers):
    recorder = consumers.register(Recorder())
    append("a")
    _hold("recorder", 60)
    assert feed.drain_once() == 0
    with pytest.raises(CommonwealError, match="another process"):
        feed.reset("recorder")
    _hold("recorder", -1)  # its holder died
    assert feed.drain_once() == 1
    assert recorder.ids == ["a"]


def test_losing_the_lease_half_way_stops_the_loser(consumers):
    class Sleeper(Recorder):
        def handle(self, changes):
            super().handle(changes)
            _hold("recorder", -1)

    sleeper = consumers.register(Sleeper(batch_size=1))
    append("a", "b")
    assert feed.drain_once() == 1
    assert sleeper.ids == ["a"]
    assert Cursor.objects.get().seq == 0, "the new holder's cursor is not moved"


def test_a_consumer_far_behind_holds_up_no_other(consumers):
    slow, quick = consumers.register(Recorder("slow", batch_size=1)), consumers.register(Recorder("quick"))
    append("a", "b", "c")
    assert feed.drain_once() == 4
    assert (slow.ids, quick.ids) == (["a"], ["a", "b", "c"])
    assert [feed.drain_once() for _ in range(3)] == [1, 1, 0]
    assert slow.ids == ["a", "b", "c"]


def test_a_stopping_worker_ends_between_consumers(consumers):
    stop = threading.Event()

    class Stopper(Recorder):
        def handle(self, changes):
            super().handle(changes)
            stop.set()

    consumers.register(Stopper("stopper"))
    second = consumers.register(Recorder("second"))
    append("a")
    assert feed.drain_once(stop) == 1
    assert second.ids == []
    assert feed.drain_once() == 1
    assert second.ids == ["a"]


def test_reset_reads_again(consumers):
    recorder = consumers.register(Recorder())
    append("a", "b")
    feed.drain()
    feed.reset("recorder")
    feed.drain()
    assert recorder.ids == ["a", "b", "a", "b"]


def test_appending_takes_few_statements_whatever_the_number(django_assert_max_num_queries):
    with transaction.atomic(), django_assert_max_num_queries(3):
        feed.append(Change("record", str(n), "added") for n in range(500))
    assert feed.head() == 500


def test_polling_an_idle_feed_is_cheap(consumers, django_assert_num_queries):
    consumers.register(Recorder())
    append("a")
    feed.drain_once()
    with django_assert_num_queries(2):
        assert feed.drain_once() == 0
    assert connection.in_atomic_block
