"""From evidence to published verdicts: what this node reads in records by itself, and how every verdict is computed again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
from django.db import transaction
from django.utils import timezone

from commonweal.base import feed
from commonweal.base.events import record_event
from commonweal.base.rows import MOST_VALUES
from commonweal.catalogue import queries as catalogue
from commonweal.kernel.canonical import digest
from commonweal.openness import queries, records
from commonweal.openness.core.assessment import Assessment as Computed
from commonweal.openness.core.engine import evaluate
from commonweal.openness.core.framework import Framework, load_framework, versions
from commonweal.openness.core.subject import Subject
from commonweal.openness.models import Assessment, Statement, Verdict

TOPIC: Final = "assessment"
#: Who computes without a person.
NODE: Final = "node"
#: The voice of what a record says.
RECORD: Final = "record"
#: Frameworks that are computed for everything that can be assessed; the others where somebody answered them.
COMPUTED: Final = ("mof", "eosai", "osaid", "dpg")
#: A verdict is published by itself only where so many required items are decided: silence is not a finding.
LEAST_KNOWN: Final = 2
BATCH: Final = 250

#: progress(done, total or None, what is counted)
Progress = Callable[[int, int | None, str], None]


class Done(NamedTuple):
    """How many new statements were taken in, and how many entries have a new assessment."""

    statements: int = 0
    assessments: int = 0


class OpennessConsumer:
    """Follows the topic ``entity``: reads what new and changed entries say of themselves, and publishes what follows from it."""

    name = "openness"
    topics: tuple[str, ...] = ("entity",)
    batch_size = BATCH

    def handle(self, changes: Sequence[feed.Stored]) -> None:
        """Take in changes; idempotent: what was read and computed before is not written again."""
        ids = dict.fromkeys(change.id for change in changes)
        take_in(list(catalogue.views(ids).values()), actor="job:openness")


def read_all(*, actor: str, progress: Progress | None = None) -> Done:
    """Read the evidence in every record again and publish what is different."""
    return _over_all(lambda views: take_in(views, actor=actor), progress)


def reassess(*, actor: str, progress: Progress | None = None) -> Done:
    """Compute every verdict of this node again by today's frameworks, from the evidence it has; publishes what is different."""

    def again(views: list[dict[str, Any]]) -> Done:
        return Done(0, publish(views, actor=actor))

    return _over_all(again, progress)


def _over_all(act: Callable[[list[dict[str, Any]]], Done], progress: Progress | None) -> Done:
    statements = assessments = seen = 0
    for batch in _batches(view for kind in queries.KINDS for view in catalogue.iter_entities(kind=kind)):
        done = act(batch)
        statements, assessments, seen = statements + done.statements, assessments + done.assessments, seen + len(batch)
        if progress:
            progress(seen, None, "entries")
    return Done(statements, assessments)


def take_in(views: Sequence[dict[str, Any]], *, actor: str) -> Done:
    """Read the records behind these entries; keep what is new as statements, and publish the verdicts that follow."""
    wanted = [view for view in views if view["kind"] in queries.KINDS]
    ids = [record for view in wanted for record in queries.record_ids(view)]
    stored = catalogue.stored_records(ids)
    held = queries.statements(ids)
    now = timezone.now()
    new = []
    for record, one in stored.items():
        data = records.statement(records.read(record, one.data))
        mark = records.statement_digest(data)
        known = next((said.digest for said in held.get(record, ()) if said.voice == RECORD), None)
        if mark != known and (data["evidence"] or known):
            new.append(Statement(record=record, voice=RECORD, digest=mark, data=orjson.dumps(data).decode(), actor=actor, at=now))
    with transaction.atomic():
        Statement.objects.bulk_create(new, batch_size=BATCH)
        return Done(len(new), publish(wanted, actor=actor))


class _Fresh(NamedTuple):
    """A newly computed assessment of an entry."""

    row: Assessment
    verdicts: list[Computed]


