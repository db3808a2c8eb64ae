"""What the front page says of the catalogue: figures and sources, asked once for each state of the feed."""

from __future__ import annotations

from typing import Any, Final

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from commonweal.base import feed
from commonweal.base.registries import HomeBlock
from commonweal.catalogue import queries, words
from commonweal.web.charts import Row, bars
from commonweal.web.jinja import fragment

#: Seconds after which the figures are asked again even if the feed says nothing (a run that failed changes no record).
KEPT_S: Final = 30


def overview() -> dict[str, Any]:
    """As of the head of the feed: ``counts`` and ``sources`` as the queries give them, and what a headline may say:
    ``records`` and ``from_sources``, those of hosted offers left out."""
    key = f"catalogue.overview.{feed.head()}"
    found: dict[str, Any] | None = cache.get(key)
    if found is None:
        counts, sources = queries.counts(), queries.sources()
        said = [source["records"] for source in sources if source["headline"] and source["records"]]
        found = {"counts": counts, "sources": sources, "records": sum(said), "from_sources": len(said)}
        cache.set(key, found, KEPT_S)
    return found


def freshness(request: HttpRequest) -> str:
    """Which sources were read, how much each says, and how long ago."""
    read = [source for source in overview()["sources"] if source["last_run"]]
    read.sort(key=lambda source: (not source["headline"], -source["records"]))
    rows = [
        Row(words.source_short(source["id"]), source["records"], f"/catalogue/sources/{source['id']}")
        for source in read
        if source["headline"] and source["records"]
    ]
    chart = bars("by-source", _("What each source says"), _("Records read, by source."), rows) if rows else None
    states = [
        {**source, "short": words.source_short(source["id"]), "state": words.RUN_STATES[source["last_run"]["state"]]}
        for source in read
    ]
    return fragment("catalogue/freshness.html", {"chart": chart, "sources": states}) if read else ""


def figures(request: HttpRequest) -> dict[str, Any]:
    """The headline figures, for programs."""
    found = overview()
    counts = {name: found["counts"][name] for name in ("entities", "by_kind", "by_source")}
    return {"records": found["records"], "sources": found["from_sources"], **counts}


BLOCKS: Final = (HomeBlock("sources", 40, freshness, figures),)
