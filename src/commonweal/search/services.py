"""Searching: what pages, API and commands call. The index is kept right by :mod:`commonweal.search.indexer`."""

from __future__ import annotations

import functools
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import orjson
from tantivy import Occur
from tantivy import Query as Clause

from commonweal.base.home import home
from commonweal.base.registries import facets as facet_registry
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.text import fold, pick
from commonweal.search.core.analyse import is_unspaced, split
from commonweal.search.core.cursor import Cursor, decode
from commonweal.search.core.document import SORTS
from commonweal.search.core.highlight import Highlighter
from commonweal.search.core.query import Note, Query, parse
from commonweal.search.index import Index, Snapshot
from commonweal.search.matching import Matcher
from commonweal.search.paging import walk

logger = logging.getLogger(__name__)

MAX_LIMIT: Final = 100
#: Relevance is not a stable order to page through: beyond this the reader is asked to narrow the search.
MAX_OFFSET: Final = 10_000
#: With fewer exact matches than this, words spelt alike and longer words are accepted too.
FEW: Final = 5
FACET_VALUES: Final = 20
_MAX_FACET_VALUES: Final = 1_000
_SNIPPET: Final = 200
#: Suggestions look at this many times as many entries as they name, and at this many endings of the last word.
_CANDIDATES: Final = 4
_ENDINGS: Final = 16
#: From so many entries on facets are counted two at a time.
COUNTED_APART: Final = 200_000
#: Every distinct value of a segment takes part in the counts, so they are exact.
_SEGMENT_VALUES: Final = 1_000_000

