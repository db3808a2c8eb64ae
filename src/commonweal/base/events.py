"""The event log: who did what, append-only and hash-chained.

Each event's digest covers its fields and the digest before it, so a changed, deleted, inserted or swapped event breaks the
chain, and a truncated log no longer ends where ``Head`` says. Whoever rewrites all of it, head included, is found by
comparing with a head noted elsewhere: a backup's manifest, a printed status (``verify_events(anchor=…)``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from commonweal.base.models import Event, Head
from commonweal.kernel.canonical import digest, dumps

LOG = "events"
PROBLEMS_KEPT = 100


@dataclass(frozen=True, slots=True)
class Verification:
    """Outcome of ``verify_events``: how many events, the last one's number and digest, and what is wrong (at most 100)."""

    count: int
    seq: int
    digest: str
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.problems


def record_event(actor: str, action: str, obj: str, data: dict[str, Any] | None = None) -> Event:
    """Append an event inside the caller's transaction (it is gone if that rolls back).

    Writers wait for one another from here to their commit, so call it late, and before ``feed.append``.

    Args:
        actor: ``person:<user id>``, ``command:<name>`` or ``job:<name>``.
        action: ``room.verb``, past or present, e.g. ``source.enabled``.
        obj: printed id of what it was done to.
        data: JSON, without personal data beyond ids: the log cannot forget.
    """
    with transaction.atomic():
        seq, previous = Head.objects.advance(LOG, 1)
        event = Event(
            seq=seq,
            at=timezone.now(),
            actor=actor,
            action=action,
            obj=obj,
            data_json=dumps(data or {}).decode(),
            previous=previous,
        )
        event.digest = _digest(seq, event.at, actor, action, obj, event.data_json, previous)
        event.save()
        Head.objects.filter(name=LOG).update(digest=event.digest)
    return event


def verify_events(anchor: tuple[int, str] | None = None) -> Verification:
    """Read the whole log, streaming, and name every break. ``anchor``: number and digest of an event noted elsewhere.

    Writers go on meanwhile: what is appended after the start may or may not be read.
    """
    problems: list[str] = []
    count, last, before = 0, 0, ""
    noted = [place for place in (_head(), anchor) if place and place[0]]
    for seq, at, actor, action, obj, data, previous, printed in _rows():
        if seq != last + 1:
            problems.append(f"Events {last + 1} to {seq - 1} are missing.")
        elif previous != before:
            problems.append(f"Event {seq} does not follow event {last}.")
        if printed != _digest(seq, at, actor, action, obj, data, previous):
            problems.append(f"Event {seq} was changed.")
        if any(seq == place[0] and printed != place[1] for place in noted):
            problems.append(f"Event {seq} is not the one that was written.")
        count, last, before = count + 1, seq, printed
    if last < (most := max((place[0] for place in noted), default=0)):
        problems.append(f"The log ends at event {last}, but {most} were written.")
    if last > _head()[0]:
        problems.append(f"The log ends at event {last}, but only {_head()[0]} were written.")
    return Verification(count, last, before, tuple(problems[:PROBLEMS_KEPT]))


def _head() -> tuple[int, str]:
    return Head.objects.filter(name=LOG).values_list("number", "digest").first() or (0, "")


def _rows() -> Iterator[tuple[Any, ...]]:
    fields = ("seq", "at", "actor", "action", "obj", "data_json", "previous", "digest")
    return Event.objects.order_by("seq").values_list(*fields).iterator(chunk_size=5000)


def _digest(seq: int, at: datetime, actor: str, action: str, obj: str, data_json: str, previous: str) -> str:
    return digest([seq, at.isoformat(timespec="microseconds"), actor, action, obj, data_json, previous])
