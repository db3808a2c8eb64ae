"""Connector `huggingface`: models, datasets or spaces of a Hub, newest first, walked by its opaque cursor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from commonweal.catalogue.core.source import Item, Page, Reach, SourceSpec
from commonweal.catalogue.sources.paging import Memory, Part, walk
from commonweal.catalogue.sources.rest import JsonLists
from commonweal.catalogue.sources.web import Answer, with_query

LIMIT: Final = 1000


class HuggingFaceConnector:
    """Address: `{url: https://huggingface.co/api/datasets, query: {filter: …}}`; `/api/models` and `/api/spaces` likewise.

    A first run reads the whole list. Later runs ask for the newest first and stop at what was known already. The Hub tells
    of no deletions: only a first run proves that something is gone (`commonweal harvest SOURCE --force`).
    """

    name = "huggingface"

    def pages(self, spec: SourceSpec, state: dict[str, Any], reach: Reach) -> Iterator[Page]:
        """See :class:`~commonweal.catalogue.core.source.Connector`."""
        yield from walk(spec, state, reach, _Hub(spec, reach))


class _Hub(JsonLists):
    """The Hub's list. Memory: `since` (what the last run knew), `newest` (what this one saw first)."""

    def start(self, state: Memory) -> tuple[str, Memory]:
        url, memory = super().start(state)
        query = self.spec.address.get("query", {}) if not isinstance(self.spec.address, str) else {}
        memory |= {"since": state.get("newest", ""), "newest": "", "last": ""}
        return with_query(url, sort="lastModified", direction=-1, limit=LIMIT, full="true", **query), memory

    def read(self, answer: Answer, memory: Memory) -> Part:
        """Ends before the list does once everything is older than the last run, if the Hub keeps to its order."""
        part = super().read(answer, memory)
        times = [time for one in part.found if isinstance(one, Item) and (time := _time(one))]
        memory["newest"] = max([memory["newest"], *times])
        ordered = all(first >= second for first, second in zip([memory["last"] or "~", *times], times, strict=False))
        memory["last"] = times[-1] if times else memory["last"]
        if memory["since"]:
            part.complete = False
            if ordered and times and times[-1] < memory["since"]:
                part.next = None
            part.found = [one for one in part.found if not (isinstance(one, Item) and "" < _time(one) < memory["since"])]
        part.marks = {"newest": max(memory["newest"], memory["since"])}
        return part


def _time(item: Item) -> str:
    """ISO time of the last change, "" when the Hub says none."""
    said = item.payload.get("lastModified")
    return said if isinstance(said, str) else ""
