"""One engine for every framework: evidence → the status of each item → the framework's rule → an assessment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from commonweal.kernel.errors import CommonwealError
from commonweal.openness.core.assessment import Assessment, Result
from commonweal.openness.core.evidence import NOTHING, Evidence, Settled, settle, translated
from commonweal.openness.core.framework import MODES, Framework, Item
from commonweal.openness.core.licensing import Policy, Reading, licence_of, listed, warnings_for
from commonweal.openness.core.rules import RULES
from commonweal.openness.core.subject import Subject, problem

_POINTS: Final = {"yes": 1.0, "partial": 0.5, "no": 0.0, "unknown": 0.0}
_MET: Final = {"yes": True, "partial": False, "no": False, "unknown": None}


@dataclass(frozen=True, slots=True)
class _Case:
    """What a test needs to know beside the item and its evidence."""

    subject: Subject
    framework: Framework
    mode: str | None


def evaluate(subject: Subject, framework: Framework, mode: str | None = None, today: str | None = None) -> Assessment:
    """Assess a subject under a framework.

    Args:
        mode: ``strict`` (the default where a framework has modes) or ``normalised``; None elsewhere.
        today: ISO date; evidence that expired before it is passed over. None passes over nothing.

    Raises:
        CommonwealError: ``mode-unknown``.
    """
    if mode is not None and mode not in MODES:
        raise CommonwealError("mode-unknown", f"There is no mode {mode!r}.", f"Use one of: {', '.join(MODES)}.")
    case = _Case(subject, framework, (mode or "strict") if framework.modes else None)
    items, problems = _applicable(framework, subject)
    results = tuple(_result(item, case, today) for item in items)
    changes: tuple[Mapping[str, str], ...] = ()
    if case.mode == "normalised":
        literal = replace(case, mode="strict")
        changes = tuple(_changes([_result(item, literal, today) for item in items], results))
    return Assessment(
        subject=subject.name,
        framework=framework.id,
        version=framework.version,
        mode=case.mode,
        outcome=RULES[framework.rule["kind"]](framework.rule, results),
        items=results,
        rule=framework.rule["words"],
        source=framework.spec["source"],
        rules=framework.digest,
        changes=changes,
        problems=(*subject.problems, *problems),
    )


def _applicable(framework: Framework, subject: Subject) -> tuple[list[Item], list[dict[str, str]]]:
    """The items that apply to the subject's types; a type that the framework does not know is a problem, not a guess."""
    known = framework.spec.get("types")
    types = subject.types
    problems = []
    if known and framework.id == subject.native:
        problems = [problem("type", name, f"not a type of {framework.title}") for name in sorted(types - set(known))]
        if types and not types & set(known):
            return [], problems
    return [item for item in framework.items if not item.types or item.types & types], problems


def _result(item: Item, case: _Case, today: str | None) -> Result:
    settled = _settle(item, case.subject, today)
    if settled is NOTHING:
        return _blank(case.framework, item.id)
    result = _TESTS[item.test](item, settled, case)
    warnings = result.warnings
    if settled.contradicted:
        warnings += ("equally strong evidence disagrees; all of it is shown",)
    if settled.expired:
        warnings += (f"{len(settled.expired)} piece(s) of evidence must be checked anew and do not count",)
    if barred := sum(not _may_answer(item, one) for one in settled.evidence):
        warnings += (f"{barred} piece(s) of evidence are too weak for this item, or not from somebody who may answer it",)
    shown = settled.evidence + settled.expired
    return replace(result, evidence=shown, warnings=warnings, contradicted=settled.contradicted)


@cache
def _blank(framework: Framework, name: str) -> Result:
    """The result of an item that nobody has said anything about: the same for every subject."""
    item = framework.item(name)
    return _TESTS[item.test](item, NOTHING, _Case(Subject(""), framework, None))


def _settle(item: Item, subject: Subject, today: str | None) -> Settled:
    """The item's own evidence; where that says nothing, its neighbours', translated."""
    own = _settle_fact(item, subject.about(item.fact), today)
    if own.finding != "unknown" or own.contradicted:
        return own
    for fact, findings in item.also.items():
        near = [translated(one, findings.get(one.finding, "unknown")) for one in subject.about(fact)]
        settled = _settle_fact(item, near, today)
        if settled.finding != "unknown":
            return replace(settled, evidence=own.evidence + settled.evidence)
    return own


def _settle_fact(item: Item, evidence: Sequence[Evidence], today: str | None) -> Settled:
    """What the evidence that may answer the item says; the rest is kept behind it, to be shown."""
    if not evidence:
        return NOTHING
    settled = settle([one for one in evidence if _may_answer(item, one)], today)
    barred = tuple(one for one in evidence if not _may_answer(item, one))
    return replace(settled, evidence=settled.evidence + barred) if barred else settled


def _may_answer(item: Item, evidence: Evidence) -> bool:
    return evidence.level >= item.least_assurance and (not item.how or evidence.how in item.how)


def _answer(item: Item, settled: Settled, case: _Case) -> Result:
    """The finding itself."""
    finding = settled.finding
    word = case.framework.words.get(finding, finding)
    silent = (one for one in settled.evidence if one.finding == "unknown")
    first = next(iter(settled.deciding), None) or next(silent, None)
    reason = (first.quote or first.value or first.note) if first else "nobody has answered this yet"
    if finding == "unknown" and settled.contradicted:
        reason = "the evidence contradicts itself"
    return Result(item, word, _MET[finding], _POINTS[finding], reason[:300] or "stated without words")


