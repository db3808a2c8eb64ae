"""The database itself refuses to change or delete events, whatever program asks.

A later migration that makes SQLite rebuild the table (any AlterField on it) must run ``install`` again.
"""

from typing import Any

from django.db import migrations

POSTGRESQL_INSTALL = """
CREATE OR REPLACE FUNCTION base_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'events are never changed or deleted'; END $$;
CREATE TRIGGER base_event_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON base_event
FOR EACH STATEMENT EXECUTE FUNCTION base_event_refuse();
"""
POSTGRESQL_REMOVE = "DROP TRIGGER IF EXISTS base_event_guard ON base_event; DROP FUNCTION IF EXISTS base_event_refuse();"

SQLITE_INSTALL = [
    "CREATE TRIGGER base_event_no_update BEFORE UPDATE ON base_event "
    "BEGIN SELECT RAISE(ABORT, 'events are never changed or deleted'); END",
    "CREATE TRIGGER base_event_no_delete BEFORE DELETE ON base_event "
    "BEGIN SELECT RAISE(ABORT, 'events are never changed or deleted'); END",
    # INSERT OR REPLACE deletes without asking the trigger above.
    "CREATE TRIGGER base_event_no_replace BEFORE INSERT ON base_event WHEN EXISTS (SELECT 1 FROM base_event WHERE seq = NEW.seq) "
    "BEGIN SELECT RAISE(ABORT, 'events are never changed or deleted'); END",
]
SQLITE_REMOVE = [f"DROP TRIGGER IF EXISTS base_event_no_{what}" for what in ("update", "delete", "replace")]


def install(connection: Any) -> None:
    _run(connection, [POSTGRESQL_INSTALL], SQLITE_INSTALL)


def remove(connection: Any) -> None:
    _run(connection, [POSTGRESQL_REMOVE], SQLITE_REMOVE)


def _run(connection: Any, postgresql: list[str], sqlite: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in postgresql if connection.vendor == "postgresql" else sqlite:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("base", "0001_initial")]
    operations = [
        migrations.RunPython(lambda apps, editor: install(editor.connection), lambda apps, editor: remove(editor.connection))
    ]
