"""Provenance: who says so. No value is shown without it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where one value comes from.

    Args:
        source: id of the source, e.g. ``"mteb"``.
        record: id of the record that holds the value, or None when the value is not from a record.
        modified: ISO date on which the source last changed the record, as precise as known, or None.
        licence: SPDX expression under which the source lets its data be used, or None.
        retrieved: ISO date or time (UTC) at which this node read it, or None.
    """

    source: str
    record: str | None = None
    modified: str | None = None
    licence: str | None = None
    retrieved: str | None = None

    def to_json(self) -> dict[str, str]:
        """The provenance as a JSON object, unknown members left out."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Provenance:
        """The inverse of :meth:`to_json`."""
        return cls(**data)
