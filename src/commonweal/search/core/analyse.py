"""From text to index terms: words of any script, folded forms, stems and bigrams.

A text becomes two runs of terms, kept apart by :data:`BARRIER` so that no phrase crosses from one to the next:

1. its folded words in order, so that ``educacao`` finds ``educação`` and phrases do too;
2. helpers in no order: words as written where folding changed them, ``~stem`` where the stem differs from the word, and
   the last character of each unspaced run.

A query word is expanded the same way (:func:`alternatives`), so both sides always meet. Scripts written without spaces
(Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) are cut into overlapping pairs of characters.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from operator import add
from typing import Any, Final, NamedTuple

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from commonweal.kernel.text import fold

#: A term no word can equal: words never hold punctuation. In a text it keeps what is left of it from what is right.
BARRIER: Final = "|"
BETWEEN: Final = f" {BARRIER} "
#: Marks a stem, so that a word as written outranks another word with the same stem.
STEM: Final = "~"
#: Text beyond this many characters in one language is not searched.
MAX_CHARACTERS: Final = 20_000
#: Words of a language are few and come again: what one becomes is computed once.
_REMEMBERED_WORDS: Final = 25_000
_REMEMBERED_CHARACTERS: Final = 24

#: Languages with a stemmer: base tag → name of the Snowball stemmer.
STEMMERS: Final = {
    "en": "english",
    "fr": "french",
    "es": "spanish",
    "ar": "arabic",
    "ru": "russian",
    "pt": "portuguese",
    "de": "german",
}
_LATIN_STEMMERS: Final = ("en", "fr", "es", "pt", "de")

_UNSPACED_RANGES: Final = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"  # Hangul
    "\u3005\u3040-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)


def _mark_ranges() -> str:
    """Combining marks as a regular expression class: ``\\w`` leaves them out, yet they are inside Indic words."""
    ranges: list[list[int]] = []
    for code in range(0x300, 0x20000):
        if unicodedata.category(chr(code))[0] != "M":
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(low)}-{chr(high)}" for low, high in ranges)


_ASCII_WORD: Final = re.compile(r"[a-z0-9]+")
_WORD: Final = re.compile(rf"(?:[^\W_]|[{_mark_ranges()}\u200c\u200d])+")
_UNSPACED: Final = re.compile(f"[{_UNSPACED_RANGES}]+")
_ARABIC: Final = re.compile("[\u0600-\u06ff\u0750-\u077f]")
_CYRILLIC: Final = re.compile("[\u0400-\u052f]")


def index_line(text: Mapping[str, Any]) -> str:
    """The terms of a multilingual text (architecture: Text), joined by spaces."""
    lines = [line(words, lang) for lang, words in text.items() if not lang.startswith("@") and words]
    return lines[0] if len(lines) == 1 else BETWEEN.join(dict.fromkeys(lines))


def line(text: str, lang: str = "und") -> str:
    """The terms of a text written in ``lang`` (BCP 47), joined by spaces; stems only where the language has a stemmer."""
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
    base = lang.partition("-")[0]
    if text.isascii():
        base = "en" if base == "und" else base  # most names and keywords without a language are English
    elif not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    pieces = text.lower().split()
    forms = list(map(_vocabulary(base if base in STEMMERS else "und").__getitem__, pieces))
    words = " ".join([folded for folded, _ in forms])
    helping = " ".join(dict.fromkeys([helpers for _, helpers in forms if helpers]))
    return f"{words}{BETWEEN}{helping}" if helping else words


@lru_cache(maxsize=_REMEMBERED_WORDS)
def name_line(name: str) -> str:
    """The terms of a name or keyword in no language that is known: few of them stand in many entries."""
    return line(name)


def split(text: str) -> list[str]:
    """The terms of folded or lower-cased text in order: words, and character pairs of unspaced runs."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    words = _WORD.findall(text)
    if not _UNSPACED.search(text):
        return words
    return [term for word in words for term in _pairs(word)]


