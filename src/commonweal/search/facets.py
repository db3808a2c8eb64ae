"""The filters every node has. Other rooms register theirs in ``base.registries.facets``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from commonweal.base.registries import Facet
from commonweal.kernel.languages import language_name
from commonweal.kernel.places import country_name


def _licence(view: dict[str, Any], part: str) -> Sequence[str]:
    value = (view["chosen"].get("licence") or {}).get(part)
    return (value,) if value else ()


def _one(view: dict[str, Any], name: str) -> Sequence[str]:
    value = view["chosen"].get(name)
    return (value,) if value else ()


def _year(view: dict[str, Any]) -> Sequence[str]:
    chosen = view["chosen"]
    year = (chosen.get("issued") or chosen.get("modified") or "")[:4]
    return (year,) if year else ()


def _topics(view: dict[str, Any]) -> Sequence[str]:
    chosen = view["chosen"]
    return [topic for name in ("sectors", "tasks", "domains", "keywords") for topic in _texts(chosen.get(name))]


def _texts(value: Any) -> Sequence[str]:
    return value if isinstance(value, list) else ()


def _plain(value: str, lang: str) -> str:
    return value


def _words(value: str, lang: str) -> str:
    """``funding_call`` → ``Funding call``. Pages translate this with their own catalogue."""
    return value.replace("_", " ").replace("-", " ").capitalize()


BUILT_IN = (
    Facet("kind", "Kind", 10, lambda view: (view["kind"],), _words),
    Facet("licence_category", "What the licence allows", 20, lambda view: _licence(view, "category"), _words),
    Facet("licence", "Licence", 30, lambda view: _licence(view, "expression"), _plain),
    Facet("language", "Language", 40, lambda view: view["chosen"].get("languages", ()), language_name),
    Facet("country", "Country", 50, lambda view: view["chosen"].get("countries", ()), country_name),
    Facet("publisher", "Publisher", 60, lambda view: _one(view, "publisher"), _plain),
    Facet("source", "Source", 70, lambda view: view["sources"], _plain),
    Facet("year", "Year", 80, _year, _plain),
    Facet("topic", "Topic", 90, _topics, _plain),
)
