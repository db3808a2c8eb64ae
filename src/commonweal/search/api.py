"""The search's part of the API: ``GET /api/v1/search`` and ``/suggest``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import Query, Router, Schema
from pydantic import Field

from commonweal.search import services

router = Router(tags=["search"])

Text = dict[str, Any]


class Asked(Schema):
    """What to look for. Filters may be repeated: an entry must have one value of each; other rooms' filters work as well."""

    q: str = Field("", description="the query language of the search page; empty matches everything")
    kind: list[str] = []
    licence: list[str] = Field([], description="an SPDX expression or a category: open, share-alike, …")
    licence_category: list[str] = []
    language: list[str] = Field([], description="BCP 47 tag or name")
    country: list[str] = Field([], description="ISO 3166 code or name")
    publisher: list[str] = []
    source: list[str] = []
    year: list[str] = []
    topic: list[str] = []
    offers: bool = Field(False, description="whether offers of hosted models are among the results")
    sort: str | None = Field(None, description="relevance, newest or title")
    after: str | None = Field(None, description="`next` of the page before")
    limit: int = Field(20, ge=1, le=services.MAX_LIMIT)
    facets: bool = Field(True, description="whether to count filter values")
    lang: str | None = Field(None, description="BCP 47 tag for labels and highlights")
    highlight: bool = Field(False, description="whether to add `highlights`")


class Typed(Schema):
    """The beginning of a name."""

    q: str
    limit: int = Field(8, ge=1, le=20)
    lang: str | None = Field(None, description="BCP 47 tag of the titles")


class Card(Schema):
    """An entry in a list."""

    id: str
    kind: str
    title: Text
    description: Text
    licence: str | None
    licence_category: str | None
    languages: list[str]
    countries: list[str]
    publisher: str | None
    issued: str | None
    modified: str | None
    sources: list[str]


class FacetValue(Schema):
    """A filter value and how many entries have it."""

    value: str
    label: str
    count: int


class NoteView(Schema):
    """How the query was read, where that needs saying."""

    code: str
    value: str
    message: str


class Found(Schema):
    """One page of results. A filter in use is counted as if it were not, so that its other values can be chosen."""

    count: int
    results: list[Card]
    facets: dict[str, list[FacetValue]]
    next: str | None = Field(description="give it as `after` to read on; null at the end")
    query: str = Field(description="the query as read")
    notes: list[NoteView]
    highlights: dict[str, dict[str, str]] | None = Field(None, description="id → title, description as safe HTML")


class Suggestion(Schema):
    """An entry whose name begins as typed."""

    id: str
    kind: str
    title: str


@router.get("/search", response=Found, summary="Find entries")
def search(request: HttpRequest, asked: Query[Asked]) -> HttpResponse:
    """Entries that match, filter values with counts, and the cursor of the next page."""
    lang = asked.lang or get_language() or "en"
    filters = {name: tuple(_values(request, name)) for name in services.facet_names() if name in request.GET}
    snapshot = services.index().snapshot()
    if snapshot is None:
        answer = _answer(asked, filters, lang)
    else:
        key = ("answer", asked.model_dump_json(), tuple(filters.items()), lang)
        answer = snapshot.remember(key, lambda: _answer(asked, filters, lang))
    return HttpResponse(answer, content_type="application/json")


@router.get("/suggest", response=list[Suggestion], summary="Complete a name")
def suggest(request: HttpRequest, typed: Query[Typed]) -> HttpResponse:
    """Entries whose title, a word of it, or identifier begins like `q`."""
    found = services.suggest(typed.q, typed.limit, typed.lang or get_language() or "en")
    return HttpResponse(orjson.dumps(found), content_type="application/json")


def _answer(asked: Asked, filters: Mapping[str, Sequence[str]], lang: str) -> bytes:
    """The answer as bytes; cards go out as the index keeps them."""
    results = services.search(
        asked.q,
        filters=filters,
        sort=asked.sort,
        after=asked.after,
        limit=asked.limit,
        lang=lang,
        facets=asked.facets,
        offers=asked.offers,
    )
    rest: dict[str, Any] = {
        "facets": {
            name: [{"value": item.value, "label": item.label, "count": item.count} for item in values]
            for name, values in results.facets.items()
        },
        "next": results.next,
        "query": str(results.query),
        "notes": [{"code": note.code, "value": note.value, "message": note.message} for note in results.notes],
    }
    if asked.highlight:
        rest["highlights"] = {card["id"]: results.marked(card) for card in results.cards}
    head = b'{"count":%d,"results":[%b],' % (results.count, b",".join(results.raw_cards))
    return head + orjson.dumps(rest)[1:]


def _values(request: HttpRequest, name: str) -> list[str]:
    """A filter given several times, or once with commas; a publisher's name may hold commas itself."""
    values = request.GET.getlist(name)
    return values if name in ("publisher", "topic") else [value for each in values for value in each.split(",")]
