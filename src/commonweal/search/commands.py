"""The verbs ``search`` and ``export``. Thin: parse, call, print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from commonweal.base.terminal import terminal
from commonweal.kernel.text import pick
from commonweal.search import indexer, services
from commonweal.search.core.query import SYNTAX
from commonweal.search.exporting import export

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(export)

Values = list[str] | None


@app.command()
def search(
    words: Annotated[Values, typer.Argument(metavar="QUERY", help="What to find; nothing finds everything.")] = None,
    kind: Annotated[Values, typer.Option(help="Only this kind; may be repeated.")] = None,
    licence: Annotated[Values, typer.Option(help="An SPDX licence or what it allows: open, share-alike, …")] = None,
    language: Annotated[Values, typer.Option(help="Code or name.")] = None,
    country: Annotated[Values, typer.Option(help="Code or name.")] = None,
    source: Annotated[Values, typer.Option(help="Only what this source knows.")] = None,
    sort: Annotated[str | None, typer.Option(help="relevance, newest or title.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many entries to print.")] = 20,
    offers: Annotated[bool, typer.Option("--offers", help="Also offers of hosted models.")] = False,
    syntax: Annotated[bool, typer.Option("--syntax", help="Explain the query language.")] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make the index again from the catalogue.")] = False,
) -> None:
    """Find entries by words, names, identifiers and filters."""
    if syntax:
        terminal.emit_lines({"type": example, "finds": meaning} for example, meaning in SYNTAX)
        return
    if rebuild:
        with terminal.progress("Making the search index") as update:
            terminal.emit({"indexed": indexer.rebuild(update)})
        return
    if services.index().snapshot() is None:
        with terminal.progress("Making the search index") as update:
            indexer.ensure_index(update)
    given = {"kind": kind, "licence": licence, "language": language, "country": country, "source": source}
    filters = {name: values for name, values in given.items() if values}
    _print(" ".join(words or ()), limit, {"filters": filters, "sort": sort, "offers": offers})


def _print(query: str, limit: int, options: dict[str, Any]) -> None:
    first = services.search(query, **options, limit=min(limit, services.MAX_LIMIT), lang=terminal.lang, facets=False)
    for note in first.notes:
        terminal.say(note.message)
    shown = terminal.emit_lines(_rows(first, query, limit, options))
    if first.count > shown:
        terminal.say(f"{shown:,} of {first.count:,} entries shown.")
    elif not shown:
        terminal.say("Nothing found.")


def _rows(results: services.Results, query: str, left: int, options: dict[str, Any]) -> Iterator[dict[str, Any]]:
    while True:
        for card in results.cards:
            yield {
                "id": card["id"],
                "kind": card["kind"],
                "title": pick(card["title"], terminal.lang)[1],
                "licence": card["licence"],
                "sources": card["sources"],
            }
        left -= len(results.raw_cards)
        if left <= 0 or not results.next:
            return
        size = min(left, services.MAX_LIMIT)
        results = services.search(query, **options, limit=size, after=results.next, lang=terminal.lang, facets=False)
