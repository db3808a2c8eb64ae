"""A batch and any stream of changes name the same neighbours, exactly."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.kernel.errors import CommonwealError
from commonweal.resolve.core.neighbours import Neighbours, nearest
from commonweal.resolve.core.ngrams import SCALE, Statistics, Vectoriser, count_grams

WORDS = ["llama", "mistral", "swahili", "speech", "corpus", "7b", "70b", "instruct", "news", "bert", "中文", "العربية"]
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
STATISTICS = Statistics.learn([f"{one} {other}" for one in WORDS for other in WORDS], "test-1")


@settings(deadline=None, max_examples=60)
@given(
    stream=st.lists(st.tuples(st.sampled_from("abcdefghijklmnop"), st.one_of(st.none(), NAMES)), max_size=40),
    k=st.integers(1, 4),
)
def test_any_stream_of_changes_equals_one_batch(stream, k):
    vectoriser = Vectoriser(STATISTICS)
    incremental = Neighbours(k)
    now: dict[str, str] = {}
    for one, name in stream:
        if name is None:
            if one in now:
                incremental.drop(one)
                del now[one]
        else:
            incremental.put(one, vectoriser.vectors([name]))
            now[one] = name
    batch = Neighbours(k)
    ids = sorted(now)
    batch.load(ids, vectoriser.vectors([now[one] for one in ids]))
    assert incremental.near == batch.near
    assert incremental.pairs() == batch.pairs()


def test_rebuilding_the_big_matrix_changes_nothing(monkeypatch):
    monkeypatch.setattr("commonweal.resolve.core.neighbours._FLUSH", 7)
    chance = random.Random(3)
    vectoriser = Vectoriser(STATISTICS)
    incremental, now = Neighbours(3), {}
    for step in range(120):
        one = f"r{chance.randrange(30)}"
        if step % 3 == 2 and one in now:
            incremental.drop(one)
            del now[one]
        else:
            now[one] = " ".join(chance.choices(WORDS, k=3))
            incremental.put(one, vectoriser.vectors([now[one]]))
    assert incremental.near == nearest(list(now), vectoriser.vectors(list(now.values())), 3)


def test_ties_are_broken_by_id_even_when_more_tie_than_fit():
    ids = [f"r{n:02d}" for n in range(40)]
    chance = random.Random(5)
    shuffled = chance.sample(ids, len(ids))
    vectors = Vectoriser(STATISTICS).vectors(["swahili corpus"] * len(ids))
    near = nearest(shuffled, vectors, 3)
    assert [neighbour.id for neighbour in near["r10"]] == ["r00", "r01", "r02"]
    assert [neighbour.id for neighbour in near["r00"]] == ["r01", "r02", "r03"]


@given(st.lists(st.text(max_size=30), max_size=8))
def test_vectors_are_whole_numbers_of_known_length(texts):
    vectors = Vectoriser(STATISTICS).vectors(texts)
    assert vectors.shape[0] == len(texts)
    assert (vectors.data == np.rint(vectors.data)).all()
    for row in range(len(texts)):
        square = float((vectors[row].data.astype(np.float64) ** 2).sum())
        assert square == 0 or abs(square**0.5 - SCALE) < 0.02 * SCALE
        assert square < 2**24


def test_a_name_alone_and_in_a_crowd_has_the_same_grams():
    alone = count_grams(["corpus"])
    crowd = count_grams(["speech", "", "corpus", "a"])
    assert (alone[0] != crowd[2]).nnz == 0
    assert crowd[1].nnz == 0


def test_hostile_names_are_only_names():
    names = ["", "a", "x" * 100_000, "🤖🤖", "\u202eabc", "pаypal", "\ud800", "中"]
    vectors = Vectoriser(STATISTICS).vectors(names)
    assert vectors.shape[0] == len(names)
    index = Neighbours(2)
    index.load([str(n) for n in range(len(names))], vectors)
    assert len(index) == len(names)


def test_statistics_survive_their_file(tmp_path):
    STATISTICS.save(tmp_path / "grams.npz")
    loaded = Statistics.load(tmp_path / "grams.npz")
    assert (loaded.version, loaded.documents) == (STATISTICS.version, STATISTICS.documents)
    assert (loaded.frequency == STATISTICS.frequency).all()


def test_a_damaged_statistics_file_says_so(tmp_path):
    (tmp_path / "grams.npz").write_bytes(b"not an archive")
    with pytest.raises(CommonwealError) as failure:
        Statistics.load(tmp_path / "grams.npz")
    assert failure.value.code == "statistics-unreadable"
