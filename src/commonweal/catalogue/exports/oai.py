"""OAI-PMH 2.0 answers as XML (http://www.openarchives.org/OAI/openarchivesprotocol.html): pure, given what was found."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import orjson
from lxml import etree

from commonweal.catalogue.exports.site import Site, iri, tagged
from commonweal.kernel.identifiers import parse_identifier

OAI: Final = "http://www.openarchives.org/OAI/2.0/"
DC: Final = "http://purl.org/dc/elements/1.1/"
OAI_DC: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
SECOND: Final = "%Y-%m-%dT%H:%M:%SZ"
PAGE: Final = 100


class Fault(Exception):  # noqa: N818 (the protocol's word is error, its answer is still 200)
    """What the protocol calls an error: one of its codes, and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


class Entry(NamedTuple):
    """One item: an entity's view, or None when it is no more."""

    id: str
    stamp: datetime
    kind: str
    view: Mapping[str, Any] | None


class Window(NamedTuple):
    """What is asked for: from and until (inclusive, ISO to the second, "" for open), a set, and where to go on.

    `gone`: the walk came to the entities that are no more; `after`: stamp and id of the last item given.
    """

    start: str = ""
    until: str = ""
    kind: str = ""
    gone: bool = False
    after: tuple[str, str] = ("", "")

    def token(self) -> str:
        """The window as a resumption token: stateless, so that it never expires."""
        return base64.urlsafe_b64encode(orjson.dumps(list(self))).decode().rstrip("=")

    @classmethod
    def of(cls, token: str) -> Window:
        """The inverse of :meth:`token`. Raises ``badResumptionToken``."""
        try:
            start, until, kind, gone, after = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            made = cls(moment(start), moment(until), str(kind), bool(gone), (str(after[0]), str(after[1])))
            if made.after[0]:
                datetime.fromisoformat(made.after[0])
        except (Fault, ValueError, TypeError, IndexError, binascii.Error):
            raise Fault("badResumptionToken", "This token was not given by this node.") from None
        return made


def moment(given: str, *, end: bool = False) -> str:
    """A date or a UTC time of a request as a time to the second, "" as it is. Raises ``badArgument``."""
    if not given:
        return ""
    try:
        if len(given) == 10:
            return datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=UTC).strftime(SECOND)[:11] + (
                "23:59:59Z" if end else "00:00:00Z"
            )
        return datetime.strptime(given, SECOND).strftime(SECOND)
    except ValueError:
        raise Fault("badArgument", f"{given!r} is no UTC date such as 2024-05-01 or 2024-05-01T10:00:00Z.") from None


def answer(
    site: Site, arguments: Mapping[str, str], now: datetime, content: Iterable[etree._Element], fault: Fault | None = None
) -> bytes:
    """The whole document; of a bad verb or argument the request is named without its arguments, as the protocol wants."""
    root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap={None: OAI, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd")
    _add(root, "responseDate", now.astimezone(UTC).strftime(SECOND))
    request = _add(root, "request", f"{site.address}/oai")
    if fault is None or fault.code not in ("badVerb", "badArgument"):
        for name, value in arguments.items():
            request.set(name, _xml(value))
    if fault:
        _add(root, "error", fault.words).set("code", fault.code)
    else:
        body = _add(root, arguments["verb"])
        body.extend(content)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def identify(site: Site, earliest: datetime, contact: str) -> list[etree._Element]:
    """Who this is, and that deletions are kept for ever."""
    said = {
        "repositoryName": site.title,
        "baseURL": f"{site.address}/oai",
        "protocolVersion": "2.0",
        "adminEmail": contact,
        "earliestDatestamp": earliest.astimezone(UTC).strftime(SECOND),
        "deletedRecord": "persistent",
        "granularity": "YYYY-MM-DDThh:mm:ssZ",
    }
    return [_made(name, value) for name, value in said.items()]


def formats() -> list[etree._Element]:
    """Dublin Core, which every harvester reads."""
    made = _made("metadataFormat")
    _add(made, "metadataPrefix", "oai_dc")
    _add(made, "schema", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd")
    _add(made, "metadataNamespace", OAI_DC)
    return [made]


def sets(names: Mapping[str, str]) -> list[etree._Element]:
    """A set for each kind: its code and its name."""
    found = []
    for code, name in names.items():
        made = _made("set")
        _add(made, "setSpec", code)
        _add(made, "setName", name)
        found.append(made)
    return found


def item(entry: Entry, site: Site, *, metadata: bool) -> etree._Element:
    """A header, or a record with header and metadata."""
    header = _made("header")
    if entry.view is None:
        header.set("status", "deleted")
    _add(header, "identifier", identifier(entry.id, site))
    _add(header, "datestamp", entry.stamp.astimezone(UTC).strftime(SECOND))
    _add(header, "setSpec", entry.kind)
    if not metadata:
        return header
    record = _made("record")
    record.append(header)
    if entry.view is not None:
        _add(record, "metadata").append(_dublin_core(entry.view, site))
    return record


def resumption(window: Window | None) -> etree._Element:
    """The token of the next page; empty on the last one."""
    return _made("resumptionToken", window.token() if window else "")


def identifier(entity: str, site: Site) -> str:
    """``oai:<host>:<id>``."""
    return f"oai:{site.address.partition('//')[2].partition('/')[0].partition(':')[0]}:{entity}"


def _dublin_core(view: Mapping[str, Any], site: Site) -> etree._Element:
    chosen = view["chosen"]
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd")
    licence = chosen.get("licence") or {}
    addresses = [found.url for found in map(parse_identifier, view["identifiers"]) if found]
    said = (
        *(("title", words, tag) for tag, words in tagged(chosen["title"]).items()),
        *(("description", words, tag) for tag, words in tagged(chosen.get("description")).items()),
        *(("subject", word, "") for word in chosen.get("keywords", ())),
        *(("language", tag, "") for tag in chosen.get("languages", ())),
        *(("identifier", address, "") for address in (site.entity(view["id"]), iri(chosen.get("url")), *addresses)),
        ("publisher", chosen.get("publisher"), ""),
        ("date", chosen.get("issued") or chosen.get("modified"), ""),
        ("type", view["kind"], ""),
        ("rights", licence.get("expression") or licence.get("raw"), ""),
        *(("coverage", code, "") for code in chosen.get("countries", ())),
    )
    for name, words, tag in said:
        if words:
            element = etree.SubElement(root, f"{{{DC}}}{name}")
            element.text = _xml(str(words))
            if tag and tag != "und":
                element.set("{http://www.w3.org/XML/1998/namespace}lang", tag)
    return root


def _made(name: str, words: str = "") -> etree._Element:
    element = etree.Element(f"{{{OAI}}}{name}")
    if words:
        element.text = _xml(words)
    return element


def _add(parent: etree._Element, name: str, words: str = "") -> etree._Element:
    element = _made(name, words)
    parent.append(element)
    return element


def _xml(words: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return "".join(
        c for c in words if c in "\t\n\r" or "\u0020" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c >= "\U00010000"
    )
