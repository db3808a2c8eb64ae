"""The change feed: what is different now, numbered in commit order; every derived thing follows it with a cursor.

Writers ``append`` as the last act of their transaction. Each registered consumer has one cursor and, while it works, a lease:
exactly one process handles its changes, at least once and in order; a killed one is taken over when its lease runs out.
A consumer that fails keeps its place, says why on its cursor, and is tried again with growing pauses; it holds up no other.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

from django.db import connection
from django.db.models import JSONField, Q
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from commonweal.base import rows
from commonweal.base.leases import Heartbeat, lease_end, new_holder
from commonweal.base.models import Change as ChangeRow
from commonweal.base.models import Cursor, Head
from commonweal.base.registries import consumers
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.text import clean

LOG = "feed"
WAIT_S = 0.05
LONGEST_PAUSE_S = 300
COLUMNS = ("seq", "at", "topic", "key", "op", "data")

logger = logging.getLogger(__name__)


class Change(NamedTuple):
    """What a room appends: ``op`` happened to ``id`` of ``topic`` (topics and ops: docs/architecture.md §3)."""

    topic: str
    id: str
    op: str
    data: dict[str, Any] = {}


class Stored(NamedTuple):
    """What readers get; ``at`` is ISO 8601 in UTC."""

    seq: int
    at: str
    topic: str
    id: str
    op: str
    data: dict[str, Any]


class Consumer(Protocol):
    """A follower of the feed, registered in ``registries.consumers``; an empty ``topics`` means all."""

    name: str

    @property
    def topics(self) -> tuple[str, ...]: ...

    @property
    def batch_size(self) -> int: ...

    def handle(self, changes: Sequence[Stored]) -> None:
        """Take in up to ``batch_size`` changes, in order. They may come again after a crash: it must be idempotent."""


def append(changes: Iterable[Change]) -> None:
    """Write changes inside the caller's transaction, as its last act: other writers wait from here to its commit."""
    batch = list(changes)
    if not batch:
        return
    if not connection.in_atomic_block:
        raise TransactionManagementError("feed.append is the last act of a transaction; there is none.")
    last, _ = Head.objects.advance(LOG, len(batch))
    at, as_json = rows.stamp(timezone.now()), JSONField().get_db_prep_save
    nothing = as_json({}, connection)  # most changes carry none, and preparing JSON costs more than writing the row
    numbered = enumerate(batch, start=last - len(batch) + 1)
    written = [(n, at, c.topic, c.id, c.op, as_json(c.data, connection) if c.data else nothing) for n, c in numbered]
    rows.write(ChangeRow, COLUMNS, written)


def read(after: int, *, topics: Collection[str] = (), limit: int = 1000) -> list[Stored]:
    """Changes numbered above ``after``, in order, at most ``limit``; of some topics only, where given."""
    wanted = ChangeRow.objects.filter(seq__gt=after)
    if topics:
        wanted = wanted.filter(topic__in=topics)
    found = wanted.order_by("seq").values_list(*COLUMNS)[:limit]
    return [Stored(seq, at.isoformat(), *rest) for seq, at, *rest in found]


def head() -> int:
    """Number of the last committed change, 0 before the first. One row by key: cheap enough to poll."""
    return Head.objects.filter(name=LOG).values_list("number", flat=True).first() or 0


def reset(name: str, seq: int = 0) -> None:
    """Let a consumer read again from ``seq`` on, for a rebuild. Raises ``feed-busy`` while another process runs it."""
    holder = new_holder()
    if not _take(name, holder):
        raise CommonwealError(
            "feed-busy", f"Consumer {name} is at work in another process.", "Try again in a moment.", status=409
        )
    Cursor.objects.filter(name=name, holder=holder).update(seq=seq, failures=0, error="", retry_at=None, holder="")


def status() -> list[dict[str, Any]]:
    """For every registered consumer ``{"name", "seq", "behind", "failures", "error"}``."""
    end, cursors = head(), {cursor.name: cursor for cursor in Cursor.objects.all()}
    found = ((consumer.name, cursors.get(consumer.name) or Cursor(name=consumer.name)) for consumer in consumers)
    return [
        {"name": name, "seq": it.seq, "behind": max(0, end - it.seq), "failures": it.failures, "error": it.error}
        for name, it in found
    ]


