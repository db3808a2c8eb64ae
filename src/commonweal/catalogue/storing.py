"""How one harvested item becomes rows: the record, its former version, its aliases, its links, a feed change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from commonweal.base.feed import Change
from commonweal.base.rows import stamp, write
from commonweal.catalogue.models import Alias, Link, Record, RecordVersion
from commonweal.kernel.text import name_key

#: Longest native id, printed identifier or link target that can be looked up, in characters.
MAX_KEY: Final = 500

_RECORD: Final = (
    "id", "source_id", "native_id", "number", "kind", "state", "reason", "digest", "mapping", "stream", "path", "raw",
    "data", "entity_id", "first_run", "first_seen", "changed_run", "changed",
)  # fmt: skip
#: What a newer state overwrites; the entity is resolve's to say, the rest never changes.
_NEWER: Final = (
    "kind", "state", "reason", "digest", "mapping", "stream", "path", "raw", "data", "changed_run", "changed"
)  # fmt: skip
_VERSION: Final = ("record_id", "state", "reason", "digest", "mapping", "raw", "data", "run", "since", "until")
_ALIAS: Final = ("printed", "record_id", "valid_from", "valid_to")
_LINK: Final = ("target", "type", "record_id")


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
    rows, versions, aliases, links, changes = [], [], [], [], []
    for outcome in outcomes:
        before = former.get(outcome.id)
        data = orjson.dumps(outcome.data).decode() if outcome.data else ""
        own = before.number if before else number
        number += before is None
        rows.append(
            (outcome.id, source, outcome.native_id, own, outcome.data.get("kind", ""), outcome.state, outcome.reason,
             outcome.digest, mapping, outcome.stream, outcome.path, outcome.raw, data, "", run, at, run, at)
        )  # fmt: skip
        links += [(link_target(link["target"]), link["type"], outcome.id) for link in outcome.data.get("links", ())]
        said = outcome.data.get("identifiers", ())
        if before is None:
            aliases += [(printed, outcome.id, at, None) for printed in said if len(printed) <= MAX_KEY]
        else:
            versions.append(
                (before.pk, before.state, before.reason, before.digest, before.mapping, before.raw, before.data,
                 before.changed_run, stamp(before.changed), at)
            )  # fmt: skip
        if op := _op(before, outcome, data):
            changes.append(Change("record", outcome.id, op))
    write(Record, _RECORD, rows, update=_NEWER)
    write(RecordVersion, _VERSION, versions)
    if former:
        aliases += _alias_changes(outcomes, former, at)
        Link.objects.filter(record__in=list(former)).delete()
    write(Alias, _ALIAS, aliases)
    write(Link, _LINK, [link for link in links if len(link[0]) <= MAX_KEY])
    return changes


def link_target(target: str) -> str:
    """A link's target as it is looked up: names compare without case and punctuation."""
    return "name:" + name_key(target[5:]) if target.startswith("name:") else target


def _op(before: Record | None, outcome: Outcome, data: str) -> str | None:
    """The feed's word for it; None when readers of the feed would see no difference."""
    had = before is not None and before.data != ""
    if not had:
        return "added" if data else None
    if not data:
        return "removed"
    return "changed" if (before.data, before.state) != (data, outcome.state) else None  # type: ignore[union-attr]


def _alias_changes(outcomes: Sequence[Outcome], former: Mapping[str, Record], at: Any) -> list[tuple[Any, ...]]:
    """Close the aliases that accepted records no longer give themselves; the rows of those they now do."""
    open_ = {(alias.record_id, alias.printed): alias.pk for alias in Alias.objects.filter(record__in=list(former), valid_to=None)}
    said = {
        (outcome.id, printed)
        for outcome in outcomes
        if outcome.id in former and outcome.data
        for printed in outcome.data.get("identifiers", ())
        if len(printed) <= MAX_KEY
    }
    judged = {outcome.id for outcome in outcomes if outcome.data}
    over = [row for (record, printed), row in open_.items() if record in judged and (record, printed) not in said]
    if over:
        Alias.objects.filter(pk__in=over).update(valid_to=at)
    return [(printed, record, at, None) for record, printed in sorted(said - open_.keys())]
