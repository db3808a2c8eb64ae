"""The verbs of the catalogue: ``harvest show source``. Thin: parse, call, print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from commonweal.base import feed
from commonweal.base.terminal import terminal
from commonweal.catalogue import plans, queries, services
from commonweal.catalogue.core.plan import FATES
from commonweal.catalogue.models import Run
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.text import pick

FAILED, USAGE, PARTLY = 1, 2, 3
ENTRIES_SHOWN = 50

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
source_app = typer.Typer(help="List, inspect, add and switch sources.", no_args_is_help=True)
app.add_typer(source_app, name="source")

SourceId = Annotated[str, typer.Argument(metavar="SOURCE", help="Id of a source, as `source list` shows it.")]


@app.command()
def harvest(
    sources: Annotated[list[str] | None, typer.Argument(metavar="SOURCE", help="Ids; none means those that are due.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every source that is switched on.")] = False,
    default: Annotated[bool, typer.Option("--default", help="The sources a new node starts with.")] = False,
    replay: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Read this file, folder or URL instead; with --all, a folder of recorded registries."),
    ] = None,
    force: Annotated[bool, typer.Option(help="Read and map everything anew, changed or not.")] = False,
) -> None:
    """Bring sources' records in: what is new or changed is taken in, resolved and indexed."""
    wanted = _wanted(sources or [], every, default)
    recordings = _recordings(Path(replay)) if replay is not None and every else {}
    if replay is not None and len(wanted) != 1 and not every:
        raise CommonwealError("usage", "--replay reads one source.", "Name it: commonweal harvest SOURCE --replay PATH")
    with terminal.steps() as update:
        report = lambda step, done, total: update(step, done, total)  # noqa: E731
        if recordings:
            runs = [
                services.harvest(source, actor="command:harvest", progress=report, replay=str(path), force=force)
                for source, path in recordings.items()
            ]
        elif len(wanted) == 1:
            runs = [services.harvest(wanted[0], actor="command:harvest", progress=report, replay=replay, force=force)]
        else:
            runs = services.harvest_several(wanted, actor="command:harvest", progress=report, force=force)
        feed.drain(progress=report)
    terminal.emit_lines(_outcome(run) for run in runs)
    if not runs:
        terminal.say("No source is due.")
    states = {run.state for run in runs}
    if states and states <= {Run.State.FAILED, Run.State.STOPPED}:
        raise typer.Exit(FAILED)
    if states - {Run.State.DONE}:
        raise typer.Exit(PARTLY)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of an entry or record, hf:… or doi:…, a web address.")],
    as_record: Annotated[bool, typer.Option("--record", help="What the one source says, not the entry.")] = False,
) -> None:
    """Show an entry with everything said about it, or one record."""
    if as_record:
        terminal.emit({**queries.record(name), "versions": queries.record_versions(name)})
        return
    entity_id = queries.find(name)
    found = queries.entity(entity_id) if entity_id else None
    if found is None:
        raise CommonwealError("entity-unknown", f"Nothing here answers to {name!r}.", "Try: commonweal search WORDS", status=404)
    view = found[0]
    if terminal.json:
        terminal.emit(view)
        return
    terminal.say(f"{pick(view['chosen']['title'], terminal.lang)[1]}  ({view['kind']}, {view['id']})\n")
    terminal.emit_lines(
        {"property": name, "value": _words(value["value"]), "says": ", ".join(said["source"] for said in value["sources"])}
        for name, values in view["values"].items()
        for value in values
    )


@source_app.command("list")
def list_sources() -> None:
    """List the sources with how fresh each is and how much it says."""
    terminal.emit_lines(queries.sources() if terminal.json else map(_source_line, queries.sources()))


@source_app.command("show")
def show_source(source: SourceId) -> None:
    """Show a source and its last run."""
    terminal.emit(queries.source(source))


@source_app.command()
def enable(source: SourceId) -> None:
    """Let the node harvest a source by itself."""
    services.set_enabled(source, True, actor="command:source")


@source_app.command()
def disable(source: SourceId) -> None:
    """Stop harvesting a source by itself; its records stay."""
    services.set_enabled(source, False, actor="command:source")


