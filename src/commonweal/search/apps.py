"""Django's handle on the search room."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "commonweal.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonweal.base.registries import consumers, facets
        from commonweal.search.facets import BUILT_IN
        from commonweal.search.indexer import SearchConsumer

        for facet in BUILT_IN:
            facets.register(facet)
        consumers.register(SearchConsumer())
