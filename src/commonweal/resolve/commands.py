"""The verb ``resolve``: why records are one thing, and deciding it all anew. Thin: parse, call, print."""

from __future__ import annotations

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
resolve_app = typer.Typer(help="Look at which records are the same thing, and why.", no_args_is_help=True)
app.add_typer(resolve_app, name="resolve")
