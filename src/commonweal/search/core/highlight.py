"""Safe HTML for the words a query found: everything escaped, matches in ``<mark>``."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Final

from commonweal.kernel.text import fold
from commonweal.search.core.analyse import STEM, alternatives, is_unspaced, spans
from commonweal.search.core.query import Query

_MARK: Final = ("<mark>", "</mark>")


class Highlighter:
    """Marks the words of one query in the few texts a page shows. Knows forms and prefixes, not typing errors."""

    def __init__(self, query: Query) -> None:
        self._terms: set[str] = set()
        self._runs: set[str] = set()
        prefixes: list[str] = []
        for term in query.terms:
            if term.negated:
                continue
            written = [term.text[start:end].lower() for start, end in spans(term.text)]
            words = [fold(word) for word in written]
            self._runs.update(word for word in words if is_unspaced(word))
            spaced = [word for word in written if not is_unspaced(word)]
            self._terms.update(alternative.term for word in spaced for alternative in alternatives(word))
            if term.prefix and words:
                prefixes.append(words[-1])
        self._prefixes = tuple(prefixes)
        self._initials = frozenset(fold(term.lstrip(STEM)[:1]) for term in self._terms)

    def __bool__(self) -> bool:
        return bool(self._terms or self._runs)

    def html(self, text: str, width: int | None = None) -> str:
        """The text as HTML with matches marked; with ``width``, about that many characters around the first match."""
        found = list(self._matches(text))
        start, end = _window(text, found[0] if found else (0, 0), width)
        parts = ["…" if start else ""]
        at = start
        for low, high in found:
            if low >= at and high <= end:
                parts += [html.escape(text[at:low]), _MARK[0], html.escape(text[low:high]), _MARK[1]]
                at = high
        parts += [html.escape(text[at:end]), "…" if end < len(text) else ""]
        return "".join(parts)

    def _matches(self, text: str) -> Iterable[tuple[int, int]]:
        for start, end in spans(text):
            word = text[start:end]
            if self._runs and is_unspaced(word):
                yield from _inside(word, start, self._runs)
            elif self._is_match(word.lower()):
                yield start, end

    def _is_match(self, word: str) -> bool:
        folded = fold(word)
        if folded in self._terms or (self._prefixes and folded.startswith(self._prefixes)):
            return True
        if folded.isascii() and folded[:1] not in self._initials:
            return False  # stemmers of Latin script change ends of words only
        return any(alternative.term in self._terms for alternative in alternatives(word)) if self._terms else False


def _inside(word: str, start: int, runs: set[str]) -> Iterable[tuple[int, int]]:
    """Where the query's unspaced runs stand in a word, longest first, no overlap."""
    at = 0
    lowered = word.lower() if len(word.lower()) == len(word) else word
    wanted = sorted(runs, key=len, reverse=True)
    while at < len(word):
        run = next((run for run in wanted if lowered.startswith(run, at)), None)
        if run:
            yield start + at, start + at + len(run)
        at += len(run) if run else 1


def _window(text: str, first: tuple[int, int], width: int | None) -> tuple[int, int]:
    if width is None or len(text) <= width:
        return 0, len(text)
    start = max(0, min(first[0] - width // 3, len(text) - width))
    if start and (space := text.find(" ", start, first[0])) >= 0:
        start = space + 1
    end = min(len(text), start + width)
    if end < len(text) and (space := text.rfind(" ", max(first[1], start), end)) > 0:
        end = space
    return start, end
