"""Writes of the resolver: following the records, judging, undoing, deciding all anew.

An entity is a cluster of records, a pure function of the automatic edges and the judgements that hold. Whoever changes
one of these decides the touched clusters anew and has their views written in the same transaction. Two that do so at
the same moment may each miss the other's change; the feed's topic ``judgement`` makes the consumer decide once more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, Final, Protocol

import orjson
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from commonweal.base import feed
from commonweal.base.events import record_event
from commonweal.base.feed import Change, Stored
from commonweal.base.permissions import require
from commonweal.base.rows import MOST_VALUES, lookup, write
from commonweal.catalogue import queries as catalogue
from commonweal.catalogue import services as views
from commonweal.catalogue.core.entity import StoredRecord
from commonweal.kernel.errors import CommonwealError
from commonweal.resolve import memory, overlap, queries
from commonweal.resolve.core.clusters import cluster, component
from commonweal.resolve.core.judgements import SAME, Judgement, retract, standing
from commonweal.resolve.core.neighbours import Pair
from commonweal.resolve.core.profile import Profile, profile
from commonweal.resolve.core.resolver import Edge
from commonweal.resolve.core.verdicts import apart
from commonweal.resolve.models import Edge as EdgeRow
from commonweal.resolve.models import Judgement as JudgementRow
from commonweal.resolve.models import Profile as ProfileRow
from commonweal.resolve.models import State

JUDGEMENT: Final = "judgement"
RESOLVE: Final = "resolve"
BATCH: Final = 500
MAX_REASON: Final = 2_000

_PROFILE: Final = ("record", "kind", "source", "data", "change")
_EDGE: Final = ("left", "right", "weight", "levels", "rule", "settled", "answered")
_LINE: Final = ("digest", "left", "right", "verdict", "actor", "at", "reason", "weights", "model", "retracts")

#: progress(done, total)
Progress = Callable[[int, int], None]


class Graph(Protocol):
    """What clusters are made of."""

    def joined(self, records: Collection[str]) -> Mapping[Pair, float]:
        """The automatic edges of some records with their weights."""

    def judged(self, records: Collection[str]) -> Mapping[Pair, Judgement]:
        """The judgements that hold, of pairs with one of these records."""

    def profiles(self, records: Collection[str]) -> Mapping[str, Profile]:
        """The profiles of some records, of those that are there."""


class ResolveConsumer:
    """Follows records and judgements; gives each record its entity and has the touched views computed."""

    name = "resolve"
    topics = ("record", JUDGEMENT, RESOLVE)
    batch_size = BATCH

    def handle(self, changes: Sequence[Stored]) -> None:
        """Take in changes: the edges they bring or end, the clusters these touch, the views of those. Idempotent."""
        known = memory.state()
        if known.version != queries.model().version or any(change.topic == RESOLVE for change in changes):
            decide_anew()
        changed = sorted({change.id for change in changes if change.topic == "record"})
        if changed:
            take_in(changed, changes[-1].seq)
        judged = {record for change in changes if change.topic == JUDGEMENT for record in change.id.split("-")}
        if judged:
            _write(_reclustered(judged, _Rows()), judged)
        if not feed.read(changes[-1].seq, topics=self.topics, limit=1):  # else it would be made anew every few batches
            overlap.refresh(changes[-1].seq)


def take_in(changed: Sequence[str], seq: int) -> None:
    """Bring what was derived from some records up to date.

    Args:
        seq: number of the change of the feed that says so.
    """
    known = memory.state()
    held = memory.current(known)
    records = catalogue.stored_records(changed)
    before = queries.profiles(changed)
    now = {record: profile(record, records[record].data) if record in records else None for record in changed}
    other = {record: (before.get(record), one) for record, one in now.items() if before.get(record) != one}
    try:
        edges = held.take(other)
        graph = _Overlay(edges, now)
        touched = set(changed) | {record for two in edges for record in two}
        assignments = _reclustered(touched, graph)

        def keep() -> None:
            rows = [_profile_row(record, one or was, one, seq) for record, (was, one) in other.items() if one or was]
            write(ProfileRow, _PROFILE, rows, update=_PROFILE[1:])
            _write_edges(edges)
            State.objects.update_or_create(pk=memory.NAME, defaults={"version": held.assets.version})
            State.objects.filter(pk=memory.NAME).update(writes=F("writes") + 1)

        _write(assignments, records, beside=keep)
    except BaseException:
        memory.forget()  # it may be ahead of the rows
        raise
    held.writes = known.writes + 1


def decide_anew(progress: Progress | None = None) -> dict[str, Any]:
    """Decide for every record again, by the model, names and rules of now; the difference to before is kept and returned.

    Returns:
        ``{"model", "was", "edges": {"before", "after", "came", "lapsed"}, "entities"}``, the last how many records
        changed their entity.
    """
    was = memory.state()
    fresh = memory.Memory(queries.model(), was.writes + 1)
    ids = catalogue.record_ids()
    changed: dict[str, tuple[Profile | None, Profile | None]] = {}
    for start in range(0, len(ids), BATCH):
        for record, said in catalogue.stored_records(ids[start : start + BATCH]).items():
            changed[record] = (None, profile(record, said.data))
        if progress:
            progress(start, len(ids))
    fresh.take(changed)
    before, after = dict(queries.iter_edges()), fresh.edges()
    other = {two: after.get(two) for two in before.keys() | after.keys() if before.get(two) != after.get(two)}
    seq = feed.head()
    memory.keep(fresh)
    try:
        graph = _Overlay(other, {record: now for record, (_, now) in changed.items()})
        touched = {record for two in other for record in two} | set(ids)
        assignments = _reclustered(touched, graph)
        moved = {record for record, entity in catalogue.entity_ids(ids).items() if assignments.get(record) != entity}
        report = {
            "model": fresh.assets.version,
            "was": was.version,
            "edges": {
                "before": len(before),
                "after": len(after),
                "came": sum(1 for two in after if two not in before),
                "lapsed": sum(1 for two in before if two not in after),
            },
            "entities": len(moved),
        }
        with transaction.atomic():
            ProfileRow.objects.all().delete()
            rows = [_profile_row(record, now, now, seq) for record, (_, now) in changed.items() if now]
            write(ProfileRow, _PROFILE, rows)
            _write_edges(other)
            values = {"version": fresh.assets.version, "writes": fresh.writes, "report": orjson.dumps(report).decode()}
            State.objects.update_or_create(pk=memory.NAME, defaults=values)
            if was.version and was.version != fresh.assets.version:
                record_event("job:resolve", "resolve.model_changed", f"model:{fresh.assets.version}", report)
        for some in _whole_clusters(assignments, moved):
            _write(some, ())
    except BaseException:
        memory.forget()
        raise
    return report


def _whole_clusters(assignments: Mapping[str, str | None], moved: Collection[str]) -> Iterable[dict[str, str | None]]:
    """The moved records in batches of a bounded size, such that an entity left or entered is within one of them."""
    near: dict[str, set[str]] = defaultdict(set)
    for record, entity in catalogue.entity_ids(moved).items():
        for other in (entity, assignments.get(record)):
            if other:
                near[record].add(other)
                near[other].add(record)
    batch: dict[str, str | None] = {}
    for group in _components(near):
        batch |= {record: assignments[record] for record in group if record in assignments}
        if len(batch) >= BATCH:
            yield batch
            batch = {}
    if batch:
        yield batch


def ask_anew() -> None:
    """Let the consumer decide for every record again."""
    with transaction.atomic():
        feed.append([Change(RESOLVE, "all", "rebuild")])


# Judgements


def judge(left: str, right: str, verdict: str, *, user: Any, actor: str, reason: str = "") -> Judgement:
    """Say what two records are to each other; the touched entities are brought up to date at once.

    Args:
        left, right: ids of records or entities; for directed verdicts "left is part of, derived from, a version of right".
        user: who asks (``can``). actor: as the log names them.

    Raises:
        CommonwealError: ``forbidden``, ``verdict-unknown``, ``pair-of-one``, ``record-unknown``, ``kinds-differ``.
    """
    require(user, "resolve.judge")
    seen = queries.explain(left, right)
    known = queries.profiles([left, right])
    for record in (left, right):
        if record not in known:
            raise CommonwealError(
                "record-unknown", f"Record {record} is no longer there.", "Look at its entry again.", status=404
            )
    if verdict == SAME and known[left].kind != known[right].kind:
        raise CommonwealError(
            "kinds-differ",
            f"A {known[left].kind} and a {known[right].kind} cannot be the same thing.",
            "Say part_of, derived_from or version_of, or correct the kind at its source.",
        )
    weights = {step.comparison: step.bits for step in seen.steps}
    line = Judgement(
        left, right, verdict, actor, _now(), reason[:MAX_REASON].strip(), weights, model=seen.model if weights else ""
    )
    _append(line, "resolve.judged")
    return line


def undo(digest: str, *, user: Any, actor: str, reason: str = "") -> Judgement:
    """Take a judgement back; what it had joined or kept apart is decided again without it. Answers the new line.

    Raises:
        CommonwealError: ``forbidden``, ``judgement-unknown``, ``judgement-withdrawn``.
    """
    require(user, "resolve.judge")
    line = queries.judgement(digest)
    if line not in standing(queries.log([line.left])).get(line.pair, []):
        raise CommonwealError(
            "judgement-withdrawn", f"Judgement {digest[:12]} was taken back already.", "Nothing needs to be done.", status=409
        )
    withdrawn = retract(line, actor, _now(), reason[:MAX_REASON].strip())
    _append(withdrawn, "resolve.undone")
    return withdrawn


def _append(line: Judgement, action: str) -> None:
    graph = _Rows([line])
    assignments = _reclustered(set(line.pair), graph)
    two = line.pair

    def keep() -> None:
        weights = orjson.dumps(dict(line.weights)).decode()
        row = (
            line.digest,
            line.left,
            line.right,
            line.verdict,
            line.actor,
            line.at,
            line.reason,
            weights,
            line.model,
            line.retracts,
        )
        write(JudgementRow, _LINE, [row])
        EdgeRow.objects.filter(left=two[0], right=two[1]).update(answered=two in graph.judged(two))
        record_event(
            line.actor, action, f"record:{line.left}", {"judgement": line.digest, "other": line.right, "verdict": line.verdict}
        )
        feed.append([Change(JUDGEMENT, "-".join(two), line.verdict, {"judgement": line.digest, "retracts": line.retracts})])

    _write(assignments, two, beside=keep, lines=[line])


def _now() -> str:
    return timezone.now().isoformat(timespec="microseconds")


# Clusters


class _Rows:
    """The graph as the rows have it, with lines of the log that are about to be written."""

    def __init__(self, lines: Iterable[Judgement] = ()) -> None:
        self._lines = list(lines)

    def joined(self, records: Collection[str]) -> Mapping[Pair, float]:
        return {two: edge.weight for two, edge in queries.edges(records).items() if edge.rule}

    def profiles(self, records: Collection[str]) -> Mapping[str, Profile]:
        return queries.profiles(records)

    def judged(self, records: Collection[str]) -> Mapping[Pair, Judgement]:
        return queries.judged(records, self._lines)


class _Overlay(_Rows):
    """The graph as it will be once changed edges and profiles are written."""

    def __init__(self, edges: Mapping[Pair, Edge | None], profiles: Mapping[str, Profile | None]) -> None:
        super().__init__()
        self._edges, self._profiles = edges, profiles
        self._changed: dict[str, list[Pair]] = {}
        for two in edges:
            for record in two:
                self._changed.setdefault(record, []).append(two)

    def joined(self, records: Collection[str]) -> Mapping[Pair, float]:
        found = {two: weight for two, weight in super().joined(records).items() if two not in self._edges}
        for record in records:
            for two in self._changed.get(record, ()):
                edge = self._edges[two]
                if edge and edge.rule:
                    found[two] = edge.weight
        return found

    def profiles(self, records: Collection[str]) -> Mapping[str, Profile]:
        others = super().profiles([record for record in records if record not in self._profiles])
        return {**others, **{record: one for record in records if (one := self._profiles.get(record))}}


def _reclustered(touched: Collection[str], graph: Graph) -> dict[str, str | None]:
    """Record → its entity, of all records that a change of some can have touched; None for those that are gone."""
    joined: dict[Pair, float] = {}
    judged: dict[Pair, Judgement] = {}
    near: dict[str, set[str]] = defaultdict(set)
    seen: set[str] = set()
    frontier = set(touched)
    while frontier:
        seen |= frontier
        edges, said = graph.joined(frontier), graph.judged(frontier)
        joined.update(edges)
        judged.update(said)
        together = [*edges, *(two for two, line in said.items() if line.verdict == SAME)]
        for one, other in together:
            near[one].add(other)
            near[other].add(one)
        frontier = {record for two in together for record in two} - seen
    known = graph.profiles(seen)
    separate = [two for group in _components(near) for two in combinations(sorted(group & known.keys()), 2) if _apart(two, known)]
    found = cluster(known, joined, judged, separate).canonical
    return {record: found.get(record) for record in seen}


def _components(near: Mapping[str, set[str]]) -> Iterable[set[str]]:
    seen: set[str] = set()
    for record in near:
        if record not in seen:
            group = component([record], near)
            seen |= group
            yield group


def _apart(two: Pair, known: Mapping[str, Profile]) -> bool:
    return apart(known[two[0]], known[two[1]])


def _write(
    assignments: Mapping[str, str | None],
    always: Mapping[str, StoredRecord] | Collection[str],
    *,
    beside: Callable[[], None] | None = None,
    lines: Sequence[Judgement] = (),
) -> None:
    """Have the views written of those entities that changed.

    Args:
        assignments: record → entity as it is now, None for a record that is gone.
        always: records whose view is computed even though their entity is the same.
        lines: of the log, about to be written.
    """
    before = catalogue.entity_ids(assignments.keys())
    moved = {pk: assignments[pk] for pk, entity in before.items() if pk in always or assignments[pk] != entity}
    moved |= _followers({before[pk] for pk, entity in moved.items() if entity != before[pk]}, assignments)
    known = always if isinstance(always, Mapping) else {}
    views.write_views(moved, known=known, beside=beside, links=lambda records: queries.links(records, lines))


def _followers(left: Collection[str], assignments: Mapping[str, str | None]) -> dict[str, str | None]:
    """Where the records lead that are gone: for ever to the entity that has what was theirs.

    Args:
        left: entities that a record has left.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for record, entity in catalogue.members(left).items():
        groups[entity].append(record)
    found: dict[str, str | None] = {}
    for entity, records in groups.items():
        heirs = [heir for record in records if (heir := assignments.get(record))]
        heir = assignments.get(entity) or min(heirs, default=None)
        found |= {record: heir for record in records if not assignments.get(record)}
    return found


# Rows


def _profile_row(record: str, about: Profile | None, now: Profile | None, seq: int) -> tuple[Any, ...]:
    """The row of a record; of one that is gone, what was known of its kind and source."""
    kind, source = (about.kind, about.source) if about else ("", "")
    return (record, kind, source, queries.write_profile(now) if now else "", seq)


def _write_edges(edges: Mapping[Pair, Edge | None]) -> None:
    """Bring the rows of some edges up to date."""
    judged = queries.judged({record for two in edges for record in two})
    lefts = sorted({two[0] for two in edges})
    held = {(left, right): pk for pk, left, right in lookup(EdgeRow, ("id", "left", "right"), "left", lefts)}
    old = [held[two] for two in edges if two in held]
    for start in range(0, len(old), MOST_VALUES):
        EdgeRow.objects.filter(pk__in=old[start : start + MOST_VALUES]).delete()
    rows = [
        (*two, edge.weight, orjson.dumps(edge.levels).decode(), edge.rule, edge.settled, two in judged)
        for two, edge in sorted(edges.items())
        if edge
    ]
    write(EdgeRow, _EDGE, rows)
