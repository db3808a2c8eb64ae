"""Consistent copies of the database as files, and back: SQLite by its backup interface, PostgreSQL by ``COPY`` in one snapshot.

Neither needs a client tool, and neither makes writers wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.recorder import MigrationRecorder

CHUNK_BYTES = 1 << 20


def write(folder: Path) -> Iterator[tuple[str, Path]]:
    """Copy the database into ``folder``; yields ``(name in the backup, file)``."""
    if connection.vendor == "sqlite":
        copy = folder / "node.db"
        _copy_sqlite(copy)
        yield "node.db", copy
    else:
        yield from _copy_postgres(folder)


def applied_migrations() -> list[list[str]]:
    """``[app, name]`` of each migration that the database has, so that a restore can make the same tables first."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def load(folder: Path, migrations: list[list[str]]) -> None:
    """Fill an empty PostgreSQL database from the files of :func:`write`, then bring it up to date."""
    executor = MigrationExecutor(connection)
    executor.migrate(_last_of_each_app(executor.loader.graph, {(app, name) for app, name in migrations}))
    names = [name for name in _tables() if (folder / f"{name}.copy").exists()]
    quoted = {name: connection.ops.quote_name(name) for name in names}
    with transaction.atomic(), connection.cursor() as cursor:
        for table in quoted.values():  # the few rows that migrations themselves have made
            if cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone() == (True,):
                cursor.execute(f"DELETE FROM {table}")
        for name in names:
            path = folder / f"{name}.copy"
            columns, _, _ = path.with_suffix(".columns").read_text(encoding="utf-8").partition("\n")
            with path.open("rb") as stream, cursor.copy(f"COPY {quoted[name]} ({columns}) FROM STDIN") as copy:
                while chunk := stream.read(CHUNK_BYTES):
                    copy.write(chunk)
        for statement in _sequence_resets():
            cursor.execute(statement)


def holds_data(url: str) -> bool:
    """Whether the PostgreSQL database at ``url`` already has a node's tables; asked before Django is set up for it."""
    import psycopg

    with psycopg.connect(url, connect_timeout=10) as link:
        found = link.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchone()
    return bool(found and found[0])


def clear() -> None:
    """Drop the node's tables, if there are any."""
    with connection.cursor() as cursor:
        for name in set(connection.introspection.table_names(cursor)) & {*_tables(), "django_migrations"}:
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)} CASCADE")


def _copy_sqlite(target: Path) -> None:
    from sqlite3 import connect  # the one library of this process: base/sqlite.py has swapped it

    connection.ensure_connection()
    copy = connect(target)
    try:
        connection.connection.backup(copy)
        # A copy on its own needs no log beside it; whoever opens it next turns WAL on again.
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()


def _copy_postgres(folder: Path) -> Iterator[tuple[str, Path]]:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for name in sorted(set(connection.introspection.table_names(cursor)) & set(_tables())):
            described = connection.introspection.get_table_description(cursor, name)
            columns = ", ".join(connection.ops.quote_name(column.name) for column in described)
            data, header = folder / f"{name}.copy", folder / f"{name}.columns"
            header.write_text(columns + "\n", encoding="utf-8")
            with data.open("wb") as out:
                with cursor.copy(f"COPY {connection.ops.quote_name(name)} ({columns}) TO STDOUT") as copy:
                    for chunk in copy:
                        out.write(chunk)
            yield f"tables/{data.name}", data
            yield f"tables/{header.name}", header


def _last_of_each_app(graph: MigrationGraph, applied: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Where each app's tables stood; a target with others of its app after it would undo those."""
    known = applied & set(graph.nodes)

    def is_last(key: tuple[str, str]) -> bool:
        return not any(child.key in known and child.key[0] == key[0] for child in graph.node_map[key].children)

    return sorted(filter(is_last, known))


def _tables() -> list[str]:
    return sorted({model._meta.db_table for model in _models()})


def _models() -> list[Any]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def _sequence_resets() -> list[str]:
    from django.core.management.color import no_style

    return list(connection.ops.sequence_reset_sql(no_style(), _models()))
