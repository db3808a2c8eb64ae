"""Django's handle on the resolve room."""

from django.apps import AppConfig


class ResolveConfig(AppConfig):
    name = "commonweal.resolve"
    label = "resolve"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonweal.base.registries import consumers
        from commonweal.resolve import permissions, settings  # noqa: F401 (declare what people may do and set)
        from commonweal.resolve.services import ResolveConsumer

        consumers.register(ResolveConsumer())
