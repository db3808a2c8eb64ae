"""Django's handle on the node room."""

from django.apps import AppConfig


class NodeConfig(AppConfig):
    name = "commonweal.node"
    label = "node"
    default_auto_field = "django.db.models.BigAutoField"
