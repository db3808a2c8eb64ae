"""Django's handle on the base room."""

from django.apps import AppConfig

from commonweal.base import config


class BaseConfig(AppConfig):
    name = "commonweal.base"
    label = "base"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        config.check_names()  # by now every room has declared its settings
