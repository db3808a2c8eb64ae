"""What the index keeps of one entity: a plain mapping from index field to value, computed from its view and card."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from commonweal.kernel.text import fold, pick
from commonweal.search.core.analyse import index_line, sort_keys, terms

#: A title is ordered by its first 8 × this many bytes, folded; equal ones by id.
TITLE_KEYS: Final = 4
#: Sort → the names of its keys, the first the most significant; all signed integers, ``id_key`` makes them unique.
SORTS: Final[dict[str, tuple[str, ...]]] = {
    "relevance": (),
    "newest": ("date_key", "id_key"),
    "title": (*(f"title_key{number}" for number in range(TITLE_KEYS)), "id_key"),
}
SORT_KEYS: Final = ("date_key", *SORTS["title"])

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
_INT64: Final = 2**63 - 1
_MAX_IDENTIFIERS: Final = 64
_MAX_NAME: Final = 300
#: Extras whose words are searched.
_WORDS: Final = ("publisher", "provider", "model", "funder", "recipient", "architecture", "authors", "venue", "domains")
_LISTS: Final = ("keywords", "sectors", "tasks")
#: The alphabet of record ids (base32): 12 characters make 60 bits.
_ID_BITS: Final = {character: number for number, character in enumerate("abcdefghijklmnopqrstuvwxyz234567")}

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
    fields: dict[str, Any] = {
        "id": view["id"],
        "card": orjson.dumps(card),
        "title": heading,
        "text": _text(heading, chosen),
        "identifier": _identifiers(view, title),
        "id_key": id_key(view["id"]),
        "date_key": date_key(chosen.get("issued") or chosen.get("modified")),
    }
    shown = pick(title, "en")[1]
    for number, key in enumerate(sort_keys(shown, TITLE_KEYS)):
        fields[f"title_key{number}"] = key
    for name, values in facets.items():
        if found := values(view):
            fields[f"facet_{name}"] = list(dict.fromkeys(found))
    for name, number_value in _numbers(view, chosen):
        fields[f"number_{name}"] = number_value
    return fields


def id_key(entity: str) -> int:
    """An entity id as a signed integer that breaks ties in sorts; ids are hashes, so 60 bits tell them apart."""
    key = 0
    for character in entity[:12].ljust(12, "a"):
        key = key << 5 | _ID_BITS.get(character, ord(character) & 31)
    return key


def date_key(date: str | None) -> int:
    """An ISO date, as precise as known, as -yyyymmdd, so that the newest comes first; 0, the last, when unknown."""
    digits = (date or "").replace("-", "")[:8]
    return -int(digits.ljust(8, "0")) if digits.isdecimal() and digits.isascii() else 0


def _text(heading: str, chosen: Mapping[str, Any]) -> str:
    """Every searched word: title, description, names and keywords."""
    lines = [heading, index_line(chosen.get("description") or {})]
    for name in _WORDS:
        lines.extend(terms(value).line() for value in _strings(chosen.get(name)))
    words = [value for name in _LISTS for value in _strings(chosen.get(name))]
    lines.extend(terms(value).line() for value in dict.fromkeys(words))
    return " | ".join(line for line in lines if line)


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        return (value,) if value else ()
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else ()


def _identifiers(view: Mapping[str, Any], title: Mapping[str, Any]) -> list[str]:
    """Folded names the entity goes by: printed identifiers, their values and last parts, native ids, whole titles."""
    found: dict[str, None] = {}
    for printed in view.get("identifiers", ()):
        value = printed.partition(":")[2]
        for name in (printed, value, value.removeprefix("datasets/"), value.rpartition("/")[2]):
            found[name] = None
    for record in view.get("records", ()):
        found[record["native_id"]] = None
    for lang, words in title.items():
        if not lang.startswith("@"):
            found[words[:_MAX_NAME]] = None
    found[view["id"]] = None
    names = (fold(name) for name in list(found)[:_MAX_IDENTIFIERS])
    return list(dict.fromkeys(name for name in names if 0 < len(name) <= _MAX_NAME))


def _numbers(view: Mapping[str, Any], chosen: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    yield "sources", len(view["sources"])
    if year := (chosen.get("issued") or chosen.get("modified") or "")[:4]:
        yield "year", int(year) if year.isdecimal() else 0
    for name, source in NUMBERS.items():
        value = chosen.get(source) if source else None
        if isinstance(value, dict):  # a quantity with bounds
            value = value.get("value")
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _INT64:
            yield name, int(value)
