"""The nearest names of every name: exact top-k, kept up to date as records come, change and go.

(a, b) is a candidate pair when b is among the k nearest of a or a among the k nearest of b, over the records there
are now, those of its own group (its source) left out; equal similarities are ordered by record id. A batch and any
sequence of changes agree exactly, because similarities are whole numbers (see ``ngrams``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .ngrams import BITS, SCALE, Matrix

K: Final = 10
FLOOR: Final = round(0.2 * SCALE * SCALE)  # less alike than this is no candidate
_FLUSH: Final = 4_000  # changed rows held beside the big matrix before it is rebuilt
_BLOCK: Final = 512  # rows searched at once: bounds the memory of their products

Pair = tuple[str, str]
Ints = NDArray[np.int64]


class Neighbour(NamedTuple):
    """A near record. Ordered by descending similarity, then by id."""

    minus_similarity: int
    id: str


def pair(one: str, other: str) -> Pair:
    """The two ids in order."""
    return (one, other) if one < other else (other, one)


class Neighbours:
    """The candidate pairs of one kind of record, as records come, change and go.

    Memory: the vectors twice (by row and by gram) and k neighbours a record.

    Attributes:
        near: record id → its k nearest, nearest first. Read only.
    """

    def __init__(self, k: int = K) -> None:
        self.k = k
        self.near: dict[str, list[Neighbour]] = {}
        self._held_by: dict[str, set[str]] = {}
        self._row: dict[str, int] = {}
        self._ids = np.zeros(0, dtype="S20")
        self._alive = np.zeros(0, dtype=bool)
        self._group = np.zeros(0, dtype=np.int64)
        self._least = np.zeros(0, dtype=np.int64)  # similarity a newcomer must reach to be among a row's k nearest
        self._base = _Block(_no_rows())
        self._beside = _Block(_no_rows())

    def __len__(self) -> int:
        return len(self._row)

    def __contains__(self, two: Pair) -> bool:
        """Whether two records are a candidate pair now."""
        one, other = two
        return one in self._held_by.get(other, ()) or other in self._held_by.get(one, ())

    def update(
        self, gone: Collection[str], ids: Sequence[str], vectors: Matrix, groups: Sequence[int]
    ) -> tuple[set[Pair], set[Pair]]:
        """Let records go, and take others in (in place of what they were).

        Args:
            gone: ids that leave; unknown ones are passed over.
            ids: of the records that come, each once.
            vectors: their integer vectors (``ngrams.Vectoriser``), same order.
            groups: a number a record; records of one group are no neighbours of each other.

        Returns:
            Candidate pairs that came, and pairs of records still here that lapsed. Pairs of a record in `ids` count
            as new, also where it was there before.
        """
        widowed = self._drop([one for one in {*gone, *ids} if one in self._row])
        first = len(self._ids)
        self._append(ids, vectors, groups)
        searched = [self._row[one] for one in widowed] + list(range(first, len(self._ids)))
        came: set[Pair] = set()
        left: set[Pair] = set()
        self._offer(first, set(searched), came, left)
        for start in range(0, len(searched), _BLOCK):
            self._search(np.array(searched[start : start + _BLOCK], dtype=np.int64), came, left)
        if self._beside.rows.shape[0] >= _FLUSH:
            self._flush()
        return {two for two in came if two in self}, {two for two in left if two not in self}

    def pairs(self) -> set[Pair]:
        """All candidate pairs of the records there are now."""
        return {pair(one, neighbour.id) for one, near in self.near.items() for neighbour in near}

    def _drop(self, gone: Collection[str]) -> set[str]:
        """Forget records; the ones left that held one of them among their nearest."""
        widowed: set[str] = set()
        for one in gone:
            self._alive[self._row.pop(one)] = False
            for neighbour in self.near.pop(one):
                if neighbour.id in self._held_by:
                    self._held_by[neighbour.id].discard(one)
            widowed |= self._held_by.pop(one)
        widowed.difference_update(gone)
        for one in widowed:
            self.near[one] = [neighbour for neighbour in self.near[one] if neighbour.id in self._row]
        return widowed

    def _append(self, ids: Sequence[str], vectors: Matrix, groups: Sequence[int]) -> None:
        first = len(self._ids)
        self._row.update((one, first + n) for n, one in enumerate(ids))
        for one in ids:
            self.near[one], self._held_by[one] = [], set()
        self._ids = np.concatenate([self._ids, np.array(ids, dtype="S20")])
        self._alive = np.concatenate([self._alive, np.ones(len(ids), dtype=bool)])
        self._group = np.concatenate([self._group, np.array(groups, dtype=np.int64)])
        self._least = np.concatenate([self._least, np.full(len(ids), FLOOR, dtype=np.int64)])
        if not first:
            self._base = _Block(vectors)
        elif len(ids):
            self._beside = _Block(sparse.vstack([self._beside.rows, vectors], format="csr"))

    def _offer(self, first: int, searched: set[int], came: set[Pair], left: set[Pair]) -> None:
        """Show the rows from `first` on to those before them, but for those that are searched anew."""
        for start in range(first or len(self._ids), len(self._ids), _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, len(self._ids)))
            new, old, alike = self._alike(rows, self._least)
            kept = old < first
            for newcomer, holder, similarity in zip(new[kept].tolist(), old[kept].tolist(), alike[kept].tolist(), strict=True):
                if holder not in searched:
                    self._take_in(holder, Neighbour(-similarity, self._name(newcomer)), came, left)

    def _take_in(self, holder: int, offered: Neighbour, came: set[Pair], left: set[Pair]) -> None:
        one = self._name(holder)
        near = self.near[one]
        if len(near) == self.k:
            if offered > near[-1]:
                return
            out = near.pop().id
            self._held_by[out].discard(one)
            left.add(pair(one, out))
        near.append(offered)
        near.sort()
        self._held_by[offered.id].add(one)
        came.add(pair(one, offered.id))
        if len(near) == self.k:
            self._least[holder] = -near[-1].minus_similarity

    def _search(self, rows: Ints, came: set[Pair], left: set[Pair]) -> None:
        """Find the k nearest of some rows anew."""
        source, target, alike = self._alike(rows, np.full(len(self._ids), FLOOR, dtype=np.int64))
        order = np.lexsort((-alike, source))
        source, target, alike = source[order], target[order], alike[order]
        place = _places(source)
        # A row's k-th similarity, and all that tie with it: ids decide among these.
        kth = np.full(len(self._ids), FLOOR, dtype=np.int64)
        at_k = place == self.k - 1
        kth[source[at_k]] = alike[at_k]
        kept = alike >= kth[source]
        source, target, alike = source[kept], target[kept], alike[kept]
        order = np.lexsort((self._ids[target], -alike, source))
        source, target, alike = source[order], target[order], alike[order]
        kept = _places(source) < self.k
        found: dict[int, list[Neighbour]] = {int(row): [] for row in rows}
        names = np.char.decode(self._ids[target[kept]], "ascii").tolist()
        for row, name, similarity in zip(source[kept].tolist(), names, alike[kept].tolist(), strict=True):
            found[row].append(Neighbour(-similarity, name))
        for row, near in found.items():
            one = self._name(row)
            before, now = {neighbour.id for neighbour in self.near[one]}, {neighbour.id for neighbour in near}
            for other in before - now:
                self._held_by[other].discard(one)
                left.add(pair(one, other))
            for other in now - before:
                self._held_by[other].add(one)
                came.add(pair(one, other))
            self.near[one] = near
            self._least[row] = -near[-1].minus_similarity if len(near) == self.k else FLOOR

    def _alike(self, rows: Ints, least: Ints) -> tuple[Ints, Ints, Ints]:
        """All (row, other row, similarity) of some rows with a similarity of at least the other's `least`."""
        split = self._base.rows.shape[0]
        inside, beside = rows[rows < split], rows[rows >= split] - split
        vectors = sparse.vstack([self._base.rows[inside], self._beside.rows[beside]], format="csr")
        ordered = np.concatenate([inside, beside + split])
        found = []
        for block, offset in ((self._base, 0), (self._beside, split)):
            products = block.products(vectors)
            near = np.flatnonzero(products.data >= FLOOR)  # most are far below: the rest of the work is for few
            here = np.repeat(ordered, np.diff(products.indptr))[near]
            there = products.indices[near].astype(np.int64) + offset
            alike = products.data[near].astype(np.int64)
            kept = alike >= least[there]
            here, there, alike = here[kept], there[kept], alike[kept]
            kept = self._alive[there] & (self._group[here] != self._group[there])
            found.append((here[kept], there[kept], alike[kept]))
        here, there, alike = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return here, there, alike

    def _flush(self) -> None:
        kept = np.flatnonzero(self._alive)
        self._base = _Block(sparse.vstack([self._base.rows, self._beside.rows], format="csr")[kept])
        self._beside = _Block(_no_rows())
        self._ids, self._group, self._least = self._ids[kept], self._group[kept], self._least[kept]
        self._alive = np.ones(len(kept), dtype=bool)
        self._row = {self._name(row): row for row in range(len(kept))}

    def _name(self, row: int) -> str:
        return self._ids[row].decode("ascii")


