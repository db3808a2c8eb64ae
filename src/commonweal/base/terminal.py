"""What a command says, to a person or to a script, decided in one place.

Answers go to standard output: JSON with ``--json`` (one object, or JSON Lines for a list), tables and sentences for
people. Progress and errors go to standard error, so that a pipe carries answers only.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from rich.console import Console

    from commonweal.kernel.errors import CommonwealError

#: update(done, total or None when unknown, message)
Update = Callable[[int, int | None, str], None]

SECONDS_BETWEEN_LINES = 2.0


class Terminal:
    """Where commands print. The root command sets ``json`` and ``lang`` of :data:`terminal` before a verb runs."""

    def __init__(self) -> None:
        self.json = False
        self.lang = "en"

    def emit(self, answer: Mapping[str, Any]) -> None:
        """Print a single answer: one JSON object on one line, or one "key  value" line for each member."""
        if self.json:
            _write_json(answer)
            return
        width = max((len(key) for key in answer), default=0)
        for key, value in answer.items():
            sys.stdout.write(f"{key:<{width}}  {self.words(value)}\n")

    def emit_lines(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """Print a list: JSON Lines as the rows arrive, or one table for people. Returns how many rows there were."""
        count = 0
        if self.json:
            for row in rows:
                _write_json(row)
                count += 1
            return count
        from rich import box
        from rich.table import Table

        kept = list(rows)
        columns = list(dict.fromkeys(key for row in kept for key in row))
        table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
        for row in kept:
            table.add_row(*(_plain(self.words(row.get(key))) for key in columns))
        if kept:
            _console(stderr=False).print(table)
        return len(kept)

    def say(self, text: str) -> None:
        """Tell a person something that is not the answer. Nothing with ``--json``."""
        if not self.json:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()

    @contextmanager
    def progress(self, title: str) -> Iterator[Update]:
        """Show how far a long step is: a bar on a terminal, else a line every few seconds, nothing with ``--json``.

        Yields ``update(done, total, message)``; ``total`` may be None while it is not known.
        """
        if self.json:
            yield lambda done, total, message="": None
        elif sys.stderr.isatty():
            with _bar(title) as update:
                yield update
        else:
            lines = _Lines(title)
            yield lines.update
            lines.close()

    def fail(self, error: CommonwealError) -> None:
        """Print an expected failure on standard error: what went wrong, how to mend it, its code. Never a traceback."""
        if self.json:
            sys.stderr.write(orjson.dumps(error.problem(), default=str).decode() + "\n")
            return
        lines = (f"Error: {error.message}", error.hint, f"({error.code})")
        sys.stderr.write("".join(f"{line}\n" for line in lines if line))

    def words(self, value: Any) -> str:
        """A JSON value as a person reads it: lists with commas, thousands apart, no quotes."""
        if value is None:
            return "–"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int):
            return f"{value:,}"
        if isinstance(value, Mapping):
            return ", ".join(f"{key}: {self.words(item)}" for key, item in value.items())
        if isinstance(value, (list, tuple)):
            return ", ".join(self.words(item) for item in value)
        return str(value)


class _Lines:
    """Progress for logs and pipes: the first line, one every few seconds, and the last state reached."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._last = ""
        self._shown = ""
        self._next_at = 0.0

    def update(self, done: int, total: int | None, message: str = "") -> None:
        amount = f"{done:,} of {total:,}" if total is not None else f"{done:,}"
        self._last = f"{self._title}: {amount} {message}".rstrip()
        if time.monotonic() >= self._next_at:
            self._show()

    def close(self) -> None:
        if self._last != self._shown:
            self._show()

    def _show(self) -> None:
        sys.stderr.write(f"{self._last}\n")
        sys.stderr.flush()
        self._shown = self._last
        self._next_at = time.monotonic() + SECONDS_BETWEEN_LINES


@contextmanager
def _bar(title: str) -> Iterator[Update]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[message]}", markup=False),
        console=_console(stderr=True),
    )
    with bar:
        task = bar.add_task(_escape(title), total=None, message="")

        def update(done: int, total: int | None, message: str = "") -> None:
            bar.update(task, completed=done, total=total, message=message)

        yield update


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _plain(text: str) -> Any:
    """Text for a table cell: data may hold square brackets, which rich would read as markup, and control characters."""
    from rich.text import Text

    return Text("".join(character if character.isprintable() else " " for character in text))


def _write_json(value: Mapping[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(value, default=str).decode() + "\n")


#: The one terminal of this process.
terminal = Terminal()
