"""Plain words for the codes of this room. Verdicts and sentences are the frameworks' own, in their own language."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.errors import CommonwealError
from commonweal.openness.core.framework import load_framework


class Sign(NamedTuple):
    """A word with its icon and tone; colour is never the only sign."""

    label: Any
    icon: str
    tone: str = ""


#: The assurance ladder; index = level.
ASSURANCE: Final = (
    Sign(_("Claimed, no evidence given"), "unknown"),
    Sign(_("Evidence linked"), "outside"),
    Sign(_("Evidence kept and sealed"), "lock", "good"),
    Sign(_("Run by its makers"), "check", "good"),
    Sign(_("Run by others"), "people", "good"),
    Sign(_("Reproduced independently"), "star", "good"),
)
ROLES: Final[dict[str, Any]] = {
    "node": _("Computed by this site from evidence it read"),
    "self": _("Self-assessment by those who make it"),
    "third-party": _("Third-party assessment"),
}
STATES: Final[dict[str, Any]] = {
    "draft": _("Draft"),
    "submitted": _("Waiting for a reviewer"),
    "reviewed": _("Reviewed, not yet published"),
    "published": _("Published"),
    "superseded": _("Replaced by a newer version"),
    "withdrawn": _("Withdrawn"),
}
MODES: Final[dict[str, Any]] = {
    "": "",
    "strict": _("licences read exactly as written"),
    "normalised": _("licences read after cleaning their names"),
}
FINDINGS: Final[dict[str, Any]] = {
    "yes": _("Yes"),
    "partial": _("In part"),
    "no": _("No"),
    "unknown": _("I could not find out"),
}
METHODS: Final[dict[str, Any]] = {
    "imported": _("taken over from a registry"),
    "read": _("read automatically"),
    "self-assessed": _("self-assessed"),
    "third-party": _("assessed by a third party"),
}
ACTIONS: Final[dict[str, Any]] = {
    "publish": _("Publish it"),
    "license": _("Give it an open licence"),
    "relicense": _("Change its licence to an open one"),
    "show": _("Do it, and show where it can be seen"),
}
#: Class of the Model Openness Framework → its label as a filter.
MOF_CLASSES: Final[dict[str, Any]] = {
    "1": _("Class I, open science"),
    "2": _("Class II, open tooling"),
    "3": _("Class III, open model"),
    "0": _("No class reached"),
}
FACETS: Final[dict[str, Any]] = {
    "assessed": _("Assessed under"),
    "mof_class": _("Class of the Model Openness Framework"),
    "evidence_level": _("Best evidence of openness"),
}


def met(value: bool | None) -> Sign:
    """Whether an item counts."""
    if value is None:
        return Sign(_("nobody knows"), "unknown")
    return Sign(_("counts"), "check", "good") if value else Sign(_("does not count"), "no", "bad")


def framework_title(name: str, version: str | None = None) -> str:
    """The framework's full name; its id where this program no longer knows the version."""
    try:
        return load_framework(name, version).title
    except CommonwealError:
        return name


def mof_class(level: str) -> str:
    """A class in words; its number where there is no such one."""
    return str(MOF_CLASSES.get(level, level))


def assurance(level: str) -> str:
    """A level of the ladder in words; the level itself where there is no such one."""
    known = {str(number): sign.label for number, sign in enumerate(ASSURANCE)}
    return str(known.get(level, level))
