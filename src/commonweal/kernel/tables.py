"""Tables as CSV: read as found in the world, written so that no spreadsheet runs a cell as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import orjson

from commonweal.kernel.errors import CommonwealError

MAX_RECORD_BYTES = 1024 * 1024
MAX_COLUMNS = 2_000
MAX_UNCLOSED = 100  # each one is read again from its second line; a file made of them must not cost hours
DELIMITERS = ",;\t|"

Notice = Callable[[int, str], None]


def read_csv(
    stream: BinaryIO,
    *,
    delimiter: str | None = None,
    encoding: str = "utf-8",
    max_record_bytes: int = MAX_RECORD_BYTES,
    max_columns: int = MAX_COLUMNS,
    notice: Notice | None = None,
) -> Iterator[tuple[int, dict[str, str] | CommonwealError]]:
    """Yield (line number from 1, row) for every record below the header line; memory does not grow with the file.

    Args:
        delimiter: the column separator; None finds it in the header line, one of ``DELIMITERS``.
        encoding: a byte encoding in which a line feed is the byte 0x0A; a UTF-8 byte-order mark is skipped.
        notice: called with (line, what) for what was mended: bytes that are not in the encoding (replaced by U+FFFD),
            NULs (removed), short rows (filled with ""), header cells that are empty or equal (numbered).

    A record that cannot be read yields a :class:`CommonwealError` in place of the row and reading goes on:
    ``table-row-too-long``, ``table-quote-open`` (reading goes on at the line after the quote), ``table-row-ragged``
    (more cells than columns), ``table-cell-too-long`` (over ``csv.field_size_limit()``). ``table-header`` and
    ``table-broken`` end the reading.
    """
    tell = notice or (lambda line, what: None)
    lines = _Lines(stream, encoding, max_record_bytes, tell)
    start = next(lines, None)
    if start is None:
        return
    lines.push([start])
    if "\0" in start[1] or len(start[1].encode("utf-8", "replace")) > max_record_bytes:
        yield start[0], _fault("table-header", start[0], "is not a header line of text")
        return
    separator = delimiter or _sniff(start[1])
    columns: list[str] | None = None
    for line, cells in _records(lines, separator, max_record_bytes):
        if isinstance(cells, CommonwealError):
            yield line, cells
        elif columns is None:
            if len(cells) > max_columns:
                yield line, _fault("table-header", line, f"has more than {max_columns} columns")
                return
            columns = _header(cells, line, tell)
        elif cells:
            yield line, _row(columns, cells, line, tell)


def write_csv(rows: Iterable[Mapping[str, Any]], stream: BinaryIO, columns: Sequence[str]) -> int:
    """Write a UTF-8 CSV (RFC 4180, line feed ``\\r\\n``) with a header line; return the number of rows.

    None becomes an empty cell, booleans ``true`` and ``false``, lists and mappings JSON. Text that a spreadsheet would
    take for a formula (OWASP: starts with ``= + - @``, tab or carriage return) is preceded by an apostrophe unless it
    is a plain number, so ``-3.5`` stays a number. The header is treated in the same way.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def emit(cells: Iterable[Any]) -> None:
        writer.writerow([_cell(value) for value in cells])
        stream.write(buffer.getvalue().encode("utf-8", "replace"))
        buffer.seek(0)
        buffer.truncate()

    emit(columns)
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007  the count is the answer
        emit(row.get(column) for column in columns)
    return count


_FORMULA = tuple("=+-@\t\r＝＋－＠")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*|[.]\d+)([eE][+-]?\d+)?%?")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    # A leading blank does not stop a spreadsheet, so the test looks behind it.
    if text.lstrip(" \n").startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


