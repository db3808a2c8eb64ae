"""Files of the European Open Source AI Index (EOSAI) and of its predecessor Opening up ChatGPT (OUCG) → a subject.

Both give ``{class: open | partial | closed, link, notes}`` for each parameter of their framework, in one YAML file a system.
Sources: Language-Technology-Assessment/main-database@5a388e8, opening-up-chatgpt.github.io@801f687 (data CC-BY 4.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from commonweal.kernel.errors import CommonwealError
from commonweal.openness.core.evidence import Evidence, web_address
from commonweal.openness.core.framework import load_framework
from commonweal.openness.core.subject import Subject, problem

FINDINGS: Final = {"open": "yes", "partial": "partial", "closed": "no"}
_HEADS: Final = {"eosai": "system", "oucg": "project"}
_WHO: Final = {"eosai": "European Open Source AI Index", "oucg": "Opening up ChatGPT"}


def recognises(document: Any) -> bool:
    """Whether the document describes a system with graded parameters."""
    return _kind(document) is not None


def _kind(document: Any) -> str | None:
    if not isinstance(document, Mapping):
        return None
    for name, head in _HEADS.items():
        if isinstance(document.get(head), Mapping) and any(item.id in document for item in load_framework(name).items):
            return name
    return None


def read(document: Mapping[str, Any], file: str | None = None) -> Subject:
    """A system and its grades. The licence of the released weights goes with the evidence about them.

    Raises:
        CommonwealError: ``document-template`` for the empty submission form.
    """
    kind = _kind(document)
    if kind is None:
        raise CommonwealError("document-invalid", "This file has neither a system nor graded parameters.")
    framework = load_framework(kind)
    head = document[_HEADS[kind]]
    if not (head.get("name") or head.get("link")):
        raise CommonwealError("document-template", "This is the empty submission form.", "Fill in the name of the system.")
    problems: list[dict[str, str]] = []
    evidence = []
    for item in framework.items:
        entry = document.get(item.id)
        if isinstance(entry, Mapping):
            evidence.append(_evidence(item.fact, entry, kind, head, file, problems))
        else:
            problems.append(problem(item.id, entry, "parameter is missing; it counts as not assessed"))
    parameters = {item.id for item in framework.items}
    details = {key: value for key, value in document.items() if key not in parameters}
    types = frozenset(part.strip() for part in str(head.get("type") or "").split(",") if part.strip())
    return Subject(str(head.get("name") or _stem(file)).strip(), types, tuple(evidence), kind, details, tuple(problems))


def _evidence(
    fact: str, entry: Mapping[str, Any], kind: str, head: Mapping[str, Any], file: str | None, problems: list[dict[str, str]]
) -> Evidence:
    grade = str(entry.get("class") or "").strip().lower()
    if grade and grade not in FINDINGS:
        problems.append(problem(f"{fact}.class", grade, "neither open, partial nor closed; it counts as not assessed"))
    links = entry.get("link")
    listed = [str(link).strip() for link in (links if isinstance(links, list) else [links]) if link]
    licence = head.get("endmodellicense") if fact == "eosai.weights_endmodel" else None
    return Evidence(
        fact,
        FINDINGS.get(grade, "unknown"),
        value=" ".join(listed),
        licence=str(licence) if licence else None,
        quote=str(entry.get("notes") or ""),
        url=next(filter(None, map(web_address, listed)), None),
        file=file,
        who=_WHO[kind],
        how="third-party",
    )


def _stem(file: str | None) -> str:
    return (file or "").rpartition("/")[2].rpartition(".")[0]
