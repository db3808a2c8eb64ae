"""A tree of files, read in place from a folder, a zip or a tar: nothing is unpacked, no name leads out of it."""

from __future__ import annotations

import gzip
import io
import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, cast

from commonweal.catalogue.core.documents import MAX_DOCUMENT_BYTES, Unreadable
from commonweal.kernel.errors import CommonwealError

MAX_FILES: Final = 500_000
#: All bytes an archive may unpack to, and unpacked bytes for each packed one (checked above RATIO_FREE_BYTES).
MAX_TOTAL_BYTES: Final = 8 * 1024**3
MAX_RATIO: Final = 200
RATIO_FREE_BYTES: Final = 1024 * 1024
GZIP_MARK: Final = b"\x1f\x8b"

#: What reading a damaged, encrypted or oddly packed archive raises.
DAMAGED: Final = (
    OSError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    tarfile.TarError,
    NotImplementedError,
    RuntimeError,
)


class Tree(Protocol):
    """Files by name; names use `/`, are relative and never hold `..`."""

    #: What is odd about the tree itself: (name, problem) of entries that are passed over.
    refused: list[tuple[str, str]]

    def names(self) -> list[str]:
        """Every regular file, sorted."""
        ...

    def open(self, name: str) -> BinaryIO:
        """The file as a stream.

        Raises:
            Unreadable: a limit is exceeded, or the archive is damaged.
        """
        ...

    def close(self) -> None: ...


def read_file(tree: Tree, name: str, limit: int = MAX_DOCUMENT_BYTES) -> bytes:
    """The whole file.

    Raises:
        Unreadable: it is damaged or longer than `limit` bytes.
    """
    try:
        with tree.open(name) as stream:
            data = stream.read(limit + 1)
    except DAMAGED as error:
        raise Unreadable(f"cannot be read: {error}") from error
    if len(data) > limit:
        raise Unreadable(f"longer than the limit of {limit} bytes")
    return data


def open_tree(path: Path, *, strip: int = 0) -> Tree:
    """The tree at a folder, a `.zip`/`.whl` or a `.tar.gz`/`.tgz`; `strip` leading folders of an archive are dropped.

    Raises:
        CommonwealError: code `source-unreadable`: no such path, or not an archive we read.
    """
    if path.is_dir():
        return FolderTree(path)
    try:
        return ZipTree(path, strip) if zipfile.is_zipfile(path) else TarTree(path, strip)
    except (*DAMAGED, Unreadable) as error:
        raise CommonwealError(
            "source-unreadable", f"{path.name} is not a folder, zip or tar that can be read: {error}"
        ) from error


@cache
def glob_pattern(glob: str) -> re.Pattern[str]:
    """`*` and `?` stay inside a folder, `**/` crosses none or many."""
    tokens = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(meaning.get(token, re.escape(token)) for token in tokens) + r"\Z")


def matching(names: Iterable[str], include: Iterable[str], exclude: Iterable[str] = ()) -> list[str]:
    """Names that fit any of `include` and none of `exclude`."""
    wanted = [glob_pattern(glob) for glob in include]
    unwanted = [glob_pattern(glob) for glob in exclude]
    return [name for name in names if any(p.match(name) for p in wanted) and not any(p.match(name) for p in unwanted)]


def safe_name(name: str, strip: int = 0) -> str | None:
    """The name inside the tree, or None when it would lead out of it or is nothing after stripping."""
    if not name or name.startswith("/") or "\\" in name or "\0" in name or re.match(r"[A-Za-z]:", name):
        return None
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or len(parts) <= strip:
        return None
    return "/".join(parts[strip:])


class FolderTree:
    """Files below a folder. Symbolic links are passed over: they may lead out, or round in circles."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.refused: list[tuple[str, str]] = []

    def names(self) -> list[str]:
        self.refused.clear()
        found: list[str] = []
        for folder, folders, files in os.walk(self.root, followlinks=False):
            here = Path(folder)
            for name in [*folders, *files]:
                path = here / name
                relative = path.relative_to(self.root).as_posix()
                if path.is_symlink():
                    self.refused.append((relative, "is a symbolic link"))
                elif path.is_file():
                    found.append(relative)
            if len(found) > MAX_FILES:
                raise CommonwealError("source-unreadable", f"{self.root} holds more than {MAX_FILES} files.")
        return sorted(found)

    def open(self, name: str) -> BinaryIO:
        return (self.root / name).open("rb")

    def close(self) -> None:
        """Nothing is held open."""


class OneFile:
    """A lone file, gzipped or not, under the name the source's streams look for."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self.refused: list[tuple[str, str]] = []

    def names(self) -> list[str]:
        return [self.name]

    def open(self, name: str) -> BinaryIO:
        with self.path.open("rb") as stream:
            packed = stream.read(2) == GZIP_MARK
        return open_gzip(self.path) if packed else self.path.open("rb")

    def close(self) -> None:
        """Nothing is held open."""


