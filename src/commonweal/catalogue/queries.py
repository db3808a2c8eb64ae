"""Named reads of the catalogue. Each asks a fixed number of queries, however many rows there are."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import orjson
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone
from rapidfuzz.process import extractOne

from commonweal.base import raw
from commonweal.base.config import setting
from commonweal.base.home import home
from commonweal.base.recurrence import parse_recurrence
from commonweal.base.rows import lookup
from commonweal.catalogue.core import quality
from commonweal.catalogue.core.curation import CURATION
from commonweal.catalogue.core.entity import StoredRecord, card
from commonweal.catalogue.core.seen import Seen
from commonweal.catalogue.core.source import SourceSpec, from_yaml, load_builtin
from commonweal.catalogue.models import Alias, Entity, Link, Record, RecordVersion, Run, Source
from commonweal.catalogue.storing import link_target
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.identifiers import parse_identifier
from commonweal.kernel.text import mask_contacts, pick

logger = logging.getLogger(__name__)

#: States of a record that its entity shows.
SHOWN: Final = (Record.State.LIVE, Record.State.MISSING)
#: Kinds that are no entries of their own in headline figures: an offer is shown under the model it sells.
NOT_HEADLINE: Final = ("offer",)

#: Changes of key that the address of a record is followed through.
MOST_MOVES: Final = 20
RUNS_SHOWN: Final = 10
LINKS_SHOWN: Final = 500
NEWEST_SHOWN: Final = 10
CHUNK: Final = 500


class Linked(NamedTuple):
    """An entity at the other end of a link."""

    type: str
    entity: str
    card: dict[str, Any]
    sources: list[str]


# Sources


def specs() -> dict[str, SourceSpec]:
    """All sources by id: those that come with the program, and the node's own (`sources/*.yaml` in its home)."""
    files = ((file, file.stat().st_mtime_ns) for file in sorted(own_sources().glob("*.yaml")))
    return {**{spec.id: spec for file in files if (spec := _own(*file))}, **load_builtin()}


def spec(source_id: str) -> SourceSpec:
    """One source. Raises ``source-unknown``, with the nearest name as the hint."""
    known = specs()
    if source_id in known:
        return known[source_id]
    near = extractOne(source_id, list(known), score_cutoff=60)
    hint = f"Did you mean {near[0]}?" if near else "`commonweal source list` names all."
    raise CommonwealError("source-unknown", f"There is no source {source_id!r}.", hint, status=404)


def own_sources() -> Path:
    """Where the node's own source files lie."""
    return home().root / "sources"


def due() -> list[str]:
    """Sources whose own schedule says it is time, the never harvested first ones among them."""
    now, zone = timezone.now(), ZoneInfo(setting("node.time_zone"))
    last = dict(Source.objects.filter(enabled=True).values_list("id", "last_success"))
    off = set(Source.objects.filter(enabled=False).values_list("id", flat=True))
    return [
        spec.id
        for spec in specs().values()
        if spec.schedule
        and spec.id not in off
        and not ((at := last.get(spec.id)) and parse_recurrence(spec.schedule).next_time(at, zone) > now)
    ]


def trust() -> dict[str, int]:
    """Source id → trust."""
    return {spec.id: spec.trust for spec in specs().values()}


def is_enabled(source_id: str) -> bool:
    """Whether the node harvests a source by itself; so until somebody switches it off."""
    return Source.objects.filter(pk=source_id).values_list("enabled", flat=True).first() is not False


def sources() -> list[dict[str, Any]]:
    """Every source with what is stored of it: figures, freshness and its last run."""
    rows = Source.objects.in_bulk()
    last = {run["source"]: run for run in _runs(Run.objects.all(), of_each=1)}
    counted = Record.objects.values_list("source", "state").annotate(n=Count("*"))
    figures: dict[str, Counter[str]] = defaultdict(Counter)
    for source_id, state, count in counted:
        figures[source_id][state] = count
    return [_source(spec, rows.get(spec.id), figures[spec.id], last.get(spec.id)) for spec in specs().values()]


