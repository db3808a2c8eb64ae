"""Django's handle on the catalogue room."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "commonweal.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonweal.base.registries import consumers, home_blocks
        from commonweal.catalogue import permissions  # noqa: F401 (declares what people may do)
        from commonweal.catalogue.overview import BLOCKS
        from commonweal.catalogue.tasks import ScheduleConsumer

        consumers.register(ScheduleConsumer())
        for block in BLOCKS:
            home_blocks.register(block)
