"""The database itself refuses to change or delete judgements, whatever program asks.

A later migration that makes SQLite rebuild the table (any AlterField on it) must run ``install`` again.
"""

from typing import Any

from django.db import migrations

POSTGRESQL_INSTALL = """
CREATE OR REPLACE FUNCTION resolve_judgement_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'judgements are never changed or deleted'; END $$;
CREATE TRIGGER resolve_judgement_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON resolve_judgement
FOR EACH STATEMENT EXECUTE FUNCTION resolve_judgement_refuse();
"""
POSTGRESQL_REMOVE = (
    "DROP TRIGGER IF EXISTS resolve_judgement_guard ON resolve_judgement; DROP FUNCTION IF EXISTS resolve_judgement_refuse();"
)

SQLITE_INSTALL = [
    "CREATE TRIGGER resolve_judgement_no_update BEFORE UPDATE ON resolve_judgement "
    "BEGIN SELECT RAISE(ABORT, 'judgements are never changed or deleted'); END",
    "CREATE TRIGGER resolve_judgement_no_delete BEFORE DELETE ON resolve_judgement "
    "BEGIN SELECT RAISE(ABORT, 'judgements are never changed or deleted'); END",
    # INSERT OR REPLACE deletes without asking the trigger above.
    "CREATE TRIGGER resolve_judgement_no_replace BEFORE INSERT ON resolve_judgement "
    "WHEN EXISTS (SELECT 1 FROM resolve_judgement WHERE id = NEW.id OR digest = NEW.digest) "
    "BEGIN SELECT RAISE(ABORT, 'judgements are never changed or deleted'); END",
]
SQLITE_REMOVE = [f"DROP TRIGGER IF EXISTS resolve_judgement_no_{what}" for what in ("update", "delete", "replace")]


def install(connection: Any) -> None:
    _run(connection, [POSTGRESQL_INSTALL], SQLITE_INSTALL)


def remove(connection: Any) -> None:
    _run(connection, [POSTGRESQL_REMOVE], SQLITE_REMOVE)


def _run(connection: Any, postgresql: list[str], sqlite: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in postgresql if connection.vendor == "postgresql" else sqlite:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("resolve", "0001_initial")]
    operations = [
        migrations.RunPython(lambda apps, editor: install(editor.connection), lambda apps, editor: remove(editor.connection))
    ]
