"""Where a node lives on disk: one folder, its *home*, with everything to back up or move."""

from __future__ import annotations

import os
import secrets
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = ".commonweal"
VARIABLE = "COMMONWEAL_HOME"


@dataclass(frozen=True, slots=True)
class Home:
    """Paths of one node's home. Nothing is made until ``create``."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "node.db"

    @property
    def raw(self) -> Path:
        """Content-addressed payloads, see ``raw.py``."""
        return self.root / "raw"

    @property
    def index(self) -> Path:
        """The search index: derived, may be deleted at any time."""
        return self.root / "index"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def config(self) -> Path:
        return self.root / "config.toml"

    @property
    def secret_key(self) -> Path:
        return self.root / "secret.key"

    def create(self) -> None:
        """Make the folders and the secret key where they are missing; safe to repeat and to race."""
        for folder in (self.root, self.raw, self.index, self.backups):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.secret_key.exists():
            # Written whole and linked into place: of two processes that start together one wins, neither reads half a key.
            draft = self.root / f".secret.{os.getpid()}.{secrets.token_hex(4)}"
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(64) + "\n", encoding="ascii")
            try:
                os.link(draft, self.secret_key)
            except FileExistsError:
                pass
            except OSError:  # a file system without hard links
                draft.replace(self.secret_key)
            finally:
                draft.unlink(missing_ok=True)

    def read_secret_key(self) -> str:
        """The node's secret; the home is created first where needed."""
        if not self.secret_key.exists():
            self.create()
        return self.secret_key.read_text(encoding="ascii").strip()


def home() -> Home:
    """This process's home: ``COMMONWEAL_HOME``, else the nearest ``.commonweal/`` upward, else the user's data folder.

    The upward search is done once a process, from where it started.
    """
    return _resolve(os.environ.get(VARIABLE, ""))


def choose_home(path: str | os.PathLike[str]) -> Home:
    """Make ``path`` the home of this process and of those it starts (``--home``)."""
    os.environ[VARIABLE] = str(Path(path).expanduser().absolute())
    return home()


@lru_cache(maxsize=8)
def _resolve(given: str) -> Home:
    if given:
        return Home(Path(given).expanduser().absolute())
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FOLDER).is_dir():
            return Home(folder / FOLDER)
    return Home(_user_data_folder() / "commonweal")


def _user_data_folder() -> Path:
    """XDG on Linux and the BSDs, the customary places on macOS and Windows."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    given = os.environ.get("XDG_DATA_HOME", "")
    return Path(given) if given.startswith("/") else Path.home() / ".local" / "share"
