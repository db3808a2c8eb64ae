"""Where a source's files are: a folder, a built-in one, a URL or git repository brought into the work folder, or a replay."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from commonweal.catalogue.core.source import Reach, SourceSpec
from commonweal.catalogue.sources.git import fetch, has_git
from commonweal.kernel.errors import CommonwealError


@dataclass(frozen=True, slots=True)
class Place:
    """A local path, and what tells next time whether it changed.

    Attributes:
        version: content hash; None when the source itself says it is unchanged (then `path` is None too).
        marks: joins the cursor of a finished run: etag and modified of a download.
        strip: leading folders an archive wraps around the tree.
        commit: the commit of a bare git repository at `path` that is the tree, "" for any other place.
    """

    path: Path | None
    version: str | None
    marks: dict[str, Any] = field(default_factory=dict)
    strip: int = 0
    commit: str = ""


def locate(spec: SourceSpec, state: Mapping[str, Any], reach: Reach) -> Place:
    """Brings the source's files within reach.

    Raises:
        CommonwealError: `source-offline` when the address needs a network the run may not use,
            `source-unreadable` when a path does not exist; whatever the client raises for a URL.
    """
    address = spec.address if isinstance(spec.address, Mapping) else {"url": spec.address}
    if reach.replay is not None:
        return _download(spec, str(reach.replay), 0, state, reach) if _is_url(reach.replay) else _local(Path(reach.replay))
    if "git" in address and (has_git() or "url" not in address):
        return _cloned(spec, address, state, reach)
    if "builtin" in address:
        # Sources of our own ship unpacked beside the code.
        return _local(Path(str(resources.files("commonweal.catalogue") / address["builtin"])))
    target = str(address.get("url") or address.get("path") or "")
    if _is_url(target):
        return _download(spec, target, int(address.get("strip", 0)), state, reach)
    return _local(Path(target).expanduser())


def _cloned(spec: SourceSpec, address: Mapping[str, Any], state: Mapping[str, Any], reach: Reach) -> Place:
    if reach.http is None:
        raise CommonwealError("source-offline", f"{spec.id} needs the internet.", "Harvest it when there is a network.")
    folder = reach.work / "git" / spec.id
    reach.progress(f"{spec.id}: fetch", 0, None)
    commit = fetch(str(address["git"]), str(address.get("ref", "HEAD")), folder, reach.http.address_of)
    return Place(folder, commit, {"commit": commit}, commit=commit)


def _is_url(target: object) -> bool:
    return isinstance(target, str) and target.lower().startswith(("http://", "https://"))


def _local(path: Path) -> Place:
    if not path.exists():
        raise CommonwealError("source-unreadable", f"{path} does not exist.", "Check the source's address.")
    return Place(path, file_version(path) if path.is_file() else folder_version(path))


def _download(spec: SourceSpec, url: str, strip: int, state: Mapping[str, Any], reach: Reach) -> Place:
    if reach.http is None:
        raise CommonwealError("source-offline", f"{spec.id} needs the internet.", "Harvest it when there is a network.")
    known = state if state.get("finished") and state.get("mapping") == spec.version and state.get("url") == url else {}
    folder = reach.work / "downloads"
    folder.mkdir(parents=True, exist_ok=True)
    reach.progress(f"{spec.id}: download", 0, None)
    got = reach.http.download(url, folder / spec.id, etag=known.get("etag"), modified=known.get("modified"))
    if got.unchanged:
        return Place(None, None)
    marks = {"url": url, "etag": got.etag, "modified": got.modified}
    return Place(got.path, file_version(got.path), {key: value for key, value in marks.items() if value}, strip)


def file_version(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def folder_version(path: Path) -> str:
    """SHA-256 over the names, sizes and times of a folder's files."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        if file.is_file() and not file.is_symlink():
            facts = file.stat()
            digest.update(f"{file.relative_to(path).as_posix()}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
