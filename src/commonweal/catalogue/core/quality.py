"""Metadata quality: a record graded by the checks of ``quality.yaml``. It grades and says how to mend; it never rejects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from commonweal.catalogue.core.documents import read_document
from commonweal.catalogue.core.kinds import KINDS

WEIGHTS: Final = {"mandatory": 3, "recommended": 2, "optional": 1}
#: Characters of a description that says something.
SENTENCE: Final = 40


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that good metadata says.

    Attributes:
        profile: who asks for it.
        level: one of WEIGHTS.
        needs: at least one of these properties.
        property, shape: where a property is given, the shape it must have; what is absent is another check's business.
        fix: what the registry's owner can do.
    """

    id: str
    profile: str
    level: str
    fix: str
    kinds: frozenset[str]
    needs: tuple[str, ...] = ()
    property: str = ""
    shape: str = ""

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether a record's values, extras among them, pass."""
        if self.needs:
            return any(values.get(name) not in (None, "", [], {}) for name in self.needs)
        value = values.get(self.property)
        return value in (None, "", [], {}) or _SHAPES[self.shape](value)


@cache
def version() -> str:
    """The version of the checks."""
    return str(_file()["version"])


@cache
def checks(kind: str) -> tuple[Check, ...]:
    """The checks of a kind, in the order of the file."""
    return tuple(check for check in every() if kind in check.kinds)


@cache
def every() -> tuple[Check, ...]:
    """All checks."""
    return tuple(
        Check(
            id=said["id"],
            profile=said["profile"],
            level=said["level"],
            fix=said["fix"],
            kinds=frozenset(said.get("kinds", KINDS)),
            needs=tuple(said.get("needs", ())),
            property=said.get("property", ""),
            shape=said.get("shape", ""),
        )
        for said in _file()["checks"]
    )


def failed(record: Mapping[str, Any]) -> list[Check]:
    """The checks a record (``Record.to_json``) does not pass."""
    values = {**record, **record.get("extras", {})}
    return [check for check in checks(record["kind"]) if not check.holds(values)]


def score(record: Mapping[str, Any], fails: list[Check] | None = None) -> int:
    """0 to 100: the weight of the checks passed, of all that are about its kind."""
    lost = sum(WEIGHTS[check.level] for check in (failed(record) if fails is None else fails))
    return round(100 * (1 - lost / _total(record["kind"])))


@cache
def _total(kind: str) -> int:
    return sum(WEIGHTS[check.level] for check in checks(kind))


def _tagged(value: Mapping[str, Any]) -> bool:
    return any(not tag.startswith("@") and tag != "und" for tag in value)


def _sentence(value: Mapping[str, Any]) -> bool:
    return any(len(words) >= SENTENCE for tag, words in value.items() if not tag.startswith("@"))


_SHAPES: Final[dict[str, Callable[[Any], bool]]] = {
    "tagged": _tagged,
    "sentence": _sentence,
    "spdx": lambda value: bool(value.get("expression")),
    "web": lambda value: str(value).startswith(("https://", "http://")),
}


@cache
def _file() -> dict[str, Any]:
    return dict(read_document("yaml", (resources.files("commonweal.catalogue") / "quality.yaml").read_bytes())[0])
