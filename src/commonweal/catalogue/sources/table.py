"""Connector `table`: one CSV, JSON Lines or JSON file by path or URL, gzipped or not, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from commonweal.catalogue.core.source import Page, Reach, SourceSpec
from commonweal.catalogue.sources.files import FolderTree, OneFile, Tree
from commonweal.catalogue.sources.place import locate
from commonweal.catalogue.sources.reading import is_unchanged, read_pages


class TableConnector:
    """Address: a path or URL of the file, or of a folder that holds the file its stream names."""

    name = "table"

    def pages(self, spec: SourceSpec, state: dict[str, Any], reach: Reach) -> Iterator[Page]:
        """See :class:`~commonweal.catalogue.core.source.Connector`."""
        place = locate(spec, state, reach)
        if place.path is None or is_unchanged(spec, state, place.version):
            yield Page(cursor=state, version=state.get("version"), unchanged=True)
            return
        tree = _tree(place.path, spec)
        yield from read_pages(spec, tree, state, version=place.version, finished=place.marks, progress=reach.progress)


def _tree(path: Path, spec: SourceSpec) -> Tree:
    """A download is found under the name the stream looks for, whatever the server called it."""
    if path.is_dir():
        return FolderTree(path)
    wanted = spec.streams[0].files
    return OneFile(path, wanted[0].rpartition("/")[2] if wanted and "*" not in wanted[0] else path.name)
