"""Character n-grams and words as sparse integer vectors whose products are exact.

A text becomes a unit vector of TF-IDF weights over hashed character 3-grams or words, each weight multiplied by :data:`SCALE`
and rounded to an integer. A dot product of two such vectors is a whole number below 2**24, which float32 holds
exactly: the similarity of two texts does not depend on the order of the sum, on the block it was computed in or on
whether it was computed alone. That is what lets an incremental resolver agree with a batch, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final, TypeAlias
from zipfile import BadZipFile
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commonweal.kernel.errors import CommonwealError

Matrix: TypeAlias = Any  # scipy.sparse.csr_matrix, which has no types

SIZE: Final = 3
BITS: Final = 20
SCALE: Final = 1024
MAX_CHARACTERS: Final = 512  # of a name; the rest says nothing more about which thing it is
MAX_WORDS: Final = 400  # of a description
MAX_SHARE: Final = 0.02  # a gram in more names than this tells nothing apart and costs most of the time
MIN_FREQUENT: Final = 200  # …but in a small corpus every gram is worth looking at

_BASE = np.uint64(0x9E3779B97F4A7C15)


def count_grams(texts: Sequence[str]) -> Matrix:
    """How often each hashed gram stands in each text: shape (texts, 2**BITS), int32.

    A text is padded by one space at either end, so that beginnings and ends weigh like the rest. Empty texts give
    empty rows.
    """
    padded = [f" {text[:MAX_CHARACTERS]} " if text else "" for text in texts]
    lengths = np.fromiter(map(len, padded), dtype=np.int64, count=len(padded))
    points = np.frombuffer("".join(padded).encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    rows = np.repeat(np.arange(len(padded), dtype=np.int64), lengths)
    if len(points) < SIZE:
        return sparse.csr_matrix((len(padded), 1 << BITS), dtype=np.int32)
    hashed = np.zeros(len(points) - SIZE + 1, dtype=np.uint64)
    for step in range(SIZE):
        hashed = (hashed + points[step : len(points) - SIZE + 1 + step]) * _BASE
        hashed ^= hashed >> np.uint64(29)
    columns = (hashed >> np.uint64(64 - BITS)).astype(np.int64)
    whole = rows[: len(columns)] == rows[SIZE - 1 :]  # grams that do not cross from one text into the next
    ones = np.ones(int(whole.sum()), dtype=np.int32)
    counts = sparse.csr_matrix((ones, (rows[: len(columns)][whole], columns[whole])), shape=(len(padded), 1 << BITS))
    counts.sum_duplicates()
    return counts


def count_words(texts: Sequence[str]) -> Matrix:
    """How often each hashed word stands in each text, of its first :data:`MAX_WORDS`; shape (texts, 2**BITS), int32."""
    columns: list[int] = []
    ends = [0]
    for text in texts:
        columns.extend(_word_column(word) for word in text.split()[:MAX_WORDS])
        ends.append(len(columns))
    ones = np.ones(len(columns), dtype=np.int32)
    counts = sparse.csr_matrix((ones, np.array(columns, dtype=np.int64), np.array(ends)), shape=(len(texts), 1 << BITS))
    counts.sum_duplicates()
    return counts


@lru_cache(maxsize=65_536)
def _word_column(word: str) -> int:
    return crc32(word.encode("utf-8", "replace")) >> (32 - BITS)


@dataclass(frozen=True, slots=True)
class Statistics:
    """How frequent each gram or word is, learned once and kept in a versioned file: never from whatever came first.

    Attributes:
        documents: number of texts it was learned from.
        frequency: uint32 of shape (2**BITS,), texts that hold each.
    """

    documents: int
    frequency: NDArray[np.uint32]

    @classmethod
    def learn(cls, counts: Matrix) -> Statistics:
        """From the counts of a corpus (:func:`count_grams`, :func:`count_words`)."""
        frequency = np.bincount(counts.indices, minlength=1 << BITS).astype(np.uint32)
        return cls(counts.shape[0], frequency)

    def weights(self) -> NDArray[np.float32]:
        """Inverse document frequency, float32; 0 for what is too common to tell anything apart."""
        idf = np.log((1 + self.documents) / (1 + self.frequency.astype(np.float64))) + 1
        idf[self.frequency > max(MIN_FREQUENT, MAX_SHARE * self.documents)] = 0
        return idf.astype(np.float32)


def save_statistics(path: Path, version: str, parts: Mapping[str, Statistics]) -> None:
    """Write named statistics into one compressed file; what stands in fewer than two texts is left out."""
    arrays: dict[str, Any] = {"version": version}
    for name, part in parts.items():
        seen = np.flatnonzero(part.frequency > 1)
        arrays |= {f"{name}.documents": part.documents, f"{name}.seen": seen.astype(np.uint32)}
        arrays[f"{name}.frequency"] = part.frequency[seen]
    buffer = BytesIO()
    np.savez_compressed(buffer, **arrays)
    path.write_bytes(buffer.getvalue())


def load_statistics(path: Path) -> tuple[str, dict[str, Statistics]]:
    """Version and named parts of what :func:`save_statistics` wrote.

    Raises:
        CommonwealError: ``statistics-unreadable`` when the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as data:
            parts = {}
            for name in [key.removesuffix(".documents") for key in data.files if key.endswith(".documents")]:
                frequency = np.zeros(1 << BITS, dtype=np.uint32)
                frequency[data[f"{name}.seen"]] = data[f"{name}.frequency"]
                parts[name] = Statistics(int(data[f"{name}.documents"]), frequency)
            return str(data["version"]), parts
    except (OSError, ValueError, KeyError, IndexError, EOFError, BadZipFile) as error:
        raise CommonwealError(
            "statistics-unreadable",
            f"The n-gram statistics {path.name} cannot be read: {error}.",
            "Run `commonweal resolve train` to make them anew.",
        ) from error


class Vectoriser:
    """Texts to integer vectors under one set of statistics."""

    def __init__(self, statistics: Statistics, count: Callable[[Sequence[str]], Matrix] = count_grams) -> None:
        self._weights = statistics.weights()
        self._count = count

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """Rows of whole numbers in float32, Euclidean length about :data:`SCALE`; shape (texts, 2**BITS)."""
        return unit_integers(self._count(texts), self._weights)


def unit_integers(counts: Matrix, weights: NDArray[Any]) -> Matrix:
    """(1 + log count) × weight, each row scaled to length :data:`SCALE` and rounded; zeros dropped."""
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    values = (1 + np.log(counts.data.astype(np.float64))) * weights[counts.indices]
    squares = np.bincount(rows, weights=values * values, minlength=counts.shape[0])
    lengths = np.sqrt(np.where(squares > 0, squares, 1))
    values = np.rint(values / lengths[rows] * SCALE).astype(np.float32)
    made = sparse.csr_matrix((values, counts.indices.astype(np.int32), counts.indptr), shape=counts.shape)
    made.eliminate_zeros()
    made.sort_indices()
    return made


def cosine(products: Any) -> Any:
    """A dot product of integer vectors as a cosine between 0 and 1."""
    return products / float(SCALE * SCALE)
