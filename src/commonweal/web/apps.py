"""Django's handle on the web room."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "commonweal.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
