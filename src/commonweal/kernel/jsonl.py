"""JSON Lines, read and written one line at a time in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import orjson

from commonweal.kernel.errors import CommonwealError

MAX_LINE_BYTES = 32 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024


def read_jsonl(stream: BinaryIO, *, max_line_bytes: int = MAX_LINE_BYTES) -> Iterator[tuple[int, Any | CommonwealError]]:
    """Yield (line number from 1, value) for every line that is not blank.

    A line that cannot be read yields a :class:`CommonwealError` in place of the value (``line-too-long``,
    ``line-not-json``) and reading goes on. A byte-order mark at the start is skipped.
    """
    number = 0
    while line := stream.readline(max_line_bytes + 1):
        number += 1
        if len(line) > max_line_bytes and not line.endswith(b"\n"):
            _skip_line(stream)
            yield number, _fault("line-too-long", number, f"is longer than {max_line_bytes} bytes")
            continue
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield number, _fault("line-not-json", number, f"is not JSON: {error}")
        else:
            yield number, value


def write_jsonl(rows: Iterable[Any], stream: BinaryIO) -> int:
    """Write each row as one line of JSON, keys in their given order; return how many.

    Raises:
        CommonwealError: ``not-json`` for a row that JSON cannot hold.
    """
    count = 0
    for count, row in enumerate(rows, 1):
        try:
            stream.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        except TypeError as error:
            raise CommonwealError("not-json", f"Row {count} cannot be written as JSON: {error}.") from error
    return count


def _skip_line(stream: BinaryIO) -> None:
    while (chunk := stream.readline(_CHUNK_BYTES)) and not chunk.endswith(b"\n"):
        pass


def _fault(code: str, line: int, what: str) -> CommonwealError:
    return CommonwealError(code, f"Line {line} {what}.", line=line)
