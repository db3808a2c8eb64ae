"""The facts of an entry as its page shows them: each value with who says so, disagreements side by side.

Turns the attributed JSON of an entity view into words of the reader's language; asks no database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Final

from babel.numbers import format_currency
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from commonweal.catalogue.core.entity import UNITED
from commonweal.catalogue.core.kinds import EXTRAS
from commonweal.catalogue.words import SDGS, category, property_name, source_short, source_spec
from commonweal.kernel.identifiers import parse_identifier
from commonweal.kernel.languages import language_name
from commonweal.kernel.places import country_name
from commonweal.web import markup

#: Shown in the head of the page, so not again among the facts unless sources disagree about it.
HEAD: Final = ("title", "description")
FIRST: Final = ("licence", "publisher", "languages", "countries", "issued", "modified", "status", "url")
LAST: Final = ("sdgs", "sectors", "keywords", "evidence")


@dataclass(frozen=True, slots=True)
class Says:
    """Who says it: a source and the licence of its words, in which record, when it last changed that record."""

    source: str
    title: str
    licence: str
    record: str
    modified: str | None


@dataclass(frozen=True, slots=True)
class Value:
    """What is said, as HTML, and by whom. Of a united property: all items with the very same sources, together."""

    items: tuple[Markup, ...]
    says: tuple[Says, ...]
    chosen: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A property in words and its values; more than one value of a property that has one truth is a disagreement."""

    name: str
    label: str
    values: tuple[Value, ...]
    disputed: bool


def facts(view: Mapping[str, Any]) -> list[Fact]:
    """All facts of an entity view in reading order: licence and origin first, keywords last."""
    said = view["values"]
    extras = EXTRAS.get(view["kind"], {})
    names = [*HEAD, *FIRST, *extras, *LAST]
    names += [name for name in said if name not in names]
    found = [_fact(name, said[name], extras.get(name, "text")) for name in names if said.get(name)]
    return [fact for fact in found if fact.name not in HEAD or fact.disputed]


def says(entry: Mapping[str, Any]) -> tuple[Says, ...]:
    """Who says one value of a view."""
    return tuple(_said(said) for said in entry["sources"])


def _said(said: Mapping[str, Any]) -> Says:
    spec = source_spec(said["source"])
    licence = spec.licence if spec else ""
    return Says(said["source"], source_short(said["source"]), licence, said["record"], said.get("modified"))


def _fact(name: str, entries: Sequence[Mapping[str, Any]], shape: str) -> Fact:
    show = _printer(name, shape)
    if name in UNITED or shape == "texts":
        grouped = groupby(sorted(entries, key=_speakers), key=_speakers)
        united = [list(group) for _sources, group in grouped]
        values = tuple(Value(tuple(show(e["value"]) for e in group), says(group[0]), True) for group in united)
        return Fact(name, property_name(name), tuple(sorted(values, key=lambda v: -len(v.items))), False)
    values = tuple(Value((show(entry["value"]),), says(entry), bool(entry["chosen"])) for entry in entries)
    return Fact(name, property_name(name), values, _differ(entries))


def _differ(entries: Sequence[Mapping[str, Any]]) -> bool:
    """Whether sources contradict each other; two spellings of one licence do not."""
    values = [entry["value"] for entry in entries]
    if all(isinstance(value, Mapping) and value.get("expression") for value in values):
        return len({value["expression"] for value in values}) > 1
    return len(values) > 1


def _speakers(entry: Mapping[str, Any]) -> list[str]:
    return [said["record"] for said in entry["sources"]]


def _printer(name: str, shape: str) -> Callable[[Any], Markup]:
    """How values of a property are written: by its name, else by the type its kind gives it, else as they are."""
    return _BY_NAME.get(name) or _BY_SHAPE.get(shape) or _plain


def _plain(value: Any) -> Markup:
    if isinstance(value, bool):
        return Markup("{}").format(_("yes") if value else _("no"))
    if isinstance(value, int | float):
        return Markup("<bdi>{}</bdi>").format(markup.number(value))
    if isinstance(value, Mapping | str):
        return markup.text(value)
    return Markup("<code>{}</code>").format(value)


