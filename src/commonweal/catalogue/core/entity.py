"""Entity view: one real thing as its records describe it, every value with who says so.

Pure and independent of the order in which records arrive. Shapes: docs/architecture.md §3.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from commonweal.catalogue.core.kinds import EXTRAS, KINDS
from commonweal.kernel.text import pick

#: One value wins; the others stay beside it.
SINGLE: Final = ("title", "description", "url", "licence", "publisher", "issued", "modified", "status")
#: Every item stands, each with those who say it.
UNITED: Final = ("languages", "countries", "sdgs", "sectors", "keywords", "evidence")

#: A card's description is cut here, in characters of one language.
CARD_DESCRIPTION: Final = 240

#: Who says so, of a link that people of this node gave: no source.
JUDGED: Final = "judgement"

#: A source nobody gave a trust.
DEFAULT_TRUST: Final = 50

_UNITED: Final = {kind: frozenset(UNITED) | {name for name, shape in EXTRAS[kind].items() if shape == "texts"} for kind in KINDS}


class StoredRecord(NamedTuple):
    """A record as the catalogue keeps it: its id, its JSON (``Record.to_json``), and whether its source still lists it."""

    id: str
    data: Mapping[str, Any]
    missing: bool = False


def build_view(
    records: Sequence[StoredRecord],
    trust: Mapping[str, int],
    judged: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    corrections: Sequence[StoredRecord] = (),
) -> dict[str, Any]:
    """The view of one entity, from all its records (one or more, of one kind).

    Of a single-valued property the value of the most trusted source is chosen; among equals that of the record its
    source changed last, then that of the first source and record id. Lists are united. Contacts never enter a view.

    Args:
        records: in any order.
        trust: source id → 0-100; DEFAULT_TRUST where absent.
        judged: record id → links ``{"type", "target"}`` that people of this node gave it.
        corrections: what people of this node say in place of the records: chosen before any source, and of a list
            property chosen alone; the sources' values stay beside it.
    """
    ranked = sorted(records, key=lambda record: record.id)
    if len(ranked) > 1:
        ranked.sort(key=lambda record: record.data["source"])
        ranked.sort(key=lambda record: record.data.get("modified") or "", reverse=True)
        ranked.sort(key=lambda record: -trust.get(record.data["source"], DEFAULT_TRUST))
    kind = ranked[0].data["kind"]
    corrected = sorted(corrections, key=lambda record: record.id)
    values = _values([*corrected, *ranked], _UNITED[kind], len(corrected))
    return {
        "id": min(record.id for record in ranked),
        "kind": kind,
        "records": [_origin(record) for record in ranked],
        "sources": sorted({record.data["source"] for record in ranked}),
        "values": values,
        "chosen": {
            name: [entry["value"] for entry in entries if entry["chosen"]] if name in _UNITED[kind] else entries[0]["value"]
            for name, entries in values.items()
        },
        "links": _links(ranked, judged or {}),
        "grounds": _grounds(ranked),
        "identifiers": sorted({identifier for record in ranked for identifier in record.data.get("identifiers", ())}),
    }


def card(view: Mapping[str, Any]) -> dict[str, Any]:
    """The small JSON a list shows of an entity."""
    chosen = view["chosen"]
    licence = chosen.get("licence") or {}
    return {
        "id": view["id"],
        "kind": view["kind"],
        "title": chosen["title"],
        "description": _shortened(chosen.get("description", {})),
        "licence": licence.get("expression"),
        "licence_category": licence.get("category"),
        "languages": chosen.get("languages", []),
        "countries": chosen.get("countries", []),
        "publisher": chosen.get("publisher"),
        "issued": chosen.get("issued"),
        "modified": chosen.get("modified"),
        "sources": view["sources"],
    }


def title_sort(title: Mapping[str, Any]) -> str:
    """A title's sort key, to be compared bytewise: the same order in every database. Letters before their accents."""
    words = pick(title, "en")[1][:200].casefold()
    if words.isascii():
        return words
    return "".join(c for c in unicodedata.normalize("NFKD", words) if not unicodedata.combining(c)).casefold()


def _values(ranked: Sequence[StoredRecord], united: frozenset[str], corrections: int) -> dict[str, list[dict[str, Any]]]:
    """Property → its distinct values, best first, each with its sources. Properties in the order of their names.

    The first so many `corrections` have the last word: of a list that they name, no other items are chosen.
    """
    found: dict[str, dict[Any, dict[str, Any]]] = {}
    settled: set[str] = set()
    for place, record in enumerate(ranked):
        data = record.data
        says = {"source": data["source"], "record": record.id, "modified": data.get("modified")}
        statements = [(name, data[name]) for name in (*SINGLE, *UNITED) if name in data]
        statements += data.get("extras", {}).items()
        for name, said in statements:
            entries = found.setdefault(name, {})
            several = name in united
            if place < corrections:
                settled.add(name)
            free = place < corrections or name not in settled
            for value in said if several else (said,):
                key = value if type(value) is str else orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
                entry = entries.get(key)
                if entry is None:
                    entries[key] = {"value": value, "sources": [says], "chosen": free if several else not entries}
                elif entry["sources"][-1] is not says:
                    entry["sources"].append(says)
    return {name: list(found[name].values()) for name in sorted(found)}


def _origin(record: StoredRecord) -> dict[str, Any]:
    data = record.data
    origin = {
        "id": record.id,
        "source": data["source"],
        "native_id": data["native_id"],
        "modified": data.get("modified"),
    }
    return {**origin, "missing": True} if record.missing else origin


def _links(ranked: Sequence[StoredRecord], judged: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for record in ranked:
        said = [(record.data["source"], link) for link in record.data.get("links", ())]
        said += [(JUDGED, link) for link in judged.get(record.id, ())]
        for source, link in said:
            entry = found.setdefault(
                (link["type"], link["target"]),
                {"type": link["type"], "target": link["target"], "title": link.get("title"), "sources": []},
            )
            if source not in entry["sources"]:
                entry["sources"].append(source)
    return [found[key] for key in sorted(found)]


def _grounds(ranked: Sequence[StoredRecord]) -> list[dict[str, Any]]:
    found = {
        (ground["ground"], record.data["source"], ground.get("detail", "")): {
            "ground": ground["ground"],
            "detail": ground.get("detail", ""),
            "source": record.data["source"],
        }
        for record in ranked
        for ground in record.data.get("grounds", ())
    }
    return [found[key] for key in sorted(found)]


def _shortened(text: Mapping[str, Any]) -> dict[str, Any]:
    """Each language cut at a word, with an ellipsis; the meta keys (``@original`` …) as they are."""
    return {key: words if key.startswith("@") else _cut(words) for key, words in text.items()}


def _cut(words: str) -> str:
    words = words.strip()
    if len(words) <= CARD_DESCRIPTION:
        return words
    head = words[: CARD_DESCRIPTION - 1]
    space = head.rfind(" ")
    return (head[:space] if space > CARD_DESCRIPTION // 2 else head).rstrip() + "…"
