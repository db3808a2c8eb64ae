"""Named reads: the subject with all evidence in force, its assessments, verdicts and replies, inheritance, league tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final, NamedTuple

import orjson
from django.db.models import Count, QuerySet

from commonweal.base.rows import MOST_VALUES, lookup
from commonweal.catalogue import queries as catalogue
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.text import pick
from commonweal.openness.core.evidence import Evidence
from commonweal.openness.core.framework import load_framework, versions
from commonweal.openness.core.subject import Subject
from commonweal.openness.models import Assessment, Reply, Statement, Verdict

#: Kinds of entry that can be assessed, and what they are to frameworks.
KINDS: Final = {"model": "aimodel", "dataset": "data", "software": "software"}
#: Links along which assessments are inherited, from the thing they lead to.
_UPWARD: Final = ("version_of", "part_of")
_MOST_LEVELS: Final = 4
LEAGUE: Final = 100


class Said(NamedTuple):
    """A statement in force."""

    id: int
    record: str
    voice: str
    digest: str
    data: dict[str, Any]


def statements(records: Collection[str]) -> dict[str, list[Said]]:
    """Record → the newest statement of each voice about it, oldest first."""
    newest: dict[tuple[str, str], tuple[Any, ...]] = {}
    for row in sorted(lookup(Statement, ("id", "record", "voice", "digest", "data"), "record", records)):
        newest[row[1], row[2]] = row
    found: dict[str, list[Said]] = defaultdict(list)
    for pk, record, voice, digest, data in sorted(newest.values()):
        found[record].append(Said(pk, record, voice, digest, orjson.loads(data)))
    return found


def record_ids(view: Mapping[str, Any]) -> list[str]:
    """The ids of all records behind an entry."""
    return [record["id"] for record in view["records"]]


def subject_of(view: Mapping[str, Any], said: Iterable[Said] | None = None) -> Subject:
    """An entry with all evidence in force about it."""
    if said is None:
        found = statements(record_ids(view))
        said = [one for record in record_ids(view) for one in found.get(record, ())]
    said = list(said)
    types = {KINDS[view["kind"]]} if view["kind"] in KINDS else set()
    evidence = tuple(Evidence.from_json(members) for one in said for members in one.data["evidence"])
    problems = tuple(problem for one in said for problem in one.data.get("problems", ()))
    native = next((one.data["native"] for one in said if one.data.get("native")), None)
    types |= {name for one in said for name in one.data.get("types", ())}
    return Subject(pick(view["chosen"]["title"], "en")[1], frozenset(types), evidence, native, {"entity": view["id"]}, problems)


@cache
def hidden_facts() -> frozenset[str]:
    """Facts that only items of a restricted audience ask for; no page, API or export shows evidence about them to all."""
    items = [item for name in versions() for item in load_framework(name).items]
    public = {fact for item in items if "public" in item.audience for fact in (item.fact, *item.also)}
    return frozenset(item.fact for item in items) - public


def evidence(records: Collection[str], *, restricted: bool = False) -> list[dict[str, Any]]:
    """All evidence in force about these records as JSON, each with its ``record`` and ``voice``.

    Args:
        restricted: with what only authorities may read.
    """
    return [
        {**members, "record": record, "voice": one.voice}
        for record, said in statements(records).items()
        for one in said
        for members in one.data["evidence"]
        if restricted or members["fact"] not in hidden_facts()
    ]


def public(subject: Subject) -> Subject:
    """A subject without the evidence that only authorities may read."""
    return replace(subject, evidence=tuple(one for one in subject.evidence if one.fact not in hidden_facts()))


def find(name: str) -> dict[str, Any]:
    """The view of the entry that an id or identifier leads to. Raises ``entity-unknown``."""
    entity = catalogue.find(name)
    found = catalogue.entity(entity) if entity else None
    if found is None:
        raise CommonwealError("entity-unknown", f"Nothing here answers to {name!r}.", "Search for it first.", status=404)
    return found[0]


def verdicts(records: Collection[str], *, current: bool = True) -> list[dict[str, Any]]:
    """Verdicts about these records with who gave them: by framework, newest version and strict mode first, then by date."""
    rows = Verdict.objects.filter(subject__in=list(records)).select_related("assessment")
    if current:
        rows = rows.filter(current=True)
    return [_verdict(row) for row in rows.order_by("framework", "-version", "-mode", "-assessment__published", "pk")]


def history(records: Collection[str]) -> list[dict[str, Any]]:
    """Published and former assessments of these records, newest first, each with what changed since the one before it."""
    rows = Assessment.objects.filter(subject__in=list(records), published__isnull=False).order_by("-published", "-pk")
    found = [assessment_json(row) for row in rows]
    by_assessment: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for verdict in verdicts(records, current=False):
        by_assessment[verdict["assessment"]].append(verdict)
    before: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in reversed(found):
        mine = by_assessment[one["id"]]
        one["changes"] = _changes(before.get((one["subject"], one["assessor"]), []), mine)
        before[one["subject"], one["assessor"]] = mine
    return found


def _changes(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Framework by framework, which verdict and which items are different; versions may differ."""
    old = {(one["framework"], one["mode"]): one for one in before}
    found = []
    for one in after:
        was = old.get((one["framework"], one["mode"]))
        if was is None:
            continue
        items = [
            {"item": name, "before": was["items"].get(name, {}).get("status"), "after": item["status"], "reason": item["reason"]}
            for name, item in one["items"].items()
            if was["items"].get(name, {}).get("status") != item["status"]
        ]
        if items or was["verdict"] != one["verdict"]:
            versions, words = [was["version"], one["version"]], [was["verdict"], one["verdict"]]
            found.append(
                {"framework": one["framework"], "mode": one["mode"], "versions": versions, "verdicts": words, "items": items}
            )
    return found


