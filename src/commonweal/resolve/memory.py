"""The resolvers of all kinds in this process: loaded from the rows when first asked for, and when another process has written."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import orjson

from commonweal.resolve import queries
from commonweal.resolve.core.assets import Assets
from commonweal.resolve.core.neighbours import Pair
from commonweal.resolve.core.profile import ALONE, Profile
from commonweal.resolve.core.resolver import Edge, Resolver
from commonweal.resolve.models import State

NAME = "assets"

_lock = threading.Lock()
_kept: Memory | None = None


class Memory:
    """Resolvers by kind, as of a number of writes."""

    def __init__(self, assets: Assets, writes: int) -> None:
        self.assets = assets
        self.writes = writes
        self._resolvers: dict[str, Resolver] = {}

    def resolver(self, kind: str) -> Resolver:
        if kind not in self._resolvers:
            self._resolvers[kind] = self.assets.resolver(kind)
        return self._resolvers[kind]

    def take(self, changed: Mapping[str, tuple[Profile | None, Profile | None]]) -> dict[Pair, Edge | None]:
        """Take in records as (what was known, what is known now); edges that are other than before."""
        by_kind: dict[str, dict[str, Profile | None]] = defaultdict(dict)
        for record, (was, now) in changed.items():
            if was and was.kind not in ALONE and (now is None or now.kind != was.kind):
                by_kind[was.kind][record] = None
            if now and now.kind not in ALONE:
                by_kind[now.kind][record] = now
        other: dict[Pair, Edge | None] = {}
        for kind in sorted(by_kind):
            other |= {two: edge for two, edge in self.resolver(kind).take(by_kind[kind]).items() if edge or two not in other}
        return other

    def edges(self) -> dict[Pair, Edge]:
        """All edges of all kinds."""
        return {two: edge for resolver in self._resolvers.values() for two, edge in resolver.edges.items()}


def state() -> State:
    """What the rows were made by; of no version before anything was decided."""
    return State.objects.filter(pk=NAME).first() or State(pk=NAME, version="")


def report() -> dict[str, Any]:
    """What the last decision for every record changed (``services.decide_anew``)."""
    found: dict[str, Any] = orjson.loads(state().report)
    return found


def current(known: State) -> Memory:
    """The resolvers as the rows have them. Loading takes some seconds for tens of thousands of records."""
    global _kept
    with _lock:
        if _kept is None or (_kept.writes, _kept.assets.version) != (known.writes, known.version):
            _kept = None  # frees what it held before the new one is loaded
            _kept = _loaded(known)
        return _kept


def keep(memory: Memory) -> None:
    """Go on with these resolvers from now on."""
    global _kept
    with _lock:
        _kept = memory


def forget() -> None:
    """Load anew when next asked: the rows could not be written."""
    global _kept
    with _lock:
        _kept = None


def _loaded(known: State) -> Memory:
    memory = Memory(queries.model(), known.writes)
    by_kind: dict[str, list[Profile]] = defaultdict(list)
    kinds: dict[str, str] = {}
    for one in queries.iter_profiles():
        if one.kind not in ALONE:
            by_kind[one.kind].append(one)
            kinds[one.id] = one.kind
    edges: dict[str, dict[Pair, Edge]] = defaultdict(dict)
    for two, edge in queries.iter_edges():
        edges[kinds[two[0]]][two] = edge
    for kind, profiles in by_kind.items():
        memory.resolver(kind).load(profiles, edges[kind])
    return memory
