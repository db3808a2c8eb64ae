"""``commonweal openness``: assess files, entries and licences. Thin: read, call, print.

Files and licences need no node; what is asked of entries does, and is imported only then.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer
import yaml

from commonweal.base.home import home
from commonweal.base.permissions import SYSTEM
from commonweal.base.terminal import terminal
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.licences import explain, read_licence
from commonweal.openness.core.assess import assess as assess_subject
from commonweal.openness.core.exporters import card, croissant, dpg, fmti, graded, mot
from commonweal.openness.core.formats import MAX_BYTES, SUFFIXES, read_subject
from commonweal.openness.core.subject import Subject

FAILED, PARTLY = 1, 3


def _json(answer: Any) -> str:
    return orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() + "\n"


def _yaml(answer: Any) -> str:
    return yaml.safe_dump(answer, allow_unicode=True, sort_keys=False)


#: Name of a form → what writes a subject in it.
FORMS: Final[Mapping[str, Callable[[Subject], str]]] = {
    "json": lambda subject: _json({"subject": subject.name, "evidence": [one.to_json() for one in subject.evidence]}),
    "mot": lambda subject: _yaml(mot.write(subject)),
    "eosai": lambda subject: _yaml(graded.write(subject)),
    "dpg": lambda subject: _json(dpg.write(subject)),
    "fmti": lambda subject: _json(list(fmti.write(subject))),
    "croissant": lambda subject: _json(croissant.write(subject)),
    "card": card.write,
}

app = typer.Typer(pretty_exceptions_enable=False, no_args_is_help=True, help="How open things are, and on what evidence.")


@app.callback()
def openness() -> None:
    """Assess how open models and data sets are, and read licences."""


@app.command()
def assess(
    path: Annotated[
        Path,
        typer.Argument(help="A MOT or EOSAI YAML, DPG JSON, FMTI report, model or data set card; a folder; or an entry's ID."),
    ],
    framework: Annotated[str | None, typer.Option(help="mof, eosai, osaid, dpg, fmti …; dpg@1.1.6 for a version.")] = None,
    mode: Annotated[str | None, typer.Option(help="strict or normalised, for frameworks that have modes.")] = None,
    audience: Annotated[str, typer.Option(help="Whose fields of a form are shown: public, downstream, authority.")] = "public",
) -> None:
    """Assess a file, or every file in a folder that can be assessed; a file that cannot be read says why and stops nothing."""
    if not path.exists():
        _assess_entry(str(path), framework, mode, audience)
        return
    if path.is_file():
        answer = _assessed(path, framework, mode, audience)
        terminal.emit(answer if terminal.json else _short(answer))
        return
    failed = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal failed
        for file in sorted(path.rglob("*")):
            if file.is_file() and file.suffix.lower() in SUFFIXES:
                row = _row(file, framework, mode, audience)
                failed += "error" in row
                yield row if terminal.json else _short(row)

    count = terminal.emit_lines(rows())
    if not count:
        raise CommonwealError("nothing-to-assess", f"No file in {path} can be assessed.", f"Endings: {', '.join(SUFFIXES)}.")
    if failed:
        raise typer.Exit(FAILED if failed == count else PARTLY)


@app.command()
def licence(
    text: Annotated[str, typer.Argument(help="The licence as it is written somewhere.")],
) -> None:
    """Say which licence some words mean and what it allows."""
    reading = read_licence(text)
    if reading is None:
        raise CommonwealError("licence-empty", "No words were given.", 'Try: commonweal openness licence "Apache 2.0"')
    terminal.emit({**reading.to_json(), "sentence": explain(reading, terminal.lang)})


@app.command()
def read() -> None:
    """Read the evidence in every record again and publish the verdicts that follow."""
    computing = _on_node("commonweal.openness.computing")
    with terminal.progress("read") as update:
        done = computing.read_all(actor="command:openness", progress=update)
    _publish(done)


@app.command()
def reassess() -> None:
    """Compute every verdict again by today's frameworks, from the evidence there is; publish what changed."""
    computing = _on_node("commonweal.openness.computing")
    with terminal.progress("reassess") as update:
        done = computing.reassess(actor="command:openness", progress=update)
    _publish(done)


@app.command("import")
def import_(
    entry: Annotated[str, typer.Argument(metavar="ID", help="The entry it is about.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="MOT, EOSAI, FMTI, DPG, Croissant or a card.")],
) -> None:
    """Take a document about an entry in as evidence, and compute its verdicts again."""
    services = _on_node("commonweal.openness.services")
    if not file.is_file():
        raise CommonwealError("path-missing", f"There is no file {file}.")
    with file.open("rb") as stream:
        count = services.bring_in(SYSTEM, entry, stream.read(MAX_BYTES + 1), file.name)
    terminal.emit({"entry": entry, "findings": count})


@app.command()
def export(
    entry: Annotated[str, typer.Argument(metavar="ID", help="The entry.")],
    form: Annotated[str, typer.Option("--as", help=f"{', '.join(FORMS)}.")] = "json",
) -> None:
    """Write what is known of an entry in the form of another tool."""
    queries = _on_node("commonweal.openness.queries")
    if form not in FORMS:
        raise CommonwealError("format-unknown", f"There is no form {form!r}.", f"Use one of: {', '.join(FORMS)}.")
    view = queries.find(entry)
    sys.stdout.write(FORMS[form](queries.public(queries.subject_of(view))))


def _assess_entry(name: str, framework: str | None, mode: str | None, audience: str) -> None:
    """The answer about an entry of this node, from all evidence in force."""
    try:
        queries = _on_node("commonweal.openness.queries")
    except CommonwealError:
        raise CommonwealError("path-missing", f"There is nothing at {name}.", "To assess an entry by its ID, make a node first.")
    view = queries.find(name)
    answer = {"entity": view["id"], **assess_subject(queries.subject_of(view), framework, mode).to_json(audience)}
    terminal.emit(answer if terminal.json else _short({"path": view["id"], **answer}))


def _publish(done: Any) -> None:
    """Let the readers of the feed follow, and say what was done."""
    feed = importlib.import_module("commonweal.base.feed")
    feed.drain()
    terminal.emit({"statements": done.statements, "assessments": done.assessments})


def _on_node(module: str) -> Any:
    """A module of this room that reads or writes rows. Raises ``home-missing`` where there is no node."""
    from django.apps import apps

    if not apps.ready:
        raise CommonwealError("home-missing", f"There is no node at {home().root}.", "Start one with `commonweal up`.")
    return importlib.import_module(module)


def _row(file: Path, framework: str | None, mode: str | None, audience: str) -> dict[str, Any]:
    try:
        return _assessed(file, framework, mode, audience)
    except CommonwealError as error:
        return {"path": str(file), "error": error.problem()}
    except OSError as error:
        return {"path": str(file), "error": {"code": "path-unreadable", "title": str(error)}}


def _assessed(file: Path, framework: str | None, mode: str | None, audience: str) -> dict[str, Any]:
    with file.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    subject = read_subject(data, str(file))
    return {"path": str(file), **assess_subject(subject, framework, mode).to_json(audience)}


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """What a person reads of an answer."""
    if "error" in row:
        return {"path": row["path"], "subject": "", "framework": "", "verdict": row["error"]["title"]}
    name = f"{row['framework']} {row['version']}"
    return {"path": row["path"], "subject": row["subject"], "framework": name, "verdict": row["sentence"]}
