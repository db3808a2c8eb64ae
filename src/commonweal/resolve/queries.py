"""Named reads of the resolver."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from commonweal.base.rows import lookup
from commonweal.catalogue import queries as catalogue
from commonweal.kernel.errors import CommonwealError
from commonweal.resolve.core.exact import Traits, coherent
from commonweal.resolve.models import Key


class StoredKeys:
    """The traits of all live records as stored: a ``Store`` of ``core/exact.py``."""

    def by_record(self, records: Collection[str]) -> dict[str, Traits]:
        """Traits of those records that hold a key."""
        keys: dict[str, set[str]] = defaultdict(set)
        said: dict[str, tuple[str, str]] = {}
        for record, key, source, numbers in lookup(Key, ("record", "key", "source", "numbers"), "record", records):
            keys[record].add(key)
            said[record] = source, numbers
        return {record: Traits(record, *said[record], frozenset(held)) for record, held in keys.items()}

    def holders(self, keys: Collection[str]) -> dict[str, set[str]]:
        """Key → the records that hold it."""
        found: dict[str, set[str]] = defaultdict(set)
        for key, record in lookup(Key, ("key", "record"), "key", keys):
            found[key].add(record)
        return found


def explain(name: str) -> list[dict[str, Any]]:
    """The keys of an entity's records: who holds each, and whether it joins them.

    Raises:
        CommonwealError: ``entity-unknown``.
    """
    found = catalogue.entity(name)
    if found is None:
        raise CommonwealError("entity-unknown", f"There is no entity {name}.", status=404)
    records = [record["id"] for record in found[0]["records"]]
    store = StoredKeys()
    held = store.holders({key for traits in store.by_record(records).values() for key in traits.keys})
    traits = store.by_record(set().union(*held.values()) if held else set())
    return [
        {"key": key, "joins": len(holders) > 1 and coherent(traits[holder] for holder in holders), "records": sorted(holders)}
        for key, holders in sorted(held.items())
    ]