def _component(item: Item, settled: Settled, case: _Case) -> Result:
    """A component of a release: present, and under an open licence. Where it is listed twice, the lesser status counts."""
    present = [one for one in settled.deciding if one.finding == "yes"]
    if settled.finding != "yes":
        reason = {"no": "said to be missing", "partial": "released only in part"}.get(settled.finding, "not mentioned")
        reason = "the evidence contradicts itself" if settled.contradicted else reason
        return Result(item, "missing", None if settled.finding == "unknown" else False, 0.0, reason)
    outcomes = [_released(item, one, case) for one in present]
    worst = max(outcomes, key=lambda result: _COMPONENT_RANK[result.status])
    if len({outcome.licence for outcome in outcomes}) > 1:
        return replace(worst, warnings=(*worst.warnings, "listed more than once with different licences; the lesser counts"))
    return worst


_COMPONENT_RANK: Final = {"included": 0, "unlicensed": 1, "invalid": 2, "missing": 3}


def _released(item: Item, evidence: Evidence, case: _Case) -> Result:
    licence = licence_of(evidence, item.kind, case.subject)
    if licence is None:
        return Result(item, "unlicensed", False, 0.0, "no licence is given, so all rights stay with the owner")
    reading = component_policy(case.framework, case.mode).read(licence)
    if reading.accepted:
        warnings = tuple(warnings_for(reading.name, item.kind))
        return Result(item, "included", True, 1.0, f"{licence}: {reading.reason}", reading.name, warnings=warnings)
    if reading.absent:
        return Result(item, "missing", False, 0.0, reading.reason, licence)
    doubt = "not known to be open" if reading.accepted is None else "not open"
    return Result(item, "invalid", False, 0.0, f"{licence}: {doubt}, {reading.reason}", reading.name)


@cache
def component_policy(framework: Framework, mode: str | None) -> Policy:
    """Which licences the framework accepts for a component in this mode."""
    spec = framework.spec["licences"]
    accept = listed(*spec["accept"])
    if mode != "normalised":
        return Policy(accept, literal=True)
    normalised = spec["normalised"]
    aliases = {row["words"].casefold(): row for row in normalised["aliases"]}
    return Policy(accept | frozenset(normalised["accept"].split()), aliases=aliases)


def _licensed(item: Item, settled: Settled, case: _Case) -> Result:
    """Available, and under a licence on the lists the item names."""
    if settled.finding != "yes":
        return _answer(item, settled, case)
    policy = item_policy(item)
    readings = []
    for one in settled.deciding:
        licence = licence_of(one, item.kind, case.subject)
        if licence is None:
            given = one.licence is not None
            reason = "available, but said to have no licence" if given else "available, but nobody says under which licence"
            readings.append(Reading(False if given else None, "", reason))
        else:
            readings.append(policy.read(licence))
    worst = min(readings, key=lambda reading: (reading.accepted is True, reading.accepted is None))
    finding = {True: "yes", False: "no", None: "unknown"}[worst.accepted]
    reason = f"{worst.name}: {worst.reason}" if worst.name else worst.reason
    return Result(item, case.framework.words.get(finding, finding), worst.accepted, _POINTS[finding], reason, worst.name)


def _licences(item: Item, settled: Settled, case: _Case) -> Result:
    """Every licence of the subject is approved; where only some are, the others are named."""
    policy = item_policy(item)
    stated = list(dict.fromkeys(one.licence for one in settled.deciding if one.licence))
    readings = {licence: policy.read(licence) for licence in stated}
    refused = [f"{name} ({reading.reason})" for name, reading in readings.items() if reading.accepted is False]
    unsure = [name for name, reading in readings.items() if reading.accepted is None]
    passed = [name for name, reading in readings.items() if reading.accepted]
    if not stated:
        finding, reason = "unknown", "no licence is stated"
    elif not refused and not unsure:
        finding, reason = "yes", f"approved: {', '.join(passed)}"
    elif not refused:
        finding, reason = "unknown", f"not known to be approved: {', '.join(unsure)}"
    else:
        finding = "partial" if passed else "no"
        reason = f"not approved: {', '.join(refused)}"
        if passed:
            reason = f"the part under {', '.join(refused)} is not approved; the part under {', '.join(passed)} is"
    word = case.framework.words.get(finding, finding)
    return Result(item, word, _MET[finding], _POINTS[finding], reason, ", ".join(stated))


@cache
def _item_policy(accept: tuple[str, ...], unsure: tuple[str, ...]) -> Policy:
    return Policy(listed(*accept), listed(*unsure), broad={"osi", "open-content"} <= set(accept))


def item_policy(item: Item) -> Policy:
    """Which licences one item accepts."""
    return _item_policy(item.accept, item.unsure)


_TESTS: Final[Mapping[str, Callable[[Item, Settled, _Case], Result]]] = {
    "answer": _answer,
    "component": _component,
    "licensed": _licensed,
    "licences": _licences,
}


def _changes(before: list[Result], after: tuple[Result, ...]) -> list[dict[str, str]]:
    """The components whose status the normalised reading of their licence changes."""
    return [
        {"item": new.item.id, "title": new.item.title, "strict": old.status, "normalised": new.status, "reason": new.reason}
        for old, new in zip(before, after, strict=True)
        if old.status != new.status
    ]