class _Block:
    """Vectors by row and, once asked for, by gram."""

    def __init__(self, rows: Matrix) -> None:
        self.rows = rows
        self._columns: NDArray[np.int64] | None = None
        self._by_gram: Matrix | None = None

    def products(self, vectors: Matrix) -> Matrix:
        """Dot products of some vectors with every row; CSR of shape (vectors, rows)."""
        if self._columns is None or self._by_gram is None:
            self._columns = np.unique(self.rows.indices)
            self._by_gram = _narrow(self.rows, self._columns).T.tocsr()
        return _narrow(vectors, self._columns) @ self._by_gram


def _narrow(vectors: Matrix, columns: NDArray[np.int64]) -> Matrix:
    """The vectors in these columns alone: a block holds few of the 2**BITS grams there may be."""
    if not len(columns):
        return sparse.csr_matrix((vectors.shape[0], 0), dtype=np.float32)
    place = np.searchsorted(columns, vectors.indices)
    place[place == len(columns)] = 0
    known = columns[place] == vectors.indices
    ends = np.concatenate([[0], np.cumsum(known)])[vectors.indptr]
    return sparse.csr_matrix((vectors.data[known], place[known], ends), shape=(vectors.shape[0], len(columns)))


def _places(source: Ints) -> Ints:
    """Position of each entry among those of its row; entries of a row stand together."""
    position = np.arange(len(source))
    first = np.concatenate([[True], source[1:] != source[:-1]]) if len(source) else np.zeros(0, dtype=bool)
    return position - np.maximum.accumulate(np.where(first, position, 0)) if len(source) else position


def _no_rows() -> Matrix:
    return sparse.csr_matrix((0, 1 << BITS), dtype=np.float32)
