"""Where a page of results ends, as a short text that the next request brings back."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import orjson

from commonweal.kernel.errors import CommonwealError

_KEY = 2**63


@dataclass(frozen=True, slots=True)
class Cursor:
    """``offset`` results have been shown (order by relevance), or the last one shown had these sort ``keys``."""

    sort: str
    offset: int = 0
    keys: tuple[int, ...] = ()

    def encode(self) -> str:
        """Opaque to callers: base64 without padding, fit for a URL."""
        place = list(self.keys) or self.offset
        return base64.urlsafe_b64encode(orjson.dumps([self.sort, place])).rstrip(b"=").decode("ascii")


def decode(text: str, sort: str, key_count: int) -> Cursor:
    """The inverse of :meth:`Cursor.encode`, for a list in the order ``sort`` that has ``key_count`` sort keys.

    Raises:
        CommonwealError: ``cursor-invalid`` for any other text, and for a cursor of another order.
    """
    try:
        value = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        written, place = value
    except (binascii.Error, orjson.JSONDecodeError, TypeError, ValueError):
        raise _invalid(text) from None
    if written != sort:
        raise _invalid(text)
    if key_count == 0 and type(place) is int and 0 <= place < _KEY:
        return Cursor(sort, offset=place)
    if key_count and isinstance(place, list) and len(place) == key_count and all(map(_is_key, place)):
        return Cursor(sort, keys=tuple(place))
    raise _invalid(text)


def _is_key(key: object) -> bool:
    return type(key) is int and -_KEY <= key < _KEY


def _invalid(text: str) -> CommonwealError:
    return CommonwealError("cursor-invalid", f"“{text[:80]}” is not a place in this list.", "Start again without the cursor.")
