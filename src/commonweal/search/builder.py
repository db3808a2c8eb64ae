"""From entity views to index documents, and from all of them to a new generation of the index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from commonweal.base.registries import facets
from commonweal.catalogue.core.entity import card
from commonweal.search.core.document import document
from commonweal.search.index import Index

_PROGRESS_EVERY: Final = 1_000
#: Views whose facets are read at once; so many views are in memory.
_BATCH: Final = 500

FacetReader = Callable[[dict[str, Any]], Sequence[str]]

#: progress(done, total or None while not known, what is counted)
Progress = Callable[[int, int | None, str], None]


def documents(views: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The index documents of entity views, with the values of every registered facet."""
    alone = {facet.name: facet.values for facet in facets if facet.many is None}
    waiting = iter(views)
    while batch := list(islice(waiting, _BATCH)):
        values: dict[str, FacetReader] = dict(alone)
        for facet in facets:
            if facet.many is not None:
                values[facet.name] = _known(facet.many(batch))
        for view in batch:
            yield document(view, card(view), values)


def _known(found: Mapping[str, Sequence[str]]) -> FacetReader:
    return lambda view: found.get(view["id"], ())


def build(index: Index, views: Iterable[dict[str, Any]], cursor: int, progress: Progress | None = None) -> int:
    """Make ``index`` from all entity views, which are right up to change ``cursor`` of the feed, beside the current one.

    Memory does not grow with their number. Returns how many there were.

    Raises:
        CommonwealError: ``index-busy`` while another process does the same.
    """
    count = 0
    with index.rebuilding(cursor) as add:
        for count, fields in enumerate(documents(views), 1):
            add(fields)
            if progress and count % _PROGRESS_EVERY == 0:
                progress(count, None, "entries")
    if progress:
        progress(count, count, "entries")
    return count
