"""Registries on loopback, each in its own protocol, over the same shelf of things; and what can go wrong with any of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

#: Things an answer of a paged registry holds.
SIZE: Final = 4


@dataclass
class Reply:
    """One HTTP answer; `cut` sends that many bytes of the body fewer than declared."""

    body: bytes | str | dict[str, Any] | list[Any] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0

    @property
    def data(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


class Registry:
    """A registry over `things`: `{"id", "name", "modified"}`; subclasses speak one protocol."""

    connector = ""
    suffix = "json"
    address = "{url: '%s'}"
    format = "json"
    native_id = "id"
    title = "name"
    select = "null"

    def __init__(self, things: list[dict[str, Any]]) -> None:
        self.things = things
        self.asked: list[str] = []
        self.said: list[bytes] = []
        #: (number of the request from 0, path and query) → an answer in place of the registry's own.
        self.fault: Callable[[int, str], Reply | None] = lambda number, path: None
        self.host = ""

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        raise NotImplementedError

    def reply(self, target: str) -> Reply:
        number = len(self.asked)
        self.asked.append(target)
        parts = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        reply = self.fault(number, target) or self.answer(parts.path, query)
        if reply.status == 200:
            self.said.append(reply.data)
        return reply

    @property
    def source(self) -> str:
        """The registry as a source file."""
        return SOURCE.format(
            connector=self.connector, address=self.address % self.host, format=self.format, select=self.select,
            native_id=self.native_id, title=self.title,
        )  # fmt: skip


SOURCE = """
id: shelf
title: Shelf
connector: {connector}
address: {address}
licence: CC0-1.0
homepage: https://shelf.example
streams:
  - name: things
    files: ["**"]
    format: {format}
    select: {select}
    native_id: {native_id}
    kind: dataset
    fields: {{title: {{path: '{title}', take: first}}}}
