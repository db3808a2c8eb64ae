"""The verb ``export``: the crosswalk of ids, or entries in the forms other catalogues read, all or those a search finds."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from commonweal.base.config import setting
from commonweal.base.terminal import Update, terminal
from commonweal.catalogue import exports
from commonweal.catalogue import queries as catalogue
from commonweal.catalogue.exports.site import Site
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.jsonl import write_jsonl
from commonweal.kernel.text import pick
from commonweal.search import services


class Exported(StrEnum):
    """What can be exported."""

    RECORDS = "records"
    ENTITIES = "entities"
    DCAT = "dcat"
    CROISSANT = "croissant"
    CKAN = "ckan"
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


def export(
    what: Annotated[Exported, typer.Argument(help="Records: every registry's id beside ours. Else: the form of the entries.")],
    out: Annotated[Path | None, typer.Option(metavar="PATH", help="Write here instead of to standard output.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind, e.g. dataset.")] = None,
    query: Annotated[str | None, typer.Option(help="Only what a search for this finds.")] = None,
) -> None:
    """Write the crosswalk of ids, or the entries: DCAT-AP (.ttl, .jsonld, .rdf), Croissant, CKAN, CSV, JSON Lines, Parquet."""
    if what.value == "records" and query:
        raise CommonwealError("usage", "--query chooses entries, not records.", "Leave it out, or export entities.")
    if out is None:
        _write(what, sys.stdout.buffer, kind, query, "", _silent)
        return
    draft = out.with_name(f".{out.name}.draft")
    try:
        with draft.open("wb") as stream, terminal.progress(out.name) as update:
            _write(what, stream, kind, query, exports.suffix_of(out), update)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def site() -> Site:
    """This node as exports name it."""
    return Site(str(setting("server.address")).rstrip("/"), str(setting("node.name")))


def _write(what: Exported, stream: BinaryIO, kind: str | None, query: str | None, suffix: str, update: Update) -> None:
    if what.value == "records":
        rows = ({**row, "title": pick(row["title"], terminal.lang)[1]} for row in catalogue.iter_records(kind=kind))
        write_jsonl(_counted(rows, update), stream)
        return
    views = _counted(_found(query, kind) if query else catalogue.iter_entities(kind=kind), update)
    if what.value == "entities":  # as the API gives them, word for word
        write_jsonl(views, stream)
    else:
        exports.write(what.value, views, stream, site(), suffix=suffix)


def _found(query: str, kind: str | None) -> Iterator[dict[str, Any]]:
    """The views a search finds, newest first."""
    after: str | None = None
    while True:
        page = services.search(
            query, kind=kind or (), sort="newest", after=after, limit=services.MAX_LIMIT, facets=False, offers=kind == "offer"
        )
        ids = [card["id"] for card in page.cards]
        views = catalogue.views(ids)
        yield from (views[entity] for entity in ids if entity in views)
        if not page.next:
            return
        after = page.next


def _counted(rows: Iterable[dict[str, Any]], update: Update) -> Iterator[dict[str, Any]]:
    for done, row in enumerate(rows, 1):
        if done % 1_000 == 0:
            update(done, None, "")
        yield row


def _silent(done: int, total: int | None, message: str = "") -> None:
    """Standard output is the answer; nothing is shown beside it."""
