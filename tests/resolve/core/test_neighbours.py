"""A batch and any stream of changes name the same neighbours, exactly."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.kernel.errors import CommonwealError
from commonweal.resolve.core.neighbours import Neighbours, pair
from commonweal.resolve.core.ngrams import (
    SCALE,
    Statistics,
    Vectoriser,
    count_grams,
    count_words,
    load_statistics,
    save_statistics,
)

WORDS = ["llama", "mistral", "swahili", "speech", "corpus", "7b", "70b", "instruct", "news", "bert", "中文", "العربية"]
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
STATISTICS = Statistics.learn(count_grams([f"{one} {other}" for one in WORDS for other in WORDS]))


VECTORISER = Vectoriser(STATISTICS)
IDS = "abcdefghijklmnop"


def group(one: str) -> int:
    return ord(one[-1]) % 3


def at_once(now: dict[str, str], k: int) -> Neighbours:
    made = Neighbours(k)
    ids = sorted(now)
    made.update([], ids, VECTORISER.vectors([now[one] for one in ids]), [group(one) for one in ids])
    return made


@settings(deadline=None, max_examples=80)
@given(
    batches=st.lists(st.dictionaries(st.sampled_from(IDS), st.one_of(st.none(), NAMES), max_size=6), max_size=10),
    k=st.integers(1, 4),
    flush=st.sampled_from([1, 5, 1000]),
)
def test_any_stream_of_changes_equals_one_batch(batches, k, flush):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("commonweal.resolve.core.neighbours._FLUSH", flush)
        index, now = Neighbours(k), {}
        candidates: set[tuple[str, str]] = set()
        for batch in batches:
            come = {one: name for one, name in batch.items() if name is not None}
            gone = [one for one in batch if one not in come]
            came, left = index.update(gone, list(come), VECTORISER.vectors(list(come.values())), [group(one) for one in come])
            now = {one: name for one, name in {**now, **come}.items() if one not in gone}
            candidates = {two for two in candidates - left if batch.keys().isdisjoint(two)} | came
        assert index.near == at_once(now, k).near
        assert candidates == index.pairs()  # what came and lapsed is all that changed
        assert all(two in index for two in candidates)


def test_nearest_are_those_that_brute_force_finds():
    chance = random.Random(3)
    now = {f"r{n:02d}": " ".join(chance.choices(WORDS, k=3)) for n in range(40)}
    ids = sorted(now)
    vectors = VECTORISER.vectors([now[one] for one in ids]).toarray().astype(np.int64)
    products = vectors @ vectors.T
    for one, near in at_once(now, 3).near.items():
        row = ids.index(one)
        others = [(-products[row, n], other) for n, other in enumerate(ids) if group(other) != group(one)]
        best = sorted(item for item in others if -item[0] >= round(0.2 * SCALE * SCALE))[:3]
        assert [(neighbour.minus_similarity, neighbour.id) for neighbour in near] == best


def test_ties_are_broken_by_id_even_when_more_tie_than_fit():
    ids = [f"r{n:02d}" for n in range(40)]
    near = at_once(dict.fromkeys(random.Random(5).sample(ids, len(ids)), "swahili corpus"), 3).near
    assert [neighbour.id for neighbour in near["r10"]] == [one for one in ids if group(one) != group("r10")][:3]


def test_records_of_one_group_are_no_neighbours():
    index = Neighbours()
    index.update([], ["a", "b", "c"], VECTORISER.vectors(["swahili corpus"] * 3), [1, 1, 2])
    assert index.pairs() == {("a", "c"), ("b", "c")}
    assert pair("c", "a") in index
    assert pair("a", "b") not in index


@settings(deadline=None)
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
    vectors = VECTORISER.vectors(names)
    assert vectors.shape[0] == len(names)
    index = Neighbours(2)
    index.update([], [str(n) for n in range(len(names))], vectors, list(range(len(names))))
    assert len(index) == len(names)


def test_statistics_survive_their_file(tmp_path):
    words = Statistics.learn(count_words(["open speech", "open corpus"]))
    save_statistics(tmp_path / "grams.npz", "test-1", {"name grams": STATISTICS, "about words": words})
    version, parts = load_statistics(tmp_path / "grams.npz")
    assert version == "test-1"
    assert parts["name grams"].documents == STATISTICS.documents
    kept = STATISTICS.frequency > 1  # what stands in one text only is not worth its place
    assert (parts["name grams"].frequency == np.where(kept, STATISTICS.frequency, 0)).all()
    assert parts["about words"].frequency.sum() == 2


def test_a_damaged_statistics_file_says_so(tmp_path):
    (tmp_path / "grams.npz").write_bytes(b"not an archive")
    with pytest.raises(CommonwealError) as failure:
        load_statistics(tmp_path / "grams.npz")
    assert failure.value.code == "statistics-unreadable"
