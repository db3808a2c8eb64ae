"""Django's handle on the node."""

from django.apps import AppConfig

from commonweal.node import config as _config  # noqa: F401 (declares the node's settings)


class NodeConfig(AppConfig):
    name = "commonweal.node"
    label = "node"
