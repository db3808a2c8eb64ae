"""How to cite an entry: a line of plain text, and BibTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from commonweal.kernel.text import pick

#: BibTeX: what must be escaped inside braces.
_SPECIAL: Final = re.compile(r"([&%$#_{}])")
_ENTRY_TYPES: Final = {"software": "software", "dataset": "dataset", "publication": "article"}


def plain(view: Mapping[str, Any], *, site: str, address: str, day: str) -> str:
    """ "Masakhane. MasakhaNER (2021) [dataset]. https://…. Described at Example node, https://…, 2026-11-22."

    Args:
        view: entity view.
        site: name of the node that describes the thing.
        address: the entry's permanent address there.
        day: ISO date of the description.
    """
    chosen = view["chosen"]
    publisher, year, url = chosen.get("publisher"), _year(chosen), chosen.get("url")
    head = f"{publisher}. " if publisher else ""
    dated = f" ({year})" if year else ""
    place = f" {url}." if url else ""
    return f"{head}{_title(chosen)}{dated} [{view['kind'].replace('_', ' ')}].{place} Described at {site}, {address}, {day}."


def bibtex(view: Mapping[str, Any], *, site: str, address: str, day: str) -> str:
    """A BibLaTeX entry; its key is the entity's id. Arguments as for :func:`plain`."""
    chosen = view["chosen"]
    fields = {
        "title": f"{{{_escaped(_title(chosen))}}}",
        "author": f"{{{_escaped(chosen['publisher'])}}}" if chosen.get("publisher") else "",
        "year": _year(chosen),
        "url": chosen.get("url") or address,
        "note": _escaped(f"Described at {site}, {address}"),
        "urldate": day,
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{_ENTRY_TYPES.get(view['kind'], 'misc')}{{{view['id']},\n{lines}}}\n"


def _title(chosen: Mapping[str, Any]) -> str:
    return pick(chosen["title"], "en")[1]


def _year(chosen: Mapping[str, Any]) -> str:
    return str(chosen.get("issued") or chosen.get("modified") or "")[:4]


def _escaped(words: str) -> str:
    return _SPECIAL.sub(r"\\\1", words.replace("\\", r"\textbackslash "))
