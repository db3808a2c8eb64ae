"""Nominees, screening answers and community reviews of the digital public goods registry (JSON) → a subject.

Source: DPGAlliance/publicgoods-candidates@a1d99f0 (Unlicense). Screening answers are the project's own, given by somebody
who may speak for it; reviews are by third parties.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from commonweal.kernel.errors import CommonwealError
from commonweal.openness.core.evidence import Evidence, web_address
from commonweal.openness.core.subject import Subject, problem

_YES_NO: Final = {"yes": "yes", "no": "no"}
_REVIEWED: Final = {
    "SDG": "dpg.1",
    "license": "licence.distribution",
    "ownership": "dpg.3",
    "clearOwnership": "dpg.3",
    "documentation": "dpg.5",
    "nonPII": "dpg.6",
}


def recognises(document: Any) -> bool:
    """Whether the document is a nominee or the screening answers of one."""
    if not isinstance(document, Mapping) or "name" not in document:
        return False
    return "clearOwnership" in document or ("stage" in document and "license" in document)


def recognises_review(document: Any) -> bool:
    """Whether the document is a community review."""
    return isinstance(document, Mapping) and {"user", "timestamp"} <= set(document) and any("SDG" in key for key in document)


def read(document: Mapping[str, Any], file: str | None = None) -> Subject:
    """A nominee or its screening answers; :func:`join` puts the two together."""
    evidence = list(_screening(document, file) if "clearOwnership" in document else _nomination(document, file))
    problems = [] if evidence else [problem("document", document.get("name"), "says nothing that an indicator asks for")]
    types = frozenset(str(name) for name in _list(document.get("type")))
    return Subject(str(document["name"]), types, tuple(evidence), "dpg", {"documents": [dict(document)]}, tuple(problems))


def read_review(document: Mapping[str, Any], project: str, file: str | None = None) -> Subject:
    """A community review of ``project``: each answer with its comment, as the word of a third party."""
    try:
        when = datetime.fromtimestamp(int(document["timestamp"]), UTC).date().isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        raise CommonwealError(
            "document-invalid", f"{document.get('timestamp')!r} is not the time of a review.", "Use seconds since 1970."
        )
    evidence = [
        Evidence(
            _REVIEWED[name],
            "yes" if entry.get("answer") is True else "no" if entry.get("answer") is False else "unknown",
            quote=str(entry.get("comment") or ""),
            file=file,
            who=str(document.get("user") or ""),
            when=when,
            how="third-party",
            note=f"confidence {entry.get('confidence')} of 5",
        )
        for key, entry in document.items()
        if isinstance(entry, Mapping) and (name := key.partition("[")[0]) in _REVIEWED
    ]
    return Subject(project, frozenset(), tuple(evidence), "dpg", {"documents": [dict(document)]})


def join(subjects: Iterable[Subject]) -> Subject:
    """One project from its nomination, its screening answers and its reviews.

    Raises:
        CommonwealError: ``subjects-differ`` when they are not about one project.
    """
    parts = list(subjects)
    if len({part.name for part in parts}) != 1:
        names = ", ".join(sorted({part.name for part in parts})) or "none"
        raise CommonwealError("subjects-differ", f"These are not about one project: {names}.")
    return Subject(
        parts[0].name,
        frozenset().union(*(part.types for part in parts)),
        tuple(one for part in parts for one in part.evidence),
        "dpg",
        {"documents": [document for part in parts for document in part.details["documents"]]},
        tuple(one for part in parts for one in part.problems),
    )


def _nomination(document: Mapping[str, Any], file: str | None) -> Iterator[Evidence]:
    for entry in _list(document.get("license")):
        spdx = entry.get("spdx") if isinstance(entry, Mapping) else entry
        link = entry.get("licenseURL") if isinstance(entry, Mapping) else None
        if spdx:
            yield _own("licence.distribution", "yes", str(spdx), link, file, licence=str(spdx))
    goals = [goal for goal in _list(document.get("SDGs")) if isinstance(goal, Mapping) and goal.get("evidenceText")]
    if goals:
        words = "; ".join(f"SDG {goal.get('SDGNumber')}: {goal['evidenceText']}" for goal in goals)
        yield _own("dpg.1", "yes", words, goals[0].get("evidenceURL"), file)


def _screening(document: Mapping[str, Any], file: str | None) -> Iterator[Evidence]:
    said = _Answers(document)
    yield _own("dpg.3", said("clearOwnership.isOwnershipExplicit"), *said.words("clearOwnership.copyrightURL"), file)
    closed = said("platformIndependence.mandatoryDepsCreateMoreRestrictions")
    independent = "yes" if closed == "no" else said("platformIndependence.isSoftwarePltIndependent")
    yield _own("dpg.4", independent, *said.words("platformIndependence.pltIndependenceDesc"), file)
    yield _own("dpg.5", said("documentation.isDocumentationAvailable"), *said.words("documentation.documentationURL"), file)
    collects = said("NonPII.collectsNonPII")
    extract = "yes" if collects == "no" else said("NonPII.checkNonPIIAccessMechanism")
    yield _own("dpg.6", extract, *said.words("NonPII.nonPIIAccessMechanism"), file)
    yield _own("dpg.7", said("privacy.isPrivacyCompliant"), *said.words("privacy.adherenceSteps"), file)
    standards = [said("standards.supportStandards"), said("standards.implementBestPractices")]
    yield _own("dpg.8", _both(standards), *said.words("standards.standardsList"), file)
    harm = "doNoHarm.dataPrivacySecurity"
    collects = said(f"{harm}.collectsPII")
    private = "yes" if collects == "no" else said(f"{harm}.ensurePrivacySecurity")
    yield _own("dpg.9a", private, *said.words(f"{harm}.privacySecurityDescription"), file)
    harm = "doNoHarm.inappropriateIllegalContent"
    content = "yes" if said(f"{harm}.collectStoreDistribute") == "no" else said(f"{harm}.illegalContentDetection")
    yield _own("dpg.9b", content, *said.words(f"{harm}.illegalContentDetectionMechanism"), file)
    harm = "doNoHarm.protectionFromHarassment"
    meeting = said(f"{harm}.userInteraction")
    protected = "yes" if meeting == "no" else said(f"{harm}.griefAbuseHarassmentProtection")
    yield _own("dpg.9c", protected, *said.words(f"{harm}.harassmentProtectionSteps"), file)


class _Answers:
    """Yes, no and words by dotted path; what is not there is unknown."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def __call__(self, path: str) -> str:
        return _YES_NO.get(str(self._at(path)).strip().lower(), "unknown")

    def words(self, path: str) -> tuple[str, str | None]:
        """(the words there, the first web address in them)."""
        found = self._at(path)
        text = "; ".join(str(part) for part in found) if isinstance(found, list) else str(found or "")
        return text, web_address(text)

    def _at(self, path: str) -> Any:
        value: Any = self._document
        for step in path.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        return value


def _both(findings: list[str]) -> str:
    known = set(findings)
    return known.pop() if len(known) == 1 else "partial" if "yes" in known and "no" in known else "unknown"


def _own(fact: str, finding: str, words: str, link: Any, file: str | None, licence: str | None = None) -> Evidence:
    url = web_address(link)
    return Evidence(fact, finding, licence=licence, quote=words, url=url, file=file, who="the project", how="self-assessed")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
