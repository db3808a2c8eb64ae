"""The database itself refuses to change or delete evidence, whatever program asks.

A later migration that makes SQLite rebuild the table (any AlterField on it) must run ``install`` again.
"""

from typing import Any

from django.db import migrations

POSTGRESQL_INSTALL = """
CREATE OR REPLACE FUNCTION openness_statement_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'evidence is never changed or deleted'; END $$;
CREATE TRIGGER openness_statement_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON openness_statement
FOR EACH STATEMENT EXECUTE FUNCTION openness_statement_refuse();
"""
POSTGRESQL_REMOVE = (
    "DROP TRIGGER IF EXISTS openness_statement_guard ON openness_statement; DROP FUNCTION IF EXISTS openness_statement_refuse();"
)

SQLITE_INSTALL = [
    "CREATE TRIGGER openness_statement_no_update BEFORE UPDATE ON openness_statement "
    "BEGIN SELECT RAISE(ABORT, 'evidence is never changed or deleted'); END",
    "CREATE TRIGGER openness_statement_no_delete BEFORE DELETE ON openness_statement "
    "BEGIN SELECT RAISE(ABORT, 'evidence is never changed or deleted'); END",
    # INSERT OR REPLACE deletes without asking the trigger above.
    "CREATE TRIGGER openness_statement_no_replace BEFORE INSERT ON openness_statement "
    "WHEN EXISTS (SELECT 1 FROM openness_statement WHERE id = NEW.id) "
    "BEGIN SELECT RAISE(ABORT, 'evidence is never changed or deleted'); END",
]
SQLITE_REMOVE = [f"DROP TRIGGER IF EXISTS openness_statement_no_{what}" for what in ("update", "delete", "replace")]


def install(connection: Any) -> None:
    _run(connection, [POSTGRESQL_INSTALL], SQLITE_INSTALL)


def remove(connection: Any) -> None:
    _run(connection, [POSTGRESQL_REMOVE], SQLITE_REMOVE)


def _run(connection: Any, postgresql: list[str], sqlite: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in postgresql if connection.vendor == "postgresql" else sqlite:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("openness", "0001_initial")]
    operations = [
        migrations.RunPython(lambda apps, editor: install(editor.connection), lambda apps, editor: remove(editor.connection))
    ]