class _Lines:
    """Decoded physical lines with their numbers, which can be pushed back; cut one character past the limit."""

    def __init__(self, stream: BinaryIO, encoding: str, limit: int, notice: Notice) -> None:
        self._stream, self._encoding, self._limit, self._notice = stream, encoding, limit, notice
        self._back: deque[tuple[int, str]] = deque()
        self._number = 0

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self

    def __next__(self) -> tuple[int, str]:
        if self._back:
            return self._back.popleft()
        data = self._stream.readline(self._limit + 1)
        if not data:
            raise StopIteration
        self._number += 1
        rest = data
        while len(rest) > self._limit and not rest.endswith(b"\n"):
            rest = self._stream.readline(self._limit + 1)
        if self._number == 1:
            data = data.removeprefix(b"\xef\xbb\xbf")
        try:
            return self._number, data.decode(self._encoding)
        except UnicodeDecodeError:
            self._notice(self._number, f"bytes that are not {self._encoding} were replaced")
            return self._number, data.decode(self._encoding, "replace")

    def push(self, lines: Iterable[tuple[int, str]]) -> None:
        self._back.extendleft(reversed(list(lines)))


def _records(lines: _Lines, delimiter: str, limit: int) -> Iterator[tuple[int, list[str] | CommonwealError]]:
    """Records with the number of their first line. A quote that never closes costs its own line only."""
    unclosed = 0
    taken: list[tuple[int, str]] = []

    def feed() -> Iterator[str]:
        size = 0
        for number, text in lines:
            taken.append((number, text))
            size += len(text)
            if size > limit:
                raise _TooLong
            yield text
        if taken:  # the csv module would quietly close an open quote at the end of the file
            raise _QuoteOpen

    while True:
        taken.clear()
        try:
            cells = next(csv.reader(feed(), delimiter=delimiter, skipinitialspace=False))
        except StopIteration:
            return
        except (_TooLong, _QuoteOpen, csv.Error) as error:
            first = taken[0][0]
            if len(taken) == 1 and isinstance(error, _TooLong):
                yield first, _fault("table-row-too-long", first, f"is longer than {limit} bytes")
            elif len(taken) == 1 and isinstance(error, csv.Error):
                yield first, _fault("table-cell-too-long", first, f"cannot be read: {error}")
            else:  # also a cell that grew over many lines: far more often a stray quotation mark than one long cell
                yield first, _fault("table-quote-open", first, "opens a quotation mark that is not closed")
                unclosed += 1
                if unclosed > MAX_UNCLOSED:
                    yield (
                        first,
                        _fault("table-broken", first, "is one of too many with open quotation marks; the rest is not read"),
                    )
                    return
                lines.push(taken[1:])
        else:
            yield taken[0][0], cells


class _TooLong(Exception):  # noqa: N818  signals within this module
    pass


class _QuoteOpen(Exception):  # noqa: N818
    pass


def _sniff(header: str) -> str:
    """The delimiter that occurs most outside quotation marks in the header line."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=bare.count)


def _header(cells: list[str], line: int, notice: Notice) -> list[str]:
    columns: list[str] = []
    seen: set[str] = set()
    for position, cell in enumerate(cells, 1):
        name = unique = cell.replace("\0", "").strip() or f"column {position}"
        copy = 1
        while unique in seen:
            copy += 1
            unique = f"{name} {copy}"
        if unique != cell.strip():
            notice(line, f"column {position} is now called “{unique}”")
        seen.add(unique)
        columns.append(unique)
    return columns


def _row(columns: list[str], cells: list[str], line: int, notice: Notice) -> dict[str, str] | CommonwealError:
    if len(cells) > len(columns):
        if any(cells[len(columns) :]):
            return _fault("table-row-ragged", line, f"has {len(cells)} cells for {len(columns)} columns")
        del cells[len(columns) :]
    elif len(cells) < len(columns):
        notice(line, f"has {len(cells)} cells for {len(columns)} columns; the others are empty")
        cells += [""] * (len(columns) - len(cells))
    if any("\0" in cell for cell in cells):
        notice(line, "NUL characters were removed")
        cells = [cell.replace("\0", "") for cell in cells]
    return dict(zip(columns, cells, strict=True))


def _fault(code: str, line: int, what: str) -> CommonwealError:
    return CommonwealError(code, f"Line {line} {what}.", line=line)
