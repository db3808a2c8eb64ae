"""Find the node's home and set Django up for it: the only way a command, the web or the worker gets to the rooms."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from commonweal.kernel.errors import CommonwealError

HOME_VARIABLE = "COMMONWEAL_HOME"
FOLDER = ".commonweal"


def find_home(explicit: Path | None = None) -> Path:
    """The home a command works on; the folder need not exist.

    In this order: ``--home``, ``COMMONWEAL_HOME``, the nearest ``.commonweal/`` upward, the user's data folder.
    """
    if explicit is not None:
        return explicit.expanduser().resolve()
    if named := os.environ.get(HOME_VARIABLE):
        return Path(named).expanduser().resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FOLDER).is_dir():
            return folder / FOLDER
    return _user_data_folder() / "commonweal"


def boot(home: Path | None = None, *, create: bool = False) -> Path:
    """Point this process at a home and set Django up. Returns the home's path.

    Args:
        home: as given with ``--home``; None looks where :func:`find_home` says.
        create: make the home and its database when they do not exist yet.

    Raises:
        CommonwealError: ``home-missing`` when there is no node at that place and ``create`` is False.
    """
    path = find_home(home)
    if not create and not path.is_dir():
        raise CommonwealError(
            "home-missing",
            f"There is no node at {path}.",
            "Start one with `commonweal up`, or name its folder with --home.",
        )
    os.environ[HOME_VARIABLE] = str(path)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.node.settings")

    import django

    django.setup()
    return path


def _user_data_folder() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
