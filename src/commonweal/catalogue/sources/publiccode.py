"""Connector `publiccode`: a catalogue's API that hands out publiccode.yml files, such as that of Developers Italia."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commonweal.catalogue.core.documents import Unreadable, read_document
from commonweal.catalogue.core.source import ItemError, Page, Reach, SourceSpec
from commonweal.catalogue.sources.items import Found, excerpt
from commonweal.catalogue.sources.paging import walk
from commonweal.catalogue.sources.rest import JsonLists


class PubliccodeConnector:
    """Address: as `rest`; every object holds the file's text under `publiccodeYml`, its address under `url`."""

    name = "publiccode"

    def pages(self, spec: SourceSpec, state: dict[str, Any], reach: Reach) -> Iterator[Page]:
        """See :class:`~commonweal.catalogue.core.source.Connector`."""
        yield from walk(spec, state, reach, _Software(spec, reach))


class _Software(JsonLists):
    """The list of software; each file is opened, and the object's own facts lie beside it under `entry`."""

    def found(self, objects: list[Any], url: str) -> list[Found]:
        made: list[Found] = []
        for number, one in enumerate(objects, 1):
            if not isinstance(one, dict) or not isinstance(one.get("publiccodeYml"), str):
                made.append(ItemError(None, url, f"entry {number}: holds no publiccode.yml", excerpt(one)))
                continue
            entry = {key: value for key, value in one.items() if key != "publiccodeYml"}
            known = str(entry.get("id") or "") or None
            try:
                document, odd = read_document("yaml", one["publiccodeYml"].encode("utf-8", "replace"))
            except Unreadable as problem:
                made.append(ItemError(known, url, str(problem), excerpt(one["publiccodeYml"])))
                continue
            if not isinstance(document, dict):
                made.append(ItemError(known, url, "publiccode.yml is not an object", excerpt(one["publiccodeYml"])))
                continue
            noted = {"$problems": odd} if odd else {}
            made.append(self._makers[0].make({**document, "entry": entry, **noted}, url, f"entry {number}"))
        return made
