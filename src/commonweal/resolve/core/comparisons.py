"""Comparisons: how alike two records are, field by field, as a small number of levels.

A model file names the comparisons (``compare: likeness``, ``equal``, …); each turns a batch of pairs into one level a
pair: 0 is the closest, the last is "different", :data:`MISSING` says that one side is silent and counts for nothing.
Levels, not raw similarities, keep an explanation readable and the arithmetic of match weights honest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from rapidfuzz.distance import JaroWinkler
from scipy import sparse

from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.text import fold

from .ngrams import Matrix, Statistics, Vectoriser, cosine, count_grams, count_words, unit_integers

MISSING: Final = -1
RANK: Final = "rank"
_WORD: Final = re.compile(r"\w+")
_CODE: Final = re.compile(r"[a-z0-9]+(?:[-/.][a-z0-9]+)*")
_CHUNK: Final = 100_000

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of a model file.

    Attributes:
        name: shown in explanations, e.g. "name".
        compare: which function of :data:`COMPARE`.
        fields: the fields of a row it reads.
        bounds: where one level ends and the next begins; meaning and direction depend on `compare`.
        words: what each level says, in words; one more than `bounds` where there are bounds.
    """

    name: str
    compare: str
    fields: tuple[str, ...]
    bounds: tuple[float, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def level_count(self) -> int:
        """Number of levels, missing not counted."""
        return FIXED_LEVELS.get(self.compare, len(self.bounds) + 1)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Comparison:
        """Read an entry of a model file.

        Raises:
            CommonwealError: ``comparison-invalid``.
        """
        made = cls(
            name=str(data["name"]),
            compare=str(data["compare"]),
            fields=tuple(data["fields"]),
            bounds=tuple(float(bound) for bound in data.get("bounds", ())),
            words=tuple(data.get("words", ())),
        )
        if made.compare not in (*COMPARE, RANK):
            raise CommonwealError(
                "comparison-invalid",
                f"Comparison “{made.name}” asks for “{made.compare}”.",
                f"Use one of: {', '.join(sorted([*COMPARE, RANK]))}.",
            )
        if made.words and len(made.words) != made.level_count:
            raise CommonwealError(
                "comparison-invalid",
                f"Comparison “{made.name}” has {made.level_count} levels and words for {len(made.words)}.",
                "Give one phrase a level, closest first.",
            )
        return made

    def to_json(self) -> dict[str, Any]:
        """The inverse of :meth:`from_json`."""
        return {
            "name": self.name,
            "compare": self.compare,
            "fields": list(self.fields),
            "bounds": list(self.bounds),
            "words": list(self.words),
        }


@dataclass
class Columns:
    """Rows turned into arrays once, so that millions of pairs can be compared in bulk.

    Attributes:
        rows: one mapping a record: text, number, list of text or None per field.
        statistics: "name grams", "name words" …: frequencies learned elsewhere. Without them these rows' own count,
            and then the answer depends on which rows there are.
        weak: identifiers that say little, because one source gives them to several things.
    """

    rows: Sequence[Row]
    statistics: Mapping[str, Statistics] = field(default_factory=dict)
    weak: Collection[str] | None = None
    _cache: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False)

    def text(self, fields: tuple[str, ...]) -> list[str]:
        """The fields of each row joined, folded."""
        return self._once(
            ("text", *fields), lambda: [" ".join(_WORD.findall(fold(self._joined(row, fields)))) for row in self.rows]
        )

    def grams(self, fields: tuple[str, ...]) -> sparse.csr_matrix:
        """Integer gram vectors of :meth:`text`."""
        return self._once(("grams", *fields), lambda: self._vectors("grams", fields, count_grams))

    def words(self, fields: tuple[str, ...]) -> sparse.csr_matrix:
        """Integer word vectors of :meth:`text`."""
        return self._once(("words", *fields), lambda: self._vectors("words", fields, count_words))

    def codes(self, name: str) -> np.ndarray:
        """An integer per distinct folded value of a field, -1 where a row is silent."""

        def make() -> np.ndarray:
            numbers: dict[str, int] = {}
            texts = self.text((name,))
            return np.array([numbers.setdefault(text, len(numbers)) if text else -1 for text in texts], dtype=np.int64)

        return self._once(("codes", name), make)

    def numbers(self, name: str) -> np.ndarray:
        """A field as float64, NaN where it is no number."""
        return self._once(("numbers", name), lambda: np.array([_number(row.get(name)) for row in self.rows], dtype=np.float64))

    def sets(self, name: str) -> list[frozenset[str]]:
        """A list field as a set of text."""
        return self._once(("sets", name), lambda: [frozenset(row.get(name) or ()) for row in self.rows])

    def product_codes(self, fields: tuple[str, ...]) -> list[frozenset[str]]:
        """Tokens of at least four characters with a digit, punctuation squeezed out: ``PSLX350H``, ``WH-1000XM4``."""
        return self._once(("product_codes", *fields), lambda: [_product_codes(self._joined(row, fields)) for row in self.rows])

    @cached_property
    def common(self) -> frozenset[str]:
        """Identifiers that more than two rows hold."""
        holders = Counter(one for row in self.rows for one in row.get("identifiers") or ())
        return frozenset(one for one, count in holders.items() if count > 2)

    def _vectors(self, unit: str, fields: tuple[str, ...], count: Callable[[Sequence[str]], Matrix]) -> Matrix:
        texts = self.text(fields)
        statistics = self.statistics.get(f"{' '.join(fields)} {unit}")
        if statistics is not None:
            return Vectoriser(statistics, count).vectors(texts)
        counts = count(texts)
        return unit_integers(counts, Statistics.learn(counts).weights())

    @staticmethod
    def _joined(row: Row, fields: tuple[str, ...]) -> str:
        return " ".join(str(row[name]) for name in fields if row.get(name))

    def _once(self, key: tuple[str, ...], make: Callable[[], Any]) -> Any:
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]


