"""Payloads → items: each gets the native id its stream says; what has none is an error of its own."""

from __future__ import annotations

from typing import Any, Final

from commonweal.catalogue.core.documents import too_deep
from commonweal.catalogue.core.expressions import absent, compile_expression
from commonweal.catalogue.core.source import RAW_EXCERPT, Item, ItemError, Stream
from commonweal.kernel.text import clean

MAX_NATIVE_ID: Final = 500

Found = Item | ItemError


class ItemMaker:
    """Makes the items of one stream."""

    def __init__(self, stream: Stream) -> None:
        written = {"template": stream.native_id} if "{" in stream.native_id else stream.native_id
        self._stream = stream
        self._native_id = compile_expression(written, stream.name)

    def make(self, payload: Any, path: str, place: str) -> Found:
        """The item a payload is.

        Args:
            path: the file or address it came from.
            place: where in it, for a person: `entry 7`.
        """
        item = Item(self._stream.name, "", payload, path)
        if too_deep(payload):
            return ItemError(None, path, f"{place}: nested too deeply", excerpt(payload))
        if not isinstance(payload, dict):
            return ItemError(None, path, f"{place}: is not an object", excerpt(payload))
        found = self._native_id(payload, item)
        if isinstance(found, bool) or not isinstance(found, str | int | float) or absent(found):
            return ItemError(None, path, f"{place}: no native id ({self._stream.native_id})", excerpt(payload))
        item.native_id = clean(str(found)).strip()
        if not 0 < len(item.native_id) <= MAX_NATIVE_ID:
            return ItemError(None, path, f"{place}: the native id is longer than {MAX_NATIVE_ID}", excerpt(payload))
        return item

    def passes_over(self, found: Found) -> bool:
        """Whether the source file says that this is no item (documentation, a test entry)."""
        return isinstance(found, Item) and found.native_id in self._stream.skip


def excerpt(value: Any) -> bytes:
    """The beginning of something unreadable, as it is kept beside its error."""
    if isinstance(value, bytes):
        return value[:RAW_EXCERPT]
    return str(value)[:RAW_EXCERPT].encode("utf-8", "replace")[:RAW_EXCERPT]
