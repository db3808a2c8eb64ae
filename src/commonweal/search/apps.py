"""Django's handle on the search room."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "commonweal.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonweal.base.registries import Deferred, consumers, facets, home_blocks
        from commonweal.search.facets import BUILT_IN
        from commonweal.search.front import BLOCKS

        for facet in BUILT_IN:
            facets.register(facet)
        for block in BLOCKS:
            home_blocks.register(block)
        consumers.register(Deferred("search", "commonweal.search.indexer.SearchConsumer"))
