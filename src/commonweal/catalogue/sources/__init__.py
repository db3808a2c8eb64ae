"""Connectors: how pages of items are brought from each kind of place."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Final

from commonweal.catalogue.core.source import Connector, SourceSpec

#: Name → class, in the module of that name; imported when a source asks for it, so that no command pays for RDF it does not read.
_CLASSES: Final = {
    "package": "PackageConnector",
    "tree": "TreeConnector",
    "table": "TableConnector",
    "rest": "RestConnector",
    "huggingface": "HuggingFaceConnector",
    "ckan": "CkanConnector",
    "oai": "OaiConnector",
    "dcat": "DcatConnector",
    "publiccode": "PubliccodeConnector",
    "dpga": "DpgaConnector",
    "node": "NodeConnector",
}


@cache
def _connector(name: str) -> Connector:
    made: Connector = getattr(import_module(f"{__name__}.{name}"), _CLASSES[name])()
    return made


def connector_of(spec: SourceSpec) -> Connector:
    """The connector a source asks for; `from_yaml` has made sure there is one."""
    return _connector(spec.connector)