@source_app.command()
def add(file: Annotated[Path, typer.Argument(metavar="FILE", help="The source's description in YAML.")]) -> None:
    """Add a source of your own, or replace one you added."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommonwealError("source-invalid", f"{file} cannot be read: {error}.") from error
    spec = services.add_source(text, actor="command:source", where=file.name)
    terminal.emit({"id": spec.id, "title": spec.title, "kinds": list(spec.kinds)})


@source_app.command()
def plan(
    source: SourceId,
    every: Annotated[bool, typer.Option("--all", help="Every vanished record, not the first 50.")] = False,
) -> None:
    """Show what the last complete listing of a source would take away, each record explained."""
    found = plans.latest(queries.spec(source).id)
    if found is None:
        terminal.say("Nothing disappeared from this source.")
        return
    if terminal.json:
        terminal.emit({**found, "entries": list(plans.entries(found["id"]))})
        return
    terminal.emit({name: found[name] for name in ("id", "state", "made", "counts", "findings", "actor", "reason")})
    shown = plans.entries(found["id"], limit=None if every else ENTRIES_SHOWN)
    terminal.emit_lines(
        {"record": one["native_id"], "what": FATES[one["fate"]], "now": one["successor_native_id"], "by": one["basis"]}
        for one in shown
    )
    if found["state"] == "open":
        terminal.say(f"Decide: commonweal source apply {found['id']} --reason WHY, or refuse {found['id']} --reason WHY.")


@source_app.command("apply")
def apply_plan(
    number: Annotated[int, typer.Argument(metavar="PLAN", help="Number of a plan, as `source plan` shows it.")],
    reason: Annotated[str, typer.Option(help="Why, in a sentence.")],
    proven: Annotated[bool, typer.Option("--proven", help="Trust no successor that only its name points to.")] = False,
) -> None:
    """Take away what a plan names; addresses of moved records lead on, what returns bears its old id."""
    with terminal.steps() as update:
        left = services.apply_plan(number, actor="command:source", reason=reason, names=not proven)
        feed.drain(progress=lambda step, done, total: update(step, done, total))
    terminal.emit({"plan": number, "left": left})


@source_app.command("refuse")
def refuse_plan(
    number: Annotated[int, typer.Argument(metavar="PLAN", help="Number of a plan, as `source plan` shows it.")],
    reason: Annotated[str, typer.Option(help="Why, in a sentence.")],
) -> None:
    """Keep what a plan would take away, now and whenever the very same records are absent."""
    services.refuse_plan(number, actor="command:source", reason=reason)


@source_app.command()
def correct(
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of an entry or record.")],
    property: Annotated[str, typer.Argument(help="What is wrong, e.g. licence, languages, publisher.")],
    value: Annotated[str | None, typer.Argument(help="What is right, as text or JSON; nothing withdraws the correction.")] = None,
    reason: Annotated[str, typer.Option(help="Why, in a sentence.")] = "",
) -> None:
    """Say something in place of a source; it outlives every harvest, and the source's value stays beside it."""
    terminal.emit(services.correct(name, property, _given(value), actor="command:source", reason=reason))
    feed.drain()


def _given(value: str | None) -> Any:
    """JSON where it is an object or a list, else the words as they are."""
    if value is None or not value.startswith(("{", "[")):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise CommonwealError("usage", f"{value!r} is no JSON: {error}.", "Quote it for the shell.") from error


def _wanted(named: list[str], every: bool, default: bool) -> list[str]:
    """The sources a harvest is about, each once."""
    if sum((bool(named), every, default)) > 1:
        raise CommonwealError("usage", "Name sources, or say --all, or --default.", "One of them is enough.")
    if named:
        return list(dict.fromkeys(queries.spec(source_id).id for source_id in named))
    if not (every or default):
        return queries.due()
    return [s["id"] for s in queries.sources() if s["enabled"] and (every or s["default"])]


def _recordings(folder: Path) -> dict[str, Path]:
    """Where each source's recording lies in a folder of recorded registries; sources without one are left out."""
    found = {source: folder / spec.replay for source, spec in queries.specs().items() if (folder / spec.replay).exists()}
    if not found:
        raise CommonwealError("usage", f"{folder} holds no recording of a source.", "Each lies under its source's `replay`.")
    return found


def _outcome(run: Run) -> dict[str, Any]:
    said = queries.run(run.pk)
    figures = {name: said["counts"].get(name, 0) for name in ("seen", "added", "changed", "unchanged", "rejected", "missing")}
    return {"source": run.source_id, "run": run.pk, "state": str(run.state), **figures, "note": run.note}


def _source_line(source: dict[str, Any]) -> dict[str, Any]:
    last = source["last_run"]
    return {
        "source": source["id"],
        "title": source["title"],
        "state": "off" if not source["enabled"] else last["state"] if last else "not read yet",
        "records": source["records"],
        "rejected": source["rejected"],
        "updated": f"{source['last_success']:%Y-%m-%d %H:%M}" if source["last_success"] else None,
        "licence": source["licence"],
    }


def _words(value: Any) -> Any:
    """A Text in the reader's language, a licence by its expression, anything else as it is."""
    if not isinstance(value, dict):
        return value
    if "category" in value:
        return f"{value.get('expression') or value.get('raw')} ({value['category']})"
    if {"low", "high"} & value.keys() or "minor" in value:
        return {key: part for key, part in value.items() if part is not None}
    return pick(value, terminal.lang)[1]
