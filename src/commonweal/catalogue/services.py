"""Writes of the catalogue: harvests, sources, entity views."""

from __future__ import annotations

import logging
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

import orjson
from django.db import connection, transaction
from django.utils import timezone

from commonweal.base import feed
from commonweal.base.events import record_event
from commonweal.base.feed import Change
from commonweal.base.home import home
from commonweal.base.rows import lookup, stamp, write
from commonweal.catalogue import curation, planning, queries
from commonweal.catalogue.core.curation import corrected
from commonweal.catalogue.core.entity import StoredRecord, build_view, title_sort
from commonweal.catalogue.core.mapping import compile_mapping
from commonweal.catalogue.core.source import Page, Reach, SourceSpec, from_yaml, load_builtin
from commonweal.catalogue.harvesting import Harvest
from commonweal.catalogue.models import Entity, Retired, Run, Source
from commonweal.catalogue.sources import connector_of
from commonweal.kernel.errors import CommonwealError

logger = logging.getLogger(__name__)

#: progress(message, done, total or None)
Progress = Callable[[str, int, int | None], None]

#: Pages a downloading thread may be ahead of the writer: memory stays flat however slow the disk.
PAGES_AHEAD: Final = 4

_ENTITY: Final = (
    "id", "kind", "title_sort", "issued_sort", "modified_sort", "records", "digest", "view", "updated"
)  # fmt: skip


def harvest(
    source_id: str, *, actor: str, progress: Progress | None = None, replay: str | None = None, force: bool = False
) -> Run:
    """Read one source and take in what is new. The run says how it ended; a source that fails does not raise.

    Args:
        actor: who asked, as the event log names them.
        replay: a local file or folder, or a URL, read in place of the source's address.
        force: read everything and map it anew, whatever was there before.

    Raises:
        CommonwealError: ``source-unknown``; ``source-busy`` when another process is at it.
    """
    run = Harvest.begin(queries.spec(source_id), actor=actor, replay=replay or "", force=force)
    reach = _reach(progress, replay)
    try:
        run.remap()
        for page in connector_of(run.spec).pages(run.spec, run.state, reach):
            run.take(page)
            reach.progress(f"{source_id}: records", run.counts["seen"], None)
        return run.finish()
    except CommonwealError as error:
        return run.fail(error)
    except BaseException:
        run.release()
        raise


def harvest_several(source_ids: Iterable[str], *, actor: str, progress: Progress | None = None, force: bool = False) -> list[Run]:
    """Read several sources: each is fetched and parsed in a thread of its own, all are written by this one."""
    inbox: queue.Queue[tuple[Harvest, Any]] = queue.Queue()
    going: dict[Harvest, _Reader] = {}
    runs: list[Run] = []
    try:
        for source_id in source_ids:
            run = Harvest.begin(queries.spec(source_id), actor=actor, force=force)
            going[run] = _Reader(run, inbox)
            run.remap()
        for reader in going.values():
            reader.start()
        while going:
            run, message = inbox.get()
            if run not in going:
                continue  # it failed while its reader was still at work
            try:
                if isinstance(message, tuple):
                    if progress:
                        progress(*message)
                    continue
                if isinstance(message, Page):
                    run.take(message)
                    going[run].room.release()
                    if progress:
                        progress(f"{run.spec.id}: records", run.counts["seen"], None)
                    continue
                if isinstance(message, CommonwealError):
                    raise message
                if isinstance(message, BaseException):
                    raise _unexpected(run.spec.id, message)
                runs.append(run.finish())
            except CommonwealError as error:
                runs.append(run.fail(error))
            going.pop(run).stop.set()
    except BaseException:
        for run, reader in going.items():
            reader.stop.set()
            run.release()
        raise
    return runs


def harvest_defaults(progress: Progress | None = None, *, actor: str = "command:up") -> list[Run]:
    """Read the sources a new node starts with."""
    wanted = [spec.id for spec in queries.specs().values() if spec.default and queries.is_enabled(spec.id)]
    return harvest_several(wanted, actor=actor, progress=progress)


apply_plan = planning.apply
refuse_plan = planning.refuse


def set_enabled(source_id: str, enabled: bool, *, actor: str) -> None:
    """Switch a source on or off: an idle one keeps its records and is harvested only when asked by name."""
    queries.spec(source_id)
    with transaction.atomic():
        Source.objects.update_or_create(pk=source_id, defaults={"enabled": enabled})
        record_event(actor, "source.enabled" if enabled else "source.disabled", f"source:{source_id}")
        feed.append([Change("source", source_id, "changed")])