@transaction.atomic
def publish(views: Sequence[dict[str, Any]], *, actor: str) -> int:
    """Compute these entries' verdicts from the evidence in force and publish those whose basis changed. How many entries."""
    ids = [record for view in views for record in queries.record_ids(view)]
    said, former = queries.statements(ids), queries.latest_by_node(ids)
    numbers = queries.latest_version([view["id"] for view in views], NODE)
    now = timezone.now()
    fresh: list[_Fresh] = []
    old: list[int] = []
    changes: list[feed.Change] = []
    for view in views:
        members = queries.record_ids(view)
        mine = [one for record in members for one in said.get(record, ())]
        before = [former[record] for record in members if record in former]
        basis = _basis(mine, now)
        if len(before) == 1 and before[0].subject == view["id"] and before[0].basis == basis:
            continue
        verdicts = list(computed(queries.subject_of(view, mine), now)) if mine else []
        if verdicts:
            number = numbers.get(view["id"], 0) + 1
            row = Assessment(
                subject=view["id"], assessor=NODE, role=Assessment.Role.NODE, version=number, basis=basis,
                state=Assessment.State.PUBLISHED, created=now, changed=now, published=now,
            )  # fmt: skip
            fresh.append(_Fresh(row, verdicts))
        if verdicts or before:
            old += [row.pk for row in before]
            changes.append(feed.Change(TOPIC, view["id"], "published" if verdicts else "superseded", {"by": NODE}))
    if changes:
        supersede(old, now)
        _write(fresh)
        record_event(actor, "openness.computed", "assessments", {"entries": len(changes), "published": len(fresh)})
        feed.append(changes)
    return len(changes)


def computed(subject: Subject, now: datetime, frameworks: Iterable[str] = ()) -> Iterator[Computed]:
    """The verdicts that the evidence about a subject is enough for; those of ``frameworks`` in any case."""
    today = now.date().isoformat()
    named = set(frameworks)
    for framework in _frameworks():
        asked = framework.id in named or framework.id == subject.native
        if not asked and (framework.id not in COMPUTED or not _enough(subject, framework)):
            continue
        for mode in framework.modes or (None,):
            found = evaluate(subject, framework, mode, today)
            if asked or sum(one.met is not None for one in found.items if one.item.required) >= LEAST_KNOWN:
                yield found


def _enough(subject: Subject, framework: Framework) -> bool:
    """Whether so many required items are spoken of at all: cheaper than finding out how they come out."""
    spoken = subject.by_fact.keys()
    asked = (item for item in framework.items if item.required)
    return sum(item.fact in spoken or any(fact in spoken for fact in item.also) for item in asked) >= LEAST_KNOWN


def verdict_row(assessment: Assessment, found: Computed) -> Verdict:
    """A computed verdict as its row; evidence stays in the statements."""
    items = {one.item.id: {"status": one.status, "met": one.met, "reason": one.reason} for one in found.items}
    outcome = found.outcome
    result = {"sentence": found.sentence, "progress": dict(found.progress), "missing": list(outcome.missing), "items": items}
    decided = (one for result in found.items if result.met is not None for one in result.evidence)
    return Verdict(
        assessment=assessment,
        subject=assessment.subject,
        framework=found.framework,
        version=found.version,
        mode=found.mode or "",
        rules=found.rules,
        verdict=found.verdict,
        score=found.score,
        level=max((one.level for one in decided), default=0),
        current=True,
        result=orjson.dumps(result).decode(),
    )


def supersede(assessments: Sequence[int], now: datetime) -> None:
    """Let published assessments be former ones; they stay in the history."""
    for start in range(0, len(assessments), MOST_VALUES):
        part = assessments[start : start + MOST_VALUES]
        Assessment.objects.filter(pk__in=part).update(state=Assessment.State.SUPERSEDED, changed=now)
        Verdict.objects.filter(assessment__in=part).update(current=False)


def _write(fresh: Sequence[_Fresh]) -> None:
    Assessment.objects.bulk_create([one.row for one in fresh], batch_size=BATCH)
    Verdict.objects.bulk_create([verdict_row(one.row, found) for one in fresh for found in one.verdicts], batch_size=BATCH)


def _basis(said: Sequence[queries.Said], now: datetime) -> str:
    """What verdicts are computed from: statements, rules, and how much of the evidence has expired by now."""
    today = now.date().isoformat()
    expired = sum(bool(one.get("expires")) and one["expires"] < today for each in said for one in each.data["evidence"])
    return digest([[one.id for one in said], _rules(), expired])


def _rules() -> Mapping[str, str]:
    return {framework.id: framework.digest for framework in _frameworks()}


def _frameworks() -> list[Framework]:
    return [load_framework(name) for name in versions()]


def _batches(views: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for view in views:
        batch.append(view)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
