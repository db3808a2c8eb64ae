"""Django's database entry: SQLite in the home, or PostgreSQL by URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

LOCK_SECONDS = 30


def entry(url: str, sqlite_file: Path, *, wal: bool) -> dict[str, Any]:
    """The settings of ``DATABASES["default"]``.

    Args:
        url: ``postgres://user:password@host:port/name?sslmode=…`` or "" for SQLite.
        sqlite_file: the database file when there is no URL.
        wal: whether this SQLite may use a write-ahead log (see ``base/sqlite.py``).
    """
    return _postgres(url) if url else _sqlite(sqlite_file, wal=wal)


def _postgres(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "commonweal",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def _sqlite(file: Path, *, wal: bool) -> dict[str, Any]:
    pragmas = (
        f"journal_mode={'WAL' if wal else 'DELETE'}",
        "synchronous=NORMAL" if wal else "synchronous=FULL",
        "foreign_keys=ON",
        "mmap_size=268435456",
        "cache_size=-16000",
    )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": LOCK_SECONDS,
            # Writers queue at BEGIN instead of failing half-way with "database is locked".
            "transaction_mode": "IMMEDIATE",
            "init_command": "".join(f"PRAGMA {pragma};" for pragma in pragmas),
        },
    }
