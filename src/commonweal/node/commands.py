"""The verbs of the node: ``up serve worker status doctor config user backup restore``. Thin: parse, call, print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from commonweal.base import config as settings
from commonweal.base.home import home
from commonweal.base.terminal import terminal
from commonweal.kernel.errors import CommonwealError
from commonweal.node import config as _config  # noqa: F401 (declares the node's settings)

PARTLY = 3

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
config_app = typer.Typer(help="Show, get and set settings, and where each comes from.", no_args_is_help=True)
user_app = typer.Typer(help="Add people, give roles, make sign-in links.", no_args_is_help=True)
app.add_typer(config_app, name="config")
app.add_typer(user_app, name="user")

Host = Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 for every interface.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.")]


@app.command()
def up(host: Host = None, port: Port = None) -> None:
    """Start this node: create it, harvest, build the index, serve web and worker. Stops with Ctrl-C."""
    from commonweal.node import supervisor

    supervisor.up(home(), host or settings.setting("server.host"), port or settings.setting("server.port"))


@app.command(hidden=True)
def prepare() -> None:
    """Create, migrate and fill the node, without serving it."""
    from commonweal.node.prepare import prepare

    terminal.emit(prepare())


@app.command()
def serve(host: Host = None, port: Port = None) -> None:
    """Serve the pages and the API only; a worker runs beside it."""
    from commonweal.node import serving

    serving.serve(host, port)


@app.command()
def worker() -> None:
    """Run jobs, schedules and the readers of the change feed only."""
    from commonweal.node import serving

    serving.work()


@app.command()
def status() -> None:
    """Say what this node holds and how fresh it is."""
    from commonweal.node import state

    terminal.emit(state.status())


@app.command()
def doctor() -> None:
    """Check this node and say how to mend what is wrong. Fails when there is an error, not for warnings."""
    from commonweal.node.doctor import examine, summary

    findings = list(examine())
    terminal.emit_lines(finding.to_json() for finding in findings)
    if summary(findings)["error"]:
        raise typer.Exit(1)


@app.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="File to write; by default in the home's backups folder.")] = None,
) -> None:
    """Write one consistent snapshot of this node, while it works: everything but the index."""
    from commonweal.node.backup import back_up

    terminal.emit(back_up(home(), file))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `commonweal backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the node that is there; it is moved aside.")] = False,
) -> None:
    """Bring a node back from a backup: every checksum is verified first, the index is built anew."""
    from commonweal.node.backup import restore
    from commonweal.node.lock import replacing

    with replacing(home()):
        restored = restore(file, home(), force=force)
        from commonweal.search.indexer import rebuild

        with terminal.progress("index") as update:
            rebuild(lambda done, total, message: update(done, total, message))
    terminal.emit(restored)


@config_app.command("show")
def config_show(changed: Annotated[bool, typer.Option("--changed", help="Only what differs from the default.")] = False) -> None:
    """List every setting with its value and where that comes from; secrets are masked."""
    terminal.emit_lines(
        {"name": entry.setting.name, "value": entry.shown, "origin": entry.origin, "help": entry.setting.help}
        for entry in settings.all_settings()
        if entry.origin != "default" or not changed
    )


@config_app.command("get")
def config_get(name: Annotated[str, typer.Argument(help="Setting, e.g. server.port.")]) -> None:
    """Print one setting."""
    for entry in settings.all_settings():
        if entry.setting.name == name:
            terminal.emit({"name": name, "value": entry.shown, "origin": entry.origin})
            return
    raise CommonwealError("setting-unknown", f"There is no setting {name}.", "`commonweal config show` lists every setting.")


@config_app.command("set")
def config_set(
    name: Annotated[str, typer.Argument(help="Setting, e.g. node.name.")],
    value: Annotated[str, typer.Argument(help="Its new value; lists are comma-separated.")],
) -> None:
    """Write one setting to config.toml. Web and worker take it up when they start again."""
    home().create()
    entry = settings.set_value(name, value)
    terminal.emit({"name": name, "value": entry.shown, "origin": entry.origin})


@user_app.command("list")
def user_list() -> None:
    """List the accounts."""
    from commonweal.base.accounts import people

    terminal.emit_lines({"name": user.username, "role": user.role, "active": user.is_active} for user in people())


@user_app.command("add")
def user_add(role: Annotated[str, typer.Option(help="contributor, curator or steward.")] = "contributor") -> None:
    """Make a link with which one person makes an account with this role; it works once, for a day."""
    from commonweal.base.accounts import invite
    from commonweal.base.permissions import SYSTEM

    terminal.emit({"role": role, "link": _link(invite(SYSTEM, role))})


@user_app.command("role")
def user_role(name: str, role: Annotated[str, typer.Argument(help="contributor, curator or steward.")]) -> None:
    """Give an account another role."""
    from commonweal.base.accounts import set_role
    from commonweal.base.permissions import SYSTEM

    set_role(SYSTEM, _person(name), role)
    terminal.emit({"name": name, "role": role})


@user_app.command("link")
def user_link(name: str) -> None:
    """Make a link that signs a person in once, for whoever has lost password and codes."""
    from commonweal.base.accounts import make_sign_in_link
    from commonweal.base.permissions import SYSTEM

    terminal.emit({"name": name, "link": _link(make_sign_in_link(SYSTEM, _person(name)))})


@user_app.command("recovery")
def user_recovery(name: str) -> None:
    """Make ten fresh recovery codes, shown this once; earlier ones end."""
    from commonweal.base.accounts import renew_recovery_codes

    terminal.emit({"name": name, "codes": renew_recovery_codes(_person(name))})


@user_app.command("close")
def user_close(name: str, reopen: Annotated[bool, typer.Option("--reopen", help="Open it again.")] = False) -> None:
    """Close an account: it is signed out everywhere and nobody can sign in to it."""
    from commonweal.base.accounts import set_active
    from commonweal.base.permissions import SYSTEM

    set_active(SYSTEM, _person(name), reopen)
    terminal.emit({"name": name, "active": reopen})


def _person(name: str) -> Any:
    from commonweal.base.models import User

    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommonwealError("user-unknown", f"There is no account named {name}.", "`commonweal user list` names all.")
    return user


def _link(token: str) -> str:
    from django.urls import reverse

    return f"{settings.setting('server.address').rstrip('/')}{reverse('link', args=[token])}"
