"""Cards of entries as lists show them.

A list has many cards, and their parts come again and again: the HTML of each part is made once for each language and
remembered, so that a card nobody has seen yet is only put together. All of it is written in the active language, which
is also named where something is remembered by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import orjson
from markupsafe import Markup, escape

from commonweal.catalogue.words import UNLICENSED, category, kind_name, source_short
from commonweal.kernel.languages import language_name
from commonweal.kernel.places import country_name
from commonweal.web import markup

#: Names written out before "+ n".
NAMES_SHOWN: Final = 3
#: Cards whose HTML is kept, about 1 KB each.
KEPT: Final = 8_192


def html(card: Mapping[str, Any], lang: str, *, title: Markup | None = None, description: Markup | None = None) -> Markup:
    """A card (docs/architecture.md §3) as a list item in the active language ``lang``.

    ``title`` and ``description`` may bring highlights of their own.
    """
    kind = card["kind"]
    licence = card.get("licence_category")
    said = markup.text(card.get("description") or {}, lang) if description is None else description
    publisher = card.get("publisher")
    parts = (
        _kind(kind, lang)[0],
        f'<h3><a href="/catalogue/{escape(card["id"])}">',
        markup.text(card["title"], lang) if title is None else title,
        "</a></h3>\n",
        f'<p class="clamp">{said}</p>\n' if said else "",
        _kind(kind, lang)[1],
        "" if kind in UNLICENSED and not licence else _licence(licence, card.get("licence"), lang),
        _named("language", card.get("languages", ()), lang),
        _named("place", card.get("countries", ()), lang),
        f"<li><bdi>{escape(publisher)}</bdi></li>" if publisher else "",
        _date(card.get("issued") or card.get("modified"), lang),
        _named("source", card["sources"], lang),
        "</ul>\n</div></li>",
    )
    return Markup("".join(parts))  # noqa: S704 (each part is escaped where it is made)


@lru_cache(maxsize=KEPT)
def kept_html(card: bytes, lang: str) -> Markup:
    """A card of the index as a list item in the active language ``lang``: most readers see the same few."""
    return html(orjson.loads(card), lang)


@lru_cache(maxsize=256)
def _kind(kind: str, lang: str) -> tuple[str, str]:
    """How a card begins, and how its list of facts begins."""
    name = escape(kind_name(kind))
    return f'<li class="card"><span class="kind-mark">{markup.icon(kind)}</span><div>\n', f'<ul class="meta"><li>{name}</li>'


@lru_cache(maxsize=2_048)
def _licence(name: str | None, expression: str | None, lang: str) -> str:
    shown = category(name)
    badge = f'<span class="badge {escape(shown.tone)}">{markup.icon(shown.icon)}{escape(shown.label)}</span>'
    return f"<li>{badge}{f'<bdi>{escape(expression)}</bdi>' if expression else ''}</li>"


@lru_cache(maxsize=8_192)
def _date(date: str | None, lang: str) -> str:
    return f"<li>{escape(markup.day(date))}</li>" if date else ""


#: Icon → how one of its codes is written in a language. What a source is called is its operator's to change: asked anew.
_NAMES: Final[dict[str, Callable[[str, str], str]]] = {"language": language_name, "place": country_name}


def _named(icon: str, codes: Sequence[str], lang: str) -> str:
    """The first few names, and how many more there are; nothing of none."""
    if not codes:
        return ""
    if icon == "source":
        return _listed(icon, tuple(map(source_short, codes[:NAMES_SHOWN])), len(codes), lang)
    return _translated(icon, tuple(codes[:NAMES_SHOWN]), len(codes), lang)


@lru_cache(maxsize=8_192)
def _translated(icon: str, codes: tuple[str, ...], total: int, lang: str) -> str:
    return _listed(icon, tuple(_NAMES[icon](code, lang) for code in codes), total, lang)


@lru_cache(maxsize=8_192)
def _listed(icon: str, names: tuple[str, ...], total: int, lang: str) -> str:
    more = f" + {markup.number(total - len(names))}" if total > len(names) else ""
    return f"<li>{markup.icon(icon)}{escape(markup.listed(names))}{more}</li>"
