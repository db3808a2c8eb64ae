"""What the index keeps of one entity: a plain mapping from index field to value, computed from its view and card."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

import orjson

from commonweal.kernel.text import fold, pick
from commonweal.search.core.analyse import BETWEEN, index_line, name_line, sort_keys

#: A title is ordered by its first 8 × this many bytes, folded; equal ones by id.
TITLE_KEYS: Final = 4
#: Sort → the names of its keys, the first the most significant; all signed integers, ``id_key`` makes them unique.
SORTS: Final[dict[str, tuple[str, ...]]] = {
    "relevance": (),
    "newest": ("date_key", "id_key"),
    "title": (*(f"title_key{number}" for number in range(TITLE_KEYS)), "id_key"),
}
SORT_KEYS: Final = ("date_key", *SORTS["title"])
_TITLE_KEYS: Final = SORTS["title"][:TITLE_KEYS]

#: Number field of the query language → the property of a view it reads ("": computed below).
NUMBERS: Final = {
    "year": "",
    "sources": "",
    "parameters": "parameter_count",
    "downloads": "downloads",
    "size": "size_bytes",
    "rows": "row_count",
    "context": "context_tokens",
}
_NUMBER_PROPERTIES: Final = {source: f"number_{name}" for name, source in NUMBERS.items() if source}
_INT64: Final = 2**63 - 1
_MAX_IDENTIFIERS: Final = 64
_MAX_NAME: Final = 300
#: Properties whose words are searched beside title and description.
_WORDS: Final = (
    *("publisher", "provider", "model", "funder", "recipient", "architecture", "authors", "venue"),
    *("keywords", "sectors", "tasks", "domains"),
)
#: The alphabet of record ids (RFC 4648) → Python's digits; 12 of them make 60 bits.
_BASE_32: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghijklmnopqrstuv")

FacetValues = Mapping[str, Callable[[dict[str, Any]], Sequence[str]]]


def document(view: dict[str, Any], card: dict[str, Any], facets: FacetValues) -> dict[str, Any]:
    """The index document of an entity.

    Args:
        view: entity view, and ``card`` its card (shapes: docs/architecture.md §3).
        facets: facet name → the function that reads its values from a view.
    """
    chosen = view["chosen"]
    title = chosen.get("title") or {}
    heading = index_line(title)
    name = fold(pick(title, "en")[1][:_MAX_NAME])
    date = chosen.get("issued") or chosen.get("modified")
    fields: dict[str, Any] = {
        "id": view["id"],
        "card": orjson.dumps(card),
        "title": heading,
        "text": _text(heading, chosen),
        "identifier": _identifiers(view, name),
        "id_key": id_key(view["id"]),
        "date_key": date_key(date),
        "number_sources": len(view["sources"]),
        **dict(zip(_TITLE_KEYS, sort_keys(name, TITLE_KEYS), strict=True)),
    }
    for name, values in facets.items():
        if found := values(view):  # one value goes in without a list: this is most of the work
            fields[f"facet_{name}"] = found[0] if len(found) == 1 else list(dict.fromkeys(found))
    if date:
        fields["number_year"] = int(date[:4]) if date[:4].isdecimal() else 0
    for source in chosen.keys() & _NUMBER_PROPERTIES.keys():
        if (number := _whole(chosen[source])) is not None:
            fields[_NUMBER_PROPERTIES[source]] = number
    return fields


def id_key(entity: str) -> int:
    """An entity id as a signed integer that breaks ties in sorts; ids are hashes, so 60 bits tell them apart."""
    digits = entity[:12].translate(_BASE_32)
    try:
        return int(digits.ljust(12, "0"), 32)
    except ValueError:  # not minted by us
        return int.from_bytes(hashlib.sha256(entity.encode()).digest()[:7], "big")


def date_key(date: str | None) -> int:
    """An ISO date, as precise as known, as -yyyymmdd, so that the newest comes first; 0, the last, when unknown."""
    digits = (date or "").replace("-", "")[:8]
    return -int(digits.ljust(8, "0")) if digits.isdecimal() and digits.isascii() else 0


def _text(heading: str, chosen: Mapping[str, Any]) -> str:
    """Every searched word: title, description, names and keywords."""
    said = [_strings(chosen[name]) for name in _WORDS if name in chosen]
    lines = [heading, index_line(chosen.get("description") or {}), *map(name_line, dict.fromkeys(chain.from_iterable(said)))]
    return BETWEEN.join(filter(None, lines))


def _strings(value: Any) -> Sequence[str]:
    if isinstance(value, str):
        return (value,) if value else ()
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else ()


def _identifiers(view: Mapping[str, Any], name: str) -> list[str]:
    """Folded names the entity goes by: printed identifiers, their values and last parts, native ids, its whole title."""
    found: dict[str, None] = {}
    for printed in view.get("identifiers", ()):
        value = printed.partition(":")[2]
        found |= dict.fromkeys((printed, value, value.removeprefix("datasets/"), value.rpartition("/")[2]))
    found |= dict.fromkeys(record["native_id"] for record in view["records"])
    # Folded at one go: no identifier holds a line break.
    names = fold("\n".join(list(found)[:_MAX_IDENTIFIERS])).split("\n")
    return [each for each in dict.fromkeys((name, *names)) if 0 < len(each) <= _MAX_NAME]


def _whole(value: Any) -> int | None:
    """A number of a view, also one with bounds, as the index holds numbers: whole, in 64 bits."""
    if isinstance(value, dict):  # a quantity with bounds
        value = value.get("value")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _INT64:
        return int(value)
    return None
