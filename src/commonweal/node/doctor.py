"""Checks that say what is wrong with a node and how to mend it. Each yields findings; none changes anything."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from commonweal.base import config, feed, sqlite
from commonweal.base.events import verify_events
from commonweal.base.home import home
from commonweal.base.models import Job
from commonweal.catalogue import queries as catalogue
from commonweal.kernel.errors import CommonwealError
from commonweal.node import state
from commonweal.search import services as search

ENOUGH_DISK_BYTES = 1 << 30
LAG_THAT_WORRIES = 10_000


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        check: what was looked at.
        level: "ok", "warning" (works, but look after it) or "error" (does not work).
        message: what was found.
        hint: how to mend it, "" when all is well.
    """

    check: str
    level: str
    message: str
    hint: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)


def examine() -> Iterator[Finding]:
    """Run every check; one that fails itself is an error of its own."""
    for name, check in CHECKS.items():
        try:
            yield from check()
        except CommonwealError as error:
            yield Finding(name, "error", error.message, error.hint)
        except Exception as error:  # a broken node is what this command is for
            yield Finding(name, "error", f"{type(error).__name__}: {error}", "See the log.")


def _python() -> Iterator[Finding]:
    yield Finding("python", "ok", f"Python {sys.version.split()[0]}")


def _database() -> Iterator[Finding]:
    connection.ensure_connection()
    if connection.vendor != "sqlite":
        yield Finding("database", "ok", f"PostgreSQL {connection.pg_version // 10000}")  # type: ignore[attr-defined]
        return
    from sqlite3 import sqlite_version

    if sqlite.WAL_SAFE:
        yield Finding("database", "ok", f"SQLite {sqlite_version}, write-ahead log on")
    else:
        hint = "Install the pysqlite3 package where it has a wheel, or use PostgreSQL."
        yield Finding("database", "warning", f"SQLite {sqlite_version} is too old for a write-ahead log: writers wait.", hint)
    with connection.cursor() as cursor:
        found = cursor.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        yield Finding("database", "error", f"The database file is damaged: {found}", "Restore a backup.")


def _tables() -> Iterator[Finding]:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Finding("tables", "error", f"{len(waiting)} changes of the tables are waiting.", "Run `commonweal up` once.")
    else:
        yield Finding("tables", "ok", "Tables are up to date")


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(home().root).free
    if free < ENOUGH_DISK_BYTES:
        yield Finding("disk", "warning", f"{free / 1e6:,.0f} MB free at {home().root}.", "Make room: old files in backups/?")
    else:
        yield Finding("disk", "ok", f"{free / 1e9:,.0f} GB free")


def _secret() -> Iterator[Finding]:
    mode = home().secret_key.stat().st_mode & 0o777
    if mode & 0o077:
        yield Finding("secret key", "error", f"Others may read {home().secret_key}.", f"chmod 600 {home().secret_key}")
    else:
        yield Finding("secret key", "ok", "The secret key is private")


def _settings() -> Iterator[Finding]:
    known = config.all_settings()  # raises for an unknown name or an unusable value
    changed = sum(1 for resolved in known if resolved.origin != "default")
    yield Finding("settings", "ok", f"{changed} of {len(known)} settings differ from their default")
    hosts = set(config.setting("server.allowed_hosts"))
    listens_everywhere = config.setting("server.host") in ("0.0.0.0", "::")  # noqa: S104 (not bound here)
    if listens_everywhere and hosts <= {"localhost", "127.0.0.1", "[::1]"}:
        hint = "Add the node's name: commonweal config set server.allowed_hosts …"
        yield Finding("settings", "warning", "The node listens on every interface but answers to local names only.", hint)


def _feed() -> Iterator[Finding]:
    for consumer in feed.status():
        name = f"reader {consumer['name']}"
        if consumer["error"]:
            yield Finding(name, "error", f"It failed {consumer['failures']} times: {consumer['error']}", "See the log.")
        elif consumer["behind"] > LAG_THAT_WORRIES:
            yield Finding(name, "warning", f"{consumer['behind']:,} changes behind.", "Is a worker running? `commonweal worker`")
        else:
            yield Finding(name, "ok", f"{consumer['behind']:,} changes behind")


def _index() -> Iterator[Finding]:
    if search.index().snapshot() is None:
        yield Finding(
            "index", "error", "There is no search index that this version can read.", "Run `commonweal search --rebuild`."
        )
        return
    counts = catalogue.counts()
    indexed, entities = state.indexed(), counts["entities"] + counts["offers"]
    if indexed != entities and not any(consumer["behind"] for consumer in feed.status()):
        hint = "Run `commonweal search --rebuild`."
        yield Finding("index", "warning", f"The index holds {indexed:,} entries, the database {entities:,}.", hint)
    else:
        yield Finding("index", "ok", f"{indexed:,} entries in the search index")


def _jobs() -> Iterator[Finding]:
    recent = timezone.now() - timedelta(days=7)
    failed = Job.objects.filter(status=Job.Status.FAILED, finished_at__gte=recent).order_by("-finished_at")
    for job in failed[:5]:
        yield Finding("jobs", "warning", f"{job.task} failed: {(job.error or {}).get('message', '')}", "See the log.")
    if not failed:
        yield Finding("jobs", "ok", "No job failed in the last seven days")


def _sources() -> Iterator[Finding]:
    if not state.is_open():
        yield Finding(
            "sources", "warning", "The first harvest has not been done.", "Run `commonweal up` or `commonweal harvest`."
        )
    failing = [source for source in catalogue.sources() if source["error"]]
    for source in failing:
        hint = f"Try again: commonweal harvest {source['id']}"
        yield Finding("sources", "warning", f"{source['id']} could not be read: {source['error']}", hint)
    if not failing:
        yield Finding("sources", "ok", "Every source that was tried could be read")


def _events() -> Iterator[Finding]:
    verified = verify_events()
    if verified.sound:
        yield Finding("event log", "ok", f"{verified.count:,} events, unbroken")
    for problem in verified.problems[:5]:
        yield Finding("event log", "error", problem, "Compare with a backup: somebody or something changed the log.")


def _translations() -> Iterator[Finding]:
    folders = [Path(folder) for folder in settings.LOCALE_PATHS]
    for tag, name in settings.LANGUAGES:
        if tag != "en" and not any((folder / tag / "LC_MESSAGES" / "django.mo").exists() for folder in folders):
            yield Finding(
                "translations", "warning", f"{name} is not compiled.", "Run `make setup`, or install the package again."
            )
            return
    yield Finding("translations", "ok", f"{len(settings.LANGUAGES)} languages")


CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "python": _python,
    "database": _database,
    "tables": _tables,
    "disk": _disk,
    "secret key": _secret,
    "settings": _settings,
    "feed": _feed,
    "index": _index,
    "jobs": _jobs,
    "sources": _sources,
    "event log": _events,
    "translations": _translations,
}


def summary(findings: list[Finding]) -> dict[str, Any]:
    """How many of each level."""
    return {level: sum(finding.level == level for finding in findings) for level in ("ok", "warning", "error")}
