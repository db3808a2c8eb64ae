"""The resolver's part of the API: questions, reasons, judgements, and whether a draft overlaps what is there."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.security import django_auth
from pydantic import Field

from commonweal.resolve import overlap, queries, services
from commonweal.resolve.core.judgements import Judgement

router = Router(tags=["resolve"])


class QuestionView(Schema):
    """A pair that waits for a person; `suggested` reads from left to right."""

    left: str
    right: str
    weight: float = Field(description="match weight in bits, prior included")
    suggested: str
    value: float


class StepView(Schema):
    """One comparison: what was found, and what it is worth in bits."""

    comparison: str
    level: int
    bits: float
    words: str


class JudgementView(Schema):
    """A line of the log."""

    judgement: str = Field(description="its name: SHA-256 of the line")
    left: str
    right: str
    verdict: str
    actor: str
    at: str
    reason: str
    weights: dict[str, float]
    retracts: str
    model: str


class ExplanationView(Schema):
    """Why two records are, or are not, one thing: `prior` and the bits of the steps add up to `weight`."""

    left: str
    right: str
    weight: float | None
    prior: float
    steps: list[StepView]
    rule: str
    model: str
    said: list[JudgementView]


class JudgementIn(Schema):
    """What one says of two records, read from left to right."""

    left: str
    right: str
    verdict: Literal["same", "not_same", "part_of", "derived_from", "version_of", "unsure"]
    reason: str = Field("", max_length=services.MAX_REASON)


class UndoIn(Schema):
    """Which judgement to take back."""

    judgement: str
    reason: str = Field("", max_length=services.MAX_REASON)


class DraftIn(Schema):
    """An idea nobody else may see: it is compared and forgotten."""

    title: str = Field("", max_length=10_000)
    description: str = Field("", max_length=overlap.MAX_CHARACTERS)
    languages: list[str] = Field([], max_length=100)
    countries: list[str] = Field([], max_length=300)
    publisher: str = Field("", max_length=1_000)
    kind: str | None = None
    limit: int = Field(5, ge=1, le=overlap.LIMIT)


class OverlapView(Schema):
    """An entity near the draft, what both share, and what only one of them has."""

    entity: str
    card: dict[str, Any]
    likeness: float
    name: float
    words: list[str]
    shared: dict[str, list[str]]
    only_there: dict[str, list[str]]
    only_here: dict[str, list[str]]
    funder: str | None
    amount: dict[str, Any] | None


@router.get("/resolve/queue", response=list[QuestionView], summary="What waits for a person")
def queue(
    request: HttpRequest, limit: Annotated[int, Query(ge=1, le=1000)] = 20, kind: str | None = None, source: str | None = None
) -> list[dict[str, Any]]:
    """Pairs of records that may be one thing, the most valuable question first."""
    return [question._asdict() for question in queries.queue(limit, kind=kind, source=source)]


@router.get("/resolve/explain/{one}/{other}", response=ExplanationView, summary="Why two records are one thing, or not")
def explain(request: HttpRequest, one: str, other: str) -> dict[str, Any]:
    """The weights in words, and what people said."""
    return _explained(queries.explain(one, other))


@router.get("/resolve/explain/{entity}", response=list[ExplanationView], summary="Why an entity's records are one thing")
def explain_entity(request: HttpRequest, entity: str) -> list[dict[str, Any]]:
    """Every reason that joins them, and every judgement between them."""
    return [_explained(each) for each in queries.explain_entity(entity)]


@router.post("/resolve/judge", response=JudgementView, auth=django_auth, summary="Say what two records are to each other")
def judge(request: HttpRequest, said: JudgementIn) -> dict[str, Any]:
    """For curators. The entities follow at once."""
    line = services.judge(said.left, said.right, said.verdict, user=request.user, actor=_actor(request), reason=said.reason)
    return _line(line)


@router.post("/resolve/undo", response=JudgementView, auth=django_auth, summary="Take a judgement back")
def undo(request: HttpRequest, said: UndoIn) -> dict[str, Any]:
    """For curators. What it had joined or kept apart is decided again without it."""
    return _line(services.undo(said.judgement, user=request.user, actor=_actor(request), reason=said.reason))


@router.post("/overlap", response=list[OverlapView], summary="What is near an idea")
def check_overlap(request: HttpRequest, draft: DraftIn) -> list[dict[str, Any]]:
    """The nearest entities with reasons. The draft is not logged, stored, indexed or cached."""
    made = overlap.Draft(draft.title, draft.description, tuple(draft.languages), tuple(draft.countries), draft.publisher)
    return [asdict(near) for near in overlap.overlap(made, user=request.user, limit=draft.limit, kind=draft.kind)]


def _actor(request: HttpRequest) -> str:
    return str(getattr(request.user, "actor", "person:"))


def _line(line: Judgement) -> dict[str, Any]:
    return {"judgement": line.digest, **line.to_json()}


def _explained(each: queries.Explanation) -> dict[str, Any]:
    return {**each._asdict(), "steps": [asdict(step) for step in each.steps], "said": [_line(line) for line in each.said]}