"""


def things(count: int) -> list[dict[str, Any]]:
    """A shelf: every thing changed a minute after the one before."""
    return [{"id": f"t{n:03}", "name": f"Thing {n}", "modified": f"2024-01-01T00:{n:02}:00"} for n in range(count)]


class Rest(Registry):
    connector = "rest"
    address = "{url: '%s/list?offset={offset}&limit={limit}', items: items, total: total, limit: 4}"

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        start = int(query["offset"])
        return Reply({"items": self.things[start : start + SIZE], "total": len(self.things)})


class Linked(Registry):
    """The same, by an address in the answer."""

    connector = "rest"
    address = "{url: '%s/list', items: items, next: links.next}"

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        start = int(query.get("at", 0))
        after = f"?at={start + SIZE}" if start + SIZE < len(self.things) else None
        return Reply({"items": self.things[start : start + SIZE], "links": {"next": after}})


class Hub(Registry):
    connector = "huggingface"
    address = "{url: '%s/api/datasets'}"

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        newest = sorted(self.things, key=lambda thing: thing["modified"], reverse=True)
        start = int(query.get("cursor", 0))
        shown = [{**thing, "lastModified": f"{thing['modified']}.000Z", "gated": start == 0 or "auto"} for thing in newest]
        there = f"{self.host}/api/datasets?cursor={start + SIZE}&limit=4"
        link = {"Link": f'<{there}>; rel="next"'} if start + SIZE < len(newest) else {}
        return Reply(shown[start : start + SIZE], headers=link)


class Ckan(Registry):
    connector = "ckan"
    address = "{url: '%s', rows: 4}"

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        if path.endswith("/package_list"):
            return Reply({"success": True, "result": [thing["id"] for thing in self.things]})
        assert query["sort"] == "metadata_modified asc, id asc"
        since = query.get("fq", "[").partition("[")[2].partition("Z")[0]
        found = sorted((one for one in self.things if one["modified"] >= since), key=lambda one: (one["modified"], one["id"]))
        start, rows = int(query["start"]), int(query["rows"])
        shown = [
            {"id": one["id"], "name": one["id"], "title": one["name"], "metadata_modified": one["modified"],
             "metadata_created": one.get("created", "2024-01-01T00:00:00"), "extras": [{"key": "k", "value": '["v"]'}]}
            for one in found[start : start + rows]
        ]  # fmt: skip
        return Reply({"success": True, "result": {"count": len(found), "results": shown}})

    title = "title"


class Oai(Registry):
    connector = "oai"
    suffix = "xml"
    address = "{url: '%s/oai', prefix: oai_dc}"
    format = "xml"
    title = "title[].text"
    deleted: frozenset[str] = frozenset()
    last_token = True

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        if query["verb"] == "Identify":
            return self.envelope(
                "<Identify><granularity>YYYY-MM-DDThh:mm:ssZ</granularity><deletedRecord>persistent</deletedRecord></Identify>"
            )
        token = query.get("resumptionToken", "")
        start, since = (int(token.split("|")[0]), token.split("|")[1]) if token else (0, query.get("from", ""))
        found = [one for one in self.things if f"{one['modified']}Z" >= since]
        if not found:
            return self.envelope('<error code="noRecordsMatch">nothing</error>')
        records = "".join(map(self.record, found[start : start + SIZE]))
        more = f"{start + SIZE}|{since}" if start + SIZE < len(found) else ""
        tail = f'<resumptionToken completeListSize="{len(found)}">{more}</resumptionToken>' if more or self.last_token else ""
        return self.envelope(f"<ListRecords>{records}{tail}</ListRecords>")

    def record(self, thing: dict[str, Any]) -> str:
        gone = thing["id"] in self.deleted
        status = ' status="deleted"' if gone else ""
        header = (
            f"<header{status}><identifier>{thing['id'] or ''}</identifier><datestamp>{thing['modified']}Z</datestamp></header>"
        )
        dc = f'<oai_dc:dc xmlns:oai_dc="urn:dc"><title xmlns="urn:dce">{thing["name"]}</title></oai_dc:dc>'
        return f"<record>{header}{'' if gone else f'<metadata>{dc}</metadata>'}</record>"

    def envelope(self, inner: str) -> Reply:
        return Reply(f'<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{inner}</OAI-PMH>')


class Dcat(Registry):
    connector = "dcat"
    suffix = "ttl"
    address = "{url: '%s/catalogue'}"
    format = "rdf"
    select = "dcat:Dataset"
    title = "dct:title[]"

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        start = int(query.get("page", 0))
        shown = "".join(map(self.thing, self.things[start : start + SIZE]))
        page = f"<{self.host}/catalogue?page={start}> hydra:totalItems {len(self.things)} "
        page += f"; hydra:next <{self.host}/catalogue?page={start + SIZE}> ." if start + SIZE < len(self.things) else "."
        known = {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "hydra": "http://www.w3.org/ns/hydra/core#",
        }
        heads = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in known.items())
        return Reply(heads + shown + page, headers={"Content-Type": "text/turtle"})

    def thing(self, thing: dict[str, Any]) -> str:
        subject = f"<https://shelf.example/{thing['id']}>" if thing["id"] else "[]"
        return f'{subject} a dcat:Dataset ; dct:title "{thing["name"]}"@en .\n'


class Publiccode(Registry):
    connector = "publiccode"
    address = "{url: '%s/software', items: data, next: links.next}"
    native_id = "entry.id"

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        start = int(query.get("after", 0))
        data = [{"id": one["id"], "url": "https://x.example", "publiccodeYml": f"name: {one['name']}\n"} for one in self.things]
        after = f"?after={start + SIZE}" if start + SIZE < len(data) else None
        return Reply({"data": data[start : start + SIZE], "links": {"next": after}})


class Dpga(Rest):
    connector = "dpga"
    native_id = "slug"


class Node(Registry):
    connector = "node"
    echoes: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        if path == "/api/v1/changes":
            after = int(query["after"])
            rows = [(n, one["id"], "added") for n, one in enumerate(self.things, 1)]
            rows += [(len(rows) + n, key, "removed") for n, key in enumerate(sorted(self.removed), 1)]
            shown = [{"seq": n, "at": "", "topic": "record", "id": key, "op": op, "data": {}} for n, key, op in rows if n > after]
            shown = shown[:SIZE]
            return Reply({"changes": shown, "next": shown[-1]["seq"] if shown else after, "head": len(rows)})
        name = path.rpartition("/")[2]
        if "/sources/" in path:
            return Reply(
                {"id": name, "connector": "node" if name == "other-node" else "tree", "title": "A", "licence": "CC0-1.0"}
            )
        found = next((one for one in self.things if one["id"] == name), None)
        if found is None:
            return Reply(status=404)
        origin = "other-node" if name in self.echoes else "registry"
        record = {"name": found["name"], "title": {"en": found["name"]}}
        return Reply({"id": name, "source": origin, "native_id": f"n-{name}", "state": "live", "record": record})


PAGED: Final = (Rest, Linked, Hub, Ckan, Oai, Dcat, Publiccode, Dpga)


@contextmanager
def serving(registry: Registry) -> Iterator[Registry]:
    """The registry on a loopback port, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = registry.reply(self.path)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.data)))
            self.end_headers()
            self.wfile.write(reply.data[: len(reply.data) - reply.cut])

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.host = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
