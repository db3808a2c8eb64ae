"""The list of a repository's files → evidence that components are there; a name proves presence, never quality or licence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final

from commonweal.catalogue.core.documents import read_document
from commonweal.kernel.text import clean
from commonweal.openness.core.evidence import Evidence

MAX_PATHS: Final = 100_000
_MAX_PATH: Final = 400


def read_files(paths: Iterable[str], url: str | None = None) -> list[Evidence]:
    """Evidence for each kind of component: the first path that shows it, or that none of the names looked for is there.

    Args:
        paths: paths inside the repository with ``/`` between folders; more than :data:`MAX_PATHS` are not looked at.
        url: the repository's address; it goes with every finding.
    """
    skip, rows = _rows()
    first: dict[str, str] = {}
    looked_at = 0
    for path in paths:
        looked_at += 1
        if looked_at > MAX_PATHS:
            break
        name = clean(path)
        if len(name) > _MAX_PATH or skip.fullmatch(name):
            continue
        for fact, _, pattern in rows:
            if fact not in first and pattern.fullmatch(name):
                first[fact] = name
    titles = {fact: title for fact, title, _ in rows}
    return [_evidence(fact, title, first.get(fact), min(looked_at, MAX_PATHS), url) for fact, title in titles.items()]


def _evidence(fact: str, title: str, path: str | None, looked_at: int, url: str | None) -> Evidence:
    if path is None:
        note = f"{title} not found among the names of {looked_at} files"
        return Evidence(fact, "unknown", url=url, how="read", note=note)
    return Evidence(fact, "yes", value=path, quote=path, url=url, file=path, how="read")


@cache
def _rows() -> tuple[re.Pattern[str], list[tuple[str, str, re.Pattern[str]]]]:
    document, _ = read_document("yaml", files("commonweal.openness.core.reading").joinpath("files.yaml").read_bytes())
    rows = [(row["fact"], row["title"], re.compile(row["pattern"], re.I)) for row in document["rows"]]
    return re.compile(document["skip"], re.I), rows