def levels(columns: Columns, comparison: Comparison, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The level of each pair; int8 of shape (pairs,).

    Args:
        left, right: row numbers of each pair.
    """
    if comparison.compare == RANK:
        alike = [
            likeness(columns, comparison.fields, left[at : at + _CHUNK], right[at : at + _CHUNK])
            for at in range(0, len(left), _CHUNK)
        ]
        return mutual_rank(left, right, np.concatenate(alike) if alike else np.zeros(0)).astype(np.int8)
    parts = [
        COMPARE[comparison.compare](columns, comparison, left[at : at + _CHUNK], right[at : at + _CHUNK])
        for at in range(0, len(left), _CHUNK)
    ]
    return np.concatenate(parts).astype(np.int8) if parts else np.zeros(0, dtype=np.int8)


def likeness(columns: Columns, fields: tuple[str, ...], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Mean of the gram cosine and the word cosine of the joined fields, 0 to 1."""
    grams, words = columns.grams(fields), columns.words(fields)
    return (_row_products(grams, left, right) + _row_products(words, left, right)) / 2


def _likeness(columns: Columns, comparison: Comparison, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    found = _descending(likeness(columns, comparison.fields, left, right), comparison.bounds)
    silent = np.array([not text for text in columns.text(comparison.fields)])
    found[silent[left] | silent[right]] = MISSING
    return found


def _spelling(columns: Columns, comparison: Comparison, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    texts = columns.text(comparison.fields)
    alike = np.array([JaroWinkler.similarity(texts[a], texts[b]) for a, b in zip(left, right, strict=True)])
    found = _descending(alike, comparison.bounds)
    found[[not texts[a] or not texts[b] for a, b in zip(left, right, strict=True)]] = MISSING
    return found


def _equal(columns: Columns, comparison: Comparison, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    codes = columns.codes(comparison.fields[0])
    found = (codes[left] != codes[right]).astype(np.int64)
    found[(codes[left] < 0) | (codes[right] < 0)] = MISSING
    return found


def _tokens(columns: Columns, comparison: Comparison, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """0 the same tokens, 1 one side has none, 2 they differ; missing when neither has any."""
    sets = columns.sets(comparison.fields[0])
    number: dict[frozenset[str], int] = {frozenset(): 0}
    codes = np.array([number.setdefault(one, len(number)) for one in sets], dtype=np.int64)
    a, b = codes[left], codes[right]
    found = np.where(a == b, 0, np.where((a == 0) | (b == 0), 1, 2))
    found[(a == 0) & (b == 0)] = MISSING
    return found


def _shared(columns: Columns, comparison: Comparison, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """0 a value both have, 1 none; missing when either has none at all."""
    sets = columns.sets(comparison.fields[0])

    def level(one: frozenset[str], other: frozenset[str]) -> int:
        return MISSING if not one or not other else 1 if one.isdisjoint(other) else 0

    return np.array([level(sets[a], sets[b]) for a, b in zip(left, right, strict=True)], dtype=np.int64)


def _words(columns: Columns, comparison: Comparison, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    vectors = columns.words(comparison.fields)
    found = _descending(_row_products(vectors, left, right), comparison.bounds)
    silent = np.diff(vectors.indptr) == 0
    found[silent[left] | silent[right]] = MISSING
    return found


def _difference(columns: Columns, comparison: Comparison, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    values = columns.numbers(comparison.fields[0])
    apart = np.abs(values[left] - values[right])
    found = np.searchsorted(comparison.bounds, np.nan_to_num(apart), side="left")
    return np.where(np.isnan(apart), MISSING, found)


def _ratio(columns: Columns, comparison: Comparison, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Relative difference |a - b| / max(|a|, |b|)."""
    values = columns.numbers(comparison.fields[0])
    greatest = np.maximum(np.abs(values[left]), np.abs(values[right]))
    apart = np.abs(values[left] - values[right]) / np.where(greatest == 0, 1, greatest)
    found = np.searchsorted(comparison.bounds, np.nan_to_num(apart), side="right")
    return np.where(np.isnan(apart), MISSING, found)


def _code_level(own: frozenset[str], other: frozenset[str], own_all: frozenset[str], other_all: frozenset[str]) -> int:
    if own & other_all or other & own_all:
        return 0
    if not own or not other:
        return MISSING
    return 1 if any(one.startswith(two) or two.startswith(one) for one in own for two in other) else 2


def _product(columns: Columns, comparison: Comparison, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """0 a product code of one side stands on the other, 1 one code begins the other, 2 both have codes, none shared."""
    named = columns.product_codes(comparison.fields[:1])
    anywhere = columns.product_codes(comparison.fields)
    return np.array(
        [_code_level(named[a], named[b], anywhere[a], anywhere[b]) for a, b in zip(left, right, strict=True)],
        dtype=np.int64,
    )


def _identifiers(columns: Columns, comparison: Comparison, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """0 an identifier of one thing, 1 only such as name several, 2 different values of one scheme."""
    sets = columns.sets(comparison.fields[0])
    weak = columns.weak if columns.weak is not None else columns.common

    def level(one: frozenset[str], other: frozenset[str]) -> int:
        shared = one & other
        if shared:
            return 0 if any(identifier not in weak for identifier in shared) else 1
        schemes = {identifier.partition(":")[0] for identifier in one}
        return 2 if any(identifier.partition(":")[0] in schemes for identifier in other) else MISSING

    return np.array([level(sets[a], sets[b]) for a, b in zip(left, right, strict=True)], dtype=np.int64)


#: What `compare:` may say.
COMPARE: Final[dict[str, Callable[[Columns, Comparison, np.ndarray, np.ndarray], np.ndarray]]] = {
    "likeness": _likeness,
    "words": _words,
    "spelling": _spelling,
    "equal": _equal,
    "shared": _shared,
    "tokens": _tokens,
    "difference": _difference,
    "ratio": _ratio,
    "product": _product,
    "identifiers": _identifiers,
}
FIXED_LEVELS: Final = {"equal": 2, "shared": 2, "tokens": 3, "product": 3, "identifiers": 3, RANK: 5}


def mutual_rank(left: np.ndarray, right: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """The worse of a pair's two ranks, among the pairs of its left and of its right record; 0 best, 4 fifth or worse.

    Equal likeness shares the better rank, so that the answer does not depend on the order of the pairs.
    """
    return np.minimum(np.maximum(_ranks(left, alike), _ranks(right, alike)), FIXED_LEVELS[RANK] - 1)


def _ranks(group: np.ndarray, alike: np.ndarray) -> np.ndarray:
    order = np.lexsort((-alike, group))
    rank = np.zeros(len(group), dtype=np.int64)
    position = np.arange(len(group))
    first = np.r_[True, group[order][1:] != group[order][:-1]] if len(group) else np.zeros(0, dtype=bool)
    tied = np.r_[False, (alike[order][1:] == alike[order][:-1]) & ~first[1:]] if len(group) else first
    place = position - np.maximum.accumulate(np.where(first, position, 0))
    kept = np.maximum.accumulate(np.where(tied, 0, position))
    rank[order] = place[kept] if len(group) else place
    return rank


def _descending(values: np.ndarray, bounds: Sequence[float]) -> np.ndarray:
    ascending = np.array(sorted(bounds))
    return len(ascending) - np.searchsorted(ascending, values, side="right")


def _row_products(vectors: sparse.csr_matrix, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return cosine(np.asarray(vectors[left].multiply(vectors[right]).sum(axis=1)).ravel().astype(np.float64))


def _product_codes(text: str) -> frozenset[str]:
    squeezed = (re.sub(r"[^a-z0-9]", "", code) for code in _CODE.findall(text.casefold()))
    return frozenset(code for code in squeezed if len(code) >= 4 and any(c.isdigit() for c in code))


def _number(value: Any) -> float:
    if isinstance(value, str):
        value = re.sub(r"[^\d.\-]", "", value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
