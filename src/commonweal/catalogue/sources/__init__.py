"""Connectors: how pages of items are brought from a package, a tree of files or a table."""

from __future__ import annotations

from typing import Final

from commonweal.catalogue.core.source import Connector, SourceSpec
from commonweal.catalogue.sources.package import PackageConnector
from commonweal.catalogue.sources.table import TableConnector
from commonweal.catalogue.sources.tree import TreeConnector

CONNECTORS: Final[dict[str, Connector]] = {
    connector.name: connector for connector in (PackageConnector(), TreeConnector(), TableConnector())
}


def connector_of(spec: SourceSpec) -> Connector:
    """The connector a source asks for; `from_yaml` has made sure there is one."""
    return CONNECTORS[spec.connector]
