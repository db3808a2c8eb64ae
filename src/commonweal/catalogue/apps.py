"""Django's handle on the catalogue room."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "commonweal.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"
