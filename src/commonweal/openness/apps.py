"""Django's handle on the openness room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpennessConfig(AppConfig):
    name = "commonweal.openness"
    label = "openness"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonweal.base.registries import Deferred, consumers, facets, panels
        from commonweal.openness import permissions  # noqa: F401 (declares what people may do)
        from commonweal.openness.facets import FACETS
        from commonweal.openness.shown import make_panel

        for facet in FACETS:
            facets.register(facet)
        panels.register(make_panel(_("Openness")))
        consumers.register(Deferred("openness", "commonweal.openness.computing.OpennessConsumer"))
