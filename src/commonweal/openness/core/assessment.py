"""The answer of one framework about one subject, with everything needed to check it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from commonweal.openness.core.evidence import Evidence
from commonweal.openness.core.framework import Item


@dataclass(frozen=True, slots=True)
class Result:
    """How one item of a framework came out.

    Args:
        status: the framework's own word: ``included``, ``partial``, ``closed``, ``unknown`` …
        met: whether it counts; None when nobody knows.
        points: 0-1, what it adds to a score.
        reason: why, in one sentence.
        licence: the licence that decided, as read, or "".
        evidence: what it rests on, strongest first.
        warnings: what a reader should know although it counts.
        contradicted: equally strong evidence disagrees.
    """

    item: Item
    status: str
    met: bool | None
    points: float
    reason: str
    licence: str = ""
    evidence: tuple[Evidence, ...] = ()
    warnings: tuple[str, ...] = ()
    contradicted: bool = False

    def to_json(self) -> dict[str, Any]:
        """The item and its outcome; members that say nothing are left out."""
        members: dict[str, Any] = {
            "item": self.item.id,
            "title": self.item.title,
            "section": self.item.section,
            "status": self.status,
            "met": self.met,
            "required": self.item.required,
            "reason": self.reason,
            "audience": list(self.item.audience),
            "evidence": [one.to_json() for one in self.evidence],
        }
        if self.licence:
            members["licence"] = self.licence
        if self.warnings:
            members["warnings"] = list(self.warnings)
        if self.contradicted:
            members["contradicted"] = True
        return members


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule makes of the results.

    Args:
        verdict: the framework's own words: ``"Class III - Open Model"``, ``"undetermined"``, ``"0.5417"``.
        score: the verdict as a number where the framework has one: class, mean or total.
        progress: section or class → percent.
        sentence: the verdict explained.
        missing: ids of the items that stand between the subject and the next better verdict.
    """

    verdict: str
    score: float | int | None
    progress: Mapping[str, float]
    sentence: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """A framework's verdict about a subject: recomputable from ``rules`` and the evidence of its items.

    Args:
        mode: the mode it was computed in, or None where the framework has one way only.
        outcome: verdict, score, progress and sentence.
        rule: the rule behind the verdict, in one sentence; ``source``: where it is published.
        rules: SHA-256 of the framework's data.
        changes: components that another reading of their licence makes different, in mode ``normalised``.
        problems: what could not be read in the subject's source.
    """

    subject: str
    framework: str
    version: str
    mode: str | None
    outcome: Outcome
    items: tuple[Result, ...]
    rule: str
    source: str
    rules: str
    changes: tuple[Mapping[str, str], ...] = ()
    problems: tuple[Mapping[str, str], ...] = field(default=())

    @property
    def verdict(self) -> str:
        """The framework's own words."""
        return self.outcome.verdict

    @property
    def score(self) -> float | int | None:
        """The verdict as a number, or None."""
        return self.outcome.score

    @property
    def progress(self) -> Mapping[str, float]:
        """Section or class → percent."""
        return self.outcome.progress

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        return self.outcome.sentence

    def result(self, item: str) -> Result:
        """The result of the item with this id; KeyError when it is not among the items."""
        for one in self.items:
            if one.item.id == item:
                return one
        raise KeyError(item)

    def to_json(self, audience: str | None = None) -> dict[str, Any]:
        """The whole answer; with ``audience`` only the items that this audience may read.

        Verdict and progress stay the same for every audience: they say how much is filled, not what.
        """
        shown = [one for one in self.items if audience is None or audience in one.item.audience or "public" in one.item.audience]
        members: dict[str, Any] = {
            "subject": self.subject,
            "framework": self.framework,
            "version": self.version,
            "mode": self.mode,
            "verdict": self.verdict,
            "score": self.score,
            "progress": dict(self.progress),
            "sentence": self.sentence,
            "rule": self.rule,
            "source": self.source,
            "rules": self.rules,
            "missing": list(self.outcome.missing),
            "items": [one.to_json() for one in shown],
            "problems": list(self.problems),
        }
        if self.mode == "normalised":
            members["changes"] = list(self.changes)
        return members
