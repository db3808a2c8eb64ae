"""Payloads → items: each gets the native id its stream says; what has none is an error of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from commonweal.catalogue.core.documents import NOTES
from commonweal.catalogue.core.expressions import Expression, absent, compile_expression
from commonweal.catalogue.core.source import RAW_EXCERPT, Item, ItemError, Stream
from commonweal.kernel.text import clean

MAX_NATIVE_ID: Final = 500

Found = Item | ItemError


class ItemMaker:
    """Makes the items of one stream; `stamp` joins every payload."""

    def __init__(self, stream: Stream, stamp: Mapping[str, Any] | None = None) -> None:
        self._stream = stream
        self._stamp = dict(stamp or {})
        self._said = stream.native_id if isinstance(stream.native_id, str) else ", ".join(stream.native_id)
        self._by_key = stream.native_id == "$key"
        self._native_id = _native_id(stream)

    def make(self, payload: Any, path: str, place: str, problems: Sequence[dict[str, str]] = (), key: str = "") -> Found:
        """The item a payload is.

        Args:
            path: the file or address it came from.
            place: where in it, for a person: `entry 7`.
            problems: what was odd about it although it could be read.
            key: its key, where it was the value of one.
        """
        item = Item(self._stream.name, "", payload, path)
        native_id = key if self._by_key else self._native_id(payload, item)
        if isinstance(native_id, bool) or not isinstance(native_id, str | int | float) or absent(native_id):
            return ItemError(None, path, f"{place}: no native id ({self._said})", excerpt(payload))
        item.native_id = clean(str(native_id)).strip()
        if not 0 < len(item.native_id) <= MAX_NATIVE_ID:
            return ItemError(None, path, f"{place}: the native id is longer than {MAX_NATIVE_ID}", excerpt(payload))
        if isinstance(payload, dict) and (problems or self._stamp):
            noted = {NOTES: [*payload.get(NOTES, ()), *problems]} if problems else {}
            item.payload = {**payload, **self._stamp, **noted}
        return item

    def id_of_file(self, path: str) -> str | None:
        """The native id of a file that is one item and is named by its place: known although it cannot be read."""
        by_place = self._stream.native_id in ("$path", "$stem", "$folder")
        if not by_place or self._stream.select is not None or self._stream.format in ("jsonl", "csv", "python-ast", "rdf", "xml"):
            return None
        return str(self._native_id(None, Item(self._stream.name, "", None, path)))

    def passes_over(self, found: Found) -> bool:
        """Whether the source file says that this is no item (documentation, a test entry)."""
        return isinstance(found, Item) and found.native_id in self._stream.skip


def _native_id(stream: Stream) -> Expression:
    said = stream.native_id
    if isinstance(said, str):
        written = {"template": said} if "{" in said else said
        return compile_expression("$path" if said == "$key" else written, stream.name)
    parts = [compile_expression(part, stream.name) for part in said]

    def joined(value: Any, item: Item) -> str:
        found = [part(value, item) for part in parts]
        return " / ".join(str(one).strip() for one in found if isinstance(one, str | int | float) and not absent(one))

    return joined


def excerpt(value: Any) -> bytes:
    """The beginning of something unusable: bytes as they are, else JSON, else what Python prints where JSON has no form."""
    if isinstance(value, bytes):
        return value[:RAW_EXCERPT]
    try:
        return orjson.dumps(value)[:RAW_EXCERPT]
    except TypeError:
        return repr(value)[:RAW_EXCERPT].encode("utf-8", "replace")[:RAW_EXCERPT]