Counts = Mapping[str, Sequence[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet, its label in the reader's language, and how many entries have it."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Results:
    """One page of results.

    ``count`` counts every match. ``counts`` holds the most frequent values of each facet; a facet that is filtered on is
    counted as if it were not, so that its other values can be chosen instead. ``next`` is the cursor of the next page.
    """

    query: Query
    count: int
    raw_cards: tuple[bytes, ...]
    counts: Counts
    next: str | None
    notes: tuple[Note, ...]
    sort: str
    lang: str
    generation: str

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The cards of this page (docs/architecture.md §3)."""
        return [orjson.loads(card) for card in self.raw_cards]

    @property
    def facets(self) -> dict[str, list[FacetValue]]:
        """Facet name → values, the most frequent first, labelled in the language of the search."""
        return {
            name: [
                FacetValue(value, label(name, value, self.lang), count, value in self.query.values(name))
                for value, count in values
            ]
            for name, values in self.counts.items()
        }

    def marked(self, card: Mapping[str, Any]) -> dict[str, str]:
        """``{"title", "description"}`` of a card as safe HTML, the words found in ``<mark>``."""
        highlighter = _highlighter(self.query)
        title, description = (pick(card.get(name) or {}, self.lang)[1] for name in ("title", "description"))
        return {"title": highlighter.html(title), "description": highlighter.html(description, _SNIPPET)}


def search(
    query: Query | str = "",
    *,
    kind: str | Iterable[str] = (),
    filters: Mapping[str, Iterable[str]] | None = None,
    sort: str | None = None,
    after: str | None = None,
    limit: int = 20,
    lang: str = "en",
    facets: bool | Collection[str] = True,
    facet_values: int = FACET_VALUES,
    offers: bool = False,
) -> Results:
    """Entries that match, one page of them.

    Args:
        query: text in the query language, or as parsed.
        kind: one kind or several, added to ``filters``.
        filters: facet → values (codes or names), one of which an entry must have.
        sort: ``relevance`` (the default when there are words), ``newest`` (the default else) or ``title``.
        after: the cursor of the page before.
        limit: entries on a page, 1 to 100.
        lang: language of labels and snippets.
        facets: which facets to count, or all, or none; at most ``facet_values`` of each.
        offers: whether offers of hosted models are among the results; ``kind:offer`` finds them in any case.

    Raises:
        CommonwealError: ``sort-unknown``, ``limit-invalid``, ``cursor-invalid``.
    """
    limit = _checked_limit(limit)
    asked = _asked(query, kind, filters or {})
    ranked = any(not term.negated for term in asked.terms)
    sort = sort or ("relevance" if ranked else "newest")
    if sort not in SORTS:
        raise CommonwealError("sort-unknown", f"There is no order “{sort}”.", f"Use one of: {', '.join(SORTS)}.")
    # Without words every match is equally relevant: the newest first is an order that can be paged.
    order = sort if ranked or sort != "relevance" else "newest"
    cursor = decode(after, order, len(SORTS[order])) if after else Cursor(order)
    names = facet_names() if facets is True else [name for name in facets or () if name in facet_registry]
    snapshot = index().snapshot()
    if snapshot is None:
        return Results(asked, 0, (), {}, None, (*asked.notes, Note("no-index")), sort, lang, "")
    try:
        return _search(snapshot, asked, sort, cursor, limit, lang, names, min(facet_values, _MAX_FACET_VALUES), offers)
    except OSError:
        logger.exception("The search index cannot be read; it will be made again.")
        index().discard()
        return Results(asked, 0, (), {}, None, (*asked.notes, Note("no-index")), sort, lang, "")


def suggest(prefix: str, limit: int = 8, lang: str = "en") -> list[dict[str, Any]]:
    """Entries whose title, a word of it, or identifier begins like this: ``[{"id", "kind", "title"}]``, offers left out."""
    snapshot = index().snapshot()
    name = " ".join(fold(prefix[:100]).split())
    if snapshot is None or not name:
        return []
    found: dict[str, dict[str, Any]] = {}
    for query in _suggestions(snapshot, name):
        hits = snapshot.searcher.search(query, _CANDIDATES * limit, count=False).hits
        cards = [orjson.loads(snapshot.card(address)) for _, address in hits]
        titles = sorted(((pick(card["title"], lang)[1], card) for card in cards), key=lambda pair: len(pair[0]))
        for title, card in titles:  # the shortest first: it has the least that was not typed
            found.setdefault(card["id"], {"id": card["id"], "kind": card["kind"], "title": title})
        if len(found) >= limit:
            break
    return list(found.values())[:limit]


def label(facet: str, value: str, lang: str) -> str:
    """What to print for a facet's value."""
    return _label(facet, value, lang)


def facet_names() -> list[str]:
    """Every registered facet, in order."""
    return [facet.name for facet in facet_registry]


def index() -> Index:
    """The node's index."""
    return _index(str(home().index), tuple(sorted(facet_names())))


@functools.lru_cache(maxsize=8)
def _index(root: str, facets: tuple[str, ...]) -> Index:
    return Index(Path(root), facets)


@functools.lru_cache(maxsize=64)
def _highlighter(query: Query) -> Highlighter:
    return Highlighter(query)


@functools.lru_cache(maxsize=20_000)
def _label(facet: str, value: str, lang: str) -> str:
    return facet_registry[facet].label(value, lang)


def _asked(query: Query | str, kind: str | Iterable[str], filters: Mapping[str, Iterable[str]]) -> Query:
    """The query with the filters given beside it."""
    asked = parse(query, fields=facet_names()) if isinstance(query, str) else query
    if kinds := [kind] if isinstance(kind, str) else list(kind):
        asked = asked.narrowed("kind", kinds)
    for name, values in filters.items():
        if name in facet_registry:
            if given := [value for value in values if value.strip()]:
                asked = asked.narrowed(name, given)
        else:
            asked = replace(asked, notes=(*asked.notes, Note("unknown-field", name)))
    return asked


def _search(
    snapshot: Snapshot,
    asked: Query,
    sort: str,
    cursor: Cursor,
    limit: int,
    lang: str,
    names: Sequence[str],
    facet_values: int,
    offers: bool,
) -> Results:
    matcher = Matcher(snapshot, offers)
    notes = list(asked.notes)
    count = snapshot.remember(("count", asked, offers), lambda: snapshot.count(matcher.matching(asked)))
    if count < FEW and any(not term.negated and not term.phrase for term in asked.terms):
        wide = replace(matcher, wide=True)
        wide_count = snapshot.count(wide.matching(asked))
        if wide_count > count:
            matcher, count = wide, wide_count
            notes.append(Note("widened"))
    addresses, following = _page(snapshot, matcher, asked, cursor, limit)
    if following and following.offset >= MAX_OFFSET:
        notes.append(Note("too-deep", f"{MAX_OFFSET:,}"))
        following = None
    cards = tuple(map(snapshot.card, addresses))
    counts = _counts(snapshot, matcher, asked, names, facet_values)
    return Results(
        query=asked,
        count=count,
        raw_cards=cards,
        counts=counts,
        next=following.encode() if following else None,
        notes=tuple(notes),
        sort=sort,
        lang=lang,
        generation=snapshot.generation,
    )


def _page(snapshot: Snapshot, matcher: Matcher, asked: Query, cursor: Cursor, limit: int) -> tuple[list[Any], Cursor | None]:
    """Where the page's entries are, and the cursor of the next page when there is one."""
    keys = SORTS[cursor.sort]
    if keys:
        places = walk(snapshot, matcher.matching(asked), keys, cursor.keys, limit + 1)
        more = Cursor(cursor.sort, keys=places[limit - 1].keys) if len(places) > limit else None
        return [place.address for place in places[:limit]], more
    if cursor.offset >= MAX_OFFSET:
        return [], None
    limit = min(limit, MAX_OFFSET - cursor.offset)
    hits = snapshot.searcher.search(matcher.ranking(asked), limit + 1, count=False, offset=cursor.offset).hits
    more = Cursor(cursor.sort, offset=cursor.offset + limit) if len(hits) > limit else None
    return [address for _, address in hits[:limit]], more


def _counts(
    snapshot: Snapshot, matcher: Matcher, asked: Query, names: Sequence[str], size: int
) -> dict[str, list[tuple[str, int]]]:
    """Counts of each facet, remembered: the next page, and the next reader, need the same."""
    if not names:
        return {}
    key = ("counts", asked, matcher.offers, matcher.wide, tuple(names), size)
    return snapshot.remember(key, lambda: _counted(snapshot, matcher, asked, names, size))


def _counted(
    snapshot: Snapshot, matcher: Matcher, asked: Query, names: Sequence[str], size: int
) -> dict[str, list[tuple[str, int]]]:
    own = [name for name in names if asked.values(name)]
    shared = [name for name in names if name not in own]
    # Half of the facets each: counting lets go of Python's lock, so a search of very much uses two cores.
    parts = 2 if snapshot.searcher.num_docs >= COUNTED_APART else 1
    wanted = [(matcher.matching(asked), shared[part::parts]) for part in range(parts)]
    wanted += [(matcher.matching(asked, without=name), [name]) for name in own]

    def count(part: tuple[Clause, list[str]]) -> dict[str, list[tuple[str, int]]]:
        return _aggregate(snapshot, *part, size)

    answers = _counters().map(count, wanted) if parts > 1 else map(count, wanted)
    counted = {name: values for answer in answers for name, values in answer.items()}
    return {name: counted[name] for name in names}


@functools.cache
def _counters() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, "search-counts")


def _aggregate(snapshot: Snapshot, query: Clause, names: Sequence[str], size: int) -> dict[str, list[tuple[str, int]]]:
    wanted = {name: {"terms": {"field": f"facet_{name}", "size": size, "segment_size": _SEGMENT_VALUES}} for name in names}
    answer = snapshot.searcher.aggregate(query, wanted) if wanted else {}
    return {name: [(str(bucket["key"]), int(bucket["doc_count"])) for bucket in answer[name]["buckets"]] for name in names}


def _suggestions(snapshot: Snapshot, name: str) -> Iterable[Clause]:
    """Queries from the narrowest to the widest; each looks at a bounded number of terms."""

    schema, searcher = snapshot.schema, snapshot.searcher
    without_offers = (Occur.MustNot, Clause.term_query(schema, "facet_kind", "offer", index_option="basic"))
    # Stops after the first 50 terms of a segment, where listing the terms would read all that begin so.
    named = Clause.phrase_prefix_query(schema, "identifier", [name])
    yield Clause.boolean_query([(Occur.Must, named), without_offers])
    *words, last = split(name) or [""]
    if len(last) < 2 and not is_unspaced(last):
        return
    longer = sorted(searcher.terms_with_prefix("title", last), key=lambda term: -term[1])[:_ENDINGS]
    endings = [(Occur.Should, Clause.term_query(schema, "title", term, index_option="freq")) for term, _ in longer]
    if endings:
        begun = [(Occur.Must, Clause.term_query(schema, "title", word, index_option="freq")) for word in words]
        yield Clause.boolean_query([*begun, (Occur.Must, Clause.boolean_query(endings)), without_offers])


def _checked_limit(limit: int) -> int:
    if not 1 <= limit <= MAX_LIMIT:
        raise CommonwealError("limit-invalid", f"A page holds 1 to {MAX_LIMIT} entries, not {limit}.", "Page with the cursor.")
    return limit
