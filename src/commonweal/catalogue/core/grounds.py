"""Public-interest grounds: what a record itself says that speaks for it. Never a verdict."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from commonweal.catalogue.core.record import Record
from commonweal.kernel.licences import is_open


@cache
def load_scope() -> dict[str, Any]:
    """`catalogue/scope.yaml`: version, the civil-use limit, and each ground with label, meaning and how it is recognised."""
    text = (resources.files("commonweal.catalogue") / "scope.yaml").read_text("utf-8")
    scope: dict[str, Any] = yaml.safe_load(text)
    return scope


def _open_licence(record: Record) -> str | None:
    licence = record.licence or {}
    return licence["expression"] or licence["raw"] if is_open(licence.get("category", "")) else None


def _sdg(record: Record) -> str | None:
    return ", ".join(map(str, record.sdgs)) or None


#: Ground → what in the record's own values recognises it; the other grounds are stated by a source's mapping.
RECOGNISERS: Final[dict[str, Callable[[Record], str | None]]] = {"open_licence": _open_licence, "sdg": _sdg}


def computed_grounds(record: Record, stated: set[str]) -> list[dict[str, str]]:
    """Grounds recognised in a record's values, beyond those its mapping states: `[{"ground", "detail"}]`."""
    return [
        {"ground": ground, "detail": detail}
        for ground, recognise in RECOGNISERS.items()
        if ground not in stated and (detail := recognise(record))
    ]
