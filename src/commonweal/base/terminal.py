"""What a command says, to a person or to a script, decided in one place.

Answers go to standard output: JSON with ``--json`` (one object, or JSON Lines for a list), tables and sentences for
people. Progress and errors go to standard error, so that a pipe carries answers only.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import orjson

if TYPE_CHECKING:
    from rich.console import Console

    from commonweal.kernel.errors import CommonwealError


class Update(Protocol):
    """``total`` is None while it is not known."""

    def __call__(self, done: int, total: int | None, message: str = "") -> None: ...


class StepUpdate(Protocol):
    """Like :class:`Update`, for one of several steps by its name."""

    def __call__(self, step: str, done: int, total: int | None, message: str = "") -> None: ...


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
            _write(f"{key:<{width}}  {self.words(value)}\n")

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
            _write(f"{text}\n")
            sys.stdout.flush()

    @contextmanager
    def progress(self, title: str) -> Iterator[Update]:
        """Show how far a long step is: a bar on a terminal, else a line every few seconds, nothing with ``--json``.

        Yields ``update(done, total, message)``; ``total`` may be None while it is not known.
        """
        with self.steps() as update:
            yield lambda done, total, message="": update(title, done, total, message)

    @contextmanager
    def steps(self) -> Iterator[StepUpdate]:
        """Like :meth:`progress` for several steps at a time. Yields ``update(step, done, total, message)``."""
        if self.json and not sys.stderr.isatty():
            yield lambda step, done, total, message="": None
        elif sys.stderr.isatty():
            with _bars() as update:
                yield update
        else:
            lines = _Lines()
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
        """A JSON value as a person reads it: lists with commas, large numbers in groups, no quotes."""
        if value is None:
            return "–"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int):
            return f"{value:,}" if abs(value) >= 10_000 else str(value)  # 2026 is more often a year than an amount
        if isinstance(value, Mapping):
            return ", ".join(f"{key}: {self.words(item)}" for key, item in value.items())
        if isinstance(value, (list, tuple)):
            return ", ".join(self.words(item) for item in value)
        return str(value)


class _Lines:
    """Progress for logs and pipes: for each step the first line, one every few seconds, and the last state reached."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        self._next_at: dict[str, float] = {}

    def update(self, step: str, done: int, total: int | None, message: str = "") -> None:
        amount = f"{done:,} of {total:,}" if total is not None else f"{done:,}"
        self._last[step] = f"{step}: {amount} {message}".rstrip()
        if time.monotonic() >= self._next_at.get(step, 0.0):
            self._show(step)

    def close(self) -> None:
        for step, line in self._last.items():
            if line != self._shown.get(step):
                self._show(step)

    def _show(self, step: str) -> None:
        line = self._shown[step] = self._last[step]
        self._next_at[step] = time.monotonic() + SECONDS_BETWEEN_LINES
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


@contextmanager
def _bars() -> Iterator[StepUpdate]:
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    tasks: dict[str, TaskID] = {}
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[amount]:>16}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[message]}", markup=False),
        console=_console(stderr=True),
    ) as bars:

        def update(step: str, done: int, total: int | None, message: str = "") -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=None, message="", amount="")
            amount = f"{done:,} of {total:,}" if total is not None else f"{done:,}"
            bars.update(tasks[step], completed=done, total=total, message=message, amount=amount)

        yield update
        for task in bars.tasks:  # what ended without a known total has a full bar, not one that runs for ever
            bars.update(task.id, total=max(task.completed, 1), completed=max(task.completed, 1))


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def _plain(text: str) -> Any:
    """Text for a table cell: data may hold square brackets, which rich would read as markup, and control characters."""
    from rich.text import Text

    return Text("".join(character if character.isprintable() else " " for character in text))


def _write_json(value: Mapping[str, Any]) -> None:
    _write(orjson.dumps(value, default=str).decode() + "\n")


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        leave_quietly()


def leave_quietly() -> NoReturn:
    """End well: the reader went away (``commonweal … | head``), so it has what it wanted."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


#: The one terminal of this process.
terminal = Terminal()
