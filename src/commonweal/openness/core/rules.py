"""The five ways in which frameworks turn results into a verdict; which one and with what words is the framework's data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from commonweal.openness.core.assessment import Outcome, Result

Rule = Callable[[Mapping[str, Any], Sequence[Result]], Outcome]


def ladder(spec: Mapping[str, Any], results: Sequence[Result]) -> Outcome:
    """Classes from the entry level up; what a class asks for includes all that the classes before it ask for.

    A class's progress is the share that is met, and 0 while a class before it is incomplete; the verdict is the best
    complete class. ``stand_in`` names an item that another may replace.
    """
    steps: list[Mapping[str, str]] = spec["steps"]
    required: list[Result] = []
    progress: dict[str, float] = {}
    gaps: dict[str, list[Result]] = {}
    reached: Mapping[str, str] = spec["none"]
    open_so_far = True
    for step in steps:
        required += [result for result in results if result.item.required and result.item.level == step["level"]]
        counted = _stand_in(spec.get("stand_in"), required, results)
        gaps[step["level"]] = [result for result in counted if not result.met]
        share = 100 * (len(counted) - len(gaps[step["level"]])) / len(counted)
        progress[step["level"]] = share if open_so_far else 0.0
        if open_so_far and share == 100:
            reached = step
        else:
            open_so_far = False
    following = next((step for step in steps if gaps[step["level"]]), None)
    missing = gaps[following["level"]] if following else []
    return Outcome(
        verdict=reached["label"],
        score=int(reached["level"]),
        progress=dict(sorted(progress.items())),
        sentence=_ladder_sentence(reached, following, missing),
        missing=tuple(result.item.id for result in missing),
    )


def _stand_in(pair: Mapping[str, str] | None, required: list[Result], results: Sequence[Result]) -> list[Result]:
    """The required results, one of them replaced by, or dropped for, the item that stands in for it."""
    if pair is None:
        return list(required)
    absent = next((result for result in required if result.item.id == pair["for"] and not result.met), None)
    deputy = next((result for result in results if result.item.id == pair["by"] and result.status != "missing"), None)
    if absent is None or deputy is None:
        return list(required)
    if deputy in required:  # asked for itself: it drops the other only where it counts
        return [result for result in required if result is not absent or not deputy.met]
    return [deputy if result is absent else result for result in required]


def _ladder_sentence(reached: Mapping[str, str], following: Mapping[str, str] | None, missing: list[Result]) -> str:
    if following is None:
        return f"{reached['label']}: every required component is there under an open licence."
    names = "; ".join(f"{result.item.title} ({result.status})" for result in missing)
    return f"{reached['label']}: {following['label']} still asks for {names}."


def mean(spec: Mapping[str, Any], results: Sequence[Result]) -> Outcome:
    """The mean of the points of *all* items, not of the sections; progress is each section's own mean."""
    counted = [result for result in results if result.item.required]
    if not counted:
        return Outcome("not assessable", None, {}, "No parameter of this framework applies to this type of system.")
    score = sum(result.points for result in counted) / len(counted)
    tally = {word: sum(result.status == word for result in counted) for word in dict.fromkeys(r.status for r in counted)}
    said = ", ".join(f"{count} {word}" for word, count in sorted(tally.items(), key=lambda pair: -pair[1]))
    return Outcome(
        verdict=f"{score:.4f}",
        score=score,
        progress={name: 100 * sum(r.points for r in part) / len(part) for name, part in _sections(counted).items()},
        sentence=f"{score:.2f} of 1 over {len(counted)} parameters: {said}.",
        missing=tuple(result.item.id for result in counted if result.points < 1),
    )


def checklist(spec: Mapping[str, Any], results: Sequence[Result]) -> Outcome:
    """All requirements met: yes; any known not to be: no; else undetermined. Items that share ``any_of`` are one requirement."""
    words: Mapping[str, str] = spec["verdicts"]
    requirements: dict[str, list[Result]] = {}
    for result in results:
        if result.item.required:
            requirements.setdefault(result.item.any_of or result.item.id, []).append(result)
    said = {name: _any(part) for name, part in requirements.items()}
    verdict = "no" if False in said.values() else "unknown" if None in said.values() or not said else "yes"
    titles = {name: " or ".join(result.item.title for result in part) for name, part in requirements.items()}
    failing = [titles[name] for name, met in said.items() if met is False]
    waiting = [titles[name] for name, met in said.items() if met is None]
    clauses = [f"not met: {'; '.join(failing)}"] if failing else []
    clauses += [f"not known: {'; '.join(waiting)}"] if waiting else []
    sections = _sections([result for result in results if result.item.required])
    return Outcome(
        verdict=words[verdict],
        score=None,
        progress={name: 100 * sum(result.met is True for result in part) / len(part) for name, part in sections.items()},
        sentence=f"{words[verdict][:1].upper()}{words[verdict][1:]}: {', '.join(clauses) or 'every requirement is met'}.",
        missing=tuple(result.item.id for name, part in requirements.items() if said[name] is not True for result in part),
    )


def _any(results: Sequence[Result]) -> bool | None:
    said = [result.met for result in results]
    return True if True in said else None if None in said else False


def total(spec: Mapping[str, Any], results: Sequence[Result]) -> Outcome:
    """The number of items that are met; with ``halves`` the sum of points, so that what is partial counts half."""
    counted = [result for result in results if result.item.required]
    worth: Callable[[Result], float] = (lambda one: one.points) if spec.get("halves") else (lambda one: int(one.met is True))
    score = sum(worth(result) for result in counted)
    unknown = sum(result.met is None for result in counted)
    said = f" {unknown} have no answer yet." if unknown else ""
    return Outcome(
        verdict=f"{score:g}",
        score=score,
        progress={name: 100 * sum(map(worth, part)) / len(part) for name, part in _sections(counted).items()},
        sentence=f"{score:g} of {len(counted)} points.{said}",
        missing=tuple(result.item.id for result in counted if result.met is not True),
    )


def coverage(spec: Mapping[str, Any], results: Sequence[Result]) -> Outcome:
    """How much of a form is filled; a form has no grade."""
    asked = [result for result in results if result.item.required]
    filled = [result for result in asked if result.met is not None]
    verdict = spec["verdicts"]["yes" if len(filled) == len(asked) else "partial" if filled else "no"]
    sections = _sections(asked)
    return Outcome(
        verdict=verdict,
        score=len(filled),
        progress={name: 100 * sum(r.met is not None for r in part) / len(part) for name, part in sections.items()},
        sentence=f"{len(filled)} of {len(asked)} fields are filled.",
        missing=tuple(result.item.id for result in asked if result.met is None),
    )


def _sections(results: Sequence[Result]) -> dict[str, list[Result]]:
    parts: dict[str, list[Result]] = {}
    for result in results:
        parts.setdefault(result.item.section or "all", []).append(result)
    return parts


#: The rules by the name that frameworks use.
RULES: Final[Mapping[str, Rule]] = {
    "ladder": ladder,
    "mean": mean,
    "checklist": checklist,
    "sum": total,
    "coverage": coverage,
}
