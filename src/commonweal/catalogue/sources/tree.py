"""Connector `tree`: JSON, YAML, TOML, CSV and text files in a folder or an archive, by path or by URL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commonweal.catalogue.core.source import Page, Reach, SourceSpec
from commonweal.catalogue.sources.files import open_tree
from commonweal.catalogue.sources.place import locate
from commonweal.catalogue.sources.reading import is_unchanged, read_pages


class TreeConnector:
    """Address: a path or URL of an archive, `{"url", "strip"}`, `{"path"}`, or `{"builtin": folder}`."""

    name = "tree"

    def pages(self, spec: SourceSpec, state: dict[str, Any], reach: Reach) -> Iterator[Page]:
        """See :class:`~commonweal.catalogue.core.source.Connector`."""
        place = locate(spec, state, reach)
        if place.path is None or is_unchanged(spec, state, place.version):
            yield Page(cursor=state, version=state.get("version"), unchanged=True)
            return
        tree = open_tree(place.path, strip=place.strip)
        try:
            yield from read_pages(spec, tree, state, version=place.version, finished=place.marks, progress=reach.progress)
        finally:
            tree.close()
