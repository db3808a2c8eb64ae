"""The catalogue's part of the API: entities, records, sources, runs and the change feed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from ninja import Router, Schema
from pydantic import Field

from commonweal.base import feed
from commonweal.catalogue import queries
from commonweal.kernel.errors import CommonwealError

router = Router(tags=["catalogue"])

Text = dict[str, Any]

#: Changes given in one answer at most.
MOST_CHANGES = 1_000


class Origin(Schema):
    """A record behind an entity."""

    id: str
    source: str
    native_id: str
    modified: str | None
    missing: bool = Field(False, description="its source no longer lists it")


class Says(Schema):
    """Who says a value: source, record, and when that record was last changed at its source."""

    source: str
    record: str
    modified: str | None


class Value(Schema):
    """One value of a property, with all who say it."""

    value: Any
    sources: list[Says]
    chosen: bool


class EntityLink(Schema):
    """A link to another thing, as records give it; `entity` is where it leads, null when nothing here answers to it."""

    type: str
    target: str
    title: str | None
    sources: list[str]
    entity: str | None


class EntityBacklink(Schema):
    """Another entity's link to this one."""

    type: str
    entity: str
    title: Text
    sources: list[str]


class Ground(Schema):
    """A public-interest ground and the source that says so."""

    ground: str
    detail: str
    source: str


class EntityView(Schema):
    """One real thing: every value with who says so."""

    id: str
    kind: str
    records: list[Origin]
    sources: list[str]
    values: dict[str, list[Value]]
    chosen: dict[str, Any]
    links: list[EntityLink]
    linked_from: list[EntityBacklink]
    grounds: list[Ground]
    identifiers: list[str]


class RecordView(Schema):
    """What one source says about one thing."""

    id: str
    source: str
    native_id: str
    kind: str | None
    state: Literal["live", "rejected", "missing", "gone", "moved"]
    reason: str
    entity: str | None
    successor: str | None = Field(description="the record that took its place at the source")
    path: str
    digest: str
    first_seen: datetime
    last_seen: datetime
    changed: datetime
    record: dict[str, Any]


class RunError(Schema):
    """One kind of error of a run."""

    kind: str
    count: int
    examples: list[dict[str, Any]]


class RunView(Schema):
    """One reading of a source."""

    id: int
    source: str
    state: Literal["running", "done", "partial", "failed", "stopped"]
    started: datetime
    finished: datetime | None
    release: str
    mapping: str
    counts: dict[str, int]
    errors: list[RunError]
    note: str


class SourceView(Schema):
    """A registry this node reads, and what it holds of it."""

    id: str
    title: str
    connector: str
    homepage: str
    licence: str | None
    attribution: str
    trust: int
    kinds: list[str]
    schedule: str | None
    default: bool
    live: bool
    headline: bool
    mapping: str
    enabled: bool
    release: str
    last_success: datetime | None
    error: str
    records: int
    missing: int
    rejected: int
    last_run: RunView | None


class RejectedRecord(Schema):
    """A record that could not be read."""

    id: str
    native_id: str
    path: str
    reason: str
    changed: datetime


class Change(Schema):
    """One entry of the change feed."""

    seq: int
    at: str
    topic: str
    id: str
    op: str
    data: dict[str, Any]


class Changes(Schema):
    """A stretch of the change feed; ask again with `after=next`."""

    changes: list[Change]
    next: int
    head: int


@router.get("/entity/{entity_id}", response=EntityView, summary="An entity")
def entity(request: HttpRequest, entity_id: str) -> HttpResponse:
    """Every value with who says so. The id of a merged entity, or of a record, redirects to the entity it belongs to."""
    found = queries.entity(entity_id)
    if found is None:
        raise CommonwealError("entity-unknown", f"There is no entity {entity_id}.", status=404)
    view, canonical = found
    if canonical != entity_id:
        return HttpResponsePermanentRedirect(f"/api/v1/entity/{canonical}")
    targets = queries.resolve_targets(link["target"] for link in view["links"])
    view["links"] = [{**link, "entity": targets.get(link["target"])} for link in view["links"]]
    view["linked_from"] = [
        {"type": link.type, "entity": link.entity, "title": link.card["title"], "sources": link.sources}
        for link in queries.links_to(view)
    ]
    return HttpResponse(orjson.dumps(view), content_type="application/json")


@router.get("/record/{record_id}", response=RecordView, summary="A record")
def record(request: HttpRequest, record_id: str) -> dict[str, Any]:
    """What one source says, as this node read it. Contacts are left out."""
    return queries.record(record_id)


@router.get("/sources", response=list[SourceView], summary="All sources")
def sources(request: HttpRequest) -> list[dict[str, Any]]:
    """The registries this node reads: what each is, how fresh, how much it says."""
    return queries.sources()


@router.get("/sources/{source_id}", response=SourceView, summary="A source")
def source(request: HttpRequest, source_id: str) -> dict[str, Any]:
    """One source and its last run."""
    return queries.source(source_id)


@router.get("/sources/{source_id}/rejected", response=list[RejectedRecord], summary="What could not be read of a source")
def rejected(request: HttpRequest, source_id: str, after: str = "", limit: Annotated[int, Field(ge=1, le=1000)] = 100) -> Any:
    """Records set aside, by id, each with the reason; go on with `after` = the last id."""
    queries.spec(source_id)
    return queries.rejected(source_id, after=after, limit=limit)


@router.get("/runs", response=list[RunView], summary="Last runs")
def runs(
    request: HttpRequest, source: str | None = None, limit: Annotated[int, Field(ge=1, le=200)] = 20
) -> list[dict[str, Any]]:
    """The last readings, of one source or of all, newest first."""
    return queries.runs(source, limit=limit)


@router.get("/changes", response=Changes, summary="What changed")
def changes(
    request: HttpRequest,
    after: Annotated[int, Field(ge=0, description="number of the last change you have")] = 0,
    topic: Annotated[str, Field(description="record, entity, source, with commas between; all when none is named")] = "",
    limit: Annotated[int, Field(ge=1, le=MOST_CHANGES)] = MOST_CHANGES,
) -> dict[str, Any]:
    """The change feed, in the order things became true. Every change has a number; none is ever skipped."""
    end = feed.head()
    found = feed.read(after, topics=[name for name in topic.split(",") if name], limit=limit)
    last = found[-1].seq if found else after
    return {
        "changes": [change._asdict() for change in found],
        "next": last if len(found) == limit else max(last, end),
        "head": end,
    }
