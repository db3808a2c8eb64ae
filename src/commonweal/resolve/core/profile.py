"""What the resolver needs of a record, normalised once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from commonweal.kernel.text import pick

from .exact import developer_key
from .names import Name, parse_name

#: Version of this normalisation: stored profiles of another version are made anew.
NORMALISER: Final = 1

_YEAR: Final = re.compile(r"\d{4}")


class Profile(NamedTuple):
    """A record as the resolver sees it.

    Attributes:
        id, source, kind: as in the record.
        title: in English where there is one, else the first language by tag.
        name: the title taken apart; for ``owner/name`` titles, of the name alone.
        developer: comparable key of publisher or namespace, "" when nobody is named.
        about: description, plain text.
        identifiers: printed identifiers of the thing itself.
        licence: expression, "" when unknown.
        year: of issue or modification, None when unknown.
    """

    id: str
    source: str
    kind: str
    title: str
    name: Name
    developer: str
    about: str
    identifiers: frozenset[str]
    licence: str
    year: int | None

    def row(self) -> dict[str, Any]:
        """The profile as the fields a model file may name."""
        return {
            "name": self.name.key,
            "core": self.name.core,
            "sizes": sorted(self.name.sizes),
            "versions": sorted(self.name.versions),
            "variants": sorted(self.name.variants),
            "developer": self.developer,
            "about": self.about,
            "identifiers": sorted(self.identifiers),
            "licence": self.licence,
            "year": self.year,
        }


def profile(record_id: str, data: Mapping[str, Any]) -> Profile:
    """The profile of a record (``Record.to_json()``)."""
    title = pick(data["title"], "en")[1]
    owner, slash, own = title.partition("/")
    if not slash or " " in owner:
        owner, own = "", title
    licence = data.get("licence") or {}
    year = _YEAR.match(data.get("issued") or data.get("modified") or "")
    return Profile(
        id=record_id,
        source=data["source"],
        kind=data["kind"],
        title=title,
        name=parse_name(own),
        developer=developer_key(data.get("publisher") or owner),
        about=pick(data.get("description") or {}, "en")[1],
        identifiers=frozenset(data.get("identifiers") or ()),
        licence=licence.get("expression") or "",
        year=int(year[0]) if year else None,
    )
