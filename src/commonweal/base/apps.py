"""Django's handle on the base room."""

from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "commonweal.base"
    label = "base"
    default_auto_field = "django.db.models.BigAutoField"
