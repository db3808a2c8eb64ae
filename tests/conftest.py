"""One home per test process, never the developer's own; PostgreSQL when COMMONWEAL_TEST_POSTGRES_URL names a database."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import django
import pytest
import pytest_django

REPOSITORY = Path(__file__).resolve().parent.parent
GUARDS = (
    "base.migrations.0002_append_only_events",
    "resolve.migrations.0002_append_only_judgements",
    "openness.migrations.0002_append_only_statements",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Before Django reads its settings: nothing of the developer's environment may reach a test.
for _name in [name for name in os.environ if name.startswith("COMMONWEAL_") and not name.startswith("COMMONWEAL_TEST_")]:
    del os.environ[_name]
_home = tempfile.mkdtemp(prefix="commonweal-test-")
os.environ["COMMONWEAL_HOME"] = _home
if url := os.environ.get("COMMONWEAL_TEST_POSTGRES_URL"):
    os.environ["COMMONWEAL_DATABASE_URL"] = url
# Not in pyproject.toml: named there, pytest-django would load the settings before this file has chosen home and database.
os.environ["DJANGO_SETTINGS_MODULE"] = "commonweal.node.settings"
django.setup()


def pytest_unconfigure() -> None:
    shutil.rmtree(_home, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite tests use a file, as a node does: threads and other processes then see one database, with its write-ahead log."""
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(Path(_home) / "test.db")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """Tests that commit empty every table afterwards; the guards of append-only tables would refuse: they have own tests."""
    from django.db import connection

    guards = [import_module(f"commonweal.{name}") for name in GUARDS]
    with django_db_blocker.unblock():
        for guard in guards:
            guard.remove(connection)


@pytest.fixture(scope="session")
def shared() -> Path:
    """``<repository>/../shared``, the registries' own files; the test is skipped where it is absent."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"needs {folder}, which holds the registries' own files")
    return folder


@pytest.fixture(scope="session")
def browser_path() -> str:
    """A chromium or google-chrome on PATH; without one the test is skipped, and fails where CI is set."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found:
        return found
    missing = "no chromium or google-chrome on PATH: `make browser` brings one"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of commands that a test starts as processes of their own."""
    folder = tmp_path / "home"
    monkeypatch.setenv("COMMONWEAL_HOME", str(folder))
    yield folder
