"""Connector `dcat`: catalogues in RDF, in one file or in pages linked by Hydra, LDP or a Link header."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import pyoxigraph as ox

from commonweal.catalogue.core.source import Item, ItemError, Page, Reach, SourceSpec
from commonweal.catalogue.sources.graph import Graph, read_graph
from commonweal.catalogue.sources.items import Found, ItemMaker, excerpt
from commonweal.catalogue.sources.paging import Memory, Part, walk
from commonweal.catalogue.sources.web import Answer, address, is_url

#: Where RDF says that there is more; the first that is there counts.
_NEXT: Final = ("hydra:next", "hydra:nextPage", "ldp:nextPage")


class DcatConnector:
    """Address: a URL, or `{url: …}`. Each stream's `select` names the class of its items, such as `dcat:Dataset`."""

    name = "dcat"

    def pages(self, spec: SourceSpec, state: dict[str, Any], reach: Reach) -> Iterator[Page]:
        """See :class:`~commonweal.catalogue.core.source.Connector`."""
        yield from walk(spec, state, reach, _Catalogue(spec, reach))


class _Catalogue:
    """One catalogue, as `walk` asks it. Memory: `listed`, the things seen so far."""

    accept = "text/turtle, application/ld+json;q=0.9, application/rdf+xml;q=0.8, application/n-triples;q=0.7, */*;q=0.1"
    answers = ()

    def __init__(self, spec: SourceSpec, reach: Reach) -> None:
        self._spec, self._reach = spec, reach
        self._things = ThingMaker(spec)

    def start(self, state: Memory) -> tuple[str, Memory]:
        recorded = self._reach.replay is not None and not is_url(self._reach.replay)
        return "" if recorded else address(self._spec, self._reach)[0], {"listed": 0}

    def read(self, answer: Answer, memory: Memory) -> Part:
        base = answer.url if is_url(answer.url) else urljoin(self._spec.homepage, urlsplit(answer.url).path.rpartition("/")[2])
        graph = read_graph(answer.data, base, answer.headers.get("content-type", ""))
        part = Part(self._things.found(graph, answer.url, answer.data))
        memory["listed"] += sum(isinstance(one, Item) for one in part.found)
        part.next = self._next(graph, answer)
        totals = [int(one.value) for one in graph.values("hydra:totalItems") if getattr(one, "value", "").isdigit()]
        part.complete = memory["listed"] >= max(totals, default=0)
        return part

    def skip(self, url: str, memory: Memory) -> str | None:
        return None

    def _next(self, graph: Graph, answer: Answer) -> str | None:
        for name in _NEXT:
            for one in graph.values(name):
                there = urljoin(answer.url, str(one.value)) if isinstance(one, ox.NamedNode | ox.Literal) else ""
                if is_url(there) and there != answer.url:
                    return there
        return answer.next_link


class ThingMaker:
    """Items of the things of a graph: each stream takes the class it selects."""

    def __init__(self, spec: SourceSpec) -> None:
        self._streams = [(stream.select or "dcat:Dataset", ItemMaker(stream)) for stream in spec.streams]

    def found(self, graph: Graph, path: str, data: bytes) -> list[Found]:
        """Every item of one document, and what could not be read of it."""
        made: list[Found] = []
        met: set[str] = set()
        mended = [{"field": "", "value": "", "problem": one} for one in graph.mended]
        for name, maker in self._streams:
            for number, payload in enumerate(graph.of_class(name), 1):
                one = maker.make(payload, path, f"{name} {number}", mended)
                if not (one.native_id in met or maker.passes_over(one)):
                    made.append(one)
                if one.native_id:
                    met.add(one.native_id)
        made += [ItemError(None, path, problem, excerpt(data)) for problem in graph.problems]
        return made
