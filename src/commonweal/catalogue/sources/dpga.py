"""Connector `dpga`: the registry of Digital Public Goods, whose ids were words once and are numbers now."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from commonweal.catalogue.core.source import Page, Reach, SourceSpec
from commonweal.catalogue.sources.items import Found
from commonweal.catalogue.sources.paging import walk
from commonweal.catalogue.sources.rest import JsonLists

_NUMBER: Final = re.compile(r"\d+")


class DpgaConnector:
    """Address: as `rest`. An entry gets `slug`, the same under both schemes of ids, and `number` where it has one."""

    name = "dpga"

    def pages(self, spec: SourceSpec, state: dict[str, Any], reach: Reach) -> Iterator[Page]:
        """See :class:`~commonweal.catalogue.core.source.Connector`."""
        yield from walk(spec, state, reach, _Registry(spec, reach))


class _Registry(JsonLists):
    """The list of goods."""

    def found(self, objects: list[Any], url: str) -> list[Found]:
        return super().found([_named(one) if isinstance(one, dict) else one for one in objects], url)


def _named(good: dict[str, Any]) -> dict[str, Any]:
    said = str(good.get("id", "")).strip()
    if _NUMBER.fullmatch(said):
        return {**good, "number": said, "slug": slug(str(good.get("name", ""))) or said}
    return {**good, "slug": said or slug(str(good.get("name", "")))}


def slug(name: str) -> str:
    """The registry's old id of a name: its letters and digits in lower case, hyphens between the words."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