def add_source(text: str, *, actor: str, where: str = "source") -> SourceSpec:
    """Check a source's YAML and keep it in the home.

    Raises:
        CommonwealError: ``source-invalid``, ``mapping-invalid``; ``source-exists`` when a source that comes with the
            program has its id.
    """
    spec = from_yaml(text, where)
    compile_mapping(spec)
    if spec.id in load_builtin():
        raise CommonwealError("source-exists", f"A source named {spec.id} comes with the program.", "Choose another id.")
    folder = queries.own_sources()
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{spec.id}.draft"
    draft.write_text(text, encoding="utf-8")
    draft.replace(folder / f"{spec.id}.yaml")
    with transaction.atomic():
        Source.objects.get_or_create(pk=spec.id)
        record_event(actor, "source.added", f"source:{spec.id}", {"mapping": spec.version})
        feed.append([Change("source", spec.id, "changed")])
    return spec


def write_views(
    assignments: Mapping[str, str | None],
    *,
    known: Mapping[str, StoredRecord] | None = None,
    beside: Callable[[], None] | None = None,
    links: Callable[[Collection[str]], Mapping[str, Sequence[Mapping[str, Any]]]] | None = None,
) -> None:
    """Take in which records are one thing, and bring the views of the entities this touches up to date.

    Views are computed before the transaction; an entity whose view is the same as before is not written, and nobody
    is told. An entity that lost its last record is deleted; its id goes on to lead to where its record went.

    Args:
        assignments: record id → entity id, or None for a record that is no longer shown. Records that changed must be
            among them, even when their entity did not.
        known: those of the assigned records that the caller has read just now (``queries.stored_records``).
        beside: called inside the transaction, for the caller's own rows.
        links: record ids → the links that people of this node gave them, for the views.
    """
    before = queries.entity_ids(assignments)
    touched = {entity for entity in (*before.values(), *assignments.values()) if entity}
    moved = [(_joined(pk, assignments[pk]), pk) for pk, entity in before.items() if entity != (assignments[pk] or pk)]
    members = _members(assignments, touched, known or {})
    stored = dict(lookup(Entity, ("id", "digest"), "id", touched))
    judged = links([record.id for records in members.values() for record in records]) if links else {}
    successors = _successors(assignments, before, members)
    corrections = curation.corrections([record.id for records in members.values() for record in records])
    rows, changes = _view_rows(members, stored, judged, successors, corrections)
    gone = sorted(stored.keys() - members.keys())
    for entity in gone:
        target = assignments.get(entity)  # an entity bears the id of one of its records
        split = {"successors": successors[entity]} if entity in successors else {}
        changes.append(
            Change("entity", entity, "merged", {"into": target, **split}) if target else Change("entity", entity, "removed")
        )
    with transaction.atomic():
        if beside:
            beside()
        if moved:
            with connection.cursor() as cursor:
                cursor.executemany("UPDATE catalogue_record SET joined = %s WHERE id = %s", moved)
        write(Entity, _ENTITY, rows, update=_ENTITY[1:])
        _retire(gone, [change.id for change in changes if change.op == "added"])
        feed.append(changes)


def _retire(gone: Sequence[str], returned: Sequence[str]) -> None:
    """Let entities go, noting what they were and when, for those who harvest this node; forget it of those that return."""
    if gone:
        now = timezone.now()
        views = Entity.objects.filter(pk__in=gone).values_list("kind", "view")
        for pk, (kind, view) in zip(gone, views.order_by("pk"), strict=True):
            title = orjson.dumps(orjson.loads(view)["chosen"]["title"]).decode()
            Retired.objects.update_or_create(pk=pk, defaults={"kind": kind, "title": title, "at": now})
        Entity.objects.filter(pk__in=gone).delete()
    if returned and Retired.objects.exists():
        Retired.objects.filter(pk__in=returned).delete()


def correct(name: str, property: str, value: Any, *, actor: str, reason: str) -> dict[str, Any]:
    """Say something in place of a source: it is chosen from now on, whatever the source says later, and shown beside that.

    Args:
        name: id of an entity or of one of its records; the correction belongs to the record that bears the id.
        property: of the record's kind, extras included.
        value: as a source could write it; None withdraws the correction.
        actor: who says so, as the event log names them.
        reason: why, in a sentence.

    Returns:
        All corrections of the record (``Record.to_json``), empty when none is left.

    Raises:
        CommonwealError: ``record-unknown``, ``property-unknown``, ``value-unreadable``, ``reason-missing``.
    """
    if not reason.strip():
        raise CommonwealError("reason-missing", "A correction needs a reason.", "Say why, in a sentence.", status=422)
    record = queries.standing(name)
    with transaction.atomic():
        former = curation.corrections([record]).get(record)
        kind = queries.stored_records([record])[record].data["kind"]
        said = corrected(dict(former.data) if former else {}, record, kind, property, value)
        why = {"property": property, "value": value, "actor": actor, "reason": reason.strip()}
        curation.save(record, said, why)
        record_event(actor, "record.corrected", f"record:{record}", {"property": property, "reason": reason.strip()})
        feed.append([Change("record", record, "changed")])
    write_views({record: queries.entity_ids([record])[record]})
    return said