def inherited(view: Mapping[str, Any], known: Collection[str]) -> list[dict[str, Any]]:
    """Verdicts of what this entry is a version or part of, under frameworks not in ``known``; the nearest one wins.

    Each has ``inherited_from``: {"id", "title"}. Nothing is ever inherited upwards.
    """
    seen, have, found = {view["id"]}, set(known), []
    level = [view]
    for _ in range(_MOST_LEVELS):
        targets = [link["target"] for one in level for link in one["links"] if link["type"] in _UPWARD]
        parents = [entity for entity in catalogue.resolve_targets(targets).values() if entity not in seen]
        level = list(catalogue.views(parents).values())
        if not level:
            break
        seen |= set(parents)
        for parent in level:
            origin = {"id": parent["id"], "title": parent["chosen"]["title"]}
            found += [{**one, "inherited_from": origin} for one in verdicts(record_ids(parent)) if one["framework"] not in have]
        have |= {one["framework"] for one in found}
    return found


def replies(records: Collection[str]) -> list[dict[str, Any]]:
    """Replies to verdicts about these records, oldest first."""
    rows = Reply.objects.filter(subject__in=list(records)).order_by("at", "pk")
    return [dict(row) for row in rows.values("id", "name", "words", "url", "proof", "at")]


def league(framework: str, mode: str = "", *, limit: int = LEAGUE) -> list[dict[str, Any]]:
    """Current verdicts under one framework, best first, ties by name of the subject; versions are never mixed."""
    rows = Verdict.objects.filter(framework=framework, mode=mode, current=True, score__isnull=False)
    newest = rows.order_by("-version").values_list("version", flat=True).first()
    shown = [_verdict(row) for row in rows.filter(version=newest).select_related("assessment").order_by("-score", "pk")[:limit]]
    entities = catalogue.entity_ids([one["subject"] for one in shown])
    cards = catalogue.cards(set(entities.values()))
    return [
        {**one, "entity": entities[one["subject"]], "title": cards[entities[one["subject"]]]["title"]}
        for one in shown
        if entities.get(one["subject"]) in cards
    ]


def tally() -> list[dict[str, Any]]:
    """How many current verdicts of each kind there are: {"framework", "version", "mode", "verdict", "count"}.

    Of frameworks whose verdict is a figure, all figures are one kind.
    """
    rows = Verdict.objects.filter(current=True).values("framework", "version", "mode", "verdict").annotate(count=Count("pk"))
    return [dict(row) for row in rows.order_by("framework", "version", "mode", "-count", "verdict")]


