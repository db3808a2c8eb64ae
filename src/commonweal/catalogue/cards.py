"""Cards of entries as lists show them: every word ready, so that the template only places them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from commonweal.catalogue.words import Category, category, kind_name, source_short
from commonweal.kernel.languages import language_name
from commonweal.kernel.places import country_name
from commonweal.web import markup

#: Names written out before "+ n".
NAMES_SHOWN: Final = 3


class Shown(NamedTuple):
    """One card in the reader's language."""

    href: str
    kind: str
    kind_name: str
    title: Markup
    description: Markup
    licence: Category
    expression: str | None
    languages: str
    countries: str
    publisher: str | None
    date: str
    sources: str


def shown(card: Mapping[str, Any], *, title: Markup | None = None, description: Markup | None = None) -> Shown:
    """A card ready for ``catalogue/card.html``; ``title`` and ``description`` may bring highlights of their own."""
    lang = markup.language()
    kind = card["kind"]
    return Shown(
        f"/catalogue/{card['id']}",
        kind,
        kind_name(kind),
        title or markup.text(card["title"]),
        description or markup.text(card.get("description") or {}),
        category(card.get("licence_category")),
        card.get("licence"),
        _names([language_name(tag, lang) for tag in card.get("languages", ())[:NAMES_SHOWN]], len(card.get("languages", ()))),
        _names([country_name(code, lang) for code in card.get("countries", ())[:NAMES_SHOWN]], len(card.get("countries", ()))),
        card.get("publisher"),
        markup.day(card.get("issued") or card.get("modified")),
        _names([source_short(source) for source in card["sources"][:NAMES_SHOWN]], len(card["sources"])),
    )


def _names(names: list[str], total: int) -> str:
    listed = markup.listed(names)
    return f"{listed} + {markup.number(total - len(names))}" if total > len(names) else listed