def _successors(
    assignments: Mapping[str, str | None], before: Mapping[str, str], members: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Entity that fell apart → the entities that have its records now, itself among them where it still has some."""
    found: dict[str, set[str]] = defaultdict(set)
    for pk, entity in before.items():
        found[entity].update(new for new in (assignments[pk], entity) if new is not None and new in members)
    return {entity: sorted(parts) for entity, parts in found.items() if len(parts) > 1}


def _members(
    assignments: Mapping[str, str | None], entities: set[str], known: Mapping[str, StoredRecord]
) -> dict[str, list[StoredRecord]]:
    """Entity id → its records as they will be."""
    found: dict[str, list[StoredRecord]] = defaultdict(list)
    assigned = dict(known)
    assigned.update(queries.stored_records(assignments.keys() - assigned.keys()))
    for pk, entity in assignments.items():
        if entity and pk in assigned:
            found[entity].append(assigned[pk])
    others = {pk: entity for pk, entity in queries.members(entities).items() if pk not in assignments}
    for pk, record in queries.stored_records(others).items():
        found[others[pk]].append(record)
    return found


def _joined(record: str, entity: str | None) -> str | None:
    return None if entity == record else entity


def _view_rows(
    members: Mapping[str, list[StoredRecord]],
    stored: Mapping[str, str],
    links: Mapping[str, Sequence[Mapping[str, Any]]],
    successors: Mapping[str, list[str]],
    corrections: Mapping[str, StoredRecord],
) -> tuple[list[tuple[Any, ...]], list[Change]]:
    """Rows of the entities whose view is new, and what to tell the feed."""
    trust = queries.trust()
    now = stamp(timezone.now())
    rows, changes = [], []
    for entity, records in members.items():
        own = [corrections[record.id] for record in records if record.id in corrections]
        view = build_view(records, trust, links, own)
        view["id"] = entity  # its own record may be withdrawn by a change that resolve has not come to yet
        text = orjson.dumps(view, option=orjson.OPT_SORT_KEYS)
        fingerprint = sha256(text).hexdigest()
        if stored.get(entity) == fingerprint:
            continue
        chosen = view["chosen"]
        rows.append(
            (entity, view["kind"], title_sort(chosen["title"]), chosen.get("issued") or "", chosen.get("modified") or "",
             len(records), fingerprint, text.decode(), now)
        )  # fmt: skip
        split = {"successors": successors[entity]} if entity in successors else {}
        changes.append(Change("entity", entity, "changed" if entity in stored else "added", split))
    return rows, changes


class _Reader(threading.Thread):
    """Fetches and parses one source's pages; never touches the database."""

    def __init__(self, run: Harvest, inbox: queue.Queue[tuple[Harvest, Any]]) -> None:
        super().__init__(name=f"read-{run.spec.id}", daemon=True)
        self._run, self._inbox = run, inbox
        self.room = threading.Semaphore(PAGES_AHEAD)
        self.stop = threading.Event()

    def run(self) -> None:
        harvest, inbox = self._run, self._inbox
        reach = _reach(lambda *step: inbox.put((harvest, step)))
        try:
            for page in connector_of(harvest.spec).pages(harvest.spec, harvest.state, reach):
                while not self.room.acquire(timeout=1.0):
                    if self.stop.is_set():
                        return
                inbox.put((harvest, page))
        except BaseException as error:  # handed to the writer, who ends the run
            inbox.put((harvest, error))
        else:
            inbox.put((harvest, None))


def _reach(progress: Progress | None = None, replay: str | None = None) -> Reach:
    from commonweal.base.outbound import Outbound  # with it comes httpx, a third of a second that only downloads should cost

    work = home().root / "downloads"
    work.mkdir(parents=True, exist_ok=True)
    reach = Reach(work=work, http=Outbound(), replay=replay)
    if progress:
        reach.progress = progress
    return reach


def _unexpected(source_id: str, error: BaseException) -> CommonwealError:
    logger.error("Reading %s failed.", source_id, exc_info=error)
    return CommonwealError(
        "source-failed", f"Reading {source_id} failed unexpectedly: {type(error).__name__}: {error}", status=500
    )
