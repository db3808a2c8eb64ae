"""Many rows at once, and text that sorts alike on every database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Final

from django.db import connection, models

#: Values of one IN list; every database takes that many.
MOST_VALUES: Final = 1_000


class BytewiseField(models.CharField):  # type: ignore[type-arg]  # generic only in its stubs
    """Text that sorts by its bytes on every database, whatever the locale of a PostgreSQL cluster."""

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}


def write(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]], *, update: Sequence[str] = ()
) -> None:
    """Insert many rows in one prepared statement; of a row whose primary key is taken, overwrite the `update` columns.

    Several times faster than `bulk_create`, which makes an object and a parameter slot for each value. Values must be
    what the driver takes: see `stamp` for dates.
    """
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_insert(model, tuple(columns), tuple(update)), rows)


def lookup(model: type[models.Model], columns: Sequence[str], column: str, values: Collection[Any]) -> list[tuple[Any, ...]]:
    """The rows whose `column` is one of `values`, as tuples of columns as the driver gives them.

    What ``filter(column__in=values).values_list(...)`` gives, without preparing and compiling each value by itself.
    """
    every, found = list(values), []
    with connection.cursor() as cursor:
        for start in range(0, len(every), MOST_VALUES):
            chunk = every[start : start + MOST_VALUES]
            cursor.execute(_select(model, tuple(columns), column, len(chunk)), chunk)
            found += cursor.fetchall()
    return found


def stamp(moment: datetime) -> Any:
    """A moment as `write` takes it."""
    return connection.ops.adapt_datetimefield_value(moment)


@lru_cache(maxsize=4096)
def _select(model: type[models.Model], columns: tuple[str, ...], column: str, count: int) -> str:
    quote = connection.ops.quote_name
    return (
        f"SELECT {', '.join(map(quote, columns))} FROM {quote(model._meta.db_table)} "
        f"WHERE {quote(column)} IN ({', '.join(['%s'] * count)})"
    )


@cache
def _insert(model: type[models.Model], columns: tuple[str, ...], update: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    key = str(model._meta.pk.column)
    sql = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, columns))}) "
        f"VALUES ({', '.join(['%s'] * len(columns))})"
    )
    if update:
        new = ", ".join(f"{quote(column)} = excluded.{quote(column)}" for column in update)
        sql += f" ON CONFLICT ({quote(key)}) DO UPDATE SET {new}"
    return sql
