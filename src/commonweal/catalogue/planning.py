"""Plans: what a complete listing lacks is explained, and taken away only within the source's guard or by a person.

What is new or changed never waits. A run whose listing lacks more than the guard allows ends with an open plan and
leaves the vanished records as they are; a steward applies it or refuses it, either with a reason. A refused plan is not
asked again while the very same records are absent. Nothing is deleted: a record that left keeps its title, its last
values and its dates, and comes back under the same id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from django.db import transaction
from django.utils import timezone

from commonweal.base import feed
from commonweal.base.events import record_event
from commonweal.base.feed import Change
from commonweal.base.rows import write
from commonweal.catalogue import curation
from commonweal.catalogue.core import plan as rules
from commonweal.catalogue.core.plan import Guard, Standing, Tally, Vanished
from commonweal.catalogue.core.seen import Seen
from commonweal.catalogue.core.source import SourceSpec
from commonweal.catalogue.models import Alias, Plan, PlanEntry, Record, Run
from commonweal.catalogue.sources.files import matching
from commonweal.catalogue.storing import Departure, depart
from commonweal.kernel.errors import CommonwealError

CHUNK: Final = 1_000
#: Records a transaction takes away at most.
BATCH: Final = 250

_COLUMNS: Final = ("id", "native_id", "digest", "data", "path", "stream")


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan not yet written: what a run's listing lacks, explained.

    Attributes:
        allowed: the guard lets the run take it away by itself.
        refused: somebody refused to take these very records away.
    """

    tally: Tally
    vanished: list[Vanished]
    allowed: bool
    refused: bool

    @property
    def open(self) -> bool:
        """Whether a person must decide."""
        return not (self.allowed or self.refused)


def draft(spec: SourceSpec, run: Run, absent: Sequence[int], counts: Counter[str]) -> Draft:
    """Explain what is absent. Reads only.

    Args:
        absent: numbers of the records of the source that a complete listing lacked.
        counts: the run's.
    """
    vanished = [row for start in range(0, len(absent), CHUNK) for row in _rows(spec.id, number__in=absent[start : start + CHUNK])]
    added = list(_rows(spec.id, first_run=run.pk, state=Record.State.LIVE))
    left, right = _standings(spec.id, vanished, added)
    listed = Record.objects.filter(source=spec.id, state__in=(Record.State.LIVE, Record.State.REJECTED))
    live = listed.exclude(first_run=run.pk).count()
    tally = Tally(live, counts["added"], counts["changed"], counts["unchanged"], counts["same_values"])
    explained = rules.explain(left, right, _excluded(spec, vanished))
    fingerprint = rules.fingerprint(one.record for one in explained)
    refused = Plan.objects.filter(source=spec.id, state=Plan.State.REFUSED, fingerprint=fingerprint).exists()
    return Draft(tally, explained, Guard(**spec.guard).allows(len(explained), live), refused)


def settle(source: str, run: Run, made: Draft, now: datetime) -> tuple[Plan, list[Change]]:
    """Write the plan, inside the transaction that ends the run; what the guard allows is taken away at once.

    Of that only a proven successor takes a record's place and only what the source's own description excludes is gone;
    the rest is missing: shown, and marked.
    """
    supersede(source)
    states = {True: Plan.State.OPEN, False: Plan.State.APPLIED}
    plan = Plan.objects.create(
        source_id=source,
        run=run.pk,
        state=Plan.State.SUPERSEDED if made.refused and not made.allowed else states[made.open],
        made=now,
        counts=orjson.dumps(_counts(made)).decode(),
        findings=orjson.dumps(rules.findings(made.tally, made.vanished)).decode(),
        fingerprint=rules.fingerprint(one.record for one in made.vanished),
        **({"decided": now, "actor": run.actor, "reason": "Within what this source allows."} if made.allowed else {}),
    )
    columns = ("plan_id", "record_id", "fate", "basis", "detail", "successor")
    write(PlanEntry, columns, [(plan.pk, one.record, one.fate, one.basis, one.detail, one.successor) for one in made.vanished])
    if not made.allowed:
        return plan, []
    departures = [_departure(one, proven=one.proven, otherwise=Record.State.MISSING) for one in made.vanished]
    curation.carry({one.record: one.successor for one in departures if one.successor}, {"plan": plan.pk})
    return plan, depart(departures, run.pk, now)


def supersede(source: str) -> None:
    """Close an open plan: a newer complete listing says more."""
    Plan.objects.filter(source=source, state=Plan.State.OPEN).update(state=Plan.State.SUPERSEDED)


def apply(plan_id: int, *, actor: str, reason: str, names: bool = True) -> int:
    """Take away what an open plan names; returns how many records left.

    A record that any later run met again stays. Long plans are applied in short transactions; one that was broken off
    is still open and can be applied again.

    Args:
        names: whether a successor found by its name alone takes the record's place; without, the record is gone.

    Raises:
        CommonwealError: ``plan-unknown``, ``plan-decided``, ``reason-missing``.
    """
    plan = _open(plan_id, reason)
    back = _met_since(plan)
    entries = PlanEntry.objects.filter(plan=plan).order_by("pk")
    left = 0
    rows = entries.values_list("record_id", "record__number", "fate", "basis", "detail", "successor")
    going = [Vanished(pk, *said) for pk, number, *said in rows if not any(number in seen for seen in back)]
    for start in range(0, len(going), BATCH):
        batch = [_departure(one, proven=one.proven or (names and bool(one.successor))) for one in going[start : start + BATCH]]
        with transaction.atomic():
            _leave(batch, plan)
        left += len(batch)
    _decide(plan, Plan.State.APPLIED, actor, reason, {"left": left})
    return left


