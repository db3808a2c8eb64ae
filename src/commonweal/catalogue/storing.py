"""How one harvested item becomes rows: the record, its former version, its aliases, its links, a feed change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
from django.db import connection

from commonweal.base.feed import Change
from commonweal.base.rows import stamp, write
from commonweal.catalogue.models import Alias, Link, Record, RecordVersion
from commonweal.kernel.text import name_key

#: Longest native id, printed identifier or link target that can be looked up, in characters.
MAX_KEY: Final = 500

#: States of a record that is shown no more although it could be read.
DEPARTED: Final = (Record.State.GONE, Record.State.MOVED)

_RECORD: Final = (
    "id", "source_id", "native_id", "number", "kind", "state", "reason", "digest", "mapping", "stream", "path", "raw",
    "data", "successor", "first_run", "first_seen", "changed_run", "changed",
)  # fmt: skip
#: What a newer state overwrites; the entity is resolve's to say, the rest never changes.
_NEWER: Final = (
    "kind", "state", "reason", "digest", "mapping", "stream", "path", "raw", "data", "successor", "changed_run", "changed"
)  # fmt: skip
_VERSION: Final = ("record_id", "state", "reason", "digest", "mapping", "raw", "data", "run", "since", "until")


@dataclass(slots=True)
class Outcome:
    """What became of one new or changed item.

    Attributes:
        digest: SHA-256 of the payload.
        raw: where the payload lies in the raw store.
        reason: why it was rejected; "" when accepted.
        data: the record, as ``Record.to_json``; empty when rejected.
        missing: the source no longer lists it (its stored payload was mapped anew).
    """

    id: str
    native_id: str
    digest: str
    stream: str = ""
    path: str = ""
    raw: str = ""
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    missing: bool = False

    @property
    def state(self) -> str:
        if not self.data:
            return Record.State.REJECTED
        return Record.State.MISSING if self.missing else Record.State.LIVE


def store(
    source: str, mapping: str, run: int, outcomes: Sequence[Outcome], former: Mapping[str, Record], number: int, now: datetime
) -> list[Change]:
    """Write outcomes, inside the caller's transaction; the caller appends the changes that are returned.

    Args:
        former: stored rows of those of the records that exist.
        number: ``Record.number`` of the first new record; the others count on.
    """
    at = stamp(now)
    rows, versions, changes = [], [], []
    pointers = _Pointers()
    for outcome in outcomes:
        before = former.get(outcome.id)
        data = orjson.dumps(outcome.data).decode() if outcome.data else ""
        own = before.number if before else number
        number += before is None
        rows.append(
            (outcome.id, source, outcome.native_id, own, outcome.data.get("kind", ""), outcome.state, outcome.reason,
             outcome.digest, mapping, outcome.stream, outcome.path, outcome.raw, data, None, run, at, run, at)
        )  # fmt: skip
        if before is not None:
            versions.append(
                (before.pk, before.state, before.reason, before.digest, before.mapping, before.raw, before.data,
                 before.changed_run, stamp(before.changed), at)
            )  # fmt: skip
        pointers.change(outcome.id, _pointing(before), outcome.data)
        if op := _op(before, outcome, data):
            changes.append(Change("record", outcome.id, op))
    write(Record, _RECORD, rows, update=_NEWER)
    write(RecordVersion, _VERSION, versions)
    pointers.write(at)
    return changes


class Departure(NamedTuple):
    """A record that leaves what its source lists, for one of the states of absence, and what took its place."""

    record: str
    state: str
    successor: str | None = None


def depart(departures: Sequence[Departure], run: int, now: datetime) -> list[Change]:
    """Let records leave, inside the caller's transaction; the caller appends the changes that are returned.

    Title, values and dates stay. A missing record is still shown; of one that is gone or moved the identifiers end and
    the links are taken away, until it returns.
    """
    found = Record.objects.in_bulk([one.record for one in departures])
    changes, pointers = [], _Pointers()
    for one in departures:
        row = found[one.record]
        if row.state == one.state or row.state in DEPARTED:
            continue
        away = one.state in DEPARTED
        if away:
            pointers.change(row.pk, _pointing(row), {})
        if row.data:
            changes.append(Change("record", row.pk, "removed" if away else "changed"))
        row.state, row.successor, row.changed, row.changed_run = one.state, one.successor, now, run
    Record.objects.bulk_update(found.values(), ("state", "successor", "changed", "changed_run"), batch_size=100)
    pointers.write(stamp(now))
    return changes


def _pointing(row: Record | None) -> dict[str, Any]:
    """A stored record as far as identifiers and links lead to it: one that left has none."""
    return orjson.loads(row.data) if row is not None and row.data and row.state not in DEPARTED else {}


def link_target(target: str) -> str:
    """A link's target as it is looked up: names compare without case and punctuation."""
    return "name:" + name_key(target[5:]) if target.startswith("name:") else target


def _op(before: Record | None, outcome: Outcome, data: str) -> str | None:
    """The feed's word for it; None when readers of the feed would see no difference."""
    had = before is not None and before.data != "" and before.state not in DEPARTED
    if not had:
        return "added" if data else None
    if not data:
        return "removed"
    return "changed" if (before.data, before.state) != (data, outcome.state) else None  # type: ignore[union-attr]


class _Pointers:
    """The rows that lead to records: aliases are closed when a record no longer gives them itself, links are deleted.

    Both are found by what they print, so neither table needs an index by record.
    """

    def __init__(self) -> None:
        self._aliases: list[tuple[str, str]] = []
        self._closed: list[tuple[str, str]] = []
        self._links: list[tuple[str, str, str]] = []
        self._dropped: list[tuple[str, str, str]] = []

    def change(self, record: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Note what must be written when a record's JSON goes from `before` to `after` (either may be empty)."""
        had, has = _printed(before), _printed(after)
        self._aliases += [(printed, record) for printed in has if printed not in had]
        self._closed += [(printed, record) for printed in had if printed not in has]
        pointed, points = _pointed(before), _pointed(after)
        self._links += [(*link, record) for link in points if link not in pointed]
        self._dropped += [(*link, record) for link in pointed if link not in points]

    def write(self, at: Any) -> None:
        """Write it all, in a few statements."""
        write(Alias, ("printed", "record_id", "valid_from"), [(printed, record, at) for printed, record in self._aliases])
        write(Link, ("target", "type", "record_id"), self._links)
        with connection.cursor() as cursor:
            if self._closed:
                close = "UPDATE catalogue_alias SET valid_to = %s WHERE printed = %s AND record_id = %s AND valid_to IS NULL"
                cursor.executemany(close, [(at, *alias) for alias in self._closed])
            if self._dropped:
                drop = "DELETE FROM catalogue_link WHERE target = %s AND type = %s AND record_id = %s"
                cursor.executemany(drop, self._dropped)


def _printed(data: Mapping[str, Any]) -> dict[str, None]:
    return dict.fromkeys(printed for printed in data.get("identifiers", ()) if len(printed) <= MAX_KEY)


def _pointed(data: Mapping[str, Any]) -> dict[tuple[str, str], None]:
    links = ((link_target(link["target"]), link["type"]) for link in data.get("links", ()))
    return dict.fromkeys(link for link in links if len(link[0]) <= MAX_KEY)
