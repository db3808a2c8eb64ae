"""Clusters: which records are one thing, as a pure function of what is known now.

Edges are people's `same` judgements, and automatic edges. A `not_same` (or a typed link, or `unsure`) between two
records keeps them apart: while they are still connected, the weakest edge between them is cut. Kruskal's maximum
spanning forest does this in one pass: edges are taken strongest first (people's before automatic ones), ties by ids,
and an edge that would join two groups which must stay apart is refused. What keeps apart by rule (two records of one
source, names in conflict) binds automatic edges only. The answer depends on the edges alone, not on their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .judgements import SAME, Judgement
from .neighbours import Pair


@dataclass(frozen=True, slots=True)
class Clusters:
    """The result.

    Attributes:
        canonical: record id → the smallest record id of its cluster.
        refused: edges that would have joined what must stay apart, a person's first.
    """

    canonical: dict[str, str]
    refused: tuple[Pair, ...]

    def members(self) -> dict[str, list[str]]:
        """Canonical id → its records, sorted."""
        found: dict[str, list[str]] = defaultdict(list)
        for record in sorted(self.canonical):
            found[self.canonical[record]].append(record)
        return dict(found)


def cluster(
    records: Iterable[str],
    automatic: Mapping[Pair, float],
    judged: Mapping[Pair, Judgement],
    apart: Iterable[Pair] = (),
) -> Clusters:
    """Group records.

    Args:
        records: all live record ids; edges to others are ignored.
        automatic: pair → match weight in bits, already above the threshold and free of vetoes.
        judged: the active judgements (``judgements.active``).
        apart: pairs that no automatic edge may bring together.
    """
    groups = _Groups(records)
    refused = []
    same = [two for two, judgement in judged.items() if judgement.verdict == SAME]
    for two, judgement in judged.items():
        if judgement.verdict != SAME:
            groups.oppose(two)
    # A later word is not the weaker one: among persons' edges the ids alone decide which is taken first.
    refused += [two for two in sorted(same) if not groups.join(two)]
    for two in apart:
        groups.oppose(two)
    free = {two: weight for two, weight in automatic.items() if two not in judged}
    refused += [two for two in sorted(free, key=lambda two: (-free[two], two)) if not groups.join(two)]
    return Clusters(groups.canonical(), tuple(refused))


class _Groups:
    """Disjoint sets of records, some of which must stay apart."""

    def __init__(self, records: Iterable[str]) -> None:
        self._root = {record: record for record in records}
        self._members: dict[str, list[str]] = {}
        self._enemies: dict[str, set[str]] = {}

    def oppose(self, two: Pair) -> None:
        """Keep two records apart from now on, unless they are together already."""
        if two[0] not in self._root or two[1] not in self._root:
            return
        a, b = self._find(two[0]), self._find(two[1])
        if a != b:
            self._enemies.setdefault(a, set()).add(two[1])
            self._enemies.setdefault(b, set()).add(two[0])

    def join(self, two: Pair) -> bool:
        """Bring two records together; False when they must stay apart. Records that are not there are passed over."""
        if two[0] not in self._root or two[1] not in self._root:
            return True
        a, b = self._find(two[0]), self._find(two[1])
        if a == b:
            return True
        if not self._enemies.get(a, set()).isdisjoint(self._members.get(b, (b,))):
            return False
        if len(self._members.get(a, (a,))) < len(self._members.get(b, (b,))):
            a, b = b, a
        self._root[b] = a
        self._members[a] = self._members.pop(a, [a]) + self._members.pop(b, [b])
        if b in self._enemies:
            self._enemies.setdefault(a, set()).update(self._enemies.pop(b))
        return True

    def canonical(self) -> dict[str, str]:
        """Record → the smallest of its group."""
        smallest = {top: min(group) for top, group in self._members.items()}
        return {record: smallest.get(top := self._find(record), top) for record in self._root}

    def _find(self, one: str) -> str:
        while self._root[one] != one:
            self._root[one] = one = self._root[self._root[one]]
        return one


def component(start: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    """All records reachable from `start`: what a change can touch, and all that must be recomputed."""
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting.extend(edges.get(one, ()))
    return seen
