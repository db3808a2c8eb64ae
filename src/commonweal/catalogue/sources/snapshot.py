"""A snapshot of a tree of files as JSON Lines, one object a file: `path`, `blob` (its hash) and `text`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from commonweal.catalogue.sources.files import MAX_FILES, OneFile, safe_name
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.jsonl import read_jsonl


def is_snapshot(path: Path) -> bool:
    """Whether a file is one by its name; what it holds is found out by reading."""
    return path.is_file() and path.name.endswith((".jsonl", ".jsonl.gz"))


class SnapshotTree:
    """The files of a snapshot, held in memory."""

    def __init__(self, path: Path) -> None:
        self.refused: list[tuple[str, str]] = []
        self._texts: dict[str, str] = {}
        with OneFile(path, path.name).open(path.name) as stream:
            for line, row in read_jsonl(stream):
                if isinstance(row, CommonwealError):
                    self.refused.append((f"{path.name} line {line}", row.message))
                elif not (isinstance(row, dict) and isinstance(row.get("path"), str) and isinstance(row.get("text"), str)):
                    self.refused.append((f"{path.name} line {line}", "is not a path and a text"))
                elif (name := safe_name(row["path"])) is None:
                    self.refused.append((row["path"][:200], "the name leads out of the tree"))
                else:
                    self._texts[name] = row["text"]
                if len(self._texts) > MAX_FILES:
                    raise CommonwealError("source-unreadable", f"{path.name} holds more than {MAX_FILES} files.")

    def names(self) -> list[str]:
        return sorted(self._texts)

    def open(self, name: str) -> BinaryIO:
        return io.BytesIO(self._texts[name].encode("utf-8", "replace"))

    def close(self) -> None:
        """Nothing is held open."""
