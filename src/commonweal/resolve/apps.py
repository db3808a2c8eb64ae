"""Django's handle on the resolve room."""

from django.apps import AppConfig

from commonweal.resolve import settings as _settings  # noqa: F401 (declares what an operator may set)


class ResolveConfig(AppConfig):
    name = "commonweal.resolve"
    label = "resolve"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonweal.base.registries import Deferred, consumers, home_blocks, panels
        from commonweal.resolve import permissions  # noqa: F401 (declares what people may do)
        from commonweal.resolve.front import BLOCK, PANEL

        consumers.register(Deferred("resolve", "commonweal.resolve.services.ResolveConsumer"))
        panels.register(PANEL)
        home_blocks.register(BLOCK)
