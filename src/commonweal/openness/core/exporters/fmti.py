"""A subject → a report of the Foundation Model Transparency Index (the reverse of the importer)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from commonweal.openness.core.framework import load_framework
from commonweal.openness.core.subject import Subject

#: The columns, in the order of the published reports; definitions and notes are the index's own text and stay there.
COLUMNS: Final = ("Indicator", "Disclosure", "Justification", "References", "Score")


def write(subject: Subject) -> Iterator[dict[str, str]]:
    """One row for each indicator; an indicator without an answer has no score."""
    for item in load_framework("fmti").items:
        for one in subject.about(item.fact)[:1]:
            score = {"yes": "1", "no": "0"}.get(one.finding, "")
            yield dict(zip(COLUMNS, (item.title, one.quote, one.note, one.value, score), strict=True))
            break
        else:
            yield dict(zip(COLUMNS, (item.title, "", "", "", ""), strict=True))
