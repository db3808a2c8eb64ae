"""Named reads of the resolver."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from commonweal.resolve.core.exact import Traits
from commonweal.resolve.models import Key

#: Values in one IN list: every database and driver takes that many.
CHUNK = 10_000


class StoredKeys:
    """The traits of all live records as stored: a ``Store`` of ``core/exact.py``."""

    def by_record(self, records: Collection[str]) -> dict[str, Traits]:
        """Traits of those records that hold a key."""
        keys: dict[str, set[str]] = defaultdict(set)
        said: dict[str, tuple[str, str]] = {}
        for chunk in _chunks(records):
            rows = Key.objects.filter(record__in=chunk).values_list("record", "key", "source", "numbers")
            for record, key, source, numbers in rows:
                keys[record].add(key)
                said[record] = source, numbers
        return {record: Traits(record, *said[record], frozenset(held)) for record, held in keys.items()}

    def holders(self, keys: Collection[str]) -> dict[str, set[str]]:
        """Key → the records that hold it."""
        found: dict[str, set[str]] = defaultdict(set)
        for chunk in _chunks(keys):
            for key, record in Key.objects.filter(key__in=chunk).values_list("key", "record"):
                found[key].add(record)
        return found


def _chunks(values: Collection[str]) -> Iterator[list[str]]:
    every = list(values)
    for start in range(0, len(every), CHUNK):
        yield every[start : start + CHUNK]
