"""The YAML block at the head of a card, with the line of each key; whatever is wrong with it is said, not raised."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from commonweal.catalogue.core.documents import Unreadable, read_document
from commonweal.openness.core.subject import problem

MAX_LINES: Final = 5_000
_KEY: Final = re.compile(r"([\w.-]+)\s*:")


@dataclass(frozen=True)
class FrontMatter:
    """The block's members; ``lines`` gives the line of each key, ``end`` the line after which the text begins (0: no block)."""

    members: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    end: int = 0
    problems: tuple[dict[str, str], ...] = ()


def read_front_matter(lines: list[str]) -> FrontMatter:
    """The block between a first line ``---`` and the next; none, one without an end and one that is no mapping are told apart."""
    if not lines or lines[0].rstrip() != "---":
        return FrontMatter()
    end = next((at for at, line in enumerate(lines[1:MAX_LINES], 1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        return FrontMatter(problems=(problem("front matter", lines[0], "begins but does not end; it is read as text"),))
    keys: dict[str, int] = {}
    for at, line in enumerate(lines[1:end], 2):
        if found := _KEY.match(line):
            keys.setdefault(found[1], at)
    try:
        document, odd = read_document("yaml", "\n".join(lines[1:end]).encode("utf-8", "replace"))
    except Unreadable as failure:
        return FrontMatter(end=end + 1, problems=(problem("front matter", "", f"cannot be read: {failure}"),))
    if document is None:
        return FrontMatter(end=end + 1)
    if not isinstance(document, Mapping):
        return FrontMatter(end=end + 1, problems=(problem("front matter", document, "is no list of keys and values"),))
    return FrontMatter(document, keys, end + 1, tuple(odd))
