"""One consistent snapshot of a node while it works, and the way back.

A backup holds the database, the raw payloads, the settings, the node's own sources and the secret key; not the index, which
is derived, nor downloads. The database is copied first: a payload is on disk before the row that names it, so the files
copied after hold everything the rows speak of.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commonweal import __version__
from commonweal.base.home import Home
from commonweal.kernel.errors import CommonwealError
from commonweal.node import archive, dump
from commonweal.node.boot import boot, migrate

SUFFIX = ".tar.zst"
#: Not in a backup: what is derived or can be fetched again, earlier backups, and locks.
_LEFT_OUT = ("index", "downloads", "backups", "prepared", "up.lock", "use.lock")
#: Copied by its own means, and its side files.
_DATABASE = ("node.db", "node.db-wal", "node.db-shm")
#: Stays where it is when a home is replaced.
_KEPT = ("backups", "up.lock", "use.lock")


def back_up(home: Home, target: Path | None = None) -> dict[str, Any]:
    """Write a backup of a booted node.

    Args:
        home: the node's home.
        target: the file to write; by default one named after the time in the home's ``backups/``.

    Returns:
        ``{"file", "bytes", "files", "created"}``.

    Raises:
        CommonwealError: ``file-exists`` when ``target`` exists.
    """
    from django.db import connection

    now = datetime.now(UTC).replace(microsecond=0)
    target = target or home.backups / f"commonweal-{now:%Y%m%dT%H%M%SZ}{SUFFIX}"
    if target.exists():
        raise CommonwealError("file-exists", f"{target} exists.", "Name another file.")
    target.parent.mkdir(parents=True, exist_ok=True)
    about = {
        "created": now.isoformat(),
        "version": __version__,
        "database": connection.vendor,
        "migrations": dump.applied_migrations(),
    }
    with tempfile.TemporaryDirectory(dir=home.root, prefix=".backup-") as folder:
        manifest = archive.write(target, _members(home, Path(folder)), about)
    return {
        "file": str(target),
        "bytes": target.stat().st_size,
        "files": len(manifest["files"]),
        "created": manifest["created"],
    }


def restore(source: Path, home: Home, *, force: bool = False) -> dict[str, Any]:
    """Put a backup in the place of ``home``, which no node may be using. Every checksum is verified before anything is touched.

    What was there is moved to ``replaced-<time>/`` in the home. The index is left to be rebuilt by the caller.

    Raises:
        CommonwealError: ``home-exists`` when there is a node and ``force`` is False; ``backup-unreadable``, ``backup-damaged``;
            ``database-differs`` when the backup is of one kind of database and this node uses the other.
    """
    if not source.is_file():
        raise CommonwealError("file-missing", f"There is no file {source}.", "`commonweal backup` prints the name it wrote.")
    if home.database.exists() and not force:
        hint = "Restore with --home into another folder, or replace this node with --force."
        raise CommonwealError("home-exists", f"There is a node at {home.root}.", hint)
    home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.root, prefix=".restore-") as folder:
        unpacked = Path(folder)
        manifest = archive.unpack(source, unpacked)
        _refuse_other_database(manifest, unpacked, force=force)
        tables = unpacked / "tables"
        kept_tables = tables.rename(home.root / f".tables-{secrets.token_hex(4)}") if tables.is_dir() else None
        try:
            replaced = _swap(unpacked, home)
            boot(home.root)
            if kept_tables:
                dump.clear()
                dump.load(kept_tables, manifest["migrations"])
            migrate()
        finally:
            if kept_tables:
                shutil.rmtree(kept_tables)
    return {"created": manifest["created"], "files": len(manifest["files"]), "replaced": replaced}


def _members(home: Home, folder: Path) -> Iterator[tuple[str, Path]]:
    yield from dump.write(folder)
    for top in sorted(home.root.iterdir()):
        if top.name in _LEFT_OUT + _DATABASE or _is_transient(top):
            continue
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and not _is_transient(path):
                yield path.relative_to(home.root).as_posix(), path


def _is_transient(path: Path) -> bool:
    """Drafts and temporary folders start with a dot; ``replaced-…`` is what an earlier restore moved aside."""
    return path.name.startswith((".", "replaced-"))


def _swap(unpacked: Path, home: Home) -> str | None:
    """Move the old parts aside and the new ones in: renames inside one folder, so also where the home is a mount point."""
    old = [path for path in home.root.iterdir() if path.name not in _KEPT and not _is_transient(path)]
    aside = None
    if old:
        aside = home.root / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        aside.mkdir(mode=0o700)
        for path in old:
            path.rename(aside / path.name)
    for path in unpacked.iterdir():
        path.rename(home.root / path.name)
    home.create()
    return str(aside) if aside else None


def _refuse_other_database(manifest: dict[str, Any], unpacked: Path, *, force: bool) -> None:
    """Look at the database this home will use once its settings are back, before anything is touched."""
    config = unpacked / "config.toml"
    settings = tomllib.loads(config.read_text(encoding="utf-8")) if config.exists() else {}
    url = os.environ.get("COMMONWEAL_DATABASE_URL") or settings.get("database", {}).get("url", "")
    vendor = "postgresql" if url else "sqlite"
    if manifest["database"] != vendor:
        said = f"The backup is of a node on {manifest['database']}, this home uses {vendor}."
        raise CommonwealError("database-differs", said, "Set database.url (COMMONWEAL_DATABASE_URL) to match.")
    if url and not force and dump.holds_data(url):
        raise CommonwealError("home-exists", "The database holds a node.", "Name an empty one, or use --force.")
