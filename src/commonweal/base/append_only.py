"""Guards that let a database itself refuse to change or delete the rows of a table, whatever program asks."""

from __future__ import annotations

from typing import Any, Final

from django.db import migrations

_CHANGES: Final = ("update", "delete", "replace")


class AppendOnly:
    """The guard of one table.

    A later migration that makes SQLite rebuild the table (any AlterField on it) must run :meth:`install` again.

    Args:
        table: its name.
        words: what its rows are, in the plural, for the refusal.
        taken: SQL condition under which a row of ``NEW`` is there already: INSERT OR REPLACE deletes without asking.
    """

    def __init__(self, table: str, words: str, taken: str = "id = NEW.id") -> None:
        refusal = f"{words} never changed or deleted"
        self._postgresql = (
            f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS\n"
            f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$;\n"
            f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}\n"
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse();",
        )
        abort = f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        self._sqlite = (
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {abort}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {abort}",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) {abort}",
        )
        self._postgresql_off = (f"DROP TRIGGER IF EXISTS {table}_guard ON {table}; DROP FUNCTION IF EXISTS {table}_refuse();",)
        self._sqlite_off = tuple(f"DROP TRIGGER IF EXISTS {table}_no_{what}" for what in _CHANGES)

    def install(self, connection: Any) -> None:
        """Put the guard up."""
        _run(connection, self._postgresql, self._sqlite)

    def remove(self, connection: Any) -> None:
        """Take the guard down."""
        _run(connection, self._postgresql_off, self._sqlite_off)

    def operation(self) -> migrations.RunPython:
        """The migration operation that puts it up, and takes it down when reversed."""
        return migrations.RunPython(
            lambda apps, editor: self.install(editor.connection), lambda apps, editor: self.remove(editor.connection)
        )


def _run(connection: Any, postgresql: tuple[str, ...], sqlite: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in postgresql if connection.vendor == "postgresql" else sqlite:
            cursor.execute(statement)