def spans(text: str) -> Iterable[tuple[int, int]]:
    """Start and end of each word of the text as written, unspaced runs whole."""
    return (match.span() for match in _WORD.finditer(text))


def is_unspaced(text: str) -> bool:
    """Whether the text holds characters of a script written without spaces."""
    return not text.isascii() and _UNSPACED.search(text) is not None


def sort_keys(folded: str, count: int) -> list[int]:
    """Signed 64-bit keys whose tuple order is the bytewise order of a folded text's first ``8 * count`` bytes."""
    data = folded[: 8 * count].encode("utf-8", "replace")[: 8 * count].ljust(8 * count, b"\0")
    return [key - 2**63 for key in struct.unpack(f">{count}Q", data)]


class Alternative(NamedTuple):
    """One indexed term that answers a query word, with its weight: 1 as written, less the further away."""

    term: str
    weight: float


@lru_cache(maxsize=4096)
def alternatives(word: str) -> tuple[Alternative, ...]:
    """The indexed terms that answer one lower-cased query word, best first; its language need not be known.

    A document with the word as written matches on more alternatives, and on heavier ones, than one with a word that
    only shares its folded form or stem: that is what ranks exact before folded before stemmed.
    """
    folded = fold(word)
    weights = {word: 1.0}
    weights.setdefault(folded, 0.9)
    for lang in _stem_languages(folded):
        for stem in _stems([word] if word == folded else [word, folded], lang):
            weights.setdefault(stem, 0.6)
            weights.setdefault(STEM + stem, 0.5)
    return tuple(Alternative(term, weight) for term, weight in weights.items())


#: What one space-delimited piece of text becomes: its folded words and its helpers, each a line of terms.
_Forms = tuple[str, str]


def _forms(piece: str, base: str) -> _Forms:
    plain = fold(piece)
    folded = split(plain)
    if is_unspaced(plain):
        return " ".join(folded), " ".join([run[-1] for run in _UNSPACED.findall(plain) if len(run) > 1])
    written = folded if plain == piece else split(piece)
    helpers = set(written)
    if base in STEMMERS:
        # Of words as written, for endings have accents (ações), and of folded ones, for readers type without.
        words = folded if written == folded else written + folded
        helpers.update([STEM + stem for stem, word in zip(_stems(words, base), words, strict=True) if stem != word])
    return " ".join(folded), " ".join(sorted(helpers.difference(folded)))


class _Vocabulary(dict[str, _Forms]):
    """Piece of text → its forms in one language. Long pieces are noise, unspaced ones sentences: not worth remembering."""

    def __init__(self, base: str) -> None:
        self._base = base

    def __missing__(self, piece: str) -> _Forms:
        forms = _forms(piece, self._base)
        if len(piece) <= _REMEMBERED_CHARACTERS and not is_unspaced(piece):
            if len(self) >= _REMEMBERED_WORDS:
                self.clear()
            self[piece] = forms
        return forms


#: One for each language with a stemmer, and one for all others.
_vocabulary = cache(_Vocabulary)


def _pairs(word: str) -> Iterable[str]:
    """A word cut at the borders of unspaced runs, those runs cut into overlapping pairs."""
    end = 0
    for run in _UNSPACED.finditer(word):
        if run.start() > end:
            yield word[end : run.start()]
        characters = run.group()
        end = run.end()
        yield from map(add, characters, characters[1:]) if len(characters) > 1 else characters
    if end < len(word):
        yield word[end:]


@cache
def _stemmer(lang: str) -> TextAnalyzer:
    return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer(STEMMERS[lang])).build()


def _stems(words: list[str], lang: str) -> list[str]:
    return _stemmer(lang).analyze(" ".join(words))


def _stem_languages(folded: str) -> tuple[str, ...]:
    """The languages whose stemmer may apply, judged by script alone."""
    if is_unspaced(folded):
        return ()
    if _ARABIC.search(folded):
        return ("ar",)
    if _CYRILLIC.search(folded):
        return ("ru",)
    return _LATIN_STEMMERS if folded.isascii() and not folded.isdigit() else ()
