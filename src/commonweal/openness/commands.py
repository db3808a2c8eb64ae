"""``commonweal openness``: assess files and explain licences. Thin: read, call, print; needs no node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from commonweal.base.terminal import terminal
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.licences import explain, read_licence
from commonweal.openness.core.assess import assess as assess_subject
from commonweal.openness.core.formats import MAX_BYTES, SUFFIXES, read_subject

FAILED, PARTLY = 1, 3

app = typer.Typer(pretty_exceptions_enable=False, no_args_is_help=True, help="How open things are, and on what evidence.")


@app.callback()
def openness() -> None:
    """Assess how open models and data sets are, and read licences."""


@app.command()
def assess(
    path: Annotated[
        Path, typer.Argument(help="A MOT or EOSAI YAML, DPG JSON, FMTI report, model or data set card; or a folder.")
    ],
    framework: Annotated[str | None, typer.Option(help="mof, eosai, osaid, dpg, fmti …; dpg@1.1.6 for a version.")] = None,
    mode: Annotated[str | None, typer.Option(help="strict or normalised, for frameworks that have modes.")] = None,
    audience: Annotated[str, typer.Option(help="Whose fields of a form are shown: public, downstream, authority.")] = "public",
) -> None:
    """Assess a file, or every file in a folder that can be assessed; a file that cannot be read says why and stops nothing."""
    if not path.exists():
        raise CommonwealError("path-missing", f"There is nothing at {path}.")
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
