"""The face of the room: anything that can be assessed, one framework, one answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commonweal.openness.core.assessment import Assessment
from commonweal.openness.core.engine import evaluate
from commonweal.openness.core.formats import read_subject
from commonweal.openness.core.framework import load_framework, versions
from commonweal.openness.core.subject import Subject


def assess(
    thing: Subject | Mapping[str, Any] | str | bytes,
    framework: str | None = None,
    mode: str | None = None,
    *,
    today: str | None = None,
) -> Assessment:
    """Assess a subject, or the content of a file that describes one.

    Args:
        thing: a subject, a parsed document, or the text of a MOT, EOSAI, Opening-up-ChatGPT or DPG file, an FMTI report,
            or a model or data set card.
        framework: its name, with ``@version`` for another than the newest; None takes the one the file was written for,
            else Croissant-RAI for data sets and MOF for all else.
        mode: ``strict`` or ``normalised``, for frameworks that have modes.
        today: ISO date; evidence that expired before it does not count.

    Raises:
        CommonwealError: ``document-unknown``, ``document-invalid``, ``framework-unknown``, ``framework-version-unknown``,
            ``mode-unknown`` or ``item-unknown``, each with what would do.
    """
    subject = thing if isinstance(thing, Subject) else read_subject(thing)
    usual = subject.native or ("croissant-rai" if subject.types == {"data"} else "mof")
    return evaluate(subject, load_framework(framework or usual), mode, today)


def assess_all(subject: Subject, mode: str | None = None, *, today: str | None = None) -> list[Assessment]:
    """The newest version of every framework about one subject, side by side; never merged into one figure."""
    return [evaluate(subject, load_framework(name), mode, today) for name in versions()]
