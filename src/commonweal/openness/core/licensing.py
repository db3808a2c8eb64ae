"""Whether a licence, as written, is one that a framework accepts; and which licence a component has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from commonweal.kernel.licences import categorise, is_open, read_licence
from commonweal.openness.core.evidence import Evidence
from commonweal.openness.core.framework import licence_lists
from commonweal.openness.core.subject import Subject

#: In a component's own licence these say that there is none, and stop it from inheriting one.
NO_LICENCE = ("", "unlicensed")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a licence is to a framework.

    Args:
        accepted: True, False, or None when it cannot be decided.
        name: the SPDX expression it was read as, or the words themselves.
        reason: why, in a few words.
        absent: the words say that there is no such component at all.
    """

    accepted: bool | None
    name: str
    reason: str
    absent: bool = False


@dataclass(frozen=True, eq=False)
class Policy:
    """Which licences a framework accepts, and how literally it reads them.

    Args:
        accept: SPDX ids that are accepted.
        unsure: SPDX ids on which the framework is silent.
        literal: match ids exactly, as written, and nothing else.
        broad: the lists hold licences of every kind. Then a licence without its version passes where every version is open,
            and an open licence that is not listed is a question, not a refusal.
        aliases: words (in lower case) → {"as": licence | "absent" | "unknown", "reason"}; looked up before anything else.
    """

    accept: frozenset[str]
    unsure: frozenset[str] = frozenset()
    literal: bool = False
    broad: bool = True
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def read(self, licence: str) -> Reading:
        """Judge one licence as written. Never raises."""
        return _read(self, licence)


@cache
def listed(*names: str) -> frozenset[str]:
    """The ids on all the named lists of ``licence-lists.yaml``."""
    return frozenset(spdx for name in names for spdx in licence_lists()["lists"][name].split())


@cache
def content_kinds() -> Mapping[str, tuple[str, ...]]:
    """SPDX id → the kinds of component (code, data, document) it is made for."""
    rows: list[dict[str, Any]] = licence_lists()["content_types"]
    return {spdx: tuple(row["kinds"]) for row in rows for spdx in row["ids"].split()}


def licence_of(component: Evidence, kind: str, subject: Subject) -> str | None:
    """The licence a component has: its own, else the release's for this kind, else the release's as a whole; None for none."""
    if component.licence is not None:
        return None if component.licence in NO_LICENCE else component.licence
    for fact in (f"licence.{kind}", "licence.distribution"):
        for release in subject.about(fact):
            if release.licence:
                return release.licence
    return None


def warnings_for(licence: str, kind: str) -> list[str]:
    """What is odd about an accepted licence: made for something else, or replaced on the SPDX list."""
    found = []
    if kind not in content_kinds().get(licence, ()):
        found.append(f"{licence} is open, but not listed as made for {kind}: a conditional pass")
    if licence in listed("deprecated"):
        found.append(f"{licence} is an id that SPDX has replaced")
    return found


@cache
def _read(policy: Policy, licence: str) -> Reading:
    alias = None if policy.literal else policy.aliases.get(" ".join(licence.split()).casefold())
    if alias:
        if alias["as"] == "absent":
            return Reading(False, licence, alias["reason"], absent=True)
        if alias["as"] == "unknown":
            return Reading(None, licence, alias["reason"])
        return Reading(_accepts(policy, alias["as"]), alias["as"], alias["reason"])
    if licence in policy.accept:
        return Reading(True, licence, "on the framework's list")
    if policy.literal:
        return Reading(False, licence, "not an id on the framework's list, as written")
    known = read_licence(licence)
    if known is None or known.category == "not-a-licence":
        return Reading(False, licence, "not a licence")
    name = known.expression or licence
    if known.category == "unknown":
        return Reading(None, name, f"cannot be read with certainty ({known.rule})")
    if not is_open(known.category):
        return Reading(False, name, f"{known.category} ({known.rule})")
    said = f"read as {name} ({known.rule})" if name != licence else "named by its SPDX id"
    accepted = _evaluate(policy, known.expression) if known.expression else (True if policy.broad else None)
    return Reading(accepted, name, said if accepted else f"{said}; open, but not on the framework's list")


def _accepts(policy: Policy, spdx: str) -> bool | None:
    same = licence_lists()["same"].get(spdx, spdx)
    if same in policy.accept:
        return True
    category = categorise(spdx)
    return None if same in policy.unsure or category == "unknown" or (policy.broad and is_open(category)) else False


def _evaluate(policy: Policy, expression: str) -> bool | None:
    """OR: any branch; AND: every branch; WITH: the licence, as the kernel has already checked the exception."""
    if " " not in expression:
        return _accepts(policy, expression)
    from license_expression import ExpressionError, ExpressionParseError, Licensing  # 30 ms that few texts need

    try:
        tree = Licensing().parse(expression)
    except (ExpressionError, ExpressionParseError):
        return None
    return _evaluate_tree(policy, tree)


def _evaluate_tree(policy: Policy, tree: Any) -> bool | None:
    branches = getattr(tree, "args", ())
    if not branches:
        return _accepts(policy, str(getattr(tree, "license_symbol", tree).key))
    said = [_evaluate_tree(policy, branch) for branch in branches]
    decisive: bool = tree.operator.strip() == "OR"
    if decisive in said:
        return decisive
    return None if None in said else not decisive
