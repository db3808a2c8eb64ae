"""Company reports of the Foundation Model Transparency Index, December 2025 (CSV) → a subject.

Source: stanford-crfm/fmti@f4500c5 (CC-BY 4.0). Editions ask other indicators of other companies: a report of another
edition is refused, not read as this one.
"""

from __future__ import annotations

import io
from typing import Final

from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.tables import read_csv
from commonweal.openness.core.evidence import Evidence, web_address
from commonweal.openness.core.framework import load_framework
from commonweal.openness.core.subject import Subject, problem

_FINDINGS: Final = {"1": "yes", "0": "no"}
_WHO: Final = "Foundation Model Transparency Index"


def recognises(data: bytes) -> bool:
    """Whether the bytes begin with the header of a report."""
    header = data[:400].decode("utf-8-sig", "replace").partition("\n")[0].lower()
    columns = {cell.strip().strip('"') for cell in header.split(",")}
    return {"indicator", "score"} <= columns


def read(data: bytes, file: str | None = None) -> Subject:
    """A report as evidence about each indicator, with the disclosure quoted and the scorer's reasons as note.

    Raises:
        CommonwealError: ``framework-version-unknown`` when the indicators are those of another edition.
    """
    framework = load_framework("fmti")
    evidence: list[Evidence] = []
    problems: list[dict[str, str]] = []
    strange: list[str] = []
    for line, row in read_csv(io.BytesIO(data)):
        if isinstance(row, CommonwealError):
            problems.append(problem(f"line {line}", "", row.message))
            continue
        cells = {key.strip().lower(): value for key, value in row.items()}
        name = cells.get("indicator", "").strip()
        try:
            fact = framework.item(name).fact
        except CommonwealError:
            strange.append(name)
            continue
        score = cells.get("score", "").strip()
        if score not in _FINDINGS:
            problems.append(problem(fact, score, "neither 0 nor 1; it counts as not assessed"))
        evidence.append(_evidence(fact, _FINDINGS.get(score, "unknown"), cells, file, line))
    if strange and len(strange) >= len(evidence):
        raise CommonwealError(
            "framework-version-unknown",
            f"These are not the indicators of December 2025: {', '.join(strange[:3])} …",
            "Editions of the index are not comparable; only December 2025 is known here.",
        )
    problems += [problem("indicator", name, "not an indicator of December 2025; left out") for name in strange]
    problems += _doubled(evidence)
    return Subject(_company(file), frozenset(), tuple(evidence), "fmti", {}, tuple(problems))


def _evidence(fact: str, finding: str, cells: dict[str, str], file: str | None, line: int) -> Evidence:
    return Evidence(
        fact,
        finding,
        value=cells.get("references", ""),
        quote=cells.get("disclosure", ""),
        url=web_address(cells.get("references")) or web_address(cells.get("disclosure")),
        file=file,
        line=line,
        who=_WHO,
        how="third-party",
        note=cells.get("justification", ""),
    )


def _doubled(evidence: list[Evidence]) -> list[dict[str, str]]:
    facts = [one.fact for one in evidence]
    return [problem(fact, "", "the indicator stands there twice") for fact in sorted({f for f in facts if facts.count(f) > 1})]


def _company(file: str | None) -> str:
    stem = (file or "").rpartition("/")[2].rpartition(".")[0]
    return stem.partition("_fmtransparencyreport")[0].replace("_", " ")
