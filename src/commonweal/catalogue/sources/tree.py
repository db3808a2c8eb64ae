"""Connector `tree`: JSON, YAML, TOML, CSV and text files in a folder or an archive, by path or by URL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commonweal.catalogue.core.source import Page, Reach, SourceSpec
from commonweal.catalogue.sources.files import Tree, open_tree
from commonweal.catalogue.sources.git import GitTree
from commonweal.catalogue.sources.place import Place, locate
from commonweal.catalogue.sources.reading import is_unchanged, read_pages
from commonweal.catalogue.sources.snapshot import SnapshotTree, is_snapshot


class TreeConnector:
    """Address: a path or URL of an archive, `{"url", "strip"}`, `{"path"}`, `{"builtin": folder}`, or `{"git", "ref"}`.

    A git address may have a `url` beside it, of an archive of the same tree, for machines without git. A replay may also be a
    snapshot (see :mod:`~commonweal.catalogue.sources.snapshot`).
    """

    name = "tree"

    def pages(self, spec: SourceSpec, state: dict[str, Any], reach: Reach) -> Iterator[Page]:
        """See :class:`~commonweal.catalogue.core.source.Connector`."""
        place = locate(spec, state, reach)
        if place.path is None or is_unchanged(spec, state, place.version):
            yield Page(cursor=state, version=state.get("version"), unchanged=True)
            return
        tree = _open(place)
        try:
            yield from read_pages(spec, tree, state, version=place.version, finished=place.marks, progress=reach.progress)
        finally:
            tree.close()


def _open(place: Place) -> Tree:
    assert place.path is not None
    if place.commit:
        return GitTree(place.path, place.commit)
    return SnapshotTree(place.path) if is_snapshot(place.path) else open_tree(place.path, strip=place.strip)