def _leave(departures: Sequence[Departure], plan: Plan) -> None:
    changes = depart(departures, plan.run, timezone.now())
    moves = {one.record: one.successor for one in departures if one.successor}
    curation.carry(moves, {"plan": plan.pk})
    feed.append([*changes, *(Change("record", successor, "changed") for successor in moves.values())])


def refuse(plan_id: int, *, actor: str, reason: str) -> None:
    """Leave everything a plan names as it is, now and whenever the very same records are absent again.

    Raises:
        CommonwealError: as :func:`apply`.
    """
    _decide(_open(plan_id, reason), Plan.State.REFUSED, actor, reason, {})


def _decide(plan: Plan, state: str, actor: str, reason: str, said: dict[str, Any]) -> None:
    with transaction.atomic():
        decided = {"state": state, "decided": timezone.now(), "actor": actor, "reason": reason.strip()}
        if not Plan.objects.filter(pk=plan.pk, state=Plan.State.OPEN).update(**decided):
            raise _decided(plan)
        record_event(actor, f"plan.{state}", f"source:{plan.source_id}", {"plan": plan.pk, "reason": reason.strip(), **said})
        feed.append([Change("source", plan.source_id, "changed")])


def _open(plan_id: int, reason: str) -> Plan:
    plan = Plan.objects.filter(pk=plan_id).first()
    if plan is None:
        raise CommonwealError(
            "plan-unknown", f"There is no plan {plan_id}.", "`commonweal source plan SOURCE` names it.", status=404
        )
    if plan.state != Plan.State.OPEN:
        raise _decided(plan)
    if not reason.strip():
        raise CommonwealError("reason-missing", "A decision needs a reason.", "Say why, in a sentence.", status=422)
    return plan


def _decided(plan: Plan) -> CommonwealError:
    state = Plan.objects.get(pk=plan.pk).state
    return CommonwealError("plan-decided", f"Plan {plan.pk} is {state} already.", "Harvest the source for a new one.", status=409)


def _departure(one: Vanished, *, proven: bool, otherwise: str = Record.State.GONE) -> Departure:
    if one.successor and proven:
        return Departure(one.record, Record.State.MOVED, one.successor)
    return Departure(one.record, Record.State.GONE if one.fate == "excluded" else otherwise)


def _met_since(plan: Plan) -> list[Seen]:
    """What each later run of the source met."""
    later = Run.objects.filter(source=plan.source_id, pk__gt=plan.run).values_list("seen", flat=True)
    return [Seen(bytes(seen)) for seen in later]


def _counts(made: Draft) -> dict[str, int]:
    tally = made.tally
    figures = {name: getattr(tally, name) for name in ("live", "added", "changed", "unchanged", "same_values")}
    return {**figures, "vanished": len(made.vanished), **Counter(one.fate for one in made.vanished)}


def _rows(source: str, **which: Any) -> Iterator[tuple[Any, ...]]:
    yield from Record.objects.filter(source=source, **which).values_list(*_COLUMNS)


def _standings(source: str, *sides: Collection[tuple[Any, ...]]) -> list[list[Standing]]:
    """Either side as it is compared: of the identifiers only those that nothing else in the source bears."""
    said = [[(row, orjson.loads(row[3]) if row[3] else {}) for row in side] for side in sides]
    printed = [{one for _, data in side for one in data.get("identifiers", ())} for side in said]
    common = set.intersection(*printed)
    own = common - _borne_elsewhere(source, common, {row[0] for side in sides for row in side})
    return [
        [
            Standing(
                row[0],
                row[1],
                (row[2], rules.content(data)) if data else (row[2],),
                tuple(one for one in data.get("identifiers", ()) if one in own),
            )
            for row, data in side
        ]
        for side in said
    ]


def _borne_elsewhere(source: str, printed: Collection[str], compared: Collection[str]) -> set[str]:
    """Of these identifiers those that another shown record of the source bears."""
    every, found = sorted(printed), set[str]()
    for start in range(0, len(every), CHUNK):
        rows = Alias.objects.filter(printed__in=every[start : start + CHUNK], valid_to=None, record__source=source)
        found |= {one for one, record in rows.values_list("printed", "record_id") if record not in compared}
    return found


def _excluded(spec: SourceSpec, rows: Collection[tuple[Any, ...]]) -> Callable[[Standing], bool]:
    """Whether a stored record is one that the source's description now passes over."""
    streams = {stream.name: stream for stream in spec.streams}
    places = {row[0]: (row[4], row[5]) for row in rows}

    def is_excluded(standing: Standing) -> bool:
        path, name = places[standing.id]
        stream = streams.get(name)
        if stream is None:
            return bool(name)
        if standing.native_id in stream.skip:
            return True
        return bool(stream.files and path) and not matching([path], stream.files, stream.exclude)

    return is_excluded
