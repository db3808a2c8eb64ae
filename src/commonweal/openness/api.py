"""The openness room's part of the API: frameworks, verdicts and evidence of entries, league tables, assessing a document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.params.functions import Query
from pydantic import Field

from commonweal.kernel.errors import CommonwealError
from commonweal.openness import queries
from commonweal.openness.core.assess import assess
from commonweal.openness.core.compare import compare
from commonweal.openness.core.formats import read_subject
from commonweal.openness.core.framework import load_framework, versions
from commonweal.openness.core.simulator import simulate

router = Router(tags=["openness"])

Text = dict[str, Any]

#: Characters of a document that can be assessed here; larger files are for the command.
MOST_CHARACTERS = 2_000_000


class FrameworkRow(Schema):
    """A framework at its newest version."""

    id: str
    title: str
    version: str
    versions: list[str]
    modes: list[str]
    source: str
    credit: str
    rules: str = Field(description="SHA-256 of its rules, printed beside every verdict")


class VerdictRow(Schema):
    """A verdict, by whom, under which rules; `inherited_from` where it is that of what the entry is a version or part of."""

    framework: str
    version: str
    mode: str
    rules: str
    verdict: str
    score: float | None
    level: int = Field(description="highest assurance of the evidence that decides, 0 to 5")
    sentence: str
    progress: dict[str, float]
    missing: list[str]
    items: dict[str, Any]
    role: str
    name: str
    interest: str
    dissent: str
    published: datetime
    inherited_from: dict[str, Any] | None = None


class Openness(Schema):
    """Everything known about how open an entry is."""

    entity: str
    verdicts: list[VerdictRow]
    evidence: list[dict[str, Any]]
    replies: list[dict[str, Any]]


class Document(Schema):
    """A file to assess: MOT, EOSAI or DPG document, FMTI report, model or data set card."""

    content: str = Field(max_length=MOST_CHARACTERS)
    file: str | None = Field(None, max_length=300, description="its name; the ending tells a card from data")
    framework: str | None = Field(None, max_length=64)
    mode: str | None = Field(None, max_length=16)


@router.get("/openness/frameworks", response=list[FrameworkRow])
def frameworks(request: HttpRequest) -> list[dict[str, Any]]:
    """Every framework that verdicts are computed under."""
    found = [load_framework(name) for name in versions()]
    return [
        {
            "id": one.id,
            "title": one.title,
            "version": one.version,
            "versions": list(versions()[one.id]),
            "modes": list(one.modes),
            "source": one.spec["source"],
            "credit": one.spec["credit"],
            "rules": one.digest,
        }
        for one in found
    ]


@router.get("/openness/league", response=list[dict[str, Any]])
def league(request: HttpRequest, framework: str = "mof", mode: str = "") -> list[dict[str, Any]]:
    """Current verdicts under one framework and version, best first."""
    modes = load_framework(framework).modes
    return queries.league(framework, mode or (modes[0] if modes else ""))


@router.get("/openness/compare", response=dict[str, Any])
def comparison(
    request: HttpRequest, ids: Annotated[list[str], Query()], framework: str = "mof", mode: str | None = None
) -> dict[str, Any]:
    """Up to six entries under one framework, item by item."""
    public_only(framework)
    return compare([assess(queries.subject_of(queries.find(one)), framework, mode) for one in ids[:7]])


@router.post("/openness/assess", response=dict[str, Any])
def assess_document(request: HttpRequest, document: Document) -> dict[str, Any]:
    """Assess a document. Nothing of it is kept, and no address in it is opened."""
    subject = read_subject(document.content, document.file)
    return assess(subject, document.framework, document.mode).to_json("public")


@router.get("/openness/{entity}", response=Openness)
def openness(request: HttpRequest, entity: str) -> dict[str, Any]:
    """Verdicts side by side, all evidence in force, replies."""
    view = queries.find(entity)
    records = queries.record_ids(view)
    own = queries.verdicts(records)
    return {
        "entity": view["id"],
        "verdicts": [*own, *queries.inherited(view, {one["framework"] for one in own})],
        "evidence": queries.evidence(records),
        "replies": queries.replies(records),
    }


@router.get("/openness/{entity}/simulate", response=dict[str, Any])
def what_would_it_take(request: HttpRequest, entity: str, framework: str = "mof", mode: str | None = None) -> dict[str, Any]:
    """The changes between an entry and its next better verdict."""
    public_only(framework)
    return simulate(queries.subject_of(queries.find(entity)), load_framework(framework), mode).to_json()


def public_only(name: str) -> None:
    """Refuse a form that has parts for authorities only. Raises ``framework-restricted``."""
    framework = load_framework(name)
    if any("public" not in item.audience for item in framework.items):
        raise CommonwealError("framework-restricted", f"{framework.title} has parts that are not public.", status=403)
