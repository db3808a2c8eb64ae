"""The judgement log: who said what of a pair of records, and which of it holds now.

The log is append-only. A judgement is withdrawn by another one that retracts it. Of several active judgements of a
pair the newest holds, by (time, actor, digest) and never by arrival; the others stay in the log and are shown as a
contradiction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from commonweal.kernel.canonical import digest
from commonweal.kernel.errors import CommonwealError

from .neighbours import Pair, pair

SAME: Final = "same"
NOT_SAME: Final = "not_same"
UNSURE: Final = "unsure"
DIRECTED: Final = ("part_of", "derived_from", "version_of")  # left <verdict> right
VERDICTS: Final = (SAME, NOT_SAME, *DIRECTED, UNSURE)
RETRACTED: Final = "retracted"


@dataclass(frozen=True)
class Judgement:
    """One line of the log.

    Attributes:
        left, right: record ids; for directed verdicts "left is part of / derived from / a version of right".
        verdict: one of :data:`VERDICTS`, or :data:`RETRACTED` for a line that only withdraws another.
        actor: ``person:7``, ``rule:identifier`` or ``model:assets-1``.
        at: ISO time in UTC.
        reason: in words.
        weights: match weight in bits by comparison, as the person saw them.
        model: version of the model that gave these weights, or "".
        retracts: digest of the judgement withdrawn, or "".
    """

    left: str
    right: str
    verdict: str
    actor: str
    at: str
    reason: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    retracts: str = ""
    model: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in (*VERDICTS, RETRACTED):
            raise CommonwealError("verdict-unknown", f"“{self.verdict}” is not a verdict.", f"Use one of: {', '.join(VERDICTS)}.")
        if self.left == self.right:
            raise CommonwealError("pair-of-one", f"{self.left} cannot be judged against itself.", "Name two records.")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the line: its name in the log."""
        return digest(self.to_json())

    @property
    def pair(self) -> Pair:
        """The two ids in order."""
        return pair(self.left, self.right)

    @property
    def order(self) -> tuple[str, str, str]:
        """What "newer" means."""
        return (self.at, self.actor, self.digest)

    def to_json(self) -> dict[str, Any]:
        """The line as a JSON object."""
        return {
            "left": self.left,
            "right": self.right,
            "verdict": self.verdict,
            "actor": self.actor,
            "at": self.at,
            "reason": self.reason,
            "weights": dict(self.weights),
            "retracts": self.retracts,
            "model": self.model,
        }

    @property
    def meaning(self) -> tuple[str, str]:
        """What it says, so that two that say the same are equal: the verdict, and of a directed one its left side."""
        return (self.verdict, self.left if self.verdict in DIRECTED else "")


def active(log: Iterable[Judgement], needs_two: Callable[[Pair], bool] = lambda _: False) -> dict[Pair, Judgement]:
    """The judgement that holds for each pair: not retracted, newest. Independent of the order of the log.

    A retraction can itself be retracted, which brings the first judgement back.

    Args:
        needs_two: whether a pair's judgement counts only once a second person has said the same.
    """
    held: dict[Pair, Judgement] = {}
    for two, said in standing(log).items():
        counted = _seconded(said) if needs_two(two) else said
        if counted:
            held[two] = counted[0]
    return held


def pending(log: Iterable[Judgement], needs_two: Callable[[Pair], bool]) -> dict[Pair, Judgement]:
    """Pairs whose newest judgement waits for a second person to say the same."""
    return {two: said[0] for two, said in standing(log).items() if needs_two(two) and said[0] not in _seconded(said)}


def contradictions(log: Iterable[Judgement]) -> dict[Pair, list[Judgement]]:
    """Pairs with different verdicts none of which was withdrawn, newest first."""
    return {two: said for two, said in standing(log).items() if len({line.meaning for line in said}) > 1}


def standing(log: Iterable[Judgement]) -> dict[Pair, list[Judgement]]:
    """The judgements of each pair that were not withdrawn, newest first."""
    lines = {line.digest: line for line in log}
    withdrawn_by: dict[str, list[str]] = defaultdict(list)
    for name, line in lines.items():
        if line.retracts:
            withdrawn_by[line.retracts].append(name)
    stands: dict[str, bool] = {}
    found: dict[Pair, list[Judgement]] = defaultdict(list)
    for name, line in lines.items():
        if line.verdict != RETRACTED and _stands(name, withdrawn_by, stands):
            found[line.pair].append(line)
    return {two: sorted(said, key=lambda line: line.order, reverse=True) for two, said in found.items()}


def _stands(name: str, withdrawn_by: Mapping[str, list[str]], known: dict[str, bool]) -> bool:
    # A retraction names an earlier digest, so chains cannot close; still walked without recursion.
    stack = [name]
    while stack:
        top = stack[-1]
        open_ones = [by for by in withdrawn_by.get(top, ()) if by not in known]
        if open_ones:
            stack.extend(open_ones)
        else:
            known[top] = not any(known[by] for by in withdrawn_by.get(top, ()))
            stack.pop()
    return known[name]


def _seconded(said: Sequence[Judgement]) -> list[Judgement]:
    """Of a pair's judgements, newest first, those that a different person had said before or at the same time."""
    return [
        line for n, line in enumerate(said) if any(by.actor != line.actor and by.meaning == line.meaning for by in said[n + 1 :])
    ]


def retract(line: Judgement, actor: str, at: str, reason: str = "") -> Judgement:
    """The line that withdraws another."""
    return Judgement(line.left, line.right, RETRACTED, actor, at, reason, retracts=line.digest)