def source(source_id: str) -> dict[str, Any]:
    """One source as :func:`sources` gives it. Raises ``source-unknown``."""
    wanted = spec(source_id)
    counted = Record.objects.filter(source=source_id).values_list("state").annotate(n=Count("*"))
    last = runs(source_id, limit=1)
    return _source(wanted, Source.objects.filter(pk=source_id).first(), Counter(dict(counted)), last[0] if last else None)


def runs(source_id: str | None = None, *, limit: int = RUNS_SHOWN) -> list[dict[str, Any]]:
    """The last runs, of one source or of all, newest first."""
    rows = Run.objects.filter(source=source_id) if source_id else Run.objects.all()
    return [_run(run) for run in rows.order_by("-pk")[:limit]]


def run(run_id: int) -> dict[str, Any]:
    """One run with its errors. Raises ``run-unknown``."""
    row = Run.objects.filter(pk=run_id).first()
    if row is None:
        raise CommonwealError("run-unknown", f"There is no run {run_id}.", status=404)
    return _run(row)


def rejected(source_id: str, *, after: str = "", limit: int = 100) -> list[dict[str, Any]]:
    """Records of a source that could not be read, by id, each with the reason."""
    rows = Record.objects.filter(source=source_id, state=Record.State.REJECTED, id__gt=after).order_by("id")
    return [dict(row) for row in rows.values("id", "native_id", "path", "reason", "changed")[:limit]]


def counts() -> dict[str, Any]:
    """Headline figures. Offers are counted apart from entities: they are shown under the model they sell."""
    states: Counter[str] = Counter()
    by_source: Counter[str] = Counter()
    said = Record.objects.exclude(source=CURATION)
    for source_id, state, count in said.values_list("source", "state").annotate(n=Count("*")):
        states[state] += count
        if state in SHOWN:
            by_source[source_id] += count
    by_kind = dict(Entity.objects.order_by("kind").values_list("kind").annotate(n=Count("*")))
    newest = Entity.objects.exclude(kind__in=NOT_HEADLINE).order_by("-updated", "id").values_list("view", flat=True)
    return {
        "records": states[Record.State.LIVE],
        "missing": states[Record.State.MISSING],
        "rejected": states[Record.State.REJECTED],
        "entities": sum(count for kind, count in by_kind.items() if kind not in NOT_HEADLINE),
        "offers": by_kind.pop("offer", 0),
        "by_kind": by_kind,
        "by_source": dict(sorted(by_source.items())),
        "sources": len(by_source),
        "newest": [card(orjson.loads(view)) for view in newest[:NEWEST_SHOWN]],
    }


# Entities


def entity(entity_id: str) -> tuple[dict[str, Any], str] | None:
    """A view and its id now: the id of any of its records leads to it, whatever was merged since. None: no such entity."""
    text = Entity.objects.filter(pk=entity_id).values_list("view", flat=True).first()
    canonical = entity_id
    if text is None:
        canonical = _followed(entity_id)
        text = Entity.objects.filter(pk=canonical).values_list("view", flat=True).first() if canonical else None
    return (orjson.loads(text), canonical) if text is not None else None


def _followed(record_id: str) -> str:
    """The entity that shows a record, or what took its place since; "" for none."""
    for _ in range(MOST_MOVES):
        row = Record.objects.filter(pk=record_id).values_list("joined", "successor").first()
        if row is None:
            return ""
        if not row[1]:
            return str(row[0] or record_id)
        record_id = row[1]
    return ""


def standing(name: str) -> str:
    """The shown record that an id leads to: its own, that of an entity, or of what took its place. Raises ``record-unknown``."""
    for _ in range(MOST_MOVES):
        row = Record.objects.filter(pk=name).values_list("state", "successor").first()
        if row is None or row[0] in SHOWN:
            break
        name = row[1] or ""
    if row is None or row[0] not in SHOWN:
        raise CommonwealError("record-unknown", f"No record answers to {name!r}.", status=404)
    return name


