"""RDF as a stream: nodes in, Turtle, RDF/XML or JSON-LD out. No blank nodes; every IRI is absolute.

A node is written as soon as it comes, so that memory stays flat; a graph may name one node several times.
Turtle: https://www.w3.org/TR/turtle/ · RDF/XML: https://www.w3.org/TR/rdf-syntax-grammar/ · JSON-LD 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import BinaryIO, Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

import orjson

PREFIXES: Final = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "it6": "http://data.europa.eu/it6/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

#: Characters that XML 1.0 cannot hold, escaped or not.
NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Iri(str):
    """An absolute IRI."""

    __slots__ = ()


class Literal(NamedTuple):
    """Words, in a language ("" for none) or of a datatype (``xsd:…``), never both."""

    value: str
    language: str = ""
    datatype: str = ""


class Node(NamedTuple):
    """One subject: what it is, and what is said of it; names are ``prefix:local``."""

    iri: Iri
    types: tuple[str, ...]
    properties: tuple[tuple[str, Iri | Literal], ...] = ()


def write(nodes: Iterable[Node], stream: BinaryIO, form: str) -> int:
    """Write a graph in a form of FORMS; returns the number of nodes."""
    count = 0
    for count, part in enumerate(FORMS[form](nodes)):  # noqa: B007 (the last is the end of the document)
        stream.write(part)
    return count


def _turtle(nodes: Iterable[Node]) -> Iterator[bytes]:
    head = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
    yield head.encode()
    for node in nodes:
        said = [f"a {', '.join(node.types)}"] if node.types else []
        said += [f"{name} {_turtle_term(value)}" for name, value in node.properties]
        if said:
            together = " ;\n  ".join(said)
            yield f"\n<{node.iri}> {together} .\n".encode()


def _turtle_term(value: Iri | Literal) -> str:
    if isinstance(value, Iri):
        return f"<{value}>"
    words = value.value.translate(_TURTLE)
    mark = f"@{value.language}" if value.language else f"^^{value.datatype}" if value.datatype else ""
    return f'"{words}"{mark}'


_TURTLE: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def _rdf_xml(nodes: Iterable[Node]) -> Iterator[bytes]:
    names = "".join(f' xmlns:{prefix}="{namespace}"' for prefix, namespace in PREFIXES.items())
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{names}>\n'.encode()
    for node in nodes:
        types = "".join(f'<rdf:type rdf:resource="{escape(expand(name))}"/>\n' for name in node.types)
        said = "".join(_xml_statement(name, value) for name, value in node.properties)
        yield f"<rdf:Description rdf:about={quoteattr(node.iri)}>\n{types}{said}</rdf:Description>\n".encode()
    yield b"</rdf:RDF>\n"


def _xml_statement(name: str, value: Iri | Literal) -> str:
    if isinstance(value, Iri):
        return f"<{name} rdf:resource={quoteattr(value)}/>\n"
    mark = f' xml:lang="{value.language}"' if value.language else ""
    mark = f' rdf:datatype="{expand(value.datatype)}"' if value.datatype else mark
    words = escape(NO_XML.sub("", value.value), {"\r": "&#13;"})
    return f"<{name}{mark}>{words}</{name}>\n"


def _json_ld(nodes: Iterable[Node]) -> Iterator[bytes]:
    yield b'{"@context":' + orjson.dumps(PREFIXES) + b',"@graph":['
    comma = b"\n"
    for node in nodes:
        said: dict[str, object] = {"@id": node.iri, "@type": list(node.types)}
        for name, value in node.properties:
            said.setdefault(name, [])
            said[name].append(_json_term(value))  # type: ignore[attr-defined]
        yield comma + orjson.dumps(said if node.types else {key: one for key, one in said.items() if key != "@type"})
        comma = b",\n"
    yield b"\n]}\n"


def _json_term(value: Iri | Literal) -> dict[str, str]:
    if isinstance(value, Iri):
        return {"@id": str(value)}
    mark = {"@language": value.language} if value.language else {"@type": value.datatype} if value.datatype else {}
    return {"@value": value.value, **mark}


@cache
def expand(name: str) -> str:
    """The IRI of ``prefix:local``."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


FORMS: Final = {"turtle": _turtle, "rdf-xml": _rdf_xml, "json-ld": _json_ld}
