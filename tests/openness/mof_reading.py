"""A second, independent reading of MOF 1.0 as the Model Openness Tool computes it, from the rules in words.

Shares no code and no data with the product: components are listed here by hand, the open licences are handed in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

CLASS_3 = ["Model architecture", "Model parameters (Final)", "Evaluation results", "Model card", "Data card", "Technical report"]
CLASS_2 = ["Training code", "Inference code", "Evaluation code", "Evaluation data"]
CLASS_1 = ["Data preprocessing code", "Datasets", "Model parameters (Intermediate)", "Research paper"]
OPTIONAL = ["Sample model outputs", "Supporting libraries and tools", "Model metadata"]
KIND = {
    **dict.fromkeys(["Model architecture", *CLASS_2[:3], "Supporting libraries and tools", "Data preprocessing code"], "code"),
    **dict.fromkeys(
        ["Model parameters (Final)", "Evaluation data", "Datasets", "Model parameters (Intermediate)", "Model metadata"], "data"
    ),
    **dict.fromkeys(
        ["Evaluation results", "Model card", "Data card", "Technical report", "Research paper", "Sample model outputs"],
        "document",
    ),
}


def licence_of(component: Mapping[str, Any], release: Mapping[str, Any]) -> str | None:
    own = component.get("license")
    if own is not None:
        return own if own not in ("", "unlicensed") else None
    given = release.get("license") or {}
    for key in (KIND[component["name"]], "distribution"):
        name = (given.get(key) or {}).get("name") if isinstance(given, dict) else None
        if name:
            return name
    return None


def classify(release: Mapping[str, Any], open_licences: Collection[str]) -> tuple[int, dict[str, float]]:
    """(class, progress by class) of a release without doubled components."""
    here = {component["name"]: component for component in release.get("components") or []}
    good = {name for name, component in here.items() if licence_of(component, release) in open_licences}
    paper_helps = "Research paper" in good and "Technical report" not in good
    counts = {
        3: (sum(name in good for name in CLASS_3) + paper_helps, 6),
        2: (sum(name in good for name in CLASS_3 + CLASS_2) + paper_helps, 10),
        1: (sum(name in good for name in CLASS_3 + CLASS_2 + CLASS_1), 13 if paper_helps else 14),
    }
    progress: dict[str, float] = {}
    best, complete = 0, True
    for level in (3, 2, 1):
        got, total = counts[level]
        progress[str(level)] = min(100.0, 100 * got / total) if complete else 0.0
        complete = complete and got == total
        best = level if complete else best
    return best, progress
