"""Connector `ckan`: the Action API of a CKAN portal, oldest change first, absence proven by its list of names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from commonweal.catalogue.core.documents import Unreadable, read_document
from commonweal.catalogue.core.source import Item, ItemError, Page, Reach, SourceSpec
from commonweal.catalogue.sources.items import ItemMaker
from commonweal.catalogue.sources.paging import Memory, Part, walk
from commonweal.catalogue.sources.rest import refused
from commonweal.catalogue.sources.web import Answer, address, is_url, with_query

#: CKAN gives out at most 1000 at once.
ROWS: Final = 1000
#: Names of lost datasets that are said one by one.
MAX_LOST: Final = 100


class CkanConnector:
    """Address: `{url: https://portal.example, query: {fq: …}, rows: 500}`.

    Pages are asked for by time of change instead of by number, so that a dataset that changes in mid-run moves to the end of
    the list and none is passed over. `package_list` then says whether all were seen; with a `query` it cannot. A later run
    reads what changed since; when the list of names says that one is gone, everything is read again.
    """

    name = "ckan"

    def pages(self, spec: SourceSpec, state: dict[str, Any], reach: Reach) -> Iterator[Page]:
        """See :class:`~commonweal.catalogue.core.source.Connector`."""
        yield from walk(spec, state, reach, _Portal(spec, reach))


class _Portal:
    """One portal, as `walk` asks it.

    Memory: `since` and `start` of the question, `edge` (ids read at the time `since`), `names` and `fresh` (set hashes of
    the names read in all and of those created since the last run), `last` (the newest change seen), `known` (hash of
    the last run's names; "" in a full reading).
    """

    accept = "application/json"
    #: CKAN puts its errors into a body.
    answers = (400, 403, 404, 409)

    def __init__(self, spec: SourceSpec, reach: Reach) -> None:
        self._spec = spec
        self._maker = ItemMaker(spec.streams[0])
        replayed = reach.replay is not None and not is_url(reach.replay)
        url, options = ("", {}) if replayed else address(spec, reach)
        self._api = urljoin(url.rstrip("/") + "/", "api/3/action/")
        self._query: dict[str, Any] = dict(options.get("query", {}))
        self._rows = min(int(options.get("rows", ROWS)), ROWS)

    def start(self, state: Memory) -> tuple[str, Memory]:
        since = state.get("last", "")
        memory = {"since": since, "start": 0, "edge": [], "names": _EMPTY, "fresh": _EMPTY, "read": 0, "last": since}
        memory |= {"known": state.get("names", ""), "began": since}
        return self._search(memory), memory

    def read(self, answer: Answer, memory: Memory) -> Part:
        result = self._result(answer)
        if urlsplit(answer.url).path.endswith("/package_list"):
            return self._compare(result, memory)
        if not isinstance(result, dict) or not isinstance(result.get("results"), list):
            raise Unreadable("the answer holds no results")
        return self._take(result["results"], answer.url, memory)

    def skip(self, url: str, memory: Memory) -> str | None:
        """Goes on behind a page that cannot be read, by number, since its times are not known."""
        if urlsplit(url).path.endswith("/package_list"):
            return None
        memory["start"] += self._rows
        return self._search(memory)

    def _result(self, answer: Answer) -> Any:
        document = answer.json()
        if not isinstance(document, dict) or "success" not in document:
            raise Unreadable("the answer is not one of CKAN's Action API")
        if document["success"] is not True:
            error = document.get("error")
            raise refused(self._spec, str(error.get("message") or error) if isinstance(error, dict) else str(error))
        return document.get("result")

    def _take(self, results: list[Any], url: str, memory: Memory) -> Part:
        part = Part()
        edge = set(memory["edge"])
        for number, one in enumerate(results, 1):
            found = self._maker.make(_flattened(one), url, f"dataset {number}")
            if isinstance(found, Item):
                if found.native_id in edge:
                    continue  # read with the page before, at the very time this one starts from
                name = str(found.payload.get("name", ""))
                memory["names"] = _toggled(memory["names"], [name])
                if str(found.payload.get("metadata_created", "")) > memory["began"]:
                    memory["fresh"] = _toggled(memory["fresh"], [name])
                memory["read"] += 1
            part.found.append(found)
        self._go_on(results, memory)
        more = len(results) >= self._rows
        part.next = self._search(memory) if more else None if self._query else self._action("package_list")
        part.marks = {"last": memory["last"]}
        return part

    def _go_on(self, results: list[Any], memory: Memory) -> None:
        """Moves the question behind the last dataset: to its time, or by number among many of one time."""
        times = [(_text(one, "metadata_modified"), _text(one, "id")) for one in results if isinstance(one, dict)]
        last = times[-1][0] if times else ""
        memory["last"] = max(memory["last"], last)
        if last > memory["since"]:
            memory["since"], memory["start"] = last, 0
            memory["edge"] = [native_id for time, native_id in times if time == last]
        else:
            memory["start"] += len(results)

    def _compare(self, names: Any, memory: Memory) -> Part:
        """The end of a run: what the portal lists against what was read."""
        if not isinstance(names, list):
            raise Unreadable("package_list is not a list")
        listed = [name for name in names if isinstance(name, str)]
        total = _toggled(_EMPTY, listed)
        marks = {"last": memory["last"], "names": total}
        if not memory["known"]:
            part = Part(complete=total == memory["names"], marks=marks)
            if not part.complete:
                said = f"the portal lists {len(listed)} names, {memory['read']} datasets were read"
                part.found.append(ItemError(None, "package_list", said))
            return part
        if total == _merged(memory["known"], memory["fresh"]):
            return Part(marks=marks)
        anew = {"since": "", "start": 0, "edge": [], "names": _EMPTY, "fresh": _EMPTY, "read": 0, "known": "", "began": ""}
        memory.update(anew)
        return Part(next=self._search(memory), anew=True)

    def _search(self, memory: Memory) -> str:
        wanted = f"metadata_modified:[{memory['since']}Z TO *]" if memory["since"] else None
        both = " AND ".join(filter(None, [self._query.get("fq"), wanted])) or None
        rest = {key: value for key, value in self._query.items() if key != "fq"}
        order = "metadata_modified asc, id asc"
        return with_query(self._action("package_search"), sort=order, rows=self._rows, start=memory["start"], fq=both, **rest)

    def _action(self, name: str) -> str:
        return urljoin(self._api, name)


def _text(one: dict[str, Any], key: str) -> str:
    return str(one.get(key) or "").removesuffix("Z")


def _flattened(dataset: Any) -> Any:
    """The dataset with `extras` as an object: JSON inside a text is opened, a key that occurs twice keeps its first value."""
    if not isinstance(dataset, dict) or not isinstance(dataset.get("extras"), list):
        return dataset
    extras: dict[str, Any] = {}
    for one in dataset["extras"]:
        if isinstance(one, dict) and isinstance(one.get("key"), str):
            extras.setdefault(one["key"], _opened(one.get("value")))
    return {**dataset, "extras": extras}


def _opened(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in "[{":
        return value
    try:
        return read_document("json", value.encode("utf-8", "replace"))[0]
    except Unreadable:
        return value


_EMPTY: Final = "0" * 32


def _toggled(total: str, names: Iterable[str]) -> str:
    """A hash of a set that does not depend on order: adding a member again takes it out."""
    number = int(total, 16)
    for name in names:
        number ^= int.from_bytes(hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=16).digest())
    return f"{number:032x}"


def _merged(one: str, other: str) -> str:
    return f"{int(one, 16) ^ int(other, 16):032x}"
