"""Learning match weights without labels, by expectation-maximisation over the candidate pairs.

The plain E-step treats pairs as independent. Where both lists are free of duplicates, the structured E-step also uses
that a record has at most one partner: the candidates of a record compete with each other and with "no partner"
(a Sinkhorn-like fixed point of p = K·x·y, x = 1/(1 + Σ K·y), y = 1/(1 + Σ K·x)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .comparisons import MISSING, Comparison
from .weights import Model

ROUNDS: Final = 300
_SETTLED: Final = 1e-6
_SMOOTH: Final = 0.5  # half a pair a level, so that a level never seen weighs something finite
_ENOUGH: Final = 20.0  # pairs of a class a comparison must have met to count as trained


@dataclass(frozen=True)
class Training:
    """What was learned.

    Attributes:
        model: the weights.
        probability: of each training pair.
        share: of the smaller list's records that have a partner (structured), or of the pairs that are equal (plain).
    """

    model: Model
    probability: np.ndarray
    share: float


def train(
    comparisons: Sequence[Comparison],
    found: np.ndarray,
    version: str,
    *,
    one_to_one: tuple[np.ndarray, np.ndarray] | None = None,
    known: tuple[np.ndarray, np.ndarray] | None = None,
    counts: np.ndarray | None = None,
) -> Training:
    """Learn m, u and the prior.

    Args:
        comparisons: the comparisons, closest level first.
        found: levels of the candidate pairs, int8 of shape (pairs, comparisons).
        version: of the model to be made.
        one_to_one: row numbers (left, right) of the pairs when both lists are free of duplicates.
        known: positions of judged pairs and their truth as 0.0 or 1.0; they keep it in every round.
        counts: how many pairs each row stands for, where equal ones were put together; not with `one_to_one`.
    """
    many = np.ones(len(found)) if counts is None else counts.astype(np.float64)
    widths = [comparison.level_count for comparison in comparisons]
    m = [_falling(width) for width in widths]
    u = [share[::-1].copy() for share in m]
    contest = _Contest(*one_to_one) if one_to_one is not None else None
    share = 0.5 if contest else 0.1
    probability = np.zeros(len(found))
    for _ in range(ROUNDS):
        weight = _log_odds(found, m, u)
        if contest:
            probability, settled = contest.settle(weight, share)
        else:
            probability = 1 / (1 + np.exp(-np.clip(weight + np.log(share / (1 - share)), -500, 500)))
            settled = float(probability @ many / many.sum()) if len(probability) else share
        if known is not None:
            probability[known[0]] = known[1]
        settled = min(max(settled, 1e-4), 0.99)
        for column, width in enumerate(widths):
            level = found[:, column]
            said = level != MISSING
            m[column] = _shares(level[said], (probability * many)[said], width)
            u[column] = _shares(level[said], ((1 - probability) * many)[said], width)
        if abs(settled - share) < _SETTLED:
            break
        share = settled
    untrained = tuple(
        comparison.name
        for column, comparison in enumerate(comparisons)
        if min((same := (probability * many)[said := found[:, column] != MISSING].sum()), many[said].sum() - same) < _ENOUGH
    )
    prior = float(np.log2(share / (1 - share)))
    return Training(Model(version, tuple(comparisons), tuple(m), tuple(u), prior, untrained), probability, share)


class _Contest:
    """Pairs whose records have at most one partner."""

    def __init__(self, left: np.ndarray, right: np.ndarray) -> None:
        self.left, self.right = left, right
        many_left, many_right = np.bincount(left), np.bincount(right)
        self.places = np.sqrt(many_left[left] * many_right[right])
        self.records = min(np.count_nonzero(many_left), np.count_nonzero(many_right))
        self.sizes = len(many_left), len(many_right)

    def settle(self, weight: np.ndarray, share: float) -> tuple[np.ndarray, float]:
        odds = np.exp(np.clip(weight + np.log(share / (1 - share)), -60, 60)) / self.places
        x, y = np.ones(self.sizes[0]), np.ones(self.sizes[1])
        for _ in range(40):
            x = 1 / (1 + np.bincount(self.left, weights=odds * y[self.right], minlength=len(x)))
            y = 1 / (1 + np.bincount(self.right, weights=odds * x[self.left], minlength=len(y)))
        probability = odds * x[self.left] * y[self.right]
        return probability, float(probability.sum()) / max(int(self.records), 1)


def _log_odds(found: np.ndarray, m: Sequence[np.ndarray], u: Sequence[np.ndarray]) -> np.ndarray:
    total = np.zeros(len(found))
    for column in range(found.shape[1]):
        level = found[:, column]
        total += np.where(level == MISSING, 0.0, np.log(m[column] / u[column])[level])
    return total


def _falling(count: int) -> np.ndarray:
    steps = np.arange(count, 0, -1, dtype=np.float64) ** 2
    return steps / steps.sum()


def _shares(level: np.ndarray, weight: np.ndarray, count: int) -> np.ndarray:
    found = np.bincount(level.astype(np.int64), weights=weight, minlength=count) + _SMOOTH
    return found / found.sum()
