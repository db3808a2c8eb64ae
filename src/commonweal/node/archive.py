"""The file format of a backup: a zstd-compressed tar whose last member, ``manifest.json``, lists every other with its SHA-256.

The manifest comes last because the archive is written as a stream; a reader unpacks beside its target and compares before
it touches anything. Format 1.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

import zstandard

from commonweal.kernel.errors import CommonwealError

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK_BYTES = 1 << 20


def write(target: Path, members: Iterable[tuple[str, Path]], about: dict[str, Any]) -> dict[str, Any]:
    """Write an archive of ``(name in the archive, file)`` members; mode 0600, complete or absent. Returns the manifest."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    files = []
    try:
        with _compressed(draft) as tar:
            for name, path in members:
                with path.open("rb") as stream:
                    size = os.fstat(stream.fileno()).st_size
                    reader = _Hashing(stream, size)
                    tar.addfile(_member(name, size), reader)
                files.append({"path": name, "size": size, "sha256": reader.digest.hexdigest()})
            manifest = {"format": FORMAT, **about, "files": files}
            body = json.dumps(manifest, indent=1, sort_keys=True).encode()
            tar.addfile(_member(MANIFEST, len(body)), io.BytesIO(body))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack into ``folder`` and verify every member. Returns the manifest.

    Raises:
        CommonwealError: ``backup-unreadable`` when it is no archive or cut short; ``backup-damaged`` when a checksum is
            wrong or a member is missing, added or would land outside ``folder``.
    """
    found: dict[str, tuple[int, str]] = {}
    manifest: dict[str, Any] | None = None
    try:
        with source.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as stream:
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                for member in tar:
                    body = tar.extractfile(member) if member.isfile() else None
                    if body is None or not _is_inside(member.name):
                        raise _damaged(source, f"{member.name!r} is not a plain file inside the archive")
                    if member.name == MANIFEST:
                        manifest = json.load(body)
                    else:
                        found[member.name] = _copy(body, folder / member.name)
    except (OSError, EOFError, tarfile.TarError, zstandard.ZstdError, ValueError) as error:
        raise CommonwealError("backup-unreadable", f"{source} is not a whole backup: {error}.", "Use another backup.") from error
    if manifest is None:
        raise CommonwealError("backup-unreadable", f"{source} ends before its manifest.", "Use another backup.")
    if manifest.get("format") != FORMAT:
        wrong = f"{source} has format {manifest.get('format')}, this version reads {FORMAT}."
        raise CommonwealError("backup-unreadable", wrong, "Use the version of commonweal that wrote it.")
    expected = {item["path"]: (item["size"], item["sha256"]) for item in manifest["files"]}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise _damaged(source, f"{name} does not match its checksum")
    return manifest


@contextmanager
def _compressed(draft: Path) -> Iterator[tarfile.TarFile]:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with zstandard.ZstdCompressor(level=3).stream_writer(raw, closefd=False) as stream:
            with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                yield tar
        raw.flush()
        os.fsync(raw.fileno())


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o600
    return member


class _Hashing:
    """A reader of exactly ``size`` bytes that hashes what passes: a file that grows meanwhile is taken as it was when opened."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream = stream
        self._left = size
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        self.digest.update(data)
        return data


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _copy(body: IO[bytes], target: Path) -> tuple[int, str]:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as out:
        while chunk := body.read(CHUNK_BYTES):
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    target.chmod(0o600)
    return size, digest.hexdigest()


def _damaged(source: Path, why: str) -> CommonwealError:
    return CommonwealError("backup-damaged", f"{source}: {why}.", "Nothing was changed. Use another backup.")
