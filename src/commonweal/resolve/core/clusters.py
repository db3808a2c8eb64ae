"""Clusters: which records are one thing, as a pure function of what is known now.

Edges are human `same` judgements and automatic edges above the threshold. A `not_same` (or a typed link, or `unsure`)
between two records keeps them apart: while they are still connected, the weakest edge between them is cut. Kruskal's
maximum spanning forest does this in one pass: edges are taken strongest first, ties by ids, and an edge that would
join two groups which must stay apart is refused. The answer depends on the set of edges alone, not on their order.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from .judgements import SAME, Judgement
from .neighbours import Pair, pair

JUDGED: Final = math.inf  # a person's word outranks any score


@dataclass(frozen=True, slots=True)
class Clusters:
    """The result.

    Attributes:
        canonical: record id → the smallest record id of its cluster.
        refused: edges that were above the threshold but would have joined what must stay apart.
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
        apart: further pairs that no chain of edges may join (conflicting sizes, versions, …).
    """
    root = {record: record for record in records}
    edges: list[tuple[float, Pair]] = []
    for two, weight in automatic.items():
        if two[0] in root and two[1] in root and two not in judged:
            edges.append((weight, two))
    enemies: dict[str, set[str]] = defaultdict(set)
    for two, judgement in judged.items():
        if two[0] not in root or two[1] not in root:
            continue
        if judgement.verdict == SAME:
            edges.append((JUDGED, two))
        else:
            _oppose(enemies, two)
    for two in apart:
        if two[0] in root and two[1] in root and not (two in judged and judged[two].verdict == SAME):
            _oppose(enemies, two)

    groups: dict[str, list[str]] = {}
    refused: list[Pair] = []
    for _, (one, other) in sorted(edges, key=lambda edge: (-edge[0], edge[1])):
        a, b = _find(root, one), _find(root, other)
        if a == b:
            continue
        if enemies.get(a, set()) & set(groups.get(b, (b,))):
            refused.append(pair(one, other))
            continue
        if len(groups.get(a, (a,))) < len(groups.get(b, (b,))):
            a, b = b, a
        root[b] = a
        groups[a] = groups.pop(a, [a]) + groups.pop(b, [b])
        enemies[a] = enemies.get(a, set()) | enemies.pop(b, set())

    smallest = {top: min(group) for top, group in groups.items()}
    canonical = {record: smallest.get(top := _find(root, record), top) for record in root}
    return Clusters(canonical, tuple(refused))


def _oppose(enemies: dict[str, set[str]], two: Pair) -> None:
    enemies[two[0]].add(two[1])
    enemies[two[1]].add(two[0])


def _find(root: dict[str, str], one: str) -> str:
    while root[one] != one:
        root[one] = root[root[one]]
        one = root[one]
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
