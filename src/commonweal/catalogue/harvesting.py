"""One run over one source: begun or resumed, fed page by page, ended.

Reading, cleaning, hashing and mapping happen outside any transaction. A short transaction then writes at most BATCH
records with their versions, aliases, links and feed changes; the last one of a page also writes the run's cursor, so
that a killed run goes on after the last page that was saved. An unchanged item is not written at all: it is a bit in
the run's `seen`.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import orjson
from django.db import IntegrityError, transaction
from django.utils import timezone

from commonweal.base import feed, raw
from commonweal.base.events import record_event
from commonweal.base.feed import Change
from commonweal.base.leases import Heartbeat, lease_end, new_holder
from commonweal.base.rows import lookup
from commonweal.catalogue import planning, queries
from commonweal.catalogue.core import quality
from commonweal.catalogue.core.differences import Differences
from commonweal.catalogue.core.mapping import compile_mapping
from commonweal.catalogue.core.record import record_id
from commonweal.catalogue.core.rejection import Rejected
from commonweal.catalogue.core.report import report
from commonweal.catalogue.core.seen import Seen
from commonweal.catalogue.core.source import Item, ItemError, Page, SourceSpec
from commonweal.catalogue.models import Record, Run, Source
from commonweal.catalogue.storing import MAX_KEY, Outcome, store
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.text import clean, clean_tree, surely_clean

#: Dates, as YAML makes them, are no JSON: they are cleaned into text first.
_AS_JSON: Final = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME

#: Records a transaction writes at most: far below 250 ms, so that a second process is never kept waiting.
BATCH: Final = 250

#: Errors kept as examples of each kind, and kinds told apart, in one run.
EXAMPLES: Final = 20
KINDS_OF_ERROR: Final = 50

LISTED: Final = (Record.State.LIVE, Record.State.REJECTED)

logger = logging.getLogger(__name__)


class Harvest:
    """One run. `state` is what the connector is to be handed; what it brings goes to :meth:`take`."""

    def __init__(self, spec: SourceSpec, source: Source, run: Run, state: dict[str, Any], *, force: bool) -> None:
        self.spec = spec
        self.run = run
        self.state = state
        self.counts: Counter[str] = Counter(orjson.loads(run.counts))
        self._source = source
        self._force = force
        self._map = compile_mapping(spec)
        self._seen = Seen(bytes(run.seen))
        self._errors: dict[str, dict[str, Any]] = orjson.loads(run.errors)
        self._differences = Differences(orjson.loads(run.differences))
        self._page = Page()
        self._heartbeat = Heartbeat(lambda: bool(self._mine().update(lease_until=lease_end())))
        self._heartbeat.__enter__()

    @classmethod
    def begin(cls, spec: SourceSpec, *, actor: str, replay: str = "", force: bool = False) -> Harvest:
        """Start a run, or go on with the one a killed process left.

        Raises:
            CommonwealError: ``source-busy`` when another process is harvesting this source.
        """
        source, _ = Source.objects.get_or_create(pk=spec.id)
        left = Run.objects.filter(source=source, state=Run.State.RUNNING).first()
        if left:
            _take_over(left)
            if not force and left.cursor != "null" and (left.mapping, left.replay) == (spec.version, replay):
                return cls(spec, source, left, orjson.loads(left.cursor), force=False)
            left.state, left.finished, left.note = Run.State.STOPPED, timezone.now(), "It was interrupted."
            left.save()
        try:
            run = Run.objects.create(
                source=source,
                actor=actor,
                started=timezone.now(),
                mapping=spec.version,
                replay=replay,
                holder=new_holder(),
                lease_until=lease_end(),
            )
        except IntegrityError:
            raise _busy(spec.id) from None
        state = {} if force or replay else orjson.loads(source.cursor) or {}
        return cls(spec, source, run, state, force=force)

    def remap(self) -> None:
        """Map the stored payloads anew where the mapping has changed since; nothing is fetched."""
        if self._source.mapping in ("", self.spec.version):
            return
        stale = Record.objects.filter(source=self._source).exclude(mapping=self.spec.version).exclude(stream="")
        after = ""
        while batch := list(stale.filter(id__gt=after).order_by("id")[:BATCH]):
            after = batch[-1].pk
            outcomes = []
            for row in batch:
                payload = orjson.loads(raw.read_packed(row.raw))
                outcome = self._outcome(Item(row.stream, row.native_id, payload, row.path), row.pk, row.digest)
                outcome.raw, outcome.missing = row.raw, row.state == Record.State.MISSING
                outcomes.append(outcome)
            self.counts["remapped"] += len(outcomes)
            self._save(outcomes, {outcome.id for outcome in outcomes})
        Source.objects.filter(pk=self.spec.id).update(mapping=self.spec.version)

    def take(self, page: Page) -> None:
        """Take in one page: what is new or changed is mapped and written."""
        if page.version:
            self.run.release = page.version[:200]
        fresh = self._compare(list(self._hashed(page)))
        with raw.PackWriter() as pack:
            refs = [pack.add(payload) for _, _, _, payload, _ in fresh]
        outcomes = []
        for (item, key, digest, payload, stored), ref in zip(fresh, refs, strict=True):
            if isinstance(item, ItemError):
                outcome = Outcome(key, item.native_id or "", digest, path=clean(item.path), reason=clean(item.problem))
            else:
                outcome = self._outcome(item, key, digest, payload)
            outcome.raw = ref
            outcomes.append(outcome)
            if outcome.data:
                self.counts["changed" if stored else "added"] += 1
            else:
                self.counts["rejected"] += 1
                self._note(outcome.reason, outcome.native_id, outcome.path)
        self._page = page
        last = max(0, (len(outcomes) - 1) // BATCH * BATCH)
        known = {key for _, key, _, _, stored in fresh if stored}
        for start in range(0, last, BATCH):
            self._save(outcomes[start : start + BATCH], known)
        self._save(outcomes[last:], known, page_end=True)

    def finish(self) -> Run:
        """End a run whose listing was read to its end; what a complete one lacks is marked missing, within reason."""
        listed = Record.objects.filter(source=self._source, state__in=LISTED)
        if self._page.unchanged:
            self.counts["seen"] = self.counts["unchanged"] = listed.count()
            return self._end(Run.State.DONE)
        gone = self._gone() if self._page.gone else []
        if not self.counts["seen"] and not gone:
            return self._end(Run.State.PARTIAL, "The source listed nothing. Nothing was changed here.")
        if gone and not self._page.complete:
            return self._plan(gone, "deleted by the source")
        if self._page.complete and listed.count() != len(self._seen):
            if self.counts["nameless"]:
                note = "Absent records were left as they are: entries without a readable id may be among them."
                return self._end(Run.State.DONE, note)
            numbers = listed.values_list("number", flat=True).iterator(chunk_size=10_000)
            return self._plan(self._seen.absent(numbers), "absent from the listing")
        return self._end(Run.State.DONE)

    def _gone(self) -> list[int]:
        """Numbers of the listed records that the source says it deleted, and did not list again in the same run."""
        keys = [record_id(self.spec.id, native_id) for native_id in self._page.gone]
        rows = lookup(Record, ("number", "state"), "id", keys)
        return [number for number, state in rows if state in LISTED and number not in self._seen]

    def _plan(self, numbers: list[int], how: str) -> Run:
        """End a run that says records are no more: few are marked missing, many wait for a person."""
        plan = planning.draft(self.spec, self.run, numbers, self.counts)
        if plan.open:
            note = f"{len(plan.vanished):,} of {plan.tally.live:,} records are {how}. A plan waits for a decision."
            return self._end(Run.State.PARTIAL, note, plan=plan)
        note = "Records are absent whose removal was refused. They stay as they are." if plan.refused else ""
        return self._end(Run.State.DONE, note, plan=plan)

    def fail(self, error: CommonwealError) -> Run:
        """End a run that its source broke off; what was saved stays."""
        got_somewhere = self.counts["seen"] or self.counts["remapped"]
        return self._end(Run.State.PARTIAL if got_somewhere else Run.State.FAILED, str(error))

    def release(self) -> None:
        """Let go of a run that is not ended, to be resumed later."""
        self._heartbeat.__exit__(None, None, None)
        self._mine().update(lease_until=None)

    def _hashed(self, page: Page) -> Iterator[tuple[Item | ItemError, str, str, bytes]]:
        """Item, record id, digest and bytes of the payload as it came. What has no usable id is noted and left out."""
        for item in page.items:
            if (native_id := _usable(item.native_id)) is None:
                self.counts["nameless"] += 1
                self._note("the native id is empty or too long", item.native_id[:MAX_KEY], item.path)
                continue
            item.native_id = native_id
            try:
                payload = orjson.dumps(item.payload, option=_AS_JSON)
            except TypeError:  # a lone surrogate, an integer beyond 64 bits, a key that is no text
                item.payload, _ = clean_tree(item.payload)
                payload = orjson.dumps(item.payload, option=_AS_JSON)
            yield item, record_id(self.spec.id, native_id), hashlib.sha256(payload).hexdigest(), payload
        for error in page.errors:
            if (native_id := _usable(error.native_id)) is None:
                self.counts["nameless"] += 1
                self._note(clean(error.problem), None, error.path)
                continue
            error.native_id = native_id
            digest = hashlib.sha256(error.problem.encode("utf-8", "replace") + b"\0" + error.raw).hexdigest()
            yield error, record_id(self.spec.id, native_id), digest, error.raw

    def _compare(
        self, hashed: list[tuple[Item | ItemError, str, str, bytes]]
    ) -> list[tuple[Item | ItemError, str, str, bytes, bool]]:
        """Those that are new or changed, and whether they are stored already; the others are counted."""
        rows = lookup(Record, ("id", "digest", "mapping", "number", "state"), "id", [key for _, key, _, _ in hashed])
        known = {row[0]: row for row in rows}
        fresh = []
        met: set[str] = set()
        for item, key, digest, payload in hashed:
            stored = known.get(key)
            self.counts["seen"] += 1
            if key in met or (stored and not self._seen.add(stored[3])):
                self.counts["duplicate"] += 1
                self._note("the same native id came twice in one run", item.native_id, item.path)
                continue
            met.add(key)
            if stored and stored[1:3] == (digest, self.spec.version) and stored[4] in LISTED and not self._force:
                self.counts["unchanged"] += 1
                self.counts["rejected"] += stored[4] == Record.State.REJECTED
            else:
                fresh.append((item, key, digest, payload, stored is not None))
        return fresh

    def _outcome(self, item: Item, key: str, digest: str, payload: bytes = b"") -> Outcome:
        """Clean and map one item; `payload` is it as JSON, where that is at hand."""
        outcome = Outcome(key, item.native_id, digest, item.stream, clean(item.path))
        try:
            problems: list[dict[str, str]] = []
            if not payload or not surely_clean(payload):
                item.payload, problems = clean_tree(item.payload)
            record = self._map(item)
            record.problems = problems + record.problems
            outcome.data = record.to_json()
        except (Rejected, CommonwealError) as rejection:
            outcome.reason = clean(str(rejection))
        except Exception as error:  # what the mapping's writer did not think of costs one record, not the run
            logger.exception("The mapping of %s failed on %s.", self.spec.id, item.native_id)
            outcome.reason = f"the mapping could not take it in ({type(error).__name__})"
        return outcome

    def _save(self, outcomes: list[Outcome], stored: Collection[str], *, page_end: bool = False) -> None:
        """One short transaction: the outcomes, those of them that are `stored` already, the run, the feed."""
        former = Record.objects.in_bulk([outcome.id for outcome in outcomes if outcome.id in stored]) if stored else {}
        self._differ(outcomes, former)
        first = self._source.numbered
        added = len(outcomes) - len(former)
        for number in range(first, first + added):
            self._seen.add(number)
        now = timezone.now()
        with transaction.atomic():
            changes = store(self.spec.id, self.spec.version, self.run.pk, outcomes, former, first, now)
            if added:
                Source.objects.filter(pk=self.spec.id).update(numbered=first + added)
            self._save_run(page_end=page_end)
            feed.append(changes)
        self._source.numbered = first + added

    def _differ(self, outcomes: list[Outcome], former: Mapping[str, Record]) -> None:
        """Note which values of stored records change, and which records changed nothing but their bytes."""
        for outcome in outcomes:
            before = former.get(outcome.id)
            if before is None or not (before.data and outcome.data):
                continue
            differ = self._differences.add(outcome.id, outcome.native_id, orjson.loads(before.data), outcome.data)
            self.counts["same_values"] += not differ and before.digest != outcome.digest

    def _save_run(self, *, page_end: bool) -> None:
        """Write how far the run is. Only the end of a page is a place to resume from."""
        progress: dict[str, Any] = {"lease_until": lease_end()}
        if page_end:
            resumes = self._page.cursor is not None
            progress |= {
                "cursor": orjson.dumps(self._page.cursor).decode(),
                "seen": self._seen.packed() if resumes else b"",
                "counts": orjson.dumps(self.counts).decode() if resumes else "{}",
                "errors": orjson.dumps(self._errors).decode() if resumes else "{}",
                "differences": orjson.dumps(self._differences.to_json()).decode() if resumes else "{}",
                "release": self.run.release,
            }
        if not self._mine().update(**progress):
            raise CommonwealError("source-busy", f"Another process took over the harvest of {self.spec.id}.", status=409)

    def _end(self, state: str, note: str = "", plan: planning.Draft | None = None) -> Run:
        self._heartbeat.__exit__(None, None, None)
        run, now = self.run, timezone.now()
        run.state, run.note, run.finished, run.holder, run.lease_until = state, note, now, "", None
        run.cursor = orjson.dumps(self._page.cursor).decode()
        run.seen = self._seen.packed()
        if plan:
            self.counts["missing" if plan.allowed else "absent"] = len(plan.vanished)
        run.differences = orjson.dumps(self._differences.to_json()).decode()
        run.report = self._report()
        run.counts = orjson.dumps(self.counts).decode()
        run.errors = orjson.dumps(self._errors).decode()
        of_source: dict[str, Any] = {"error": note if state in (Run.State.PARTIAL, Run.State.FAILED) else ""}
        if not self._source.mapping:
            of_source |= {"mapping": self.spec.version}
        if state == Run.State.DONE:
            of_source |= {"last_success": now, "release": run.release}
        # A listing that was read to its end is known, even when what it lacks waits for a decision.
        if (state == Run.State.DONE or plan) and not run.replay and not self._page.unchanged:
            of_source |= {"cursor": run.cursor}
        with transaction.atomic():
            changes = planning.settle(self.spec.id, run, plan, now)[1] if plan else []
            if self._page.complete and not plan:
                planning.supersede(self.spec.id)
            run.save()
            Source.objects.filter(pk=self.spec.id).update(**of_source)
            record_event(run.actor, "source.harvested", f"source:{self.spec.id}", {"run": run.pk, "state": str(state)})
            feed.append([*changes, Change("source", self.spec.id, "changed")])
        return run

    def _report(self) -> str:
        """The source as this run leaves it; that of the run before where nothing changed since."""
        if not any(self.counts[name] for name in ("added", "changed", "remapped", "rejected", "missing")):
            former = Run.objects.filter(source=self._source, pk__lt=self.run.pk).exclude(report="{}").order_by("-pk")
            if (text := former.values_list("report", flat=True).first()) and orjson.loads(text)["quality"] == quality.version():
                return str(text)
        return orjson.dumps(report(queries.source_records(self.spec.id))).decode()

    def _mine(self) -> Any:
        return Run.objects.filter(pk=self.run.pk, holder=self.run.holder, state=Run.State.RUNNING)

    def _note(self, problem: str, native_id: str | None, path: str) -> None:
        """Count an error by its kind and keep the first as examples."""
        kind = problem if problem in self._errors or len(self._errors) < KINDS_OF_ERROR else "other"
        entry = self._errors.setdefault(kind, {"count": 0, "examples": []})
        entry["count"] += 1
        if len(entry["examples"]) < EXAMPLES:
            entry["examples"].append({"native_id": native_id, "path": clean(path), "problem": problem})


def _usable(native_id: object) -> str | None:
    """A native id as it is kept, None when it can be none."""
    cleaned = clean(native_id).strip() if isinstance(native_id, str) else ""
    return cleaned if 0 < len(cleaned) <= MAX_KEY else None


def _take_over(run: Run) -> None:
    """Make a run that nobody works on this process's own."""
    host, _, rest = run.holder.rpartition(":")[0].rpartition(":")
    dead = host == socket.gethostname()[:60] and rest.isdigit() and not _alive(int(rest))
    if run.lease_until and run.lease_until > timezone.now() and not dead:
        raise _busy(run.source_id)
    holder = new_holder()
    if not Run.objects.filter(pk=run.pk, holder=run.holder).update(holder=holder, lease_until=lease_end()):
        raise _busy(run.source_id)
    run.holder = holder


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _busy(source: str) -> CommonwealError:
    return CommonwealError(
        "source-busy", f"{source} is being harvested by another process.", "Try again when it is done.", status=409
    )
