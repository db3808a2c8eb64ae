"""Connector `oai`: OAI-PMH 2.0 repositories; resumption tokens and datestamps are kept, deleted records believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from commonweal.catalogue.core.documents import Unreadable
from commonweal.catalogue.core.source import Item, ItemError, Page, Reach, SourceSpec
from commonweal.catalogue.sources import elements
from commonweal.catalogue.sources.items import Found, ItemMaker, excerpt
from commonweal.catalogue.sources.paging import Memory, Part, walk
from commonweal.catalogue.sources.rest import refused
from commonweal.catalogue.sources.web import Answer, address, is_url, with_query

#: Times a list is begun again from its last datestamp because its token expired, without getting on between.
MAX_RESTARTS: Final = 3


class OaiConnector:
    """Address: `{url: https://repository.example/oai, prefix: oai_dc, set: …}`.

    A first run reads every record. Later runs ask `from` the newest datestamp known; what was deleted comes with them where
    the repository says `deletedRecord: persistent`.
    """

    name = "oai"

    def pages(self, spec: SourceSpec, state: dict[str, Any], reach: Reach) -> Iterator[Page]:
        """See :class:`~commonweal.catalogue.core.source.Connector`."""
        yield from walk(spec, state, reach, _Repository(spec, reach))


class _Repository:
    """One repository, as `walk` asks it.

    Memory: `from` (where the list began), `last` (newest datestamp seen), `ordered` (whether datestamps never went back),
    `listed` and `size` (records seen, and declared), `restarts`, `deleted` (the repository's promise), `granularity`.
    """

    accept = "text/xml, application/xml"
    #: Some repositories put their errors under these statuses.
    answers = (400, 404, 410, 422)

    def __init__(self, spec: SourceSpec, reach: Reach) -> None:
        self._spec = spec
        self._maker = ItemMaker(spec.streams[0])
        replayed = reach.replay is not None and not is_url(reach.replay)
        self._url, options = ("", {}) if replayed else address(spec, reach)
        self._prefix = str(options.get("prefix", "oai_dc"))
        self._set = options.get("set")

    def start(self, state: Memory) -> tuple[str, Memory]:
        since = state.get("datestamp", "")
        memory = {"from": since, "last": since, "ordered": True, "listed": 0, "size": None, "restarts": 0}
        return with_query(self._url, verb="Identify"), memory

    def read(self, answer: Answer, memory: Memory) -> Part:
        root, mended = elements.parse(answer.data)
        if elements.local_name(root.tag) != "OAI-PMH":
            raise Unreadable(f"the answer is not OAI-PMH but <{elements.local_name(root.tag)[:50]}>")
        if (error := root.find("{*}error")) is not None:
            return self._error(str(error.get("code", "")), elements.text_of(error), memory)
        if (said := root.find("{*}Identify")) is not None:
            memory["deleted"] = elements.text_of(elements.first(said, "deletedRecord")) or "no"
            memory["granularity"] = elements.text_of(elements.first(said, "granularity")) or "YYYY-MM-DD"
            return Part(next=self._list(memory["from"], memory))
        listed = root.find("{*}ListRecords")
        if listed is None:
            raise Unreadable("the answer holds no list of records")
        part = Part()
        if mended:
            part.found.append(ItemError(None, answer.url, mended, excerpt(answer.data)))
        for record in listed.iterfind("{*}record"):
            self._take(record, answer.url, part, memory)
        self._turn(listed.find("{*}resumptionToken"), part, memory)
        return part

    def skip(self, url: str, memory: Memory) -> str | None:
        """Only the broken answer knew the next token: the list is begun again where its datestamps had come to."""
        return self._again(memory)

    def _take(self, record: elements.Element, url: str, part: Part, memory: Memory) -> None:
        header = record.find("{*}header")
        native_id = elements.text_of(elements.first(header, "identifier")) if header is not None else ""
        datestamp = elements.text_of(elements.first(header, "datestamp")) if header is not None else ""
        memory["listed"] += 1
        if datestamp > memory["last"] and memory["ordered"]:
            memory["restarts"] = 0  # the list gets on, so it will end
        if datestamp:
            memory["ordered"] = memory["ordered"] and datestamp >= memory["last"]
            memory["last"] = max(memory["last"], datestamp)
        if header is not None and header.get("status") == "deleted":
            part.gone.append(native_id)
            return
        part.found.append(self._item(record, native_id, url, memory["listed"]))

    def _item(self, record: elements.Element, native_id: str, url: str, number: int) -> Found:
        try:
            said = elements.as_json(record)
        except Unreadable as problem:
            return ItemError(native_id or None, url, str(problem))
        metadata: dict[str, Any] = next(iter(said.get("metadata", [])), {})
        # The one element inside <metadata> is the record in its vocabulary: oai_dc, datacite …
        inner = next((value[0] for value in metadata.values() if isinstance(value, list) and value), None)
        if inner is None:
            return ItemError(native_id or None, url, "the record has no metadata")
        payload = {"id": native_id, "header": next(iter(said.get("header", [])), {}), **inner}
        found = self._maker.make(payload, url, f"record {number}")
        return found if isinstance(found, Item) or not native_id else ItemError(native_id, url, found.problem, found.raw)

    def _turn(self, token: elements.Element | None, part: Part, memory: Memory) -> None:
        """To the next answer, or to the end: an empty token, or none at all."""
        if token is not None and (size := token.get("completeListSize", "")).isdigit():
            memory["size"] = int(size)
        if said := elements.text_of(token):
            part.next = with_query(self._url, verb="ListRecords", resumptionToken=said)
            return
        whole = memory["size"] is None or memory["listed"] >= memory["size"]
        part.complete = not memory["from"] and whole
        part.marks = {"datestamp": memory["last"]}
        if not whole:
            part.found.append(ItemError(None, "", f"{memory['size']} records were declared, {memory['listed']} came"))

    def _error(self, code: str, words: str, memory: Memory) -> Part:
        if code == "noRecordsMatch":
            # An empty repository proves nothing gone: an empty listing is a finding, never a success.
            return Part(marks={"datestamp": memory["last"]})
        if code == "badResumptionToken" and (there := self._again(memory)):
            return Part(next=there, anew=True)
        raise refused(self._spec, f"{code or 'error'}: {words}" if words else code or "an error without a name")

    def _again(self, memory: Memory) -> str | None:
        """The list begun anew: from its last datestamp where it is ordered by them, else from where it began."""
        if memory["restarts"] >= MAX_RESTARTS:
            return None
        memory["restarts"] += 1
        memory["listed"], memory["size"] = 0, None
        if memory["ordered"]:
            memory["from"] = memory["last"]
        else:
            memory["last"], memory["ordered"] = memory["from"], True
        return self._list(memory["from"], memory)

    def _list(self, since: str, memory: Memory) -> str:
        # The repository's own granularity: a day for some, whatever the datestamps say.
        since = since[:10] if memory.get("granularity", "").upper() == "YYYY-MM-DD" else since
        rest = {"from": since or None, "set": self._set}
        return with_query(self._url, verb="ListRecords", metadataPrefix=self._prefix, **rest)
