"""Connector `rest`: lists of JSON objects in pages, walked by link, by a path in the answer, or by counting."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urljoin

from commonweal.catalogue.core.documents import Unreadable
from commonweal.catalogue.core.expressions import compile_path
from commonweal.catalogue.core.source import Item, Page, Reach, SourceSpec
from commonweal.catalogue.sources.items import Found, ItemMaker
from commonweal.catalogue.sources.paging import Memory, Part, walk
from commonweal.catalogue.sources.web import Answer, address, is_url
from commonweal.kernel.errors import CommonwealError

#: Objects an answer may hold.
MAX_OBJECTS: Final = 100_000


class RestConnector:
    """Address: `{url, items, next, limit, total, ends}`.

    `items` is the path of the list in an answer ("" for the answer itself). `next` is the path of the next answer's address;
    without it the Link header is followed, and an address with `{offset}` or `{page}` counts on by `limit` until an
    answer holds fewer. `total` is the path of the registry's own count, `ends` a status that means "nothing more".
    """

    name = "rest"

    def pages(self, spec: SourceSpec, state: dict[str, Any], reach: Reach) -> Iterator[Page]:
        """See :class:`~commonweal.catalogue.core.source.Connector`."""
        yield from walk(spec, state, reach, JsonLists(spec, reach))


class JsonLists:
    """A registry of JSON lists, as `walk` asks it."""

    accept = "application/json"

    def __init__(self, spec: SourceSpec, reach: Reach) -> None:
        self.spec = spec
        options: Mapping[str, Any] = spec.address if isinstance(spec.address, Mapping) else {"url": spec.address}
        self._reach = reach
        self._items = compile_path(options["items"], spec.id) if options.get("items") else None
        self._next = compile_path(options["next"], spec.id) if options.get("next") else None
        self._total = compile_path(options["total"], spec.id) if options.get("total") else None
        self._limit = int(options.get("limit", 100))
        self.answers: Collection[int] = (int(options["ends"]),) if options.get("ends") else ()
        self._counts = any(hole in str(options.get("url", "")) for hole in ("{offset}", "{page}"))
        self._makers = [ItemMaker(stream) for stream in spec.streams]

    def start(self, state: Memory) -> tuple[str, Memory]:
        return "" if _is_folder(self._reach) else self._at(0), {"offset": 0, "listed": 0}

    def read(self, answer: Answer, memory: Memory) -> Part:
        """The objects of one answer; every one that cannot be an item is an error of its own."""
        if answer.status in self.answers:
            return Part(complete=self._agrees(memory.get("total"), memory))
        document = answer.json()
        objects = self._objects(document)
        memory["listed"] += len(objects)
        total = self._said(self._total, document)
        memory["total"] = total
        part = Part(self.found(objects, answer.url))
        part.next = self._after(answer, document, len(objects), memory)
        part.complete = self._agrees(total, memory)
        return part

    def skip(self, url: str, memory: Memory) -> str | None:
        """Counting goes on without the answer; its records stay unread, so the listing is never called complete."""
        if not self._counts:
            return None
        memory["offset"] += self._limit
        return self._at(memory["offset"])

    def found(self, objects: list[Any], url: str) -> list[Found]:
        """Items of every stream: each object belongs to the first stream whose native id it has."""
        made: list[Found] = []
        for number, one in enumerate(objects, 1):
            tried = [maker.make(one, url, f"entry {number}") for maker in self._makers]
            found = next((item for item in tried if isinstance(item, Item)), tried[0])
            if not self._makers[0].passes_over(found):
                made.append(found)
        return made

    def _objects(self, document: Any) -> list[Any]:
        chosen = self._said(self._items, document) if self._items else document
        if isinstance(chosen, dict) and self._items is None:
            chosen = [chosen]
        if not isinstance(chosen, list):
            raise Unreadable(f"the answer holds no list ({_excuse(document)})")
        if len(chosen) > MAX_OBJECTS:
            raise Unreadable(f"the answer lists more than {MAX_OBJECTS} objects")
        return chosen

    def _after(self, answer: Answer, document: Any, count: int, memory: Memory) -> str | None:
        if self._next:
            said = self._said(self._next, document)
            return urljoin(answer.url, said) if isinstance(said, str) and said else None
        if self._counts:
            memory["offset"] += self._limit
            return self._at(memory["offset"]) if count >= self._limit else None
        return answer.next_link

    def _at(self, offset: int) -> str:
        holes = {"offset": offset, "limit": self._limit, "page": offset // self._limit}
        url, _ = address(self.spec, self._reach)
        for name, number in holes.items():
            url = url.replace(f"{{{name}}}", str(number))
        return url

    def _agrees(self, total: Any, memory: Memory) -> bool:
        """Whether as many objects came as the registry counts, where it counts."""
        return not isinstance(total, int) or isinstance(total, bool) or memory["listed"] >= total

    def _said(self, path: Any, document: Any) -> Any:
        return path(document, Item(self.spec.streams[0].name, "", document)) if path else None


def _is_folder(reach: Reach) -> bool:
    return reach.replay is not None and not is_url(reach.replay)


def _excuse(document: Any) -> str:
    """What an answer that is no list says instead."""
    if isinstance(document, dict):
        for key in ("error", "message", "detail"):
            if document.get(key):
                return f"it says: {str(document[key])[:200]}"
    return f"but {type(document).__name__}"


def refused(spec: SourceSpec, said: str) -> CommonwealError:
    """The registry understood and says no."""
    return CommonwealError(
        "source-refused", f"{spec.id} says: {said[:300]}", "Check the source's address and options.", status=502
    )
