"""Find: the page of the search, its filters as plain links, and the front page's search box."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import quote_plus, urlencode

from django.core.cache import cache
from django.http import HttpRequest
from markupsafe import Markup

from commonweal.base.registries import facets as facet_registry
from commonweal.catalogue import cards
from commonweal.catalogue.words import category, kind_name, source_short
from commonweal.kernel.languages import parse_language
from commonweal.kernel.places import parse_country
from commonweal.kernel.text import pick
from commonweal.search import services
from commonweal.search.words import FACETS, SORTS, SYNTAX, note
from commonweal.web import markup
from commonweal.web.jinja import fragment
from commonweal.web.negotiate import Page

PATH: Final = "/search"
PAGE_SIZE: Final = 20
#: Values a filter shows before "more", and after.
VALUES_SHOWN: Final = 7
VALUES_MORE: Final = 200
#: Filters that stand open without being used.
OPEN: Final = frozenset({"kind", "licence_category", "language"})
#: Rows of the `.csv` of a search; all of it is what `commonweal export` is for.
CSV_ROWS: Final = 1_000
COLUMNS: Final = (
    *("id", "kind", "title", "description", "licence", "licence_category", "languages", "countries"),
    *("publisher", "issued", "modified", "sources"),
)


class Choice(NamedTuple):
    """A link that changes the search."""

    label: str
    href: str
    entries: int = 0
    here: bool = False
    facet: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The search as the address asks it; every link of the page is this, a little changed."""

    q: str
    filters: tuple[tuple[str, str], ...]
    sort: str
    after: str
    more: str

    @classmethod
    def of(cls, request: HttpRequest) -> Asked:
        get = request.GET
        names = [name for name in services.facet_names() if name in get]
        filters = tuple((name, value) for name in names for value in dict.fromkeys(get.getlist(name)) if value)
        return cls(get.get("q", "").strip(), filters, get.get("sort", ""), get.get("after", ""), get.get("more", ""))

    @property
    def href(self) -> str:
        pairs = [("q", self.q), *self.filters, ("sort", self.sort), ("more", self.more), ("after", self.after)]
        return PATH + markup.query([(name, value) for name, value in pairs if value]).removesuffix("?")

    def toggled(self, name: str, value: str) -> Asked:
        """With one filter value more, or without it; from the first page on."""
        pair = (name, value)
        kept = tuple(other for other in self.filters if other != pair)
        return replace(self, filters=kept if len(kept) < len(self.filters) else (*kept, pair), after="")

    def adding(self, name: str) -> Callable[[str], str]:
        """Value → the address with that value more of one filter: as :meth:`toggled`, what stays encoded only once."""
        before = urlencode([pair for pair in (("q", self.q), *self.filters) if pair[1]])
        after = urlencode([pair for pair in (("sort", self.sort), ("more", self.more)) if pair[1]])
        head = f"{PATH}?{before}&{name}=" if before else f"{PATH}?{name}="
        tail = f"&{after}" if after else ""
        return lambda value: f"{head}{quote_plus(value)}{tail}"

    def by_facet(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, value in self.filters:
            found.setdefault(name, []).append(value)
        return found


def find(request: HttpRequest) -> Page:
    """Entries that match, the filters that would narrow them, and how the query was read."""
    asked = Asked.of(request)
    results = _search(asked)
    return Page(
        "search/find.html",
        context=lambda: _context(asked, results),
        data=lambda: _data(results),
        rows=_all_rows(asked, results),
        columns=COLUMNS,
    )


def _data(results: services.Results) -> dict[str, Any]:
    return {
        "count": results.count,
        "results": [row(card) for card in results.cards],
        "facets": _facet_data(results),
        "next": results.next,
        "notes": [{"code": n.code, "value": n.value} for n in results.notes],
    }


def row(card: Mapping[str, Any]) -> dict[str, Any]:
    """A card with its texts in the reader's language."""
    return {**card, "title": markup.words(card["title"]), "description": markup.words(card.get("description"))}


def label(facet: str, value: str) -> str:
    """A filter's value in words."""
    match facet:
        case "kind":
            return kind_name(value, many=True)
        case "licence_category":
            return str(category(value).label)
        case "source":
            return source_short(value)
    return services.label(facet, value, markup.language())


def _search(asked: Asked, **changes: Any) -> services.Results:
    options: dict[str, Any] = {
        "filters": asked.by_facet(),
        "sort": asked.sort or None,
        "after": asked.after or None,
        "limit": PAGE_SIZE,
        "lang": markup.language(),
        "facet_values": VALUES_MORE if asked.more else VALUES_SHOWN + 1,
    }
    return services.search(asked.q, **{**options, **changes})


def _context(asked: Asked, results: services.Results) -> dict[str, Any]:
    ranked = any(not term.negated for term in results.query.terms)
    sorts = [
        Choice(str(name), replace(asked, sort=key, after="").href, here=key == results.sort)
        for key, name in SORTS.items()
        if ranked or key != "relevance"
    ]
    chips = [Choice(label(name, value), asked.toggled(name, value).href, facet=_title(name)) for name, value in asked.filters]
    bare = not asked.q and not asked.filters
    return {
        "q": asked.q,
        "kept": [*asked.filters, *([("sort", asked.sort)] if asked.sort else [])],
        "count": results.count,
        "cards": _cards(results),
        "filters": _filters(asked, results),
        "chips": chips,
        "clear": replace(asked, filters=(), after="").href,
        "sorts": sorts,
        "notes": [note(n.code, n.value) for n in results.notes],
        "narrower": _narrower(asked),
        "suggestions": _suggestions(asked) if not results.count and asked.q else [],
        "empty_node": bare and not results.count,
        "next": replace(asked, after=results.next).href if results.next else None,
        "first": replace(asked, after="").href if asked.after else None,
        "syntax": _syntax(results.lang),
    }


@lru_cache(maxsize=64)
def _syntax(lang: str) -> Markup:
    """The query language by example, in the active language ``lang``."""
    return fragment("search/syntax.html", {"syntax": SYNTAX.items()})


def _cards(results: services.Results) -> list[Markup]:
    if not any(not term.negated for term in results.query.terms):
        return [cards.kept_html(card, results.lang) for card in results.raw_cards]
    return [cards.html(card, results.lang, **_marked(results, card)) for card in results.cards]


def _marked(results: services.Results, card: Mapping[str, Any]) -> dict[str, Markup]:
    """Title and description with the words found marked, each in its own language."""
    found = results.marked(card)
    marked = {}
    for name, html in found.items():
        lang = pick(card.get(name) or {}, results.lang)[0]
        marked[name] = markup.in_language(lang, Markup(html), results.lang)  # noqa: S704 (escaped by the highlighter)
    return marked


def _narrower(asked: Asked) -> list[Choice]:
    """What was asked is the name of a language or country: everything that is said to be in it or from it."""
    found = {"language": parse_language(asked.q), "country": parse_country(asked.q)} if asked.q else {}
    named = [(name, value) for name, value in found.items() if value and (name, value) not in asked.filters]
    return [
        Choice(label(name, value), replace(asked, q="", after="").toggled(name, value).href, facet=_title(name))
        for name, value in named
    ]


def _suggestions(asked: Asked) -> list[Choice]:
    """Entries whose name begins like the words that found nothing."""
    found = services.suggest(asked.q, limit=3, lang=markup.language())
    return [Choice(entry["title"], f"/catalogue/{entry['id']}") for entry in found]


def _filters(asked: Asked, results: services.Results) -> Markup:
    """The filters' HTML, kept for as long as the index does not change: most readers ask for the same few."""
    view = replace(asked, after="")
    key = hashlib.sha256(f"{results.generation}\n{markup.language()}\n{view.href}".encode()).hexdigest()
    kept: Markup | None = cache.get(key)
    if kept is None:
        shown_filters = [entry for name, values in results.facets.items() if (entry := _filter(view, name, values))]
        kept = fragment("search/filters.html", {"filters": shown_filters})
        cache.set(key, kept, 3600)
    return kept


def _filter(asked: Asked, name: str, values: list[services.FacetValue]) -> dict[str, Any] | None:
    chosen = [value for key, value in asked.filters if key == name]
    if len(values) < 2 and not chosen:
        return None
    limit = VALUES_MORE if asked.more == name else VALUES_SHOWN
    # A facet is counted as if it were not filtered, so a chosen value may not be among the most frequent.
    rare = [value for value in chosen if value not in {v.value for v in values[:limit]}]
    listed = [Choice(label(name, value), asked.toggled(name, value).href, here=True) for value in rare]
    added = asked.adding(name)
    for v in values[:limit]:
        href = asked.toggled(name, v.value).href if v.value in chosen else added(v.value)
        listed.append(Choice(label(name, v.value), href, v.count, v.chosen or v.value in chosen))
    more = replace(asked, more=name).href if len(values) > limit else None
    return {
        "name": name,
        "title": _title(name),
        "open": bool(chosen) or name in OPEN or asked.more == name,
        "values": listed,
        "more": more,
    }


def _title(facet: str) -> str:
    return str(FACETS.get(facet) or facet_registry[facet].title)


def _facet_data(results: services.Results) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [{"value": v.value, "label": label(name, v.value), "count": v.count} for v in values]
        for name, values in results.facets.items()
    }


def _all_rows(asked: Asked, first: services.Results) -> Iterator[dict[str, Any]]:
    """The rows of the table form, page after page; runs only when a table is asked for."""
    results, written = first, 0
    while True:
        for card in results.cards:
            yield row(card)
        written += len(results.raw_cards)
        if not results.next or written >= CSV_ROWS:
            return
        results = _search(asked, after=results.next, limit=services.MAX_LIMIT, facets=False)
