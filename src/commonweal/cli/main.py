"""The ``commonweal`` command: a table of verbs, each loaded from its room only when it runs.

``--help`` reads this table alone, so it stays fast; running a verb first points the process at a home
(:mod:`commonweal.node.boot`).
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from commonweal import __version__
from commonweal.base.terminal import leave_quietly, terminal
from commonweal.kernel.errors import CommonwealError

DONE, FAILED, USAGE, PARTIAL = 0, 1, 2, 3


@dataclass(frozen=True)
class Verb:
    """One word after ``commonweal``.

    Attributes:
        room: the package whose ``commands.py`` holds the verb in its ``app``.
        summary: its line in ``commonweal --help``.
        boot: "open" needs an existing home, "create" makes one, "maybe" uses one where there is one, "none" finds its own way.
        hidden: left out of the help: ``up`` calls it.
    """

    room: str
    summary: str
    boot: str = "open"
    hidden: bool = False


VERBS = {
    "up": Verb("node", "Start this node: create it, harvest, build the index, serve web and worker.", "none"),
    "prepare": Verb("node", "Create, migrate and fill this node without serving it.", "create", hidden=True),
    "serve": Verb("node", "Serve the pages and the API only.", "none"),
    "worker": Verb("node", "Run jobs, schedules and the readers of the change feed only."),
    "status": Verb("node", "Say what this node holds and how fresh it is."),
    "harvest": Verb("catalogue", "Bring a source's records in, or every due source.", "create"),
    "search": Verb("search", "Find entries."),
    "show": Verb("catalogue", "Show an entry or a record with everything said about it."),
    "source": Verb("catalogue", "List, inspect and switch sources."),
    "export": Verb("search", "Write entries in the forms other catalogues read, or the crosswalk of ids."),
    "resolve": Verb("resolve", "Look at and correct which records are the same thing."),
    "openness": Verb("openness", "Assess how open models and data sets are; read licences.", "maybe"),
    "doctor": Verb("node", "Check this node and say how to mend what is wrong."),
    "config": Verb("node", "Show, get and set settings, and where each comes from.", "none"),
    "user": Verb("node", "Add people, give roles, make sign-in links."),
    "backup": Verb("node", "Write one consistent snapshot of this node."),
    "restore": Verb("node", "Bring a node back from a backup.", "none"),
}


class Root(TyperGroup):
    """The root group: its commands are stand-ins, replaced by the real one when a verb is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        terminal.json = ctx.params["json"]
        terminal.lang = ctx.params["lang"]
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None:
            try:
                command = load(name, ctx.params["home"])
            except CommonwealError:
                if not ctx.resilient_parsing:  # while a shell completes, the stand-in will do
                    raise
        return name, command, rest


app = typer.Typer(
    cls=Root,
    no_args_is_help=True,
    help="A node for public-interest AI: harvest, find, assess and support what serves everyone.",
    epilog="--home, --json and --lang may stand before or after the verb. Exit codes: 0 done, 1 failed, 2 usage, 3 partly done.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        terminal.say(f"commonweal {__version__}")
        raise typer.Exit(DONE)


@app.callback()
def root(
    home: Annotated[Path | None, typer.Option("--home", metavar="FOLDER", help="The node's folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON: one object, or one line each for lists.")] = False,
    lang: Annotated[str, typer.Option("--lang", metavar="TAG", help="Language of titles, e.g. fr or ar.")] = "en",
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Options of every verb; read in :class:`Root` before the verb is loaded."""


def _register(name: str, verb: Verb) -> None:
    @app.command(name, help=verb.summary, hidden=verb.hidden)
    def stand_in() -> None:
        raise AssertionError(f"{name} was not loaded")


for _name, _verb in VERBS.items():
    _register(_name, _verb)


def load(name: str, home: Path | None) -> Any:
    """The real command of a verb, its room set up.

    Raises:
        CommonwealError: ``home-missing`` when the verb needs a home and there is none.
    """
    from commonweal.node.boot import boot, choose, exists

    verb = VERBS[name]
    if verb.boot == "none" or (verb.boot == "maybe" and not exists(choose(home))):
        choose(home)
    else:
        boot(home, create=verb.boot == "create")
    return command_of(name)


def command_of(name: str) -> Any:
    """The command of a verb as its room defines it; Django must be set up where the room needs it."""
    room = importlib.import_module(f"commonweal.{VERBS[name].room}.commands")
    command = typer.main.get_command(room.app)
    return command.commands[name] if isinstance(command, TyperGroup) and name in command.commands else command


def hoist(arguments: list[str]) -> list[str]:
    """Move the options of the root to the front, so that they may stand after the verb too; stops at ``--``.

    >>> hoist(["search", "water", "--json", "--lang", "fr"])
    ['--json', '--lang', 'fr', 'search', 'water']
    """
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest += [argument, *waiting]
        elif argument == "--json" or argument.startswith(("--home=", "--lang=")):
            front.append(argument)
        elif argument in ("--home", "--lang"):
            front += [argument, *(value for value in [next(waiting, None)] if value is not None)]
        else:
            rest.append(argument)
    return front + rest


def main(arguments: list[str] | None = None) -> None:
    """Entry point of the console script. Always leaves by :class:`SystemExit`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        app(hoist(arguments), prog_name="commonweal")
    except CommonwealError as error:
        terminal.fail(error)
        sys.exit(FAILED)
    except BrokenPipeError:
        leave_quietly()
    except SystemExit as end:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            leave_quietly()
        sys.exit(end.code)


if __name__ == "__main__":
    main()
