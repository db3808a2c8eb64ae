"""Report: a source's records looked at together: how many say what, how good they are, what their mapping could not read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from commonweal.catalogue.core import quality

#: What anybody looks for, in every kind.
SHARED: Final = (
    *("description", "url", "licence", "publisher", "languages", "countries", "sdgs", "keywords", "issued", "modified"),
    *("identifiers", "evidence"),
)
PROBLEMS: Final = 50
EXAMPLES: Final = 5


def report(records: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """What all records of a source, as (native id, ``Record.to_json``), amount to.

    Returns:
        ``records``; ``coverage``: property → records that have it; ``score``: mean of the records' metadata quality or
        None; ``checks``: check → records that fail it; ``quality``: version of the checks; ``problems``: the commonest
        ``{"field", "problem", "count", "examples"}`` of the mapping.
    """
    total = points = 0
    coverage: Counter[str] = Counter(dict.fromkeys(SHARED, 0))
    fails: Counter[str] = Counter()
    problems: dict[tuple[str, str], list[Any]] = defaultdict(lambda: [0, []])
    for native_id, record in records:
        total += 1
        coverage.update(name for name in SHARED if record.get(name))
        lacking = quality.failed(record)
        points += quality.score(record, lacking)
        fails.update(check.id for check in lacking)
        for problem in record.get("problems", ()):
            entry = problems[problem["field"], problem["problem"]]
            entry[0] += 1
            if len(entry[1]) < EXAMPLES:
                entry[1].append({"native_id": native_id, "value": problem.get("value", "")})
    commonest = sorted(problems.items(), key=lambda item: (-item[1][0], item[0]))[:PROBLEMS]
    return {
        "records": total,
        "coverage": dict(coverage),
        "score": round(points / total) if total else None,
        "checks": dict(fails.most_common()),
        "quality": quality.version(),
        "problems": [
            {"field": field, "problem": problem, "count": count, "examples": examples}
            for (field, problem), (count, examples) in commonest
        ],
    }
