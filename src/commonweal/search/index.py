"""The index on disk: one folder per generation, a pointer to the current one, one writer, many readers.

    index/current              name of the generation that readers open, replaced atomically
    index/<generation>/        tantivy's files, and
    index/<generation>/state   {"schema", "cursor"}: which fields it has, and up to which change of the feed it is right

Everything here may be deleted at any time: the index is made again from the catalogue. The cursor is written after
the commit it describes, so after a crash some changes are taken in twice and none is lost.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import orjson
import tantivy
from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from commonweal.kernel.errors import CommonwealError
from commonweal.search.core.document import NUMBERS, SORT_KEYS

#: Raise it when the meaning of a field changes: every index of another version is made again.
VERSION: Final = 1
REFRESH_S: Final = 0.2
WRITER_BYTES: Final = 32_000_000
REBUILD_BYTES: Final = 128_000_000
MAX_REMEMBERED: Final = 500
_BUSY_WAIT_S: Final = 30.0

T = TypeVar("T")


@dataclass(frozen=True, eq=False, slots=True)
class Snapshot:
    """What one search reads: a frozen state of the index. ``generation`` changes with every commit."""

    searcher: tantivy.Searcher
    schema: tantivy.Schema
    generation: str
    _answers: dict[Hashable, Any] = field(default_factory=dict)

    def remember(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The answer to ``key``, computed at most once while it is remembered; forgotten with this state."""
        try:
            return cast(T, self._answers[key])
        except KeyError:
            if len(self._answers) >= MAX_REMEMBERED:
                self._answers.pop(next(iter(self._answers), None), None)  # the oldest
            answer = self._answers[key] = compute()
            return answer

    def count(self, query: tantivy.Query) -> int:
        """How many documents match."""
        return int(self.searcher.search(query, 1).count)  # type: ignore[attr-defined]  # absent from tantivy's stubs

    def card(self, address: tantivy.DocAddress) -> bytes:
        """The card of a document, as JSON."""
        return cast(bytes, self.searcher.doc(address).get_first("card"))