def find(name: str) -> str | None:
    """The entity that an id of an entity or record, or a printed identifier in any form, leads to."""
    if row := entity(name):
        return row[1]
    identifier = parse_identifier(name)
    printed = [str(identifier)] if identifier else []
    found = resolve_targets(printed) or resolve_targets(printed, former=True)
    return next(iter(found.values()), None)


def views(ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Entity id → view, of those that exist."""
    rows = Entity.objects.filter(pk__in=list(ids)).values_list("id", "view")
    return {pk: orjson.loads(view) for pk, view in rows}


def read_at(records: Collection[str]) -> dict[str, datetime]:
    """Record id → when the node read what it says now. One query."""
    return dict(Record.objects.filter(pk__in=list(records)).values_list("id", "changed"))


def record_counts(ids: Collection[str]) -> dict[str, int]:
    """Entity id → how many records it has, of those that exist."""
    return dict(lookup(Entity, ("id", "records"), "id", ids))


def cards(ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Entity id → card, of those that exist."""
    return {pk: card(view) for pk, view in views(ids).items()}


def iter_entities(after: str = "", limit: int | None = None, *, kind: str | None = None) -> Iterator[dict[str, Any]]:
    """Views by id, streaming, from the one after `after` on."""
    rows = Entity.objects.filter(kind=kind) if kind else Entity.objects.all()
    left = limit
    while left is None or left > 0:
        size = CHUNK if left is None else min(CHUNK, left)
        batch = list(rows.filter(id__gt=after).order_by("id").values_list("id", "view")[:size])
        yield from (orjson.loads(view) for _, view in batch)
        if len(batch) < size:
            return
        after = batch[-1][0]
        left = None if left is None else left - size


def entity_names(offset: int, limit: int) -> list[str]:
    """Ids of entities, in order."""
    return list(Entity.objects.order_by("id").values_list("id", flat=True)[offset : offset + limit])


def links_to(view: Mapping[str, Any]) -> list[Linked]:
    """Entities with a link to this one, by type and id: by its identifiers, its records, or its name."""
    targets = [*view["identifiers"], *(f"record:{record['id']}" for record in view["records"])]
    titles = {words for entry in view["values"].get("title", ()) for tag, words in entry["value"].items() if tag[0] != "@"}
    targets += [link_target(f"name:{title}") for title in titles]
    rows = Link.objects.filter(target__in=targets, record__state__in=SHOWN)
    rows = rows.annotate(entity=Coalesce("record__joined", "record_id")).exclude(entity=view["id"]).order_by("type", "entity")
    pairs = rows.values_list("type", "entity", "record__source")[:LINKS_SHOWN]
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for type_, entity_id, source_id in pairs:
        if source_id not in found[type_, entity_id]:
            found[type_, entity_id].append(source_id)
    shown = cards({entity_id for _, entity_id in found})
    return [Linked(type_, entity_id, shown[entity_id], said) for (type_, entity_id), said in found.items() if entity_id in shown]


def resolve_targets(targets: Iterable[str], *, former: bool = False) -> dict[str, str]:
    """Link target (printed identifier or ``record:<id>``) → entity id, of those that one entity answers to.

    Args:
        former: by the identifiers that records no longer bear, of records that moved those of what took their place.
    """
    wanted = set(targets)
    records = {target[7:]: target for target in wanted if target.startswith("record:")}
    found: dict[str, set[str]] = defaultdict(set)
    for pk, joined in Record.objects.filter(pk__in=list(records), state__in=SHOWN).values_list("id", "joined"):
        found[records[pk]].add(joined or pk)
    printed = [target for target in wanted if not target.startswith(("record:", "name:"))]
    aliases = Alias.objects.filter(printed__in=printed, valid_to__isnull=not former)
    bearers = aliases.values_list("printed", "record_id", "record__joined", "record__state", "record__successor")
    for target, pk, joined, state, successor in bearers:
        if state in SHOWN:
            found[target].add(joined or pk)
        elif former and successor and (entity_id := _followed(successor)):
            found[target].add(entity_id)
    return {target: next(iter(entities)) for target, entities in found.items() if len(entities) == 1}


# Records


def record(record_id: str) -> dict[str, Any]:
    """A record as it stands, its contact left out. Raises ``record-unknown``."""
    row = _record(record_id)
    return {
        "id": row.pk,
        "source": row.source_id,
        "native_id": row.native_id,
        "kind": row.kind or None,
        "state": row.state,
        "reason": row.reason,
        "entity": row.entity_id if row.state in SHOWN else None,
        "successor": row.successor,
        "path": row.path,
        "digest": row.digest,
        "first_seen": row.first_seen,
        "last_seen": _last_seen(row),
        "changed": row.changed,
        "record": _shown(row.data),
    }


def record_raw(record_id: str) -> str | None:
    """The payload as the source wrote it, e-mail addresses and telephone numbers masked; None when it is not kept."""
    row = _record(record_id)
    try:
        payload = raw.read_packed(row.raw)
    except CommonwealError as error:
        if error.code == "raw-missing":
            return None
        raise
    try:
        payload = orjson.dumps(orjson.loads(payload), option=orjson.OPT_INDENT_2)
    except orjson.JSONDecodeError:
        pass  # the beginning of a file that could not be read
    return mask_contacts(payload.decode("utf-8", "replace"))


def record_versions(record_id: str) -> list[dict[str, Any]]:
    """The states of a record, newest first; `until` of the present one is None. Raises ``record-unknown``."""
    row = _record(record_id)
    former = RecordVersion.objects.filter(record=record_id).order_by("-pk")
    now = {"state": row.state, "reason": row.reason, "digest": row.digest, "data": row.data, "since": row.changed, "until": None}
    versions: list[dict[str, Any]] = [now, *map(dict, former.values("state", "reason", "digest", "data", "since", "until"))]
    for version in versions:
        version["record"] = _shown(version.pop("data"))
    return versions


def stored_records(ids: Collection[str]) -> dict[str, StoredRecord]:
    """Record id → the record, of those that are shown."""
    rows = lookup(Record, ("id", "state", "data"), "id", ids)
    return {pk: StoredRecord(pk, orjson.loads(data), state == Record.State.MISSING) for pk, state, data in rows if state in SHOWN}


def joined_records() -> int:
    """How many shown records are shown by the entity of another record."""
    return Record.objects.filter(joined__isnull=False, state__in=SHOWN).count()


def record_ids() -> list[str]:
    """Ids of all records that are shown, source by source."""
    shown = Record.objects.filter(state__in=SHOWN).exclude(source=CURATION)
    return list(shown.order_by("source", "id").values_list("id", flat=True))


def entity_ids(ids: Collection[str]) -> dict[str, str]:
    """Record id → id of the entity that shows it, while it is shown."""
    return {pk: joined or pk for pk, joined in lookup(Record, ("id", "joined"), "id", ids)}


def members(entities: Collection[str]) -> dict[str, str]:
    """Record id → entity id, of all records of these entities, shown or not."""
    own = lookup(Record, ("id", "joined"), "id", entities)
    return {pk: pk for pk, joined in own if joined is None} | dict(lookup(Record, ("id", "joined"), "joined", entities))


def iter_records(*, kind: str | None = None) -> Iterator[dict[str, Any]]:
    """The crosswalk: ``{"source", "native_id", "kind", "entity", "title"}`` of every shown record, streaming, source by
    source, in the order they were first met; `title` is a Text."""
    rows = Record.objects.filter(state__in=SHOWN)
    if kind:
        rows = rows.filter(kind=kind)
    fields = ("number", "native_id", "kind", "id", "joined", "data")
    for source_id in Source.objects.exclude(pk=CURATION).order_by("id").values_list("id", flat=True):
        of_source = rows.filter(source=source_id).order_by("number").values_list(*fields)
        after = -1
        while batch := list(of_source.filter(number__gt=after)[:CHUNK]):
            after = batch[-1][0]
            for _, native_id, kind_, pk, joined, data in batch:
                title = orjson.loads(data)["title"]
                yield {"source": source_id, "native_id": native_id, "kind": kind_, "entity": joined or pk, "title": title}


def source_records(source_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(native id, JSON) of every shown record of a source, streaming."""
    rows = Record.objects.filter(source=source_id, state__in=SHOWN).order_by("number")
    after = -1
    while batch := list(rows.filter(number__gt=after).values_list("number", "native_id", "data")[:CHUNK]):
        after = batch[-1][0]
        yield from ((native_id, orjson.loads(data)) for _, native_id, data in batch if data)


def fix_list(source_id: str) -> Iterator[dict[str, Any]]:
    """What a registry's owner can mend, one line a record and check, streaming. Raises ``source-unknown``."""
    spec(source_id)
    for native_id, record in source_records(source_id):
        lacking = quality.failed(record)
        points = quality.score(record, lacking)
        for check in lacking:
            yield {
                "native_id": native_id,
                "title": pick(record["title"], "en")[1],
                "score": points,
                "check": check.id,
                "profile": check.profile,
                "level": check.level,
                "fix": check.fix,
            }


@lru_cache(maxsize=256)
def _own(file: Path, mtime_ns: int) -> SourceSpec | None:
    """A source file of the node, None when it cannot be used; read anew when it changes."""
    try:
        return from_yaml(file.read_text("utf-8"), file.name)
    except (CommonwealError, OSError, UnicodeDecodeError) as error:
        logger.warning("Source file %s is passed over: %s", file.name, error)
        return None


def _record(record_id: str) -> Record:
    row = Record.objects.filter(pk=record_id).first()
    if row is None:
        raise CommonwealError("record-unknown", f"There is no record {record_id}.", status=404)
    return row


def _shown(data: str) -> dict[str, Any]:
    """A record's JSON without its contact; empty for a rejected one."""
    said = orjson.loads(data) if data else {}
    return {name: value for name, value in said.items() if name != "contact"}


def _last_seen(row: Record) -> Any:
    """When a run last met the record: the newest run of its source that has its bit."""
    ended = Run.objects.filter(source=row.source_id).order_by("-pk").values_list("seen", "started")
    for seen, started in ended[:RUNS_SHOWN]:
        if row.number in Seen(bytes(seen)):
            return max(started, row.changed)
    return row.changed


def _source(spec: SourceSpec, row: Source | None, figures: Mapping[str, int], last: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "id": spec.id,
        "title": spec.title,
        "connector": spec.connector,
        "address": spec.address,
        "homepage": spec.homepage,
        "licence": spec.licence or None,
        "attribution": spec.attribution,
        "trust": spec.trust,
        "kinds": list(spec.kinds),
        "schedule": spec.schedule,
        "default": spec.default,
        "live": spec.live,
        "headline": spec.headline,
        "mapping": spec.version,
        "enabled": row.enabled if row else True,
        "release": row.release if row else "",
        "last_success": row.last_success if row else None,
        "error": row.error if row else "",
        "records": figures.get(Record.State.LIVE, 0),
        "missing": figures.get(Record.State.MISSING, 0),
        "rejected": figures.get(Record.State.REJECTED, 0),
        "last_run": last,
    }


def _runs(rows: QuerySet[Run], *, of_each: int) -> list[dict[str, Any]]:
    """The newest `of_each` runs of every source, in one query."""
    place = Window(RowNumber(), partition_by=F("source"), order_by=F("pk").desc())
    return [_run(run) for run in rows.alias(place=place).filter(place__lte=of_each)]


def _run(row: Run) -> dict[str, Any]:
    return {
        "id": row.pk,
        "source": row.source_id,
        "state": row.state,
        "actor": row.actor,
        "started": row.started,
        "finished": row.finished,
        "release": row.release,
        "mapping": row.mapping,
        "replay": row.replay or None,
        "counts": orjson.loads(row.counts),
        "errors": [{"kind": kind, **entry} for kind, entry in orjson.loads(row.errors).items()],
        "differences": orjson.loads(row.differences),
        "report": orjson.loads(row.report),
        "note": row.note,
    }
