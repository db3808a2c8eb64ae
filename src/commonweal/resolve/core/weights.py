"""Match weights: what each level of each comparison is worth, in bits, and the sum as an explanation.

Fellegi and Sunter (1969): a level that is m times as frequent among equal pairs as it is u times among different ones
weighs log2(m / u). The weights of a pair's levels add up; with the prior they give the odds that the two are the same.
The table of weights *is* the explanation, so it is kept with every judgement.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from commonweal.kernel.errors import CommonwealError

from .comparisons import MISSING, Columns, Comparison, levels


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the waterfall: a comparison, what it found, and what that is worth in bits."""

    comparison: str
    level: int
    bits: float
    words: str


@dataclass(frozen=True)
class Model:
    """A versioned set of comparisons and their weights.

    Attributes:
        version: named in every verdict.
        comparisons: what is compared.
        m, u: per comparison, the share of equal and of different pairs at each level.
        prior: log2 odds that a candidate pair is the same, before looking.
        untrained: comparisons whose m or u saw too little to be learned.
        automatic: weight, prior included, from which a pair may join without asking.
        ask: weight from which a pair is a question for a person.
        margin: bits by which a pair must outweigh its rivals to join without asking.
    """

    version: str
    comparisons: tuple[Comparison, ...]
    m: tuple[np.ndarray, ...]
    u: tuple[np.ndarray, ...]
    prior: float
    untrained: tuple[str, ...] = ()
    automatic: float = 6.0
    ask: float = 0.0
    margin: float = 3.0

    def bits(self) -> tuple[np.ndarray, ...]:
        """log2(m/u) per comparison and level."""
        return tuple(np.log2(m / u) for m, u in zip(self.m, self.u, strict=True))

    def score(self, found: np.ndarray) -> np.ndarray:
        """Match weight of each pair without the prior, in bits.

        Args:
            found: levels, int8 of shape (pairs, comparisons).
        """
        total = np.zeros(len(found))
        for column, bits in enumerate(self.bits()):
            level = found[:, column]
            total += np.where(level == MISSING, 0.0, bits[level])
        return total

    def probability(self, weight: np.ndarray) -> np.ndarray:
        """Posterior probability from a match weight without prior."""
        return 1 / (1 + np.exp2(-np.clip(weight + self.prior, -200, 200)))

    def waterfall(self, found: Sequence[int]) -> list[Step]:
        """The weights of one pair, greatest effect first; their bits and the prior add up to the score."""
        steps = []
        for comparison, level, bits in zip(self.comparisons, found, self.bits(), strict=True):
            if level == MISSING:
                continue
            words = comparison.words[level] if comparison.words else f"level {level}"
            steps.append(Step(comparison.name, int(level), float(bits[level]), words))
        return sorted(steps, key=lambda step: (-abs(step.bits), step.comparison))

    def to_json(self) -> dict[str, Any]:
        """The model as a file."""
        return {
            "version": self.version,
            "prior": self.prior,
            "automatic": self.automatic,
            "ask": self.ask,
            "margin": self.margin,
            "untrained": list(self.untrained),
            "comparisons": [
                {**comparison.to_json(), "m": m.tolist(), "u": u.tolist()}
                for comparison, m, u in zip(self.comparisons, self.m, self.u, strict=True)
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Model:
        """Read a model file.

        Raises:
            CommonwealError: ``model-invalid`` when a comparison's shares do not fit its levels.
        """
        comparisons = tuple(Comparison.from_json(entry) for entry in data["comparisons"])
        m = tuple(np.array(entry["m"], dtype=np.float64) for entry in data["comparisons"])
        u = tuple(np.array(entry["u"], dtype=np.float64) for entry in data["comparisons"])
        for comparison, shares in zip((*comparisons, *comparisons), (*m, *u), strict=True):
            if len(shares) != comparison.level_count or not (shares > 0).all():
                raise CommonwealError(
                    "model-invalid",
                    f"Comparison “{comparison.name}” needs {comparison.level_count} shares above zero.",
                    "Train the model anew, or mend the file.",
                )
        bits = [float(data[name]) for name in ("prior", "automatic", "ask", "margin")]
        if not all(map(math.isfinite, bits)) or bits[2] > bits[1] - bits[3]:
            raise CommonwealError(
                "model-invalid",
                f"Prior, thresholds and margin are {bits}.",
                "They must be finite, and “ask” at least the margin below “automatic”.",
            )
        prior, automatic, ask, margin = bits
        untrained = tuple(data.get("untrained", ()))
        return cls(str(data["version"]), comparisons, m, u, prior, untrained, automatic, ask, margin)


def all_levels(columns: Columns, comparisons: Sequence[Comparison], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The level of every comparison of every pair; int8 of shape (pairs, comparisons)."""
    if not comparisons:
        return np.zeros((len(left), 0), dtype=np.int8)
    return np.column_stack([levels(columns, comparison, left, right) for comparison in comparisons])
