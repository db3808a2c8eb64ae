"""A subject → a file of the European Open Source AI Index or of Opening up ChatGPT (the reverse of the importer)."""

from __future__ import annotations

from typing import Any, Final

from commonweal.openness.core.evidence import settle
from commonweal.openness.core.framework import load_framework
from commonweal.openness.core.importers.graded import FINDINGS
from commonweal.openness.core.subject import Subject

_CLASSES: Final = {finding: grade for grade, finding in FINDINGS.items()}


def write(subject: Subject, framework: str = "eosai") -> dict[str, Any]:
    """The members of a system's file. What nobody found out has an empty class, as the index writes it."""
    head = "system" if framework == "eosai" else "project"
    document: dict[str, Any] = {head: {"name": subject.name}}
    if subject.native == framework:
        document |= subject.details
    for item in load_framework(framework).items:
        known = subject.about(item.fact)
        first = known[0] if known else None
        links = first.value.split() if first and first.value else [first.url] if first and first.url else []
        document[item.id] = {
            "class": _CLASSES.get(settle(known).finding),
            "link": links[0] if len(links) == 1 else links or None,
            "notes": (first.quote or None) if first else None,
        }
    return document