def _filtered(facet: str, label: Callable[[str], str], value: Any) -> Markup:
    """A value that is also a filter of the search."""
    return Markup('<a class="quiet" href="/search{}">{}</a>').format(markup.query({facet: str(value)}), label(str(value)))


def _licence(value: Mapping[str, Any]) -> Markup:
    shown = category(value.get("category"))
    badge = Markup('<span class="badge {}">{}{}</span>').format(shown.tone, markup.icon(shown.icon), shown.label)
    expression = Markup(" <bdi>{}</bdi>").format(value["expression"]) if value.get("expression") else Markup("")
    raw = str(value.get("raw") or "")
    if raw and raw != value.get("expression"):
        written = Markup('<bdi class="mono">{}</bdi>').format(raw if len(raw) <= 200 else raw[:199] + "…")
        expression += Markup('<p class="says">{}</p>').format(escape(_("As written: %(text)s")) % {"text": written})
    return badge + expression


def _link(value: Any) -> Markup:
    address = markup.safe_url(value)
    if not address:
        return Markup("<bdi>{}</bdi>").format(value)
    shown = address.removeprefix("https://").removeprefix("http://").rstrip("/")
    return Markup('<a href="{}" rel="nofollow noopener" dir="ltr">{}</a>').format(address, shown)


def _quantity(value: Any) -> Markup:
    """A number, or an interval with what lies between; with its unit."""
    if not isinstance(value, Mapping):
        return _plain(value)
    low, high, best = value.get("low"), value.get("high"), value.get("value")
    numbers = [best] if best is not None else [n for n in (low, high) if n is not None]
    shown = " – ".join(dict.fromkeys(markup.compact(float(n)) for n in numbers))
    unit = "" if value.get("unit") in (None, "", "1") else f" {value['unit']}"
    return Markup("<bdi>{}{}</bdi>").format(shown, unit)


def _money(value: Mapping[str, Any]) -> Markup:
    amount = format_currency(value["minor"] / 100, value["currency"], locale=markup.locale(markup.language()))
    return Markup("<bdi>{}</bdi>").format(amount)


def _components(value: Any) -> Markup:
    """Parts of a model with their own licences."""
    if not isinstance(value, Iterable) or isinstance(value, str | Mapping):
        return _plain(value)
    lines = (_component(part) for part in value)
    return Markup('<ul class="plain">{}</ul>').format(Markup("").join(Markup("<li>{}</li>").format(line) for line in lines))


def _component(part: Any) -> Markup:
    if not isinstance(part, Mapping):
        return _plain(part)
    licence = part.get("licence")
    shown = _licence(licence) if isinstance(licence, Mapping) else Markup("")
    return Markup("<bdi>{}</bdi> {}").format(part.get("name") or part.get("type") or "", shown)


def _day(value: Any) -> Markup:
    return Markup("<bdi>{}</bdi>").format(markup.day(str(value)))


def identifier(printed: str) -> Markup:
    """A printed identifier, as a link where its scheme has addresses."""
    parsed = parse_identifier(printed)
    address = markup.safe_url(parsed.url) if parsed else None
    shown = Markup('<bdi class="mono">{}</bdi>').format(printed)
    return Markup('<a href="{}" rel="nofollow noopener">{}</a>').format(address, shown) if address else shown


_BY_NAME: Final[dict[str, Callable[[Any], Markup]]] = {
    "title": markup.text,
    "description": markup.text,
    "licence": _licence,
    "languages": partial(_filtered, "language", lambda tag: language_name(tag, markup.language())),
    "countries": partial(_filtered, "country", lambda code: country_name(code, markup.language())),
    "publisher": partial(_filtered, "publisher", str),
    "sdgs": lambda goal: Markup("{} {}").format(goal, SDGS.get(goal, "")),
    "issued": _day,
    "modified": _day,
    "url": _link,
    "evidence": _link,
}
_BY_SHAPE: Final[dict[str, Callable[[Any], Markup]]] = {
    "date": _day,
    "url": _link,
    "quantity": _quantity,
    "money": _money,
    "components": _components,
}
