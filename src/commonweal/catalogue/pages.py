"""Pages of the catalogue: an entry, what one source says of it, the sources, and blocks of the front page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from commonweal.base.config import setting
from commonweal.base.permissions import can, require
from commonweal.base.registries import panels
from commonweal.catalogue import plans, queries, tasks, words
from commonweal.catalogue.core import citation
from commonweal.catalogue.core.entity import StoredRecord, build_view
from commonweal.catalogue.core.schemaorg import json_ld
from commonweal.catalogue.facts import facts, identifier, says
from commonweal.web import markup
from commonweal.web.negotiate import Page

#: Characters of a raw payload on its page; the rest is a download away.
RAW_SHOWN: Final = 20_000
#: Characters of the description that search engines are given.
SUMMARY: Final = 200
SOURCE_COLUMNS: Final = (
    *("id", "title", "kinds", "records", "rejected", "missing", "last_success", "release"),
    *("licence", "attribution", "homepage", "trust", "enabled"),
)
RUN_COLUMNS: Final = ("id", "source", "state", "started", "finished", "release", "actor", "note", "counts")


# An entry


def entity(request: HttpRequest, entity_id: str) -> Page | HttpResponse:
    """One entry: every value with who says so, links both ways, the records behind it, how to cite it."""
    found = queries.entity(entity_id)
    if found is None:
        raise Http404
    view, canonical = found
    if canonical != entity_id:
        return HttpResponsePermanentRedirect(request.get_full_path().replace(entity_id, canonical, 1))
    linked = queries.links_to(view)
    pointing = [{"type": link.type, "entity": link.entity, "sources": link.sources} for link in linked]
    return Page("catalogue/entity.html", lambda: _entry(request, view, linked), {**view, "linked_from": pointing})


def _entry(request: HttpRequest, view: dict[str, Any], linked: Sequence[queries.Linked]) -> dict[str, Any]:
    """What the page of an entry is given."""
    address = request.build_absolute_uri(reverse("entity", args=[view["id"]]))
    cite = {"site": str(setting("node.name")), "address": address, "day": timezone.now().date().isoformat()}
    chosen = view["chosen"]
    licence = chosen.get("licence") or {}
    return {
        "view": view,
        "address": address,
        "json_ld": json_ld(view, address),
        "summary": markup.words(chosen.get("description") or chosen["title"])[:SUMMARY],
        "kind": words.KINDS[view["kind"]],
        "licence": None if not licence and view["kind"] in words.UNLICENSED else words.category(licence.get("category")),
        "licence_stated": bool(licence),
        "expression": licence.get("expression"),
        "publisher": chosen.get("publisher"),
        "home": markup.safe_url(chosen.get("url")),
        "description": _description(view),
        "facts": facts(view),
        "identifiers": [identifier(printed) for printed in view["identifiers"]],
        "grounds": [_ground(ground) for ground in view["grounds"]],
        "links": [*_links_forth(view), *_links_back(linked)],
        "offers": _offers(linked),
        "panels": _panels(request, view),
        "records": [_origin(record) for record in view["records"]],
        "read_at": queries.read_at([record["id"] for record in view["records"]]),
        "citation": citation.plain(view, **cite),
        "bibtex": citation.bibtex(view, **cite),
    }


def _description(view: Mapping[str, Any]) -> dict[str, Any] | None:
    chosen = next((entry for entry in view["values"].get("description", ()) if entry["chosen"]), None)
    return {"text": markup.text(chosen["value"]), "says": says(chosen)} if chosen else None


def _ground(ground: Mapping[str, str]) -> dict[str, str]:
    return {
        "label": words.ground_name(ground["ground"]),
        "detail": ground.get("detail", ""),
        "source": words.source_title(ground["source"]),
    }


def _origin(record: Mapping[str, Any]) -> dict[str, Any]:
    spec = words.source_spec(record["source"])
    licence = spec.licence if spec else ""
    return {"missing": False, **record, "title": words.source_title(record["source"]), "licence": licence}


def _panels(request: HttpRequest, view: dict[str, Any]) -> list[dict[str, Any]]:
    """What other rooms have to say about the entry."""
    rendered = ((panel, panel.render(request, view)) for panel in panels)
    return [{"name": panel.name, "title": panel.title, "html": html} for panel, html in rendered if html]


def _links_forth(view: Mapping[str, Any]) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    """(relation in words, what it leads to), as the sources of this entry say."""
    targets = queries.resolve_targets(link["target"] for link in view["links"])
    cards = queries.cards(set(targets.values()))
    for relation, group in groupby(view["links"], key=lambda link: link["type"]):
        yield str(words.RELATIONS[relation].forth), [_link(link, targets, cards) for link in group]


def _link(link: Mapping[str, Any], targets: Mapping[str, str], cards: Mapping[str, Any]) -> dict[str, Any]:
    entity_id = targets.get(link["target"])
    card = cards.get(entity_id or "")
    title = card["title"] if card else link.get("title") or link["target"].removeprefix("name:")
    return {
        "href": reverse("entity", args=[entity_id]) if card else None,
        "title": title,
        "sources": markup.listed(map(words.source_short, link["sources"])),
    }


def _links_back(linked: Iterable[queries.Linked]) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    """(relation in words, entries that point here), hosted offers left to their own table."""
    pointing = (link for link in linked if link.card["kind"] != "offer")
    for relation, group in groupby(pointing, key=lambda link: link.type):
        yield (
            str(words.RELATIONS[relation].back),
            [
                {
                    "href": reverse("entity", args=[link.entity]),
                    "title": link.card["title"],
                    "sources": markup.listed(map(words.source_short, link.sources)),
                }
                for link in group
            ],
        )


def _offers(linked: Iterable[queries.Linked]) -> list[dict[str, Any]]:
    """Where a model is offered as a service, with price and date as the source of the offer lists them."""
    ids = [link.entity for link in linked if link.card["kind"] == "offer"]
    views = queries.views(ids) if ids else {}
    offers = [_offer(views[entity_id]) for entity_id in dict.fromkeys(ids) if entity_id in views]
    return sorted(offers, key=lambda offer: (offer["provider"], markup.words(offer["title"])))


def _offer(view: Mapping[str, Any]) -> dict[str, Any]:
    chosen = view["chosen"]
    unit = str(chosen.get("price_unit") or "")
    return {
        "id": view["id"],
        "title": chosen["title"],
        "provider": chosen.get("provider") or chosen.get("publisher") or markup.words(chosen["title"]),
        "input": _price(chosen.get("price_input"), unit),
        "output": _price(chosen.get("price_output"), unit),
        "unit": f"{chosen.get('price_currency') or ''} {words.PRICE_UNITS.get(unit, unit)}".strip(),
        "date": chosen.get("price_date") or chosen.get("modified"),
        "sources": markup.listed(map(words.source_short, view["sources"])),
    }


def _price(said: str | None, unit: str) -> str:
    """A price in the reader's digits; of tokens, for a million: nobody can compare 0.00000135 with 0.0000007."""
    try:
        price = Decimal(said or "")
    except InvalidOperation:
        return said or "—"
    return markup.price(price * words.TOKENS_PRICED if unit == "token" else price)


