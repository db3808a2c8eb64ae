"""The judgement log: who said what of a pair of records, and which of it holds now.

The log is append-only. A judgement is withdrawn by another one that retracts it. Of several active judgements of a
pair the newest holds, by (time, actor, digest) and never by arrival; the others stay in the log and are shown as a
contradiction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
        weights: match weight in bits by comparison, where a model judged or a person saw them.
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
        }


def active(log: Iterable[Judgement]) -> dict[Pair, Judgement]:
    """The judgement that holds for each pair: not retracted, newest. Independent of the order of the log.

    A retraction can itself be retracted, which brings the first judgement back.
    """
    lines = {line.digest: line for line in log}
    withdrawn_by: dict[str, list[str]] = defaultdict(list)
    for name, line in lines.items():
        if line.retracts:
            withdrawn_by[line.retracts].append(name)
    standing: dict[str, bool] = {}

    def stands(name: str) -> bool:
        # A retraction names an earlier digest, so chains cannot close; still walked without recursion.
        stack = [name]
        while stack:
            top = stack[-1]
            open_ones = [by for by in withdrawn_by.get(top, ()) if by not in standing]
            if open_ones:
                stack.extend(open_ones)
            else:
                standing[top] = not any(standing[by] for by in withdrawn_by.get(top, ()))
                stack.pop()
        return standing[name]

    newest: dict[Pair, Judgement] = {}
    for name, line in lines.items():
        if line.verdict == RETRACTED or not stands(name):
            continue
        held = newest.get(line.pair)
        if held is None or line.order > held.order:
            newest[line.pair] = line
    return newest


def contradictions(log: Iterable[Judgement]) -> dict[Pair, list[Judgement]]:
    """Pairs that were given different verdicts and never settled by a retraction, newest first."""
    lines = list(log)
    retracted = {line.retracts for line in lines if line.retracts}
    by_pair: dict[Pair, list[Judgement]] = defaultdict(list)
    for line in lines:
        if line.verdict != RETRACTED and line.digest not in retracted:
            by_pair[line.pair].append(line)
    return {
        two: sorted(said, key=lambda line: line.order, reverse=True)
        for two, said in by_pair.items()
        if len({(line.verdict, line.left if line.verdict in DIRECTED else "") for line in said}) > 1
    }


def retract(line: Judgement, actor: str, at: str, reason: str = "") -> Judgement:
    """The line that withdraws another."""
    return Judgement(line.left, line.right, RETRACTED, actor, at, reason, retracts=line.digest)
