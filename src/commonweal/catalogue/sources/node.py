"""Connector `node`: what another commonweal node read itself, by its change feed; its origin is kept, echoes are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, urljoin

from commonweal.catalogue.core.documents import Unreadable
from commonweal.catalogue.core.source import Item, ItemError, Page, Reach, SourceSpec
from commonweal.catalogue.sources.items import Found, ItemMaker
from commonweal.catalogue.sources.web import Web, address
from commonweal.kernel.errors import CommonwealError

#: Changes asked for at once.
LIMIT: Final = 500
#: States of a record that the other node shows.
_SHOWN: Final = ("live", "missing")


class NodeConnector:
    """Address: `{url: https://node.example}`.

    Only records that the other node read from a registry itself are taken. What it has from a third node is to be had from
    that node, so nothing ever comes back to where it came from, however nodes read each other.
    """

    name = "node"

    def pages(self, spec: SourceSpec, state: dict[str, Any], reach: Reach) -> Iterator[Page]:
        """See :class:`~commonweal.catalogue.core.source.Connector`."""
        node = _Node(spec, reach)
        after = state.get("after", 0) if state.get("mapping") == spec.version else 0
        whole, news_only, any_news = after == 0, bool(state.get("finished")) and after > 0, False
        withdrawn: list[str] = list(state.get("gone", ())) if after else []
        while True:
            reach.progress(f"{spec.id}: changes", after, None)
            ids, gone, upto, head = node.changes(after)
            found = [one for one in map(node.record, ids) if one is not None]
            page = Page([one for one in found if isinstance(one, Item)], [one for one in found if isinstance(one, ItemError)])
            withdrawn += gone
            any_news = any_news or bool(found or gone)
            after = upto
            last = after >= head
            page.cursor = {"mapping": spec.version, "after": after, "finished": last} | (
                {} if last else {"gone": list(withdrawn)}
            )
            page.gone = withdrawn if last else []
            whole = whole and not page.errors
            page.complete = last and whole
            page.unchanged = last and news_only and not any_news
            yield page
            if last:
                return


class _Node:
    """The other node's API."""

    def __init__(self, spec: SourceSpec, reach: Reach) -> None:
        self._api = urljoin(address(spec, reach)[0].rstrip("/") + "/", "api/v1/")
        self._web = Web(spec, reach)
        self._maker = ItemMaker(spec.streams[0])
        self._spec = spec
        self._sources: dict[str, dict[str, Any]] = {}

    def changes(self, after: int) -> tuple[list[str], list[str], int, int]:
        """Ids of records that are new or changed, ids of those withdrawn, where to go on, and where the feed ends now."""
        said = self._ask(f"changes?topic=record&after={after}&limit={LIMIT}")
        if not isinstance(said, dict) or not isinstance(said.get("changes"), list):
            raise self._unreadable("its changes feed is not one")
        upto, head = said.get("next"), said.get("head")
        if not isinstance(upto, int) or not isinstance(head, int) or (upto <= after and said["changes"]):
            raise self._unreadable("its changes feed does not say where it goes on")
        last: dict[str, str] = {}
        for one in said["changes"]:
            if isinstance(one, dict) and isinstance(one.get("id"), str):
                last[one["id"]] = str(one.get("op"))
        changed = [key for key, op in last.items() if op != "removed"]
        return changed, [key for key, op in last.items() if op == "removed"], upto, head

    def record(self, key: str) -> Found | None:
        """One record with its origin; None for what is not shown, and for an echo."""
        try:
            said = self._ask(f"record/{quote(key, safe='')}")
            if not isinstance(said, dict) or not isinstance(said.get("record"), dict):
                return ItemError(key, "", "the node's answer is not a record")
            if said.get("state") not in _SHOWN:
                return None
            origin = self._source(str(said.get("source", "")))
        except CommonwealError as error:
            return ItemError(key, "", str(error))
        if origin.get("connector") == "node":
            return None
        chain = {"node": self._api.removesuffix("api/v1/"), "source": said.get("source"), "native_id": said.get("native_id")}
        known = {name: origin.get(name) for name in ("title", "homepage", "licence", "attribution")}
        return self._maker.make({"id": key, **said["record"], "origin": {**chain, **known}}, "", f"record {key}")

    def _source(self, source: str) -> dict[str, Any]:
        if source not in self._sources:
            found = self._ask(f"sources/{quote(source, safe='')}")
            self._sources[source] = found if isinstance(found, dict) else {}
        return self._sources[source]

    def _ask(self, path: str) -> Any:
        try:
            return self._web.ask(urljoin(self._api, path), accept="application/json").json()
        except Unreadable as problem:
            raise self._unreadable(f"its answer to {path} cannot be read: {problem}") from problem

    def _unreadable(self, problem: str) -> CommonwealError:
        return CommonwealError("source-unreadable", f"{self._spec.id}: {problem}.", "Is this a commonweal node?", status=502)
