"""Blocks of the front page that search: the search box with figures and charts, and entrances by priority."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from django.core.cache import cache as django_cache
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonweal.base.registries import HomeBlock
from commonweal.catalogue.cards import kept_html
from commonweal.catalogue.overview import overview
from commonweal.kernel.text import pick
from commonweal.search import services
from commonweal.search.pages import label
from commonweal.web import markup
from commonweal.web.charts import Row, bars, columns
from commonweal.web.jinja import fragment

#: Enough to count how many different languages and countries there are.
ALL_VALUES: Final = 1_000
BARS: Final = 9
LICENCES: Final = 4
YEARS: Final = 16
NEWEST: Final = 4


def hero(request: HttpRequest) -> str:
    """What this is, the search box, attributed figures, and a chart of the kinds."""
    found = overview()
    counts = found["counts"]
    kinds = sorted(counts["by_kind"].items(), key=lambda item: (-item[1], item[0]))
    rows = [Row(label("kind", kind), count, f"/search?kind={kind}") for kind, count in kinds if count][:BARS]
    chart = bars("by-kind", _("What is here"), _attribution(found), rows) if rows else None
    values = _values("language", "country")
    figures = {"languages": len(values.get("language", ())), "countries": len(values.get("country", ()))}
    context = {"entries": counts["entities"], "sources": found["from_sources"], "chart": chart, "figures": figures}
    return fragment("search/hero.html", context)


def doors(request: HttpRequest) -> str:
    """The statement's priorities as searches; one that finds nothing is not shown."""
    lang = markup.language()
    open_doors = [
        {
            "icon": door["icon"],
            "href": "/search" + markup.query({"q": door["query"]}),
            "title": pick(door["title"], lang)[1],
            "text": pick(door["text"], lang)[1],
            "paragraph": door["paragraph"],
            "count": count,
        }
        for door, count in zip(_doors(), _door_counts(), strict=True)
        if count
    ]
    return fragment("search/doors.html", {"doors": open_doors}) if open_doors else ""


def charts(request: HttpRequest) -> str:
    """Entries by language, by year, and by what their licence allows."""
    values = _values("language", "year", "licence_category")
    languages = [
        Row(label("language", v), n, "/search" + markup.query({"language": v})) for v, n in values.get("language", ())[:BARS]
    ]
    years = _years(values.get("year", ()))
    drawn = []
    if languages:
        about = _("Entries by language; one entry may know many.")
        drawn.append(bars("by-language", _("Languages most entries know"), about, languages))
    if len(years) > 1:
        about = _("Entries by year of publication, where a source gives one.")
        rows = [Row(str(year), n, f"/search?year={year}" if n else "") for year, n in years]
        drawn.append(columns("by-year", _("When they were published"), about, rows))
    if licences := values.get("licence_category"):
        about = _("Entries by what their licence allows, where a source states one.")
        rows = [Row(label("licence_category", v), n, f"/search?licence_category={v}") for v, n in licences]
        drawn.append(bars("by-licence", _("What may be done with them"), about, rows[:LICENCES]))
    return fragment("search/charts.html", {"charts": drawn}) if drawn else ""


def newest(request: HttpRequest) -> str:
    """The entries that were published last."""
    results = services.search("", sort="newest", limit=NEWEST, facets=False)
    shown = [kept_html(card, markup.language()) for card in results.raw_cards]
    return fragment("search/newest.html", {"cards": shown}) if shown else ""


def _years(counts: Iterable[tuple[str, int]]) -> list[tuple[int, int]]:
    """The last years with entries, oldest first; a year without any stands there as 0."""
    known = {int(value): count for value, count in counts if value.isdigit() and len(value) == 4}
    newest = min(max(known, default=0), timezone.now().year)
    first = max(min(known, default=newest), newest - YEARS + 1)
    return [(year, known.get(year, 0)) for year in range(first, newest + 1)] if known else []


def _attribution(found: dict[str, Any]) -> str:
    """ "4,212 records from 6 sources describe 3,941 entries." """
    records, sources, entries = found["records"], found["from_sources"], found["counts"]["entities"]
    return _("%(records)s from %(sources)s describe %(entries)s.") % {
        "records": ngettext("%(n)s record", "%(n)s records", records) % {"n": markup.number(records)},
        "sources": ngettext("%(n)s source", "%(n)s sources", sources) % {"n": markup.number(sources)},
        "entries": ngettext("%(n)s entry", "%(n)s entries", entries) % {"n": markup.number(entries)},
    }


def _values(*facets: str) -> services.Counts:
    """All values of some facets with their counts; the search remembers them for each state of the index."""
    return services.search("", facets=facets, facet_values=ALL_VALUES, limit=1).counts


@cache
def _doors() -> list[dict[str, Any]]:
    return list(yaml.safe_load((Path(__file__).parent / "doors.yaml").read_text("utf-8")))


def _door_counts() -> list[int]:
    snapshot = services.index().snapshot()
    key = f"search.doors.{snapshot.generation if snapshot else ''}"
    counts = django_cache.get(key)
    if counts is None:
        counts = [services.search(door["query"], facets=False, limit=1).count for door in _doors()]
        django_cache.set(key, counts, 3600)
    return list(counts)


BLOCKS: Final = (
    HomeBlock("search", 0, hero),
    HomeBlock("priorities", 10, doors),
    HomeBlock("charts", 20, charts),
    HomeBlock("newest", 30, newest),
)