class ZipTree:
    """Members of a zip or wheel."""

    def __init__(self, path: Path, strip: int = 0) -> None:
        self._zip = zipfile.ZipFile(path)
        self._members: dict[str, zipfile.ZipInfo] = {}
        self.refused: list[tuple[str, str]] = []
        total = 0
        for member in self._zip.infolist()[: MAX_FILES + 1]:
            if member.is_dir():
                continue
            total += member.file_size
            name = safe_name(member.filename, strip)
            if name is None:
                self.refused.append((member.filename[:200], "the name leads out of the archive"))
            elif member.external_attr >> 28 == 0o12:
                self.refused.append((name, "is a symbolic link"))
            elif member.file_size > RATIO_FREE_BYTES and member.file_size > MAX_RATIO * max(member.compress_size, 1):
                self.refused.append((name, f"unpacks to more than {MAX_RATIO} times its size"))
            else:
                self._members[name] = member
        if len(self._zip.infolist()) > MAX_FILES or total > MAX_TOTAL_BYTES:
            raise Unreadable(f"more than {MAX_FILES} files or {MAX_TOTAL_BYTES} bytes unpacked")

    def names(self) -> list[str]:
        return sorted(self._members)

    def open(self, name: str) -> BinaryIO:
        # The declared size bounds what ZipExtFile gives out, so a member that lies about it ends in a CRC error.
        return cast(BinaryIO, self._zip.open(self._members[name]))

    def newest(self) -> str | None:
        """ISO date of the newest member; None when the builder wrote one of the fixed dates of reproducible builds."""
        dates = {member.date_time[:3] for member in self._members.values()} - {(1980, 1, 1), (2020, 2, 2)}
        return "{:04d}-{:02d}-{:02d}".format(*max(dates)) if dates else None

    def close(self) -> None:
        self._zip.close()


class _Bounded(io.RawIOBase):
    """Unpacked bytes of a gzip stream, at most MAX_TOTAL_BYTES and MAX_RATIO times the packed size."""

    def __init__(self, path: Path) -> None:
        self._stream = gzip.GzipFile(path)
        self._limit = min(MAX_TOTAL_BYTES, max(RATIO_FREE_BYTES, MAX_RATIO * path.stat().st_size))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset > self._limit:
            raise Unreadable(f"unpacks to more than {self._limit} bytes")
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read1(len(buffer))
        if self._stream.tell() > self._limit:
            raise Unreadable(f"unpacks to more than {self._limit} bytes")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def open_gzip(path: Path) -> BinaryIO:
    """The unpacked stream of a `.gz` file, under the archive limits."""
    return cast(BinaryIO, io.BufferedReader(_Bounded(path), 256 * 1024))


class TarTree:
    """Members of a gzipped or plain tar."""

    def __init__(self, path: Path, strip: int = 0) -> None:
        self._members: dict[str, tarfile.TarInfo] = {}
        self.refused: list[tuple[str, str]] = []
        self._stream = OneFile(path, path.name).open(path.name)
        try:
            # "r:" takes plain tar only: unpacking is ours, under limits.
            self._tar = tarfile.open(fileobj=self._stream, mode="r:")  # noqa: SIM115 (closed by close())
            for count, member in enumerate(self._tar):
                if count >= MAX_FILES:
                    raise Unreadable(f"more than {MAX_FILES} files")
                self._admit(member, strip)
        except BaseException:
            self._stream.close()
            raise

    def _admit(self, member: tarfile.TarInfo, strip: int) -> None:
        name = safe_name(member.name, strip)
        if member.isdir():
            return
        if not member.isfile():
            self.refused.append((member.name[:200], "is not a regular file"))
        elif name is None:
            self.refused.append((member.name[:200], "the name leads out of the archive"))
        else:
            self._members[name] = member

    def names(self) -> list[str]:
        return sorted(self._members)

    def open(self, name: str) -> BinaryIO:
        return cast(BinaryIO, self._tar.extractfile(self._members[name]))

    def close(self) -> None:
        self._tar.close()
        self._stream.close()
