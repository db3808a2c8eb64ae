"""Filters of the search: what an entry is assessed under, the class it reached, how good the evidence is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from commonweal.base.registries import Facet
from commonweal.openness import queries, words
from commonweal.openness.computing import TOPIC

Standing = list[tuple[str, str, float | None, int]]


def _about(read: Callable[[Standing], set[str]]) -> Callable[[dict[str, Any]], Sequence[str]]:
    """What ``read`` makes of an entry's current verdicts."""

    def values(view: dict[str, Any]) -> Sequence[str]:
        if view["kind"] not in queries.KINDS:
            return ()
        return sorted(read(queries.standing(queries.record_ids(view))))

    return values


def _classes(standing: Standing) -> set[str]:
    return {f"{score:.0f}" for name, mode, score, _ in standing if (name, mode) == ("mof", "strict") and score is not None}


FACETS: Final = (
    Facet(
        "assessed",
        words.FACETS["assessed"],
        100,
        _about(lambda standing: {name for name, *_ in standing}),
        lambda value, lang: words.framework_title(value),
        (TOPIC,),
    ),
    Facet(
        "mof_class", words.FACETS["mof_class"], 101, _about(_classes), lambda value, lang: words.mof_class(value),
        (TOPIC,),
    ),
    Facet(
        "evidence_level",
        words.FACETS["evidence_level"],
        102,
        _about(lambda standing: {str(max(level for *_, level in standing))} if standing else set()),
        lambda value, lang: words.assurance(value),
        (TOPIC,),
    ),
)  # fmt: skip
