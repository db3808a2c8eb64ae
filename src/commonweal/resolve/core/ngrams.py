"""Character n-grams of names as sparse integer vectors whose products are exact.

A name becomes a unit vector of TF-IDF weights over hashed character 3-grams, each weight multiplied by :data:`SCALE`
and rounded to an integer. A dot product of two such vectors is a whole number below 2**24, which float32 holds
exactly: the similarity of two names does not depend on the order of the sum, on the block it was computed in or on
whether it was computed alone. That is what lets an incremental resolver agree with a batch, bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy import sparse

from commonweal.kernel.errors import CommonwealError

SIZE: Final = 3
BITS: Final = 20
SCALE: Final = 1024
MAX_CHARACTERS: Final = 512  # of a name; the rest says nothing more about which thing it is
MAX_SHARE: Final = 0.02  # a gram in more names than this tells nothing apart and costs most of the time
MIN_FREQUENT: Final = 200  # …but in a small corpus every gram is worth looking at

_BASE = np.uint64(0x9E3779B97F4A7C15)
_SPACE = 0x20


def count_grams(texts: Sequence[str]) -> sparse.csr_matrix:
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


@dataclass(frozen=True, slots=True)
class Statistics:
    """How frequent each gram is, learned once and kept in a versioned file: never from whatever came first.

    Attributes:
        version: names the file in every verdict that used it.
        documents: number of names it was learned from.
        frequency: uint32 of shape (2**BITS,), names that hold each gram.
    """

    version: str
    documents: int
    frequency: np.ndarray

    @classmethod
    def learn(cls, texts: Sequence[str], version: str) -> Statistics:
        """Count the grams of a corpus of names."""
        counts = count_grams(texts)
        frequency = np.bincount(counts.indices, minlength=1 << BITS).astype(np.uint32)
        return cls(version, len(texts), frequency)

    def weights(self) -> np.ndarray:
        """Inverse document frequency per gram, float32; 0 for grams too common to tell anything apart."""
        idf = np.log((1 + self.documents) / (1 + self.frequency.astype(np.float64))) + 1
        idf[self.frequency > max(MIN_FREQUENT, MAX_SHARE * self.documents)] = 0
        return idf.astype(np.float32)

    def save(self, path: Path) -> None:
        """Write as a compressed array file (only the grams that occur)."""
        seen = np.flatnonzero(self.frequency)
        buffer = BytesIO()
        np.savez_compressed(buffer, version=self.version, documents=self.documents, gram=seen, frequency=self.frequency[seen])
        path.write_bytes(buffer.getvalue())

    @classmethod
    def load(cls, path: Path) -> Statistics:
        """Read what :meth:`save` wrote.

        Raises:
            CommonwealError: ``statistics-unreadable`` when the file is missing or damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as data:
                frequency = np.zeros(1 << BITS, dtype=np.uint32)
                frequency[data["gram"]] = data["frequency"]
                return cls(str(data["version"]), int(data["documents"]), frequency)
        except (OSError, ValueError, KeyError, IndexError) as error:
            raise CommonwealError(
                "statistics-unreadable",
                f"The n-gram statistics {path.name} cannot be read: {error}.",
                "Run `commonweal resolve train` to make them anew.",
            ) from error


class Vectoriser:
    """Names to integer vectors under one set of statistics."""

    def __init__(self, statistics: Statistics) -> None:
        self.statistics = statistics
        self._weights = statistics.weights()

    def vectors(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Rows of whole numbers in float32, Euclidean length about :data:`SCALE`; shape (texts, 2**BITS)."""
        return unit_integers(count_grams(texts), self._weights)


def unit_integers(counts: sparse.csr_matrix, weights: np.ndarray) -> sparse.csr_matrix:
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
