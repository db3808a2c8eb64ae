"""Django's handle on the resolve room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from commonweal.resolve import settings as _settings  # noqa: F401 (declares what an operator may set)


class ResolveConfig(AppConfig):
    name = "commonweal.resolve"
    label = "resolve"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonweal.base.registries import Deferred, HomeBlock, Panel, consumers, home_blocks, later, panels
        from commonweal.resolve import permissions  # noqa: F401 (declares what people may do)

        # Comparing takes numpy and scipy: half a second that a process which neither resolves nor explains should not pay.
        consumers.register(Deferred("resolve", "commonweal.resolve.services.ResolveConsumer"))
        pages = "commonweal.resolve.pages"
        panels.register(Panel("why", _("Why these are one thing"), 80, later(f"{pages}.panel")))
        home_blocks.register(HomeBlock("resolve", 45, later(f"{pages}.home_line"), later(f"{pages}.home_data")))
