"""Why an item did not become a record, or a value did not become a property."""

from __future__ import annotations

from typing import Any, Final

#: Characters of an unreadable value that a reason quotes.
EXCERPT: Final = 200

#: `[{"field", "value", "problem"}]`, as a record keeps them.
Problems = list[dict[str, str]]


def excerpt(value: Any) -> str:
    """The value as text, short enough to read in a list of problems."""
    text = value[: EXCERPT + 1] if isinstance(value, str) else repr(value)
    text = text.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"


def note(problems: Problems, field: str, value: Any, problem: str) -> None:
    """Keeps a value that could not be read, cut, beside the reason."""
    problems.append({"field": field, "value": excerpt(value), "problem": problem})


class Rejected(Exception):  # noqa: N818 (a finding, not a fault)
    """No record can be made of an item: what is wrong, with which field, holding what."""

    def __init__(self, problem: str, field: str = "", value: Any = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.field = field
        self.value = "" if value is None else excerpt(value)

    def __str__(self) -> str:
        said = f" ({self.value})" if self.value else ""
        return f"{self.field}: {self.problem}{said}" if self.field else f"{self.problem}{said}"
