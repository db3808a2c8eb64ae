"""The nearest of a draft among very many records: two inverted indexes in memory-mapped arrays, read-only.

One index holds the character grams of names, the other the words of name and description, both as the integer vectors
of ``ngrams``. A draft is compared with the records that share its rarest grams and words; nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commonweal.kernel.errors import CommonwealError

from .ngrams import SCALE, Matrix, Statistics, Vectoriser, count_words
from .profile import Profile

TERMS: Final = 48  # of a draft's rarest words and grams: the others cost most and say least
NAME_SHARE: Final = 0.35  # of the likeness; the rest is what the two are about
_CHUNK: Final = 20_000
_PARTS: Final = ("terms", "ends", "rows", "values")


class Near(NamedTuple):
    """A record near a draft: likeness from 0 to 1, of the name alone, and of all words."""

    id: str
    likeness: float
    name: float
    words: float


class Postings(NamedTuple):
    """Rows by term: rows[ends[n] : ends[n + 1]] hold terms[n], with these weights."""

    terms: NDArray[Any]
    ends: NDArray[Any]
    rows: NDArray[Any]
    values: NDArray[Any]

    @classmethod
    def of(cls, vectors: Matrix) -> Postings:
        columns = vectors.tocsc()
        terms = np.flatnonzero(np.diff(columns.indptr))
        ends = np.concatenate([columns.indptr[terms], columns.indptr[-1:]]).astype(np.int64)
        return cls(terms.astype(np.int32), ends, columns.indices.astype(np.int32), columns.data.astype(np.int16))

    def products(self, vector: Matrix, size: int) -> NDArray[np.float64]:
        """Dot product of one vector, cut to its :data:`TERMS` greatest weights, with each row."""
        best = np.argsort(-vector.data, kind="stable")[:TERMS]
        places = np.searchsorted(self.terms, vector.indices[best])
        rows, weights = [], []
        for place, term, weight in zip(places, vector.indices[best], vector.data[best], strict=True):
            if place < len(self.terms) and self.terms[place] == term:
                start, end = self.ends[place], self.ends[place + 1]
                rows.append(self.rows[start:end])
                weights.append(self.values[start:end] * np.float64(weight))
        if not rows:
            return np.zeros(size)
        found = np.bincount(np.concatenate(rows), weights=np.concatenate(weights), minlength=size)
        return found.astype(np.float64, copy=False)


class Segment(NamedTuple):
    """An index over some records.

    Attributes:
        change: number of the feed's change up to which it is true.
    """

    change: int
    ids: NDArray[np.bytes_]
    names: Postings
    words: Postings

    @classmethod
    def build(cls, profiles: Iterable[Profile], statistics: dict[str, Statistics], change: int) -> Segment:
        """Index profiles, streaming; memory for the vectors alone."""
        draft = Vectors(statistics)
        ids: list[str] = []
        names, words = [], []
        waiting = iter(profiles)
        while chunk := list(islice(waiting, _CHUNK)):
            ids += [one.id for one in chunk]
            names.append(draft.names.vectors([one.latin for one in chunk]))
            words.append(draft.words.vectors([f"{one.latin} {one.about}" for one in chunk]))
        if not ids:
            names, words = [draft.names.vectors([])], [draft.words.vectors([])]
        stacked = (sparse.vstack(vectors, format="csr") for vectors in (names, words))
        return cls(change, np.array(ids, dtype="S20"), *map(Postings.of, stacked))

    def save(self, folder: Path) -> None:
        """Write the arrays beside the ones in use, then take their place."""
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{self.change:020d}"
        draft = folder / f".{name}"
        draft.mkdir(exist_ok=True)
        np.save(draft / "ids.npy", self.ids)
        for label, postings in (("names", self.names), ("words", self.words)):
            for part in _PARTS:
                np.save(draft / f"{label}.{part}.npy", getattr(postings, part))
        target = folder / name
        if not target.exists():
            draft.rename(target)
        for other in folder.iterdir():
            if other.name != name:
                _remove(other)

    @classmethod
    def load(cls, folder: Path) -> Segment | None:
        """The newest index in a folder, memory-mapped; None when there is none.

        Raises:
            CommonwealError: ``overlap-unreadable``.
        """
        known = sorted(each for each in folder.glob("[0-9]*") if each.is_dir()) if folder.is_dir() else []
        if not known:
            return None

        def read(name: str) -> NDArray[Any]:
            array: NDArray[Any] = np.load(known[-1] / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            return array

        try:
            parts = [Postings(*(read(f"{label}.{part}") for part in _PARTS)) for label in ("names", "words")]
            return cls(int(known[-1].name), read("ids"), *parts)
        except (OSError, ValueError, EOFError) as error:
            raise CommonwealError(
                "overlap-unreadable", f"The index in {known[-1].name} cannot be read: {error}.", "Run `commonweal resolve run`."
            ) from error

    def nearest(self, name: Matrix, words: Matrix, limit: int) -> list[Near]:
        """The records most like a draft, best first, ties by id; those that share nothing are left out."""
        size = len(self.ids)
        if not size:
            return []
        by_name = self.names.products(name, size) / (SCALE * SCALE)
        by_words = self.words.products(words, size) / (SCALE * SCALE)
        likeness = NAME_SHARE * by_name + (1 - NAME_SHARE) * by_words
        count = min(limit * 2, size)
        best = np.argpartition(-likeness, count - 1)[:count]
        found = [
            Near(self.ids[row].decode("ascii"), float(likeness[row]), float(by_name[row]), float(by_words[row]))
            for row in best
            if likeness[row] > 0
        ]
        return sorted(found, key=lambda near: (-near.likeness, near.id))[:limit]


class Vectors:
    """A draft as vectors."""

    def __init__(self, statistics: dict[str, Statistics]) -> None:
        self.names = Vectoriser(statistics["name grams"])
        self.words = Vectoriser(statistics["about words"], count_words)


def shared_words(one: str, other: str, weights: NDArray[np.float32], limit: int = 8) -> list[str]:
    """The rarest words of at least four letters that two folded texts share, rarest first.

    Args:
        weights: of all words (``Statistics.weights``); those that weigh nothing say nothing.
    """
    both = sorted(word for word in set(one.split()) & set(other.split()) if len(word) > 3)
    ranked = sorted((-float(weights[column]), word) for word, column in zip(both, count_words(both).indices, strict=True))
    return [word for weight, word in ranked if weight < 0][:limit]


def _remove(path: Path) -> None:
    if path.is_dir():
        for each in path.iterdir():
            each.unlink()
        path.rmdir()
    else:
        path.unlink()
