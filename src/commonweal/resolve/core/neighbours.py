"""The nearest names of every name: exact top-k, kept up to date one record at a time.

(a, b) is a candidate pair when b is among the k nearest of a or a among the k nearest of b, over the records there
are now; equal similarities are ordered by record id. A batch and any sequence of changes agree exactly, because
similarities are whole numbers (see ``ngrams``).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy import sparse
from sparse_dot_topn import sp_matmul_topn

from .ngrams import BITS, SCALE

K: Final = 10
FLOOR: Final = round(0.2 * SCALE * SCALE)  # less alike than this is no candidate
_FLUSH: Final = 2_000  # changed rows held beside the big matrix before it is rebuilt

Pair = tuple[str, str]


class Neighbour(NamedTuple):
    """A near record. Ordered by descending similarity, then by id."""

    minus_similarity: int
    id: str


def pair(one: str, other: str) -> Pair:
    """The two ids in order."""
    return (one, other) if one < other else (other, one)


def nearest(ids: Sequence[str], vectors: sparse.csr_matrix, k: int = K, threads: int = 2) -> dict[str, list[Neighbour]]:
    """Each record's k nearest others.

    Args:
        ids: record ids, one a row.
        vectors: integer vectors (``ngrams.Vectoriser``), same order.
    """
    if not ids:
        return {}
    margin = min(2 * k + 1, len(ids))
    found = sp_matmul_topn(vectors, vectors.T.tocsr(), top_n=margin, threshold=FLOOR - 1, sort=True, n_threads=threads).tocsr()
    near: dict[str, list[Neighbour]] = {}
    posting: sparse.csc_matrix | None = None
    for row, one in enumerate(ids):
        start, end = found.indptr[row], found.indptr[row + 1]
        sums, columns = found.data[start:end], found.indices[start:end]
        if end - start == margin < len(ids) and sums.min() == np.sort(sums)[-(k + 1)]:
            posting = vectors.tocsc() if posting is None else posting
            products = _products(vectors[row], posting)
            columns = np.flatnonzero(products >= FLOOR)
            sums = products[columns]
        near[one] = heapq.nsmallest(k, (Neighbour(-int(s), ids[c]) for s, c in zip(sums, columns, strict=True) if c != row))
    return near


def _products(vector: sparse.csr_matrix, posting: sparse.csc_matrix) -> np.ndarray:
    """Dot product of one vector with every row behind a column-wise matrix, as int64."""
    starts, ends = posting.indptr[vector.indices], posting.indptr[vector.indices + 1]
    if not len(starts):
        return np.zeros(posting.shape[0], dtype=np.int64)
    rows = np.concatenate([posting.indices[s:e] for s, e in zip(starts, ends, strict=True)])
    values = np.concatenate([posting.data[s:e] * w for s, e, w in zip(starts, ends, vector.data, strict=True)], dtype=np.float64)
    return np.bincount(rows, weights=values, minlength=posting.shape[0]).astype(np.int64)


class Neighbours:
    """The candidate pairs of one kind of record, as records come, change and go.

    Memory: the vectors twice (by row and by gram) and k neighbours a record.
    """

    def __init__(self, k: int = K) -> None:
        self.k = k
        self._ids: list[str] = []
        self._row: dict[str, int] = {}
        self._alive = np.zeros(0, dtype=bool)
        self._rows: sparse.csr_matrix = sparse.csr_matrix((0, 1 << BITS), dtype=np.float32)
        self._posting = self._rows.tocsc()
        self._beside: list[sparse.csr_matrix] = []
        self._beside_posting: sparse.csc_matrix | None = None
        self.near: dict[str, list[Neighbour]] = {}
        self._held_by: dict[str, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._row)

    def load(self, ids: Sequence[str], vectors: sparse.csr_matrix) -> None:
        """Start over with these records; the same as :meth:`put` of each in any order, much faster."""
        self.__init__(self.k)  # type: ignore[misc]
        self._ids, self._row = list(ids), {one: row for row, one in enumerate(ids)}
        self._alive = np.ones(len(ids), dtype=bool)
        self._rows, self._posting = vectors, vectors.tocsc()
        self.near = nearest(self._ids, vectors, self.k)
        for one, near in self.near.items():
            for neighbour in near:
                self._held_by[neighbour.id].add(one)

    def pairs(self) -> set[Pair]:
        """All candidate pairs of the records there are now."""
        return {pair(one, neighbour.id) for one, near in self.near.items() for neighbour in near}

    def put(self, one: str, vector: sparse.csr_matrix) -> None:
        """Add a record, or replace its vector."""
        if one in self._row:
            self.drop(one)
        row = len(self._ids)
        self._ids.append(one)
        self._row[one] = row
        self._alive = np.append(self._alive, True)
        self._beside.append(vector)
        self._beside_posting = None
        products = self._similar(vector)
        self.near[one] = self._top(one, products)
        for neighbour in self.near[one]:
            self._held_by[neighbour.id].add(one)
        for other_row in np.flatnonzero(products >= FLOOR):
            other = self._ids[other_row]
            if other != one:
                self._offer(other, Neighbour(-int(products[other_row]), one))
        if len(self._beside) >= _FLUSH:
            self._flush()

    def drop(self, one: str) -> None:
        """Remove a record; those that held it among their nearest look again."""
        row = self._row.pop(one)
        self._alive[row] = False
        for neighbour in self.near.pop(one):
            self._held_by[neighbour.id].discard(one)
        for holder in self._held_by.pop(one, set()):
            self._look_again(holder)

    def nearest_to(self, vector: sparse.csr_matrix, k: int) -> list[Neighbour]:
        """The k nearest records of a vector that is not in the corpus. Reads only."""
        return self._top("", self._similar(vector), k)

    def _offer(self, holder: str, neighbour: Neighbour) -> None:
        near = self.near[holder]
        if len(near) == self.k:
            if neighbour >= near[-1]:
                return
            self._held_by[near.pop().id].discard(holder)
        near.append(neighbour)
        near.sort()
        self._held_by[neighbour.id].add(holder)

    def _look_again(self, holder: str) -> None:
        for neighbour in self.near[holder]:
            self._held_by[neighbour.id].discard(holder)
        self.near[holder] = self._top(holder, self._similar(self._vector(self._row[holder])))
        for neighbour in self.near[holder]:
            self._held_by[neighbour.id].add(holder)

    def _vector(self, row: int) -> sparse.csr_matrix:
        base = self._rows.shape[0]
        return self._rows[row] if row < base else self._beside[row - base]

    def _similar(self, vector: sparse.csr_matrix) -> np.ndarray:
        """Similarity to every row, 0 for records that are gone; int64 of shape (rows,)."""
        parts = [_products(vector, self._posting)]
        if self._beside:
            if self._beside_posting is None:
                self._beside_posting = sparse.vstack(self._beside).tocsc()
            parts.append(_products(vector, self._beside_posting))
        products = np.concatenate(parts)
        products[~self._alive] = 0
        return products

    def _top(self, one: str, products: np.ndarray, k: int | None = None) -> list[Neighbour]:
        k = k or self.k
        rows = np.flatnonzero(products >= FLOOR)
        if len(rows) > 4 * k:
            least = np.partition(products[rows], -(k + 1))[-(k + 1)]  # one more: the record itself is among them
            rows = rows[products[rows] >= least]
        return heapq.nsmallest(k, (Neighbour(-int(products[row]), self._ids[row]) for row in rows if self._ids[row] != one))

    def _flush(self) -> None:
        kept = np.flatnonzero(self._alive)
        self._rows = sparse.vstack([self._rows, *self._beside]).tocsr()[kept]
        self._posting = self._rows.tocsc()
        self._ids = [self._ids[row] for row in kept]
        self._row = {one: row for row, one in enumerate(self._ids)}
        self._alive = np.ones(len(self._ids), dtype=bool)
        self._beside, self._beside_posting = [], None


def changed_pairs(
    before: Mapping[str, Iterable[Neighbour]], after: Mapping[str, Iterable[Neighbour]]
) -> tuple[set[Pair], set[Pair]]:
    """Candidate pairs that came and that lapsed between two states of ``Neighbours.near``."""

    def pairs(near: Mapping[str, Iterable[Neighbour]]) -> set[Pair]:
        return {pair(one, neighbour.id) for one, found in near.items() for neighbour in found}

    was, now = pairs(before), pairs(after)
    return now - was, was - now
