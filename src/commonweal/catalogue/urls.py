"""Routes of the catalogue."""

from django.urls import path, register_converter
from django.views.generic import RedirectView

from commonweal.catalogue import pages, publishing, run_pages
from commonweal.web.negotiate import negotiated, routes


class IdConverter:
    """Ids of entities and records (``catalogue.core.record.record_id``)."""

    regex = "[a-z2-7]{20}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class SourceConverter(IdConverter):
    """Ids of sources."""

    regex = "[a-z0-9][a-z0-9_-]{0,63}"


register_converter(IdConverter, "entry")
register_converter(SourceConverter, "source")

urlpatterns = [
    path("oai", publishing.oai_pmh, name="oai"),
    path("sitemap.xml", publishing.sitemap, name="sitemap"),
    path("sitemap-<str:part>.xml", publishing.sitemap_part, name="sitemap.part"),
    path("catalogue", RedirectView.as_view(pattern_name="search")),
    *routes("catalogue/sources", pages.sources, "json", "csv", name="sources"),
    *routes("catalogue/sources/<source:source_id>", pages.source, "json", "csv", name="source"),
    path("catalogue/sources/<source:source_id>/update", pages.update_source, name="source.update"),
    path("catalogue/sources/<source:source_id>/fixes.csv", run_pages.fixes, name="source.fixes.csv"),
    path("catalogue/sources/<source:source_id>/fixes.jsonl", run_pages.fixes, {"form": "jsonl"}, name="source.fixes.jsonl"),
    *routes("catalogue/runs/<int:run_id>", run_pages.run, "json", name="run"),
    *routes("catalogue/plans/<int:plan_id>", run_pages.plan, "json", "csv", name="plan"),
    path("catalogue/plans/<int:plan_id>/decide", negotiated(run_pages.decide, ()), name="plan.decide"),
    *routes("catalogue/record/<entry:record_id>", pages.record, "json", name="record"),
    path("catalogue/record/<entry:record_id>/raw", pages.record_raw, name="record.raw"),
    *routes("catalogue/<entry:entity_id>", pages.entity, "json", name="entity"),
]
