"""Write docs/reference.md from the code: settings, commands, routes, API, events, error codes. Run by ``make docs``."""

from __future__ import annotations

import ast
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("reference.md")
PACKAGE = Path(__file__).resolve().parent.parent / "src" / "commonweal"

INTRODUCTION = """# Reference

Written by `make docs` from the code; do not edit. [Settings](#settings) · [Commands](#commands) · [Pages](#pages) · [API](#api) ·
[Events](#events) · [Error codes](#error-codes)
"""


def generate() -> str:
    """The whole page. Django must be set up."""
    parts = [INTRODUCTION, *settings(), *commands(), *pages(), *api(), *events(), *error_codes()]
    return "\n".join(parts) + "\n"


def settings() -> Iterator[str]:
    from commonweal.base.config import all_settings

    yield "## Settings\n"
    yield "From the environment, else `config.toml` in the home, else the default; `commonweal config show` says which counts.\n"
    yield from table(
        ["Setting", "Environment", "Default", "Meaning"],
        (
            [f"`{s.name}`", f"`{s.variable}`", f"`{s.default!r}`" if s.default not in ("", []) else "", s.help]
            for s in (resolved.setting for resolved in all_settings())
        ),
    )


def commands() -> Iterator[str]:
    import typer

    from commonweal.cli.main import VERBS, app, command_of

    yield "## Commands\n"
    yield "`--home FOLDER`, `--json` and `--lang TAG` may stand before or after every verb. Exit codes: 0 done, 1 failed,"
    yield "2 usage, 3 partly done. With `--json` lists print JSON Lines, single answers one object.\n"
    root = typer.main.get_command(app)
    yield from describe("commonweal", root, with_children=False)
    for name, verb in VERBS.items():
        if not verb.hidden:
            yield from describe(f"commonweal {name}", command_of(name))


def describe(name: str, command: Any, *, with_children: bool = True) -> Iterator[str]:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option" and not param.hidden]
    children = getattr(command, "commands", {})
    usage = " ".join(
        [name, *(f"[{a.name.upper()}]" if not a.required else a.name.upper() for a in arguments), *(["…"] if children else [])]
    )
    yield f"### `{usage}`\n"
    if command.help:
        yield " ".join(command.help.split()) + "\n"
    yield from table(
        ["", ""],
        [
            *([f"`{a.name.upper()}`", a.help or ""] for a in arguments),
            *([", ".join(f"`{opt}`" for opt in (*o.opts, *o.secondary_opts)), o.help or ""] for o in options if o.name != "help"),
        ],
    )
    if with_children:
        for child, sub in children.items():
            yield from describe(f"{name} {child}", sub)


def pages() -> Iterator[str]:
    from django.urls import get_resolver

    yield "## Pages\n"
    yield "Every answer carries `X-Request-ID`; unchanged anonymous reads answer 304 to `If-None-Match`.\n"
    found = routes(get_resolver().url_patterns)
    rows = sorted((route, view.__module__) for route, view in found if not route.startswith("/api/"))
    yield from table(["Path", "Room"], ([f"`{route}`", module.split(".")[1]] for route, module in rows))


def routes(patterns: Any, prefix: str = "/") -> Iterator[tuple[str, Any]]:
    for entry in patterns:
        route = prefix + str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z").replace(r"\.", ".")
        if hasattr(entry, "url_patterns"):
            yield from routes(entry.url_patterns, route)
        else:
            yield route, entry.callback


def api() -> Iterator[str]:
    from commonweal.node.api import api as node_api

    yield "## API\n"
    yield "OpenAPI 3.1 at `/api/openapi.json`. Failures are problem details (RFC 9457) with an [error code](#error-codes).\n"
    schema = node_api.get_openapi_schema()
    rows = []
    for path, operations in sorted(schema["paths"].items()):
        for method, operation in operations.items():
            asked = ", ".join(f"`{p['name']}`" for p in operation.get("parameters", []) if p["in"] == "query")
            said = " ".join((operation.get("description") or operation.get("summary", "")).split())
            rows.append([f"`{method.upper()} {path}`", asked, said])
    yield from table(["Operation", "Query", "Answer"], rows)


def events() -> Iterator[str]:
    yield "## Events\n"
    yield "What the event log records: append-only, hash-chained, without personal data; `commonweal doctor` verifies it.\n"
    found = defaultdict(set)
    for module, call in calls("record_event"):
        for action in texts(call.args[1]) if len(call.args) > 1 else ():
            found[action].add(module)
    constants = {"node.opened": {"node.state"}}
    yield from table(
        ["Event", "Written by"],
        ([f"`{action}`", ", ".join(sorted(modules))] for action, modules in sorted({**constants, **found}.items())),
    )


def error_codes() -> Iterator[str]:
    yield "## Error codes\n"
    yield "The same in pages, API and commands; … stands for a value.\n"
    found: dict[str, set[str]] = defaultdict(set)
    for _, call in calls("CommonwealError"):
        if call.args:
            messages = set(texts(call.args[1])) if len(call.args) > 1 else set()
            for code in texts(call.args[0]):
                found[code] |= messages
    yield from table(["Code", "Says"], ([f"`{code}`", "<br>".join(sorted(said))] for code, said in sorted(found.items())))


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a function in the package, with its module."""
    for file in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(file.relative_to(PACKAGE).with_suffix("").parts)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == name:
                yield module, node


def texts(node: ast.expr) -> Iterator[str]:
    """The texts an expression can be: a constant, an f-string with … for its values, a translation, either branch of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_" and node.args:
        yield from texts(node.args[0])
    elif isinstance(node, ast.BinOp):
        yield from texts(node.left)


def table(head: list[str], rows: Any) -> Iterator[str]:
    lines = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    if not lines:
        return
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for line in lines:
        yield f"| {' | '.join(line)} |"
    yield ""


if __name__ == "__main__":
    from commonweal.node.boot import boot

    with tempfile.TemporaryDirectory() as folder:
        for name in [name for name in os.environ if name.startswith("COMMONWEAL_")]:
            del os.environ[name]
        boot(Path(folder), create=True)
        TARGET.write_text(generate(), encoding="utf-8")
