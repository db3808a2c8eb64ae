"""Django's handle on the openness room."""

from django.apps import AppConfig


class OpennessConfig(AppConfig):
    name = "commonweal.openness"
    label = "openness"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonweal.base.registries import consumers
        from commonweal.openness import permissions  # noqa: F401 (declares what people may do)
        from commonweal.openness.computing import OpennessConsumer

        consumers.register(OpennessConsumer())
