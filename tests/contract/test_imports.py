"""What the house knows is plain Python: every core is imported where there is no Django, no network client, no terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import commonweal

PACKAGE = Path(commonweal.__file__).parent
BLOCKED = ("django", "django_tasks", "ninja", "httpx", "typer", "rich", "granian", "sqlite3", "pysqlite3", "psycopg")
PURE = ["kernel", *sorted(str(core.relative_to(PACKAGE)) for core in PACKAGE.glob("*/core"))]

IMPORT_WITHOUT = """
import importlib, sys
blocked, names = sys.argv[1].split(), sys.argv[2].split()
for name in blocked:
    sys.modules[name] = None  # importing it raises ModuleNotFoundError
for name in names:
    importlib.import_module(name)
"""


def modules(folder: str) -> list[str]:
    files = sorted((PACKAGE / folder).rglob("*.py"))
    return [".".join(("commonweal", *file.relative_to(PACKAGE).with_suffix("").parts)) for file in files]


@pytest.mark.parametrize("folder", PURE)
def test_cores_are_plain_python(folder: str) -> None:
    names = [name.removesuffix(".__init__") for name in modules(folder)]
    assert names
    command = [sys.executable, "-c", IMPORT_WITHOUT, " ".join(BLOCKED), " ".join(names)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("room", ["catalogue", "openness", "resolve", "search"])
def test_the_face_of_a_room_needs_no_django(room: str) -> None:
    command = [sys.executable, "-c", IMPORT_WITHOUT, " ".join(BLOCKED), f"commonweal.{room}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_only_one_sqlite_library_is_ever_loaded() -> None:
    """Two SQLite libraries that open one file in one process drop each other's locks."""
    code = (
        "from commonweal.base import sqlite\n"
        "import sqlite3, sqlite3.dbapi2, sys\n"
        "libraries = {module.sqlite_version for name, module in sys.modules.items() if name.endswith('sqlite3') and module}\n"
        "assert len(libraries) == 1, libraries\n"
        "assert not {'apsw', 'duckdb'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_process_starts_without_what_computes_and_downloads(empty_home: Path) -> None:
    """A second start and every command pay for what is imported; numpy, scipy and httpx alone take a second."""
    code = (
        "import sys\n"
        "from commonweal.node.boot import boot\n"
        "boot(create=True)\n"
        "import commonweal.base.jobs, commonweal.node.prepare\n"
        "assert not {'numpy', 'scipy', 'httpx', 'pydantic', 'lxml', 'pyoxigraph'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
