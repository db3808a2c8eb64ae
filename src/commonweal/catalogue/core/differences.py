"""Differences: which values of a record changed from one version to the next, and what a run changed altogether."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

#: Not values of the thing: the keys of the record, never shown, or notes of the reading.
_NO_VALUES: Final = frozenset({"source", "native_id", "contact", "problems", "extras"})
#: Changed records kept as examples of one run, and characters of a value in them.
EXAMPLES: Final = 20
EXCERPT: Final = 300


class Difference(NamedTuple):
    """One property that changed; None where nothing was said."""

    property: str
    before: Any
    after: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What differs between two versions (``Record.to_json``), by property; extras count as properties."""
    left, right = _values(before), _values(after)
    names = sorted(left.keys() | right.keys())
    return [Difference(name, left.get(name), right.get(name)) for name in names if left.get(name) != right.get(name)]


class Differences:
    """All that one run changed: in how many records each property, the first records as examples."""

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        """Of nothing, or of what :meth:`to_json` gave."""
        kept = kept or {}
        self.properties: Counter[str] = Counter(kept.get("properties", {}))
        self.examples: list[dict[str, Any]] = list(kept.get("examples", ()))

    def add(self, record: str, native_id: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Note one changed record; False when all its values are as before."""
        found = differences(before, after)
        self.properties.update(difference.property for difference in found)
        if found and len(self.examples) < EXAMPLES:
            changes = [{"property": one.property, "before": _short(one.before), "after": _short(one.after)} for one in found]
            self.examples.append({"record": record, "native_id": native_id, "changes": changes})
        return bool(found)

    def to_json(self) -> dict[str, Any]:
        """``{"properties": {property: records}, "examples": [{"record", "native_id", "changes"}]}``."""
        return {"properties": dict(sorted(self.properties.items())), "examples": self.examples}


def _values(record: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in record.items() if name not in _NO_VALUES}
    return {**values, **record.get("extras", {})}


def _short(value: Any) -> Any:
    """Long words cut; the shape stays."""
    if isinstance(value, str):
        return value if len(value) <= EXCERPT else value[: EXCERPT - 1] + "…"
    if isinstance(value, Mapping):
        return {name: _short(part) for name, part in list(value.items())[:EXAMPLES]}
    if isinstance(value, list):
        return [_short(part) for part in value[:EXAMPLES]]
    return value
