"""What a search finds, for other programs: CKAN's Action API, and an Atom feed of any search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from django.http import HttpRequest, HttpResponse

from commonweal.catalogue import queries as catalogue
from commonweal.catalogue.exports import ckan, presentable
from commonweal.catalogue.exports.site import words
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.text import mask_contacts
from commonweal.search import services
from commonweal.search.exporting import site
from commonweal.web.negotiate import json_response

#: CKAN's own limit of rows, and how far an offset may reach: whoever wants more takes an export or the change feed.
ROWS: Final = 1_000
FURTHEST: Final = 100_000
ATOM_ENTRIES: Final = 50
FILTERS: Final = ("kind", "licence", "language", "country", "source", "publisher")


def ckan_action(request: HttpRequest, action: str) -> HttpResponse:
    """CKAN's envelope round one of ACTIONS; failures are CKAN's too."""
    try:
        if action not in ACTIONS:
            raise CommonwealError(
                "action-unknown", f"There is no action {action!r}.", f"There are: {', '.join(ACTIONS)}.", status=404
            )
        result = ACTIONS[action](request.GET)
    except CommonwealError as error:
        kind = "Not Found Error" if error.status == 404 else "Validation Error"
        said = {"help": site().address, "success": False, "error": {"__type": kind, "message": error.message}}
        return json_response(said, status=404 if error.status == 404 else 409)
    return json_response({"help": f"{site().address}/api/3/action/help_show?name={action}", "success": True, "result": result})


def _package_search(given: Mapping[str, str]) -> dict[str, Any]:
    rows, start = _number(given, "rows", 10, ROWS), _number(given, "start", 0, FURTHEST)
    query = given.get("q", "")
    ids, count = _found("" if query in ("*:*", "*") else query, start, rows)
    views = catalogue.views(ids)
    results = [ckan.package(presentable(views[entity]), site()) for entity in ids if entity in views]
    return {"count": count, "sort": "metadata_modified desc", "facets": {}, "search_facets": {}, "results": results}


def _found(query: str, start: int, rows: int) -> tuple[list[str], int]:
    """Ids of the entries from `start` on, newest first, and how many there are in all."""
    ids: list[str] = []
    after, count = None, 0
    while True:
        left = start + rows - len(ids)
        page = services.search(query, sort="newest", after=after, limit=max(1, min(services.MAX_LIMIT, left)), facets=False)
        count, after = page.count, page.next
        ids += [card["id"] for card in page.cards]
        if not after or len(ids) >= start + rows:
            return ids[start : start + rows], count


def _package_show(given: Mapping[str, str]) -> dict[str, Any]:
    found = catalogue.entity(given.get("id", ""))
    if found is None:
        raise CommonwealError("entity-unknown", "Not found", status=404)
    return ckan.package(presentable(found[0]), site())


def _package_list(given: Mapping[str, str]) -> list[str]:
    limit, offset = _number(given, "limit", FURTHEST, FURTHEST), _number(given, "offset", 0, FURTHEST)
    return catalogue.entity_names(offset, limit)


def _number(given: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise CommonwealError("request-invalid", f"{name}: must be a whole number", status=422)
    return min(int(text), most)


ACTIONS: Final[dict[str, Callable[[Mapping[str, str]], Any]]] = {
    "package_search": _package_search,
    "package_show": _package_show,
    "package_list": _package_list,
    "status_show": lambda given: {
        "site_title": site().title,
        "site_url": site().address,
        "ckan_version": "2.10",
        "extensions": [],
    },
}


def atom(request: HttpRequest) -> HttpResponse:
    """The newest entries of a search as an Atom feed: subscribe to it and be told of new ones (RFC 4287)."""
    query = request.GET.get("q", "")
    filters = {name: request.GET.getlist(name) for name in FILTERS if request.GET.getlist(name)}
    found = services.search(query, filters=filters, sort="newest", limit=ATOM_ENTRIES, facets=False)
    here = site()
    asked = urlencode([("q", query)] * bool(query) + [(name, one) for name, said in filters.items() for one in said])
    address = f"{here.address}/search" + (f"?{asked}" if asked else "")
    own = f"{here.address}/search.atom" + (f"?{asked}" if asked else "")
    title = f"{here.title}: {query}" if query else here.title
    updated = max((_updated(card) for card in found.cards), default="1970-01-01T00:00:00Z")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{escape(own)}</id><title>{_xml(title)}</title><updated>{updated}</updated>",
        f"<author><name>{_xml(here.title)}</name></author>",
        f'<link rel="self" href={quoteattr(own)}/><link rel="alternate" href={quoteattr(address)}/>',
    ]
    for card in found.cards:
        entry = here.entity(card["id"])
        lines.append(
            f"<entry><id>{entry}</id><title>{_xml(words(card['title']))}</title><updated>{_updated(card)}</updated>"
            f'<link href="{entry}"/><category term="{card["kind"]}"/>'
            f"<summary>{_xml(words(card.get('description')))}</summary></entry>"
        )
    return HttpResponse("\n".join([*lines, "</feed>\n"]), content_type="application/atom+xml; charset=utf-8")


def _updated(card: Mapping[str, Any]) -> str:
    """When the entry was last changed by its source, as Atom writes times; unknown parts are their first."""
    said = str(card.get("modified") or card.get("issued") or "1970")[:10]
    year, month, day = (*said.split("-"), "01", "01")[:3]
    try:
        return datetime(int(year), int(month), int(day), tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return "1970-01-01T00:00:00Z"


def _xml(text: str) -> str:
    return escape("".join(c for c in mask_contacts(text) if c.isprintable() or c in "\n\t"))
