"""The verb ``resolve``: why records are one thing, and deciding it all anew. Thin: parse, call, print."""

from __future__ import annotations

from typing import Annotated

import typer

from commonweal.base import feed
from commonweal.base.terminal import terminal
from commonweal.resolve import queries, services

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
resolve_app = typer.Typer(help="Look at which records are the same thing, and why.", no_args_is_help=True)
app.add_typer(resolve_app, name="resolve")


@resolve_app.command()
def explain(entity: Annotated[str, typer.Argument(metavar="ID", help="Id of an entry or of one of its records.")]) -> None:
    """Show the records behind an entry and the keys that join them."""
    terminal.emit_lines(queries.explain(entity))


@resolve_app.command()
def rebuild() -> None:
    """Decide anew for every record, by the rules of this version."""
    services.rebuild()
    with terminal.steps() as update:
        handled = feed.drain(progress=lambda step, done, total: update(step, done, total))
    terminal.emit({"changes": handled})
