"""What an assessor is asked: each fact once, whichever frameworks use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from commonweal.openness.core.framework import Framework, Item, load_framework

#: In this order; a fact belongs to the first framework that asks for it.
_ASKING: Final = ("mof", "eosai", "osaid", "dpg")


@dataclass(frozen=True, slots=True)
class Question:
    """One fact.

    Args:
        title: as the first framework that asks for it calls it.
        licence: whether the licence of this part matters.
        uses: the titles of the frameworks that its answer goes into.
    """

    fact: str
    title: str
    licence: bool
    uses: tuple[str, ...]


@cache
def questions() -> Sequence[Question]:
    """All questions in the order they are asked. A fact whose neighbour is asked already is not asked again."""
    items: dict[str, Item] = {}
    licensed: dict[str, bool] = {}
    uses: dict[str, list[Framework]] = {}
    for name in _ASKING:
        framework = load_framework(name)
        for item in framework.items:
            if "public" not in item.audience:
                continue
            fact = next((near for near in (item.fact, *item.also) if near in items), item.fact)
            items.setdefault(fact, item)
            licensed[fact] = licensed.get(fact, False) or item.test != "answer"
            if framework not in uses.setdefault(fact, []):
                uses[fact].append(framework)
    return [
        Question(fact, item.title, licensed[fact], tuple(framework.title for framework in uses[fact]))
        for fact, item in items.items()
    ]