def standings(about: Mapping[str, Collection[str]]) -> dict[str, list[tuple[str, str, float | None, int]]]:
    """(framework, mode, score, level of evidence) of each current verdict about entries, in one cheap query.

    Args:
        about: entity id → its record ids. Entries without a verdict are left out of the answer.
    """
    entity_of = {record: entity for entity, records in about.items() for record in records}
    found: dict[str, list[tuple[str, str, float | None, int]]] = {}
    columns = ("subject", "framework", "mode", "score", "level", "current")
    for subject, name, mode, score, level, current in lookup(Verdict, columns, "subject", entity_of):
        if current:
            found.setdefault(entity_of[subject], []).append((name, mode, score, level))
    return found


def assessment(pk: int) -> Assessment:
    """Raises ``assessment-unknown``."""
    row = Assessment.objects.filter(pk=pk).first()
    if row is None:
        raise CommonwealError("assessment-unknown", f"There is no assessment {pk}.", status=404)
    return row


def open_assessment(records: Collection[str], assessor: str) -> Assessment | None:
    """What this assessor has begun and not yet published about a subject."""
    rows = Assessment.objects.filter(subject__in=list(records), assessor=assessor)
    return rows.filter(state__in=(Assessment.State.DRAFT, Assessment.State.SUBMITTED, Assessment.State.REVIEWED)).first()


def waiting(limit: int = 100) -> list[Assessment]:
    """Assessments that wait for a reviewer or to be published, the oldest first."""
    states = (Assessment.State.SUBMITTED, Assessment.State.REVIEWED)
    return list(Assessment.objects.filter(state__in=states).order_by("changed")[:limit])


def assessments_of(assessor: str, limit: int = 100) -> list[Assessment]:
    """What somebody assessed or is about to, newest first."""
    return list(Assessment.objects.filter(assessor=assessor).order_by("-changed")[:limit])


def answers(row: Assessment) -> tuple[Evidence, ...]:
    """The assessor's own evidence."""
    return tuple(Evidence.from_json(members) for members in orjson.loads(row.answers))


def latest_by_node(subjects: Collection[str]) -> dict[str, Assessment]:
    """Record → the assessment that this node published last about it."""
    found: dict[str, Assessment] = {}
    every = list(subjects)
    for start in range(0, len(every), MOST_VALUES):
        rows = _by_node().filter(subject__in=every[start : start + MOST_VALUES], state=Assessment.State.PUBLISHED)
        found |= {row.subject: row for row in rows.order_by("version")}
    return found


def latest_version(subjects: Collection[str], assessor: str) -> dict[str, int]:
    """Record → number of this assessor's last version."""
    rows = lookup(Assessment, ("subject", "version", "assessor"), "subject", subjects)
    found: dict[str, int] = {}
    for subject, version, who in rows:
        if who == assessor:
            found[subject] = max(version, found.get(subject, 0))
    return found


def _by_node() -> QuerySet[Assessment]:
    return Assessment.objects.filter(role=Assessment.Role.NODE)


def assessment_json(row: Assessment) -> dict[str, Any]:
    """An assessment without its answers."""
    names = ("id", "subject", "assessor", "name", "role", "version", "state", "interest", "dissent", "published")
    return {name: getattr(row, name) for name in names}


def _verdict(row: Verdict) -> dict[str, Any]:
    by = row.assessment
    names = ("id", "subject", "framework", "version", "mode", "rules", "verdict", "score", "level", "current")
    return {
        **{name: getattr(row, name) for name in names},
        **_public(row.framework, row.version, orjson.loads(row.result)),
        "assessment": by.pk,
        "assessor": by.assessor,
        "name": by.name,
        "role": by.role,
        "interest": by.interest,
        "dissent": by.dissent,
        "published": by.published,
    }


def _public(framework: str, version: str, result: dict[str, Any]) -> dict[str, Any]:
    """A result without the items that are not for everybody."""
    closed = _restricted_items(framework, version)
    return {**result, "items": {name: item for name, item in result["items"].items() if name not in closed}} if closed else result


@cache
def _restricted_items(framework: str, version: str) -> frozenset[str]:
    try:
        items = load_framework(framework, version).items
    except CommonwealError:  # a version that this program no longer knows
        return frozenset()
    return frozenset(item.id for item in items if "public" not in item.audience)
