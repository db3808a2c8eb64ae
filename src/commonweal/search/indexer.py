"""Keeping the index right: rebuilt from the catalogue, then following the change feed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from commonweal.base import feed
from commonweal.base.registries import facets
from commonweal.catalogue import queries as catalogue
from commonweal.search.builder import Progress, build, documents
from commonweal.search.index import Index
from commonweal.search.services import index as node_index

TOPIC: Final = "entity"
BATCH: Final = 500


def _topics() -> tuple[str, ...]:
    return (TOPIC, *sorted({topic for facet in facets for topic in facet.topics}))


class SearchConsumer:
    """Follows entities and what their facets depend on; the index has its own cursor: an older one catches up by itself."""

    name = "search"
    batch_size = BATCH

    @property
    def topics(self) -> tuple[str, ...]:
        """Asked when the feed is read, when every room has registered its facets."""
        return _topics()

    def handle(self, changes: Sequence[feed.Stored]) -> None:
        """Take in changes; idempotent. Makes the index where there is none that can be read."""
        cursor = node_index().cursor()
        if cursor is None or cursor > feed.head():  # none, or that of another database
            rebuild()
            return
        if changes:
            _catch_up(node_index(), cursor, changes[-1].seq)


def ensure_index(progress: Progress | None = None) -> None:
    """Make the index when it is missing, corrupt, older than this program, or of another database."""
    cursor = node_index().cursor()
    if cursor is None or cursor > feed.head():
        rebuild(progress)
    else:
        _catch_up(node_index(), cursor, feed.head())


def rebuild(progress: Progress | None = None) -> int:
    """Make the index again from all entities, beside the current one, and swap. Returns how many it holds.

    Raises:
        CommonwealError: ``index-busy`` while another process does the same.
    """
    index = node_index()
    cursor = feed.head()
    count = build(index, catalogue.iter_entities(), cursor, progress)
    _catch_up(index, cursor, feed.head())
    return count


def _catch_up(index: Index, cursor: int, end: int) -> None:
    """Take in the changes after ``cursor`` up to ``end``: usually one batch, more after a crash or beside a rebuild."""
    while cursor < end:
        changes = [change for change in feed.read(cursor, topics=_topics(), limit=BATCH) if change.seq <= end]
        cursor = changes[-1].seq if len(changes) == BATCH else end
        ids = list(dict.fromkeys(change.id for change in changes))
        views = catalogue.views(ids) if ids else {}
        index.update(ids, documents(views.values()), cursor)
