"""Filters of the search: what an entry is assessed under, the class it reached, how good the evidence is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from commonweal.base.registries import Facet
from commonweal.openness import queries, words
from commonweal.openness.computing import TOPIC

Standing = list[tuple[str, str, float | None, int]]


Read = Callable[[Standing], set[str]]


def _facet(name: str, order: int, read: Read, label: Callable[[str, str], str]) -> Facet:
    """A filter whose values are what ``read`` makes of an entry's current verdicts."""

    def many(views: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
        about = {view["id"]: queries.record_ids(view) for view in views if view["kind"] in queries.KINDS}
        standings = queries.standings(about)
        return {entity: sorted(read(standing)) for entity, standing in standings.items()}

    def values(view: dict[str, Any]) -> Sequence[str]:
        return many([view]).get(view["id"], ())

    return Facet(name, words.FACETS[name], order, values, label, (TOPIC,), many)


def _classes(standing: Standing) -> set[str]:
    return {f"{score:.0f}" for name, mode, score, _ in standing if (name, mode) == ("mof", "strict") and score is not None}


FACETS: Final = (
    _facet("assessed", 100, lambda standing: {name for name, *_ in standing}, lambda value, lang: words.framework_title(value)),
    _facet("mof_class", 101, _classes, lambda value, lang: words.mof_class(value)),
    _facet(
        "evidence_level",
        102,
        lambda standing: {str(max(level for *_, level in standing))} if standing else set(),
        lambda value, lang: words.assurance(value),
    ),
)
