"""Weights are learned without labels, and their sum explains the score."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.errors import CommonwealError
from commonweal.resolve.core.assignment import assign
from commonweal.resolve.core.comparisons import MISSING, Columns, Comparison, levels, mutual_rank
from commonweal.resolve.core.training import train
from commonweal.resolve.core.weights import Model

NAME = Comparison("name", "equal", ("name",), words=("same name", "other name"))
YEAR = Comparison("year", "difference", ("year",), bounds=(0, 1))
OWNER = Comparison("owner", "equal", ("owner",))
SILENT = Comparison("silent", "equal", ("nothing",))
ALL = [NAME, YEAR, OWNER, SILENT]  # two comparisons alone would leave the mixture undetermined


def planted(pairs: int = 4000, share: float = 0.1, seed: int = 2):
    """Levels of pairs whose truth is known: names agree in 95 % of equal pairs and 2 % of others."""
    chance = np.random.default_rng(seed)
    truth = chance.random(pairs) < share
    name = np.where(chance.random(pairs) < np.where(truth, 0.95, 0.02), 0, 1)
    year = np.where(truth, chance.choice(3, pairs, p=[0.9, 0.08, 0.02]), chance.choice(3, pairs, p=[0.1, 0.2, 0.7]))
    owner = np.where(chance.random(pairs) < np.where(truth, 0.9, 0.05), 0, 1)
    return truth, np.column_stack([name, year, owner, np.full(pairs, MISSING)]).astype(np.int8)


def test_expectation_maximisation_finds_what_was_planted():
    truth, found = planted()
    learned = train(ALL, found, "test-1")
    assert learned.share == pytest.approx(0.1, abs=0.02)
    assert learned.model.m[0][0] == pytest.approx(0.95, abs=0.04)
    assert learned.model.u[0][0] == pytest.approx(0.02, abs=0.01)
    assert ((learned.probability > 0.5) == truth).mean() > 0.98
    assert learned.model.untrained == ("silent",)


def test_judged_pairs_keep_their_truth():
    truth, found = planted(400)
    known = np.arange(100), truth[:100].astype(float)
    learned = train(ALL, found, "test-1", known=known)
    assert (learned.probability[:100] == truth[:100]).all()


def test_the_waterfall_adds_up_to_the_score():
    _, found = planted()
    model = train(ALL, found, "test-1").model
    for levels_of_pair in np.unique(found, axis=0):
        steps = model.waterfall(levels_of_pair)
        assert sum(step.bits for step in steps) == pytest.approx(model.score(levels_of_pair[None, :])[0])
        assert "silent" not in {step.comparison for step in steps}
    assert model.waterfall([0, 0, 0, MISSING])[0].words in ("same name", "level 0")


def test_a_model_survives_its_file():
    model = train(ALL, planted()[1], "test-1").model
    again = Model.from_json(model.to_json())
    assert again.to_json() == model.to_json()
    broken = model.to_json()
    broken["comparisons"][0]["m"] = [1.0]
    with pytest.raises(CommonwealError, match="2 shares"):
        Model.from_json(broken)


def test_comparisons_see_silence_and_difference():
    rows = [
        {"name": "BLOOM", "year": 2022, "sizes": ["7b"], "identifiers": ["hf:a/b"], "price": "1,200.50"},
        {"name": "bloom", "year": "2023", "sizes": [], "identifiers": ["hf:a/b", "doi:10.1/x"], "price": 1200},
        {"name": "", "year": None, "sizes": ["70b"], "identifiers": ["doi:10.1/y"], "price": "on request"},
    ]
    columns = Columns(rows)
    left, right = np.array([0, 0, 1]), np.array([1, 2, 2])

    def of(compare: str, name: str, bounds: tuple[float, ...] = ()) -> list[int]:
        return levels(columns, Comparison(compare, compare, (name,), bounds), left, right).tolist()

    assert of("equal", "name") == [0, MISSING, MISSING]
    assert of("difference", "year", (0, 1)) == [1, MISSING, MISSING]
    assert of("tokens", "sizes") == [1, 2, 1]
    assert of("identifiers", "identifiers") == [0, MISSING, 2]
    assert of("ratio", "price", (0.1,)) == [0, MISSING, MISSING]
    assert of("likeness", "name", (0.9, 0.5)) == [0, MISSING, MISSING]


def test_an_unknown_comparison_names_the_known_ones():
    with pytest.raises(CommonwealError) as failure:
        Comparison.from_json({"name": "x", "compare": "telepathy", "fields": ["name"]})
    assert "likeness" in failure.value.hint


def test_ranks_share_places_and_do_not_depend_on_order():
    left, right = np.array([0, 0, 0, 1]), np.array([5, 6, 7, 5])
    alike = np.array([0.9, 0.5, 0.5, 0.95])
    ranks = mutual_rank(left, right, alike)
    assert ranks.tolist() == [1, 1, 1, 0]
    order = np.array([3, 1, 0, 2])
    assert mutual_rank(left[order], right[order], alike[order]).tolist() == ranks[order].tolist()


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(-3, 9)), max_size=20, unique_by=lambda t: t[:2]))
def test_assignment_is_one_to_one_and_no_worse_than_greedy(entries):
    left = np.array([entry[0] for entry in entries], dtype=int)
    right = np.array([entry[1] for entry in entries], dtype=int)
    weight = np.array([entry[2] for entry in entries], dtype=float)
    taken = assign(left, right, weight, 0.0)
    assert len(set(left[taken])) == len(set(right[taken])) == len(taken)
    used_left, used_right, greedy = set(), set(), 0.0
    for position in np.argsort(-weight, kind="stable"):
        if weight[position] > 0 and left[position] not in used_left and right[position] not in used_right:
            used_left.add(left[position])
            used_right.add(right[position])
            greedy += weight[position]
    assert weight[taken].sum() >= greedy


def test_patterns_with_counts_teach_what_the_pairs_teach():
    _, found = planted(2000)
    patterns, counts = np.unique(found, axis=0, return_counts=True)
    one, other = train(ALL, found, "test-1"), train(ALL, patterns, "test-1", counts=counts)
    assert other.share == pytest.approx(one.share)
    for bits, same in zip(one.model.bits(), other.model.bits(), strict=True):
        assert bits == pytest.approx(same, abs=1e-6)
    assert other.model.untrained == one.model.untrained
