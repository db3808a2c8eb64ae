"""Cards of entries as lists show them: every word ready, so that the template only places them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson
from markupsafe import Markup

from commonweal.catalogue.words import UNLICENSED, Category, category, kind_name, source_short
from commonweal.kernel.languages import language_name
from commonweal.kernel.places import country_name
from commonweal.web import markup
from commonweal.web.jinja import fragment

#: Names written out before "+ n".
NAMES_SHOWN: Final = 3
#: Cards whose HTML is kept, about 1 KB each.
KEPT: Final = 8_192


class Shown(NamedTuple):
    """One card in the reader's language."""

    href: str
    kind: str
    kind_name: str
    title: Markup
    description: Markup
    licence: Category | None
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
        None if kind in UNLICENSED and not card.get("licence_category") else category(card.get("licence_category")),
        card.get("licence"),
        _names([language_name(tag, lang) for tag in card.get("languages", ())[:NAMES_SHOWN]], len(card.get("languages", ()))),
        _names([country_name(code, lang) for code in card.get("countries", ())[:NAMES_SHOWN]], len(card.get("countries", ()))),
        card.get("publisher"),
        markup.day(card.get("issued") or card.get("modified")),
        _names([source_short(source) for source in card["sources"][:NAMES_SHOWN]], len(card["sources"])),
    )


def html(card: Mapping[str, Any], **marked: Markup) -> Markup:
    """A card as a list item; ``marked`` may bring title and description with highlights."""
    return fragment("catalogue/card.html", {"card": shown(card, **marked)})


@lru_cache(maxsize=KEPT)
def kept_html(card: bytes, lang: str) -> Markup:
    """A card of the index as a list item in the active language ``lang``: most readers see the same few."""
    return html(orjson.loads(card))


def _names(names: list[str], total: int) -> str:
    listed = markup.listed(names)
    return f"{listed} + {markup.number(total - len(names))}" if total > len(names) else listed