class Index:
    """The search index in a folder, for one set of facets. Threads may share it."""

    def __init__(self, root: Path, facets: Sequence[str]) -> None:
        self.root = root
        self.facets = tuple(facets)
        self._lock = threading.RLock()
        self._checked = -REFRESH_S
        self._stamp: tuple[str, str] | None = None
        self._open: tuple[str, tantivy.Index] | None = None
        self._snapshot: Snapshot | None = None

    @property
    def schema_id(self) -> str:
        """Tells indexes apart that were written with other fields."""
        return hashlib.sha256(repr((VERSION, self.facets)).encode()).hexdigest()[:16]

    def new_schema(self) -> tantivy.Schema:
        """The fields of an index. Numbers are signed: an unsigned one out of bounds would end the writer."""
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("title", tokenizer_name="terms")
        builder.add_text_field("text", tokenizer_name="terms")
        builder.add_text_field("identifier", tokenizer_name="raw", index_option="basic")
        builder.add_bytes_field("card", stored=True)
        for facet in self.facets:
            builder.add_text_field(f"facet_{facet}", tokenizer_name="caseless", fast=True, index_option="basic")
        for number in NUMBERS:
            builder.add_integer_field(f"number_{number}", fast=True)
        for key in SORT_KEYS:
            builder.add_integer_field(key, fast=True)
        return builder.build()

    # Reading

    def snapshot(self) -> Snapshot | None:
        """The current state, at most :data:`REFRESH_S` old; None while there is no index this program can read."""
        now = time.monotonic()
        if now - self._checked >= REFRESH_S:
            with self._lock:
                if now - self._checked >= REFRESH_S:
                    self.refresh()
                    self._checked = time.monotonic()
        return self._snapshot

    def refresh(self) -> None:
        """Look at once whether there is something newer to read."""
        with self._lock:
            stamp = self._read_stamp()
            if stamp is not None and stamp == self._stamp:
                return
            try:
                self._snapshot = self._load(stamp) if stamp else None
                self._stamp = stamp
            except (ValueError, OSError):
                self._snapshot = self._open = self._stamp = None

    def _read_stamp(self) -> tuple[str, str] | None:
        """Current generation and what it was at its last commit."""
        name = self.current()
        if name is None or self.state(name).get("schema") != self.schema_id:
            return None
        try:  # tantivy's own list of files; small, and unlike a time stamp it differs after every commit
            return name, hashlib.sha256((self.root / name / "meta.json").read_bytes()).hexdigest()[:16]
        except OSError:
            return None

    def _load(self, stamp: tuple[str, str]) -> Snapshot:
        name, commit = stamp
        if self._open is None or self._open[0] != name:
            self._open = name, self._open_index(self.root / name)
        index = self._open[1]
        index.reload()
        return Snapshot(index.searcher(), index.schema, f"{name}.{commit}")

    def _open_index(self, path: Path) -> tantivy.Index:
        index = tantivy.Index.open(str(path))
        index.config_reader("manual")
        _register_tokenizers(index)
        return index

    # State

    def current(self) -> str | None:
        """Name of the current generation, None when there is none."""
        try:
            name = (self.root / "current").read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return name if name.isalnum() else None

    def state(self, name: str) -> dict[str, Any]:
        """``{"schema", "cursor"}`` of a generation, {} when it cannot be read."""
        try:
            value = orjson.loads((self.root / name / "state").read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return {}
        return value if isinstance(value, dict) and isinstance(value.get("cursor"), int) else {}

    def cursor(self) -> int | None:
        """Number of the last change the index has taken in; None when it must be made (again)."""
        self.refresh()
        name = self.current()
        return self.state(name)["cursor"] if name and self._snapshot else None

    def discard(self) -> None:
        """Give up the current generation, found corrupt: readers have none until it is made again."""
        (self.root / "current").unlink(missing_ok=True)
        self.refresh()

    # Writing

    def update(self, removed: Iterable[str], documents: Iterable[dict[str, Any]], cursor: int) -> None:
        """Take out the documents of some ids, put others in, in one commit.

        Raises:
            CommonwealError: ``index-missing`` without a current index, ``index-busy`` while another process writes.
        """
        self.refresh()
        if self._snapshot is None or self._open is None:
            raise CommonwealError("index-missing", "There is no search index.", "Run `commonweal search --rebuild`.")
        name, index = self._open
        writer = _writer(index, WRITER_BYTES)
        try:
            for entity in removed:
                writer.delete_documents_by_term("id", entity)
            for fields in documents:
                writer.add_document(tantivy.Document.from_dict(fields, index.schema))
            writer.commit()
        except BaseException:
            writer.rollback()
            raise
        finally:
            writer.wait_merging_threads()  # lets go of the lock as well
        self._write_state(name, cursor)
        self.refresh()

    @contextmanager
    def rebuilding(self, cursor: int) -> Iterator[Callable[[dict[str, Any]], object]]:
        """A function that adds a document to a new generation, which becomes the current one when the block ends well.

        Raises:
            CommonwealError: ``index-busy`` while another process rebuilds.
        """
        with self._rebuild_lock():
            name = uuid.uuid4().hex[:12]
            folder = self.root / name
            folder.mkdir(parents=True)
            schema = self.new_schema()
            index = tantivy.Index(schema, str(folder))
            _register_tokenizers(index)
            writer = index.writer(REBUILD_BYTES, 1)
            try:
                yield lambda fields: writer.add_document(tantivy.Document.from_dict(fields, schema))
                writer.commit()
                writer.wait_merging_threads()
                self._write_state(name, cursor)
            except BaseException:
                writer.rollback()
                writer.wait_merging_threads()  # its threads write to the folder
                shutil.rmtree(folder, ignore_errors=True)
                raise
            _replace(self.root / "current", name.encode("ascii"))
            self._remove_others(name)
        self.refresh()

    def _write_state(self, name: str, cursor: int) -> None:
        _replace(self.root / name / "state", orjson.dumps({"schema": self.schema_id, "cursor": cursor}))

    def _remove_others(self, keep: str) -> None:
        """Older generations go; a reader that still has one open keeps its files until it lets go of them."""
        for folder in self.root.iterdir():
            if folder.is_dir() and folder.name != keep:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _rebuild_lock(self) -> Iterator[None]:
        import fcntl

        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CommonwealError(
                    "index-busy", "Another process is making the search index.", "Wait for it to end.", status=409
                ) from None
            yield


def _register_tokenizers(index: tantivy.Index) -> None:
    """``terms``: as analysed by us; ``caseless``: whole values, looked up in any case, counted as written."""

    index.register_tokenizer("terms", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    index.register_tokenizer("caseless", TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.lowercase()).build())
    index.register_fast_field_tokenizer("caseless", TextAnalyzerBuilder(Tokenizer.raw()).build())


def _writer(index: tantivy.Index, heap_bytes: int) -> tantivy.IndexWriter:
    """The one writer of a generation; waits a while for another process to finish its batch."""
    until = time.monotonic() + _BUSY_WAIT_S
    while True:
        try:
            return index.writer(heap_bytes, 1)
        except ValueError as error:
            if "lock" not in str(error).lower():
                raise
            if time.monotonic() > until:
                raise CommonwealError(
                    "index-busy", "Another process is writing to the search index.", "Try again later.", status=409
                ) from None
            time.sleep(0.05)


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.draft")
    draft.write_bytes(data)
    draft.replace(path)
