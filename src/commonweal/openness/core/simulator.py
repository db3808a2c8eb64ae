"""What would it take? The changes between a subject and the next better verdict, each tried out before it is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from commonweal.openness.core.assessment import Assessment, Result
from commonweal.openness.core.engine import evaluate
from commonweal.openness.core.evidence import Evidence
from commonweal.openness.core.framework import Framework, Item
from commonweal.openness.core.subject import Subject

#: An example licence for each kind of component that every framework here accepts for it.
EXAMPLES: Final = {"code": "Apache-2.0", "data": "CDLA-Permissive-2.0", "document": "CC-BY-4.0", "": "CC-BY-4.0"}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do.

    Args:
        action: ``publish``, ``license``, ``relicense`` or ``show``.
        gain: points that this change alone would add to a score; 0 where only all changes together count.
    """

    item: str
    title: str
    action: str
    gain: float

    def to_json(self) -> dict[str, Any]:
        """Its members."""
        return {"item": self.item, "title": self.title, "action": self.action, "gain": self.gain}


@dataclass(frozen=True, slots=True)
class Simulation:
    """Changes in the order to make them, and the verdict with all of them made."""

    now: Assessment
    then: Assessment
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, Any]:
        """Verdict now, the changes, verdict then."""
        changes = [change.to_json() for change in self.changes]
        return {"framework": self.now.framework, "now": self.now.verdict, "then": self.then.verdict, "changes": changes}


def what_if(subject: Subject, framework: Framework, findings: Mapping[str, str], mode: str | None = None) -> Assessment:
    """The assessment if the items named had these findings (``yes`` with an example licence), all else as it is.

    Raises:
        CommonwealError: ``item-unknown``; ``evidence-invalid`` for a word that is no finding.
    """
    supposed = [_supposed(framework.item(name), finding) for name, finding in findings.items()]
    return evaluate(subject.knowing(supposed, instead=True), framework, mode)


def simulate(subject: Subject, framework: Framework, mode: str | None = None) -> Simulation:
    """What the next better verdict asks for; of items that can stand for each other, the first that is nearest to done."""
    now = evaluate(subject, framework, mode)
    results = {result.item.id: result for result in now.items}
    wanted = list(_one_of_each(results[name] for name in now.outcome.missing))
    then = what_if(subject, framework, {result.item.id: "yes" for result in wanted}, mode)
    changes = [
        Change(result.item.id, result.item.title, _ACTIONS.get(result.status, "show"), _gain(result, framework))
        for result in wanted
    ]
    return Simulation(now, then, tuple(sorted(changes, key=lambda change: -change.gain)))


_ACTIONS: Final = {"missing": "publish", "unlicensed": "license", "invalid": "relicense"}


def _one_of_each(missing: Iterable[Result]) -> Iterable[Result]:
    """Without the alternatives: items that share ``any_of`` are one requirement."""
    seen: set[str] = set()
    for result in missing:
        if result.item.any_of and result.item.any_of in seen:
            continue
        seen.add(result.item.any_of)
        yield result


def _gain(result: Result, framework: Framework) -> float:
    kind = framework.rule["kind"]
    if kind == "mean":
        return (1 - result.points) / sum(item.required for item in framework.items)
    return 1 - result.points if kind == "sum" else 0.0


def _supposed(item: Item, finding: str) -> Evidence:
    licence = None
    if finding == "yes" and item.test != "answer":
        licence = EXAMPLES["code" if "osi" in item.accept else item.kind]
    how = item.how[0] if item.how else "self-assessed"
    return Evidence(item.fact, finding, licence=licence, how=how, assurance=item.least_assurance, note="supposed")
