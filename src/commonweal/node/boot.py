"""Set Django up for one home: the only way a command, the web or the worker gets to the rooms."""

from __future__ import annotations

import os
from pathlib import Path

from commonweal.base.config import setting
from commonweal.base.home import Home, choose_home, home
from commonweal.kernel.errors import CommonwealError

SETTINGS_MODULE = "commonweal.node.settings"


def choose(path: Path | None) -> Home:
    """Fix the home of this process and of its children: ``--home``, else the one :func:`commonweal.base.home.home` finds."""
    return choose_home(home().root if path is None else path)


def boot(path: Path | None = None, *, create: bool = False) -> Home:
    """Point this process at a home and set Django up.

    Args:
        path: as given with ``--home``; None lets the home be found.
        create: make the home where there is none yet, and bring its database up to date.

    Raises:
        CommonwealError: ``home-missing`` when there is no node at that place and ``create`` is False.
    """
    chosen = choose(path)
    if not create:
        require(chosen)
    chosen.create()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)

    import django

    django.setup()
    if create:
        migrate()
    return chosen


def exists(home: Home) -> bool:
    """Whether a node has been made there."""
    return home.secret_key.exists() and (home.database.exists() or bool(setting("database.url")))


def require(home: Home) -> None:
    """Raise CommonwealError ``home-missing`` where no node has been made yet."""
    if not exists(home):
        hint = "Start one with `commonweal up`, or name its folder with --home."
        raise CommonwealError("home-missing", f"There is no node at {home.root}.", hint)


def migrate() -> None:
    """Bring the database up to date; does nothing, quickly, when it is."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        executor.migrate(executor.loader.graph.leaf_nodes(), plan)
