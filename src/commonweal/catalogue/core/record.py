"""Record: what one source says about one thing."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

Text = dict[str, Any]


def record_id(source: str, native_id: str) -> str:
    """The permanent id minted for (source, native id): 20 lower-case base32 characters (100 bits) of SHA-256.

    The separator is a NUL, which no cleaned text can hold, so two different pairs never share an input.
    """
    digest = hashlib.sha256(f"{source}\0{native_id}".encode()).digest()
    return base64.b32encode(digest[:15])[:20].decode("ascii").lower()


@dataclass(slots=True)
class Record:
    """One source's statement about one thing. Shapes of the fields: docs/architecture.md §3."""

    source: str
    native_id: str
    kind: str
    title: Text
    description: Text = field(default_factory=dict)
    identifiers: list[str] = field(default_factory=list)
    url: str | None = None
    licence: dict[str, Any] | None = None
    languages: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    sdgs: list[int] = field(default_factory=list)
    sectors: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    publisher: str | None = None
    contact: str | None = None
    issued: str | None = None
    modified: str | None = None
    status: str | None = None
    evidence: list[str] = field(default_factory=list)
    grounds: list[dict[str, str]] = field(default_factory=list)
    extras: dict[str, Any] = field(default_factory=dict)
    links: list[dict[str, str]] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Permanent id, see :func:`record_id`."""
        return record_id(self.source, self.native_id)

    def to_json(self) -> dict[str, Any]:
        """The record as a JSON object, empty properties left out."""
        said = ((key, getattr(self, key)) for key in self.__slots__)
        return {key: value for key, value in said if value is not None and value != [] and value != {}}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Record:
        """The inverse of :meth:`to_json`."""
        return cls(**data)