# What one source says


def record(request: HttpRequest, record_id: str) -> Page:
    """What one source says about one thing, its versions, and the payload word for word."""
    row = queries.record(record_id)
    raw = queries.record_raw(record_id)
    said = row["record"]
    view = build_view([StoredRecord(row["id"], said)], {}) if said else None
    title = view["chosen"].get("title", row["native_id"]) if view else row["native_id"]
    context = {
        "record": row,
        "name": markup.words(title),
        "title": markup.text(title),
        "source_title": words.source_title(row["source"]),
        "facts": _plain_facts(view) if view else [],
        "problems": said.get("problems", []),
        "versions": queries.record_versions(record_id),
        "raw": None if raw is None else raw[:RAW_SHOWN],
        "cut": raw is not None and len(raw) > RAW_SHOWN,
    }
    return Page("catalogue/record.html", context, {**row, "raw": raw, "versions": context["versions"]})


def _plain_facts(view: Mapping[str, Any]) -> list[Any]:
    """The facts of a view of a single record: one voice, so none can be disputed; the title stands in the head."""
    description = _description(view)
    shown = facts(view)
    return [*([_fact_of(description)] if description else []), *shown]


def _fact_of(description: Mapping[str, Any]) -> dict[str, Any]:
    return {"label": words.property_name("description"), "values": [{"items": [description["text"]]}]}


def record_raw(request: HttpRequest, record_id: str) -> HttpResponse:
    """The whole payload as a file, contacts masked."""
    raw = queries.record_raw(record_id)
    if raw is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{record_id}.txt"'}
    return HttpResponse(raw, content_type="text/plain; charset=utf-8", headers=headers)


# Sources


def sources(request: HttpRequest) -> Page:
    """Every source: how fresh, how much, under which licence."""
    all_sources = queries.sources()
    read = [source for source in all_sources if source["last_run"]]
    ready = [source for source in all_sources if not source["last_run"]]
    context = {
        "read": [_source(source) for source in read],
        "ready": [_source(source) for source in ready],
        "example": (all_sources[0]["id"] if all_sources else "mteb"),
    }
    return Page("catalogue/sources.html", context, {"sources": all_sources}, all_sources, SOURCE_COLUMNS)


def source(request: HttpRequest, source_id: str) -> Page:
    """One source: what it is, its last updates, what went wrong, how to update."""
    found = queries.source(source_id)
    runs = queries.runs(source_id)
    rejected = queries.rejected(source_id)
    context = {
        "source": _source(found),
        "runs": [_run(run) for run in runs],
        "errors": runs[0]["errors"] if runs else [],
        "rejected": rejected,
        "may_update": _may_update(request),
        "plan": plans.waiting_for(source_id),
        "asked": "asked" in request.GET,
    }
    return Page("catalogue/source.html", context, {**found, "runs": runs, "set_aside": rejected}, runs, RUN_COLUMNS)


@require_POST
def update_source(request: HttpRequest, source_id: str) -> HttpResponse:
    """Ask the worker to read a source now; the page of the source shows how it went."""
    require(request.user, "catalogue.harvest")
    tasks.harvest.enqueue(queries.spec(source_id).id)
    return HttpResponseRedirect(reverse("source", args=[source_id]) + "?asked=1", status=303)


def _may_update(request: HttpRequest) -> bool:
    """Whether to show the button; nobody can be signed in without a session, so that visitors cost no query."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and can(request.user, "catalogue.harvest")


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    """A source with its state and kinds in words."""
    run = source["last_run"]
    return {
        **source,
        "state": words.RUN_STATES[run["state"] if run else "never"],
        "updated": source["last_success"],
        "kinds": markup.listed(words.kind_name(kind, many=True) for kind in source["kinds"]),
    }


def _run(run: Mapping[str, Any]) -> dict[str, Any]:
    counts = run["counts"]
    named = {name: counts.get(name, 0) for name in ("added", "changed", "unchanged", "rejected")}
    return {
        **run,
        **named,
        "state": words.RUN_STATES[run["state"]],
        "errors": sum(error["count"] for error in run["errors"]),
    }