def drain_once(stop: threading.Event | None = None) -> int:
    """One round of the worker: one batch for each consumer that is behind, due and free. Changes handled.

    One batch each, so that a long harvest, which one consumer follows for minutes, holds up none of the others. Ends early,
    between two consumers, when ``stop`` is set.
    """
    end, now = head(), timezone.now()
    cursors = {cursor.name: cursor for cursor in Cursor.objects.all()}
    handled = 0
    for consumer in consumers:
        cursor = cursors.get(consumer.name) or Cursor()
        due = cursor.retry_at is None or cursor.retry_at <= now
        free = not cursor.holder or cursor.lease_until is None or cursor.lease_until < now
        if cursor.seq < end and due and free and not (stop and stop.is_set()):
            handled += _run(consumer, once=True) or 0
    return handled


def drain(*, progress: Callable[[str, int, int], None] | None = None) -> int:
    """Run every registered consumer to the head, whatever its pauses; waits for one that another process is running.

    Args:
        progress: called with consumer name, changes read so far and changes to read in all.

    Returns:
        How many changes were handled here.

    Raises:
        CommonwealError: ``consumer-failed`` for the first that failed, after the others have run.
    """
    handled, failed = 0, dict[str, str]()
    while True:
        behind = [consumer for consumer in consumers if consumer.name not in failed and _seq(consumer.name) < head()]
        if not behind:
            break
        for consumer in behind:
            count = _run(consumer, progress=progress)
            if count is None:
                time.sleep(WAIT_S)  # another process holds it
            elif error := Cursor.objects.values_list("error", flat=True).get(name=consumer.name):
                failed[consumer.name] = error
            handled += count or 0
    for name, error in failed.items():
        raise CommonwealError(
            "consumer-failed", f"{name} could not take in the changes: {error}", "Mend it, then try again.", status=500
        )
    return handled


def _run(
    consumer: Consumer,
    *,
    once: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> int | None:
    """Hand one consumer a batch, or all to the head, under its lease; changes handled, None when another process holds it."""
    holder = new_holder()
    if not _take(consumer.name, holder):
        return None
    handled = 0
    mine = Cursor.objects.filter(name=consumer.name, holder=holder)
    try:
        with Heartbeat(lambda: bool(mine.update(lease_until=lease_end()))) as heartbeat:
            start = seq = _seq(consumer.name)
            while not heartbeat.lost.is_set() and seq < (end := head()):
                changes = read(seq, topics=consumer.topics, limit=consumer.batch_size)
                full = len(changes) == consumer.batch_size
                if changes:
                    consumer.handle(changes)
                handled += len(changes)
                seq = changes[-1].seq if full else max(end, changes[-1].seq if changes else 0)
                if not mine.update(seq=seq, failures=0, error="", retry_at=None, lease_until=lease_end()):
                    break  # the lease ran out and was taken over
                if progress:
                    progress(consumer.name, seq - start, max(end, seq) - start)
                if once:
                    break
    except Exception as error:
        logger.exception("Consumer %s failed.", consumer.name)
        failures = mine.values_list("failures", flat=True).first() or 0
        pause = timedelta(seconds=min(2**failures, LONGEST_PAUSE_S))
        text = clean(f"{type(error).__name__}: {error}")[:2000]
        mine.update(failures=failures + 1, error=text, retry_at=timezone.now() + pause)
    finally:
        mine.update(holder="", lease_until=None)
    return handled


def _take(name: str, holder: str) -> bool:
    """Acquire a consumer's lease where it is free or has run out."""
    Cursor.objects.get_or_create(name=name)
    free = Q(holder="") | Q(lease_until__lt=timezone.now())
    return bool(Cursor.objects.filter(free, name=name).update(holder=holder, lease_until=lease_end()))


def _seq(name: str) -> int:
    return Cursor.objects.filter(name=name).values_list("seq", flat=True).first() or 0
