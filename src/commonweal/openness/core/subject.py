"""The thing that is assessed, with everything that is known about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from commonweal.openness.core.evidence import Evidence


@dataclass(frozen=True)
class Subject:
    """A model, system, data set or project and the evidence about it.

    Args:
        name: how its source calls it.
        types: what it is made of or for, as frameworks' items ask (``"text"``, ``"aimodel"``, ``"software"`` …).
        evidence: in the order of the source.
        native: the framework that its source was written for (``"mof"``), or None.
        details: what the source says beside the evidence, so that an export gives it back.
        problems: what could not be read, ``{"field", "value", "problem"}`` each; nothing is dropped in silence.
    """

    name: str
    types: frozenset[str] = frozenset()
    evidence: tuple[Evidence, ...] = ()
    native: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Mapping[str, str], ...] = ()

    @cached_property
    def by_fact(self) -> Mapping[str, list[Evidence]]:
        """Evidence grouped by fact."""
        grouped: dict[str, list[Evidence]] = {}
        for one in self.evidence:
            grouped.setdefault(one.fact, []).append(one)
        return grouped

    def about(self, fact: str) -> Sequence[Evidence]:
        """The evidence about one fact."""
        return self.by_fact.get(fact, ())

    def knowing(self, more: Iterable[Evidence], *, instead: bool = False) -> Subject:
        """The same subject with ``more`` evidence, beside or ``instead`` of what was known about those facts."""
        added = tuple(more)
        facts = {one.fact for one in added} if instead else set()
        kept = tuple(one for one in self.evidence if one.fact not in facts)
        return Subject(self.name, self.types, kept + added, self.native, self.details, self.problems)


def problem(field: str, value: object, words: str) -> dict[str, str]:
    """One entry of :attr:`Subject.problems`."""
    return {"field": field, "value": str(value)[:200], "problem": words}
