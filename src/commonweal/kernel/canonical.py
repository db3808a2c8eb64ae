"""One byte form for one JSON value, so that equal values have equal digests on every node."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import orjson

from commonweal.kernel.errors import CommonwealError

# What is not JSON is refused rather than turned into something a reader would get back differently.
_OPTIONS = (
    orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def dumps(value: Any) -> bytes:
    """JSON of ``value`` as UTF-8 with sorted keys and no white space.

    Raises:
        CommonwealError: ``not-json`` for NaN, infinity, integers beyond 64 bits, keys that are not text,
            lone surrogates and types that JSON does not have.
    """
    try:
        data = orjson.dumps(value, option=_OPTIONS)
    except TypeError as error:
        raise CommonwealError("not-json", f"This value cannot be written as JSON: {error}.") from error
    # orjson writes NaN and infinity as null; looking for them only where a null was written keeps the usual case fast.
    if b"null" in data and _has_non_finite(value):
        raise CommonwealError("not-json", "NaN and infinity cannot be written as JSON.", "Use null for an unknown number.")
    return data


def digest(value: Any) -> str:
    """SHA-256 of :func:`dumps`, 64 hexadecimal digits. Raises as :func:`dumps` does."""
    return hashlib.sha256(dumps(value)).hexdigest()


def _has_non_finite(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(_has_non_finite(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_has_non_finite(item) for item in value)
    return False
