"""Lists in a total order, page by page, without ever skipping or repeating an entry.

The index sorts by one key at a time. An order of several keys is walked like a tree: first what is tied with the last
entry shown and comes after it, then what has a greater first key; only the group cut by the end of the page is walked
into further.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

from tantivy import DocAddress, FieldType, Occur, Order, Query

from commonweal.search.index import Snapshot


class Place(NamedTuple):
    """An entry's sort keys and where the index keeps it."""

    keys: tuple[int, ...]
    address: DocAddress


def walk(snapshot: Snapshot, query: Query, keys: Sequence[str], after: Sequence[int], limit: int) -> list[Place]:
    """The first ``limit`` entries of ``query`` in ascending order of ``keys``, beyond the keys ``after`` (or ())."""
    if limit <= 0:
        return []
    key, *finer = keys
    found: list[Place] = []
    if after:
        if finer:
            tied = walk(snapshot, _within(snapshot, query, key, after[0], after[0]), finer, after[1:], limit)
            found = [Place((after[0], *place.keys), place.address) for place in tied]
        if after[0] == 2**63 - 1:
            return found
        query = _within(snapshot, query, key, after[0] + 1, None)
    wanted = limit - len(found)
    if wanted <= 0:
        return found
    hits = snapshot.searcher.search(query, wanted, count=False, order_by_field=key, order=Order.Asc).hits
    for value, group in groupby(hits, key=lambda hit: hit[0]):
        addresses = [address for _, address in group]
        cut = len(hits) == wanted and value == hits[-1][0]
        if cut and finer:
            tied = walk(snapshot, _within(snapshot, query, key, value, value), finer, (), len(addresses))
        else:
            tied = _sorted(snapshot, finer, addresses)
        found += [Place((value, *place.keys), place.address) for place in tied]
    return found


def _sorted(snapshot: Snapshot, keys: Sequence[str], addresses: list[Any]) -> list[Place]:
    columns = [snapshot.searcher.fast_field_values(key, addresses) for key in keys]
    rows = zip(*columns, strict=True) if columns else ((),) * len(addresses)
    places = [Place(tuple(row), address) for row, address in zip(rows, addresses, strict=True)]
    return sorted(places, key=lambda place: place.keys)


def _within(snapshot: Snapshot, query: Query, key: str, low: int, high: int | None) -> Query:
    limits = Query.range_query(snapshot.schema, key, FieldType.Integer, lower_bound=low, upper_bound=high)
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, limits)])
