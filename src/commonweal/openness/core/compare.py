"""Assessments side by side: of several subjects under one framework, of one subject under two versions, or before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from commonweal.kernel.errors import CommonwealError
from commonweal.openness.core.assessment import Assessment

MAX_SUBJECTS: Final = 6


def compare(assessments: Sequence[Assessment]) -> dict[str, Any]:
    """A table of up to :data:`MAX_SUBJECTS` assessments under one framework and version: verdicts, then a row for each item.

    Raises:
        CommonwealError: ``not-comparable`` for different frameworks, versions or modes; ``too-many`` beyond the limit.
    """
    if not 1 <= len(assessments) <= MAX_SUBJECTS:
        raise CommonwealError("too-many", f"{len(assessments)} cannot be compared.", f"Choose 1 to {MAX_SUBJECTS}.")
    rules = {(one.framework, one.version, one.mode) for one in assessments}
    if len(rules) > 1:
        names = "; ".join(sorted(f"{name} {version}" for name, version, _ in rules))
        raise CommonwealError(
            "not-comparable", f"These were not assessed alike: {names}.", "Choose one framework, version and mode."
        )
    items = {result.item.id: result.item.title for one in assessments for result in one.items}
    statuses = [{result.item.id: result.status for result in one.items} for one in assessments]
    rows = [
        {"item": name, "title": title, "statuses": cells, "differs": len(set(cells)) > 1}
        for name, title in items.items()
        for cells in [[status.get(name, "does not apply") for status in statuses]]
    ]
    first = assessments[0]
    return {
        "framework": first.framework,
        "version": first.version,
        "mode": first.mode,
        "subjects": [{"name": one.subject, "verdict": one.verdict, "score": one.score} for one in assessments],
        "rows": rows,
    }


def changes(before: Assessment, after: Assessment) -> dict[str, Any] | None:
    """What is different between two assessments of one subject under one framework, at any two versions; None for nothing.

    Raises:
        CommonwealError: ``not-comparable`` for another framework or subject.
    """
    if (before.subject, before.framework) != (after.subject, after.framework):
        raise CommonwealError("not-comparable", "Only assessments of one subject under one framework have a history.")
    old = {result.item.id: result for result in before.items}
    new = {result.item.id: result for result in after.items}
    items = [
        {
            "item": name,
            "title": (new.get(name) or old[name]).item.title,
            "before": old[name].status if name in old else None,
            "after": new[name].status if name in new else None,
            "reason": new[name].reason if name in new else "no longer asked",
        }
        for name in dict.fromkeys([*old, *new])
        if name not in old or name not in new or old[name].status != new[name].status
    ]
    if before.verdict == after.verdict and not items:
        return None
    return {
        "subject": after.subject,
        "framework": after.framework,
        "versions": [before.version, after.version],
        "verdicts": [before.verdict, after.verdict],
        "items": items,
    }
