"""The automatic half of the resolver: from the records of one kind to edges between them, kept true as records change.

``take`` of any changes in any batches gives the same edges as one ``take`` of what there is in the end: candidates,
weak identifiers and rivals are defined over the present records, and what a change can touch is decided anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np

from .comparisons import Columns
from .names import conflict
from .neighbours import Neighbours, Pair, pair
from .ngrams import Statistics, Vectoriser
from .profile import Profile
from .verdicts import names_one, rule
from .weights import Model, all_levels

#: An identifier or acronym of more records than this says nothing about any two of them.
MOST_HOLDERS: Final = 30
_SCORED: Final = 200_000  # pairs compared at once: bounds the memory of a first run


class Edge(NamedTuple):
    """A pair worth remembering: joined by a rule, or a question for a person.

    Attributes:
        weight: match weight in bits, prior included.
        levels: per comparison of the model, -1 where a side is silent.
        rule: why it joins without asking (``verdicts.RULES``), "" when it does not.
        settled: it needs no asking, because one of the two is joined to another record of the other's source.
    """

    weight: float
    levels: tuple[int, ...]
    rule: str = ""
    settled: bool = False


class Resolver:
    """The records of one kind.

    Attributes:
        profiles: record id → what is known of it.
        edges: the pairs that are joined or asked about.
    """

    def __init__(self, kind: str, model: Model, statistics: Mapping[str, Statistics]) -> None:
        self.kind = kind
        self.model = model
        self.profiles: dict[str, Profile] = {}
        self.edges: dict[Pair, Edge] = {}
        self._statistics = statistics
        self._vectoriser = Vectoriser(statistics["name grams"])
        self._neighbours = Neighbours()
        self._holders: dict[str, set[str]] = defaultdict(set)
        self._others: dict[str, set[str]] = defaultdict(set)  # record → those it has an edge with
        self._groups: dict[str, int] = {}

    def load(self, profiles: Iterable[Profile], edges: Mapping[Pair, Edge]) -> None:
        """Go on from what an earlier resolver of the same model had come to."""
        self.profiles = {one.id: one for one in profiles}
        self._index(list(self.profiles.values()), ())
        for one in self.profiles.values():
            for key in one.bonds():
                self._holders[key].add(one.id)
        for two, edge in edges.items():
            self._put(two, edge)

    def take(self, changed: Mapping[str, Profile | None]) -> dict[Pair, Edge | None]:
        """Take in changed records (None: no longer there).

        Returns:
            The edges that are new or other than before, None for those that lapsed.
        """
        before = self.profiles
        gone = [one for one in changed if one in before]
        came, left = self._index([now for now in changed.values() if now], [one for one in gone if changed[one] is None])
        keyed, unkeyed = self._take_keys({one: (before.get(one), now) for one, now in changed.items()})
        self.profiles.update({one: now for one, now in changed.items() if now})
        for one in gone:
            if changed[one] is None:
                del self.profiles[one]

        former: dict[Pair, Edge | None] = {}
        lapsed = {two for two in left | unkeyed if not self._is_candidate(two)}
        for two in lapsed | {pair(one, other) for one in gone for other in self._others[one]}:
            self._drop(two, former)
        came |= keyed
        for two in came:
            self._drop(two, former)
        for two, edge in self._scored(came):
            former.setdefault(two, None)
            self._put(two, edge)
        self._decide({one for two in former for one in two}, former)
        return {two: self.edges.get(two) for two, edge in former.items() if self.edges.get(two) != edge}

    def candidates(self) -> set[Pair]:
        """All pairs that are compared."""
        return self._neighbours.pairs().union(*(self._pairs(held) for held in self._holders.values()))

    def levels(self, pairs: Iterable[Pair]) -> Iterable[tuple[list[Pair], np.ndarray]]:
        """Pairs in chunks, by ids, with the levels of each; int8 of shape (pairs, comparisons)."""
        ordered = sorted(pairs)
        for start in range(0, len(ordered), _SCORED):
            chunk = ordered[start : start + _SCORED]
            ids = sorted({one for two in chunk for one in two})
            row = {one: number for number, one in enumerate(ids)}
            profiles = [self.profiles[one] for one in ids]
            identifiers = {identifier for one in profiles for identifier in one.identifiers}
            weak = {identifier for identifier in identifiers if self._is_weak(identifier)}
            columns = Columns([one.row() for one in profiles], self._statistics, weak)
            left = np.array([row[two[0]] for two in chunk], dtype=np.int64)
            right = np.array([row[two[1]] for two in chunk], dtype=np.int64)
            yield chunk, all_levels(columns, self.model.comparisons, left, right)

    def _index(self, come: Sequence[Profile], gone: Iterable[str]) -> tuple[set[Pair], set[Pair]]:
        groups = [self._groups.setdefault(one.source, len(self._groups)) for one in come]
        vectors = self._vectoriser.vectors([one.latin for one in come])
        return self._neighbours.update(list(gone), [one.id for one in come], vectors, groups)

    def _take_keys(self, changed: Mapping[str, tuple[Profile | None, Profile | None]]) -> tuple[set[Pair], set[Pair]]:
        """Bring the holders of keys up to date; pairs to compare (anew), and pairs that no longer share a key."""
        touched: dict[str, set[str]] = {}
        for was, now in changed.values():
            for key in (was.bonds() if was else set()) | (now.bonds() if now else set()):
                touched.setdefault(key, set(self._holders[key]))
        sources = {key: self._sources(holders) for key, holders in touched.items()}
        for one, (was, now) in changed.items():
            for key in was.bonds() if was else ():
                self._holders[key].discard(one)
            for key in now.bonds() if now else ():
                self._holders[key].add(one)
        came: set[Pair] = set()
        left: set[Pair] = set()
        new = {one: now for one, (_, now) in changed.items()}
        for key, was_held in touched.items():
            held = self._holders[key]
            was_pairs, now_pairs = self._pairs(was_held), self._pairs(held, new)
            left |= was_pairs - now_pairs
            # A key that turned weak, or strong again, weighs differently in all pairs that share it.
            turned = _weak(sources[key]) != _weak(self._sources(held, new))
            came |= {two for two in now_pairs if two not in was_pairs or not changed.keys().isdisjoint(two)}
            if turned:  # then those that held it before and after are few: one a source
                both = combinations(sorted(was_held & held), 2)
                came |= {two for two in both if two in now_pairs or two in self._neighbours}
            if not held:
                del self._holders[key]
        return came, left

    def _sources(self, holders: Iterable[str], new: Mapping[str, Profile | None] | None = None) -> list[str]:
        return [((new or {}).get(one) or self.profiles[one]).source for one in holders]

    def _pairs(self, holders: set[str], new: Mapping[str, Profile | None] | None = None) -> set[Pair]:
        """Pairs of different sources that a key makes candidates."""
        if not 1 < len(holders) <= MOST_HOLDERS:
            return set()
        source = dict(zip(holders, self._sources(holders, new), strict=True))
        return {two for two in combinations(sorted(holders), 2) if source[two[0]] != source[two[1]]}

    def _is_candidate(self, two: Pair) -> bool:
        if two in self._neighbours:
            return True
        one, other = (self.profiles.get(each) for each in two)
        if one is None or other is None or one.source == other.source:
            return False
        return any(len(self._holders[key]) <= MOST_HOLDERS for key in one.bonds() & other.bonds())

    def _is_weak(self, identifier: str) -> bool:
        """Whether an identifier says little: its scheme names groups of things, or one source gives it to several."""
        return not names_one(self.kind, identifier) or _weak(self._sources(self._holders[identifier]))

    def _scored(self, pairs: Iterable[Pair]) -> Iterable[tuple[Pair, Edge]]:
        """The edges of those pairs that weigh enough to be remembered, not yet decided."""
        for chunk, found in self.levels(pairs):
            weights = self.model.score(found) + self.model.prior
            for at in np.flatnonzero(weights >= self.model.ask):
                yield chunk[at], Edge(round(float(weights[at]), 6), tuple(found[at].tolist()))

    def _decide(self, records: Iterable[str], former: dict[Pair, Edge | None]) -> None:
        """Say again which edges of some records join by themselves; what they were goes into `former`."""
        for two in self._edges_of(records):
            self._replace(two, self.edges[two]._replace(rule=self._rule(two, self.edges[two])), former)
        for two in self._edges_of({one for pair_ in former for one in pair_}):
            self._replace(two, self.edges[two]._replace(settled=self._is_settled(two)), former)

    def _edges_of(self, records: Iterable[str]) -> set[Pair]:
        return {pair(one, other) for one in records for other in self._others.get(one, ())}

    def _replace(self, two: Pair, decided: Edge, former: dict[Pair, Edge | None]) -> None:
        if decided != self.edges[two]:
            former.setdefault(two, self.edges[two])
            self.edges[two] = decided

    def _is_settled(self, two: Pair) -> bool:
        return not self.edges[two].rule and any(
            self.edges[pair(one, third)].rule and self.profiles[third].source == self.profiles[other].source
            for one, other in (two, two[::-1])
            for third in self._others[one]
        )

    def _rule(self, two: Pair, edge: Edge) -> str:
        if edge.weight < self.model.automatic:
            return ""
        one, other = (self.profiles[each] for each in two)
        found = {comparison.name: level for comparison, level in zip(self.model.comparisons, edge.levels, strict=True)}
        why = rule(one, other, found)
        return "" if why and (self._has_rival(one, other, edge) or self._has_rival(other, one, edge)) else why

    def _has_rival(self, one: Profile, other: Profile, edge: Edge) -> bool:
        """Whether another record of `other`'s source might as well be the same as `one`."""
        for rival in self._others[one.id]:
            profile = self.profiles[rival]
            if rival == other.id or profile.source != other.source or conflict(one.name, profile.name):
                continue
            if self.edges[pair(one.id, rival)].weight > edge.weight - self.model.margin:
                return True
        return False

    def _put(self, two: Pair, edge: Edge) -> None:
        self.edges[two] = edge
        self._others[two[0]].add(two[1])
        self._others[two[1]].add(two[0])

    def _drop(self, two: Pair, former: dict[Pair, Edge | None]) -> None:
        edge = self.edges.pop(two, None)
        if edge is None:
            return
        former.setdefault(two, edge)
        for one, other in (two, two[::-1]):
            self._others[one].discard(other)


def _weak(sources: Sequence[str]) -> bool:
    return len(set(sources)) < len(sources)
