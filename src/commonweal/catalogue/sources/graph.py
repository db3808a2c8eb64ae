"""RDF in any syntax → one JSON-able object for each thing of a class: read by expanded IRI, under limits.

An object's keys are compact names (`dct:title`, `schema:license`, `cr:isLiveDataset`), whatever prefixes or terms the file
used, and its values are

- `{language: words}` where a property's values are words in languages (`und` for none); several words of one language are
  a list,
- else a list of plain texts (any literal) and objects (`@id` and, when the file says more of it, its properties).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
import pyoxigraph as ox
from lxml import etree, html

from commonweal.catalogue.core.documents import Unreadable, read_document
from commonweal.catalogue.sources.contexts import with_contexts

MAX_TRIPLES: Final = 20_000_000
#: Objects inside each other, and objects in one payload.
MAX_LEVELS: Final = 3
MAX_NODES: Final = 2_000
#: Errors of one file that are said one by one.
MAX_PROBLEMS: Final = 20

PREFIXES: Final[Mapping[str, str]] = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dct": "http://purl.org/dc/terms/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "adms": "http://www.w3.org/ns/adms#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "prov": "http://www.w3.org/ns/prov#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "spdx": "http://spdx.org/rdf/terms#",
    "locn": "http://www.w3.org/ns/locn#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "ldp": "http://www.w3.org/ns/ldp#",
    "schema": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "it6": "http://data.europa.eu/it6/",
    "mls": "http://www.w3.org/ns/mls#",
}
#: Other names of the same vocabularies, as real files write them.
_ALIASES: Final[Mapping[str, str]] = {
    "http://schema.org/": "schema:",
    "http://mlcommons.org/schema/": "cr:",
    "http://www.w3.org/ns/dcat": "dcat:",
    "http://www.w3.org/ns/dcat/": "dcat:",
    "https://www.w3.org/ns/dcat#": "dcat:",
    "https://purl.org/dc/terms/": "dct:",
    "http://purl.org/dc/dcmitype/": "dct:",
    "http://xmlns.com/foaf/0.1": "foaf:",
}
_COMPACT: Final = sorted(
    [(iri, f"{prefix}:") for prefix, iri in PREFIXES.items()] + list(_ALIASES.items()), key=lambda pair: -len(pair[0])
)
#: Prefixes as files write them without declaring them.
_UNDECLARED: Final = {
    **PREFIXES,
    "dcterms": PREFIXES["dct"],
    "sc": PREFIXES["schema"],
    "sdo": PREFIXES["schema"],
    "mlc": PREFIXES["cr"],
}
#: What a dataset looks like inside, column by column: a catalogue says what it is, and leaves that to its own file.
_NOT_OPENED: Final = frozenset({"cr:recordSet"})
_UNBOUND: Final = "urn:unbound:"
_NOT_DECLARED: Final = re.compile(r"The prefix ([\w.-]+): has not been declared")

Term = ox.NamedNode | ox.BlankNode


class Graph:
    """The things one document describes, what could not be read of it (`problems`), and what was mended."""

    def __init__(self) -> None:
        #: Thing → property → its value, or the list of its values: most have one, and a list each would double the memory.
        self.things: dict[Term, dict[str, Any]] = {}
        self.classes: dict[str, list[Term]] = {}
        self.problems: list[str] = []
        self.mended: list[str] = []
        self.triples = 0

    def add(self, triples: Iterator[ox.Quad]) -> None:
        """Takes triples in; one that cannot be read costs itself where the syntax lets the reader go on."""
        things, classes = self.things, self.classes
        former: Term | None = None
        said: dict[str, Any] = {}
        count = 0
        while True:
            try:
                for subject, predicate, value, _ in triples:
                    count += 1
                    name = compact(predicate.value)
                    if subject != former:
                        former, said = subject, things.setdefault(subject, {})
                        if count > MAX_TRIPLES:
                            raise Unreadable(f"more than {MAX_TRIPLES} statements")
                    if (known := said.get(name)) is None:
                        said[name] = value
                    elif type(known) is list:
                        known.append(value)
                    else:
                        said[name] = [known, value]
                    if name == "rdf:type":
                        classes.setdefault(compact(getattr(value, "value", "")), []).append(subject)
            except (SyntaxError, ValueError) as error:
                self.problems.append(" ".join(str(error).split())[:500])
                if len(self.problems) < MAX_PROBLEMS:
                    continue
            self.triples += count
            return

    def of_class(self, name: str) -> Iterator[dict[str, Any]]:
        """One payload for each thing of a class, with `id`: its IRI, else the identifier it states."""
        for thing in dict.fromkeys(self.classes.get(name, ())):
            yield self.payload(thing)

    def payload(self, thing: Term) -> dict[str, Any]:
        """A thing as JSON; what it points at is written out to MAX_LEVELS, never in a circle."""
        budget = [MAX_NODES]
        made = self._object(thing, (), budget)
        iri = thing.value if isinstance(thing, ox.NamedNode) else ""
        made["id"] = iri or self._stated(thing)
        return made

    def values(self, name: str) -> Iterator[Any]:
        """Every value of a property, whatever has it."""
        for said in self.things.values():
            if name in said:
                yield from _several(said[name])

    def _stated(self, thing: Term) -> str:
        for name in ("dct:identifier", "schema:identifier", "schema:url", "dcat:landingPage", "schema:name"):
            for one in _several(self.things[thing].get(name, [])):
                if isinstance(one, ox.Literal | ox.NamedNode) and one.value:
                    return str(one.value)
        return ""

    def _object(self, thing: Term, above: tuple[Term, ...], budget: list[int]) -> dict[str, Any]:
        made: dict[str, Any] = {"@id": thing.value} if type(thing) is ox.NamedNode else {}
        budget[0] -= 1
        inside = (*above, thing)
        for name, values in self.things[thing].items():
            if name == "rdf:type":
                made["@type"] = sorted({compact(one.value) for one in _several(values) if type(one) is ox.NamedNode})
            else:
                made[name] = self._values(name, values, inside, budget)
        return made

    def _values(self, name: str, said: Any, above: tuple[Term, ...], budget: list[int]) -> Any:
        """The values of one property as the module's docstring has it, each once."""
        values = list(dict.fromkeys(said)) if type(said) is list else [said]
        made: list[Any] = []
        by_language: dict[str, list[str]] = {}
        for one in values:
            if type(one) is ox.Literal:
                if language := one.language:
                    by_language.setdefault(language, []).append(one.value)
                else:
                    made.append(one.value)
            elif one in self.things and one not in above and self._opens(name, above, budget):
                made.append(self._object(one, above, budget))
            elif type(one) is ox.NamedNode:
                made.append({"@id": one.value})
        if not by_language:
            return made
        if any(type(one) is dict for one in made):
            return [*made, *(word for words in by_language.values() for word in words)]
        if made:
            by_language.setdefault("und", []).extend(made)
        return {language: words if len(words) > 1 else words[0] for language, words in sorted(by_language.items())}

    def _opens(self, name: str, above: tuple[Term, ...], budget: list[int]) -> bool:
        return len(above) <= MAX_LEVELS and budget[0] > 0 and name not in _NOT_OPENED


def _several(said: Any) -> list[Any]:
    return said if type(said) is list else [said]


@lru_cache(maxsize=8192)
def compact(iri: str) -> str:
    """The IRI as `prefix:name` where its vocabulary is known, else itself."""
    for start, prefix in _COMPACT:
        if iri.startswith(start):
            return prefix + iri[len(start) :]
    return iri.removeprefix(_UNBOUND)


def read_graph(data: bytes, base: str, content_type: str = "", beside: Callable[[str], bytes | None] | None = None) -> Graph:
    """The graph of one document.

    Args:
        base: the document's own address; relative IRIs are read against it.
        content_type: what the server says it is; the bytes decide where it is wrong or missing.
        beside: the bytes of a JSON-LD context of that file name that lies beside the document, or None.

    Raises:
        Unreadable: no syntax of RDF, or beyond a limit.
    """
    graph = Graph()
    reader = _SYNTAXES[_syntax(data, content_type)]
    try:
        reader(graph, data, base, beside)
    except (UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"cannot be read: {error}") from error
    if not graph.things:
        raise Unreadable(graph.problems[0] if graph.problems else "it holds no statement of RDF")
    return graph


def _syntax(data: bytes, content_type: str) -> str:
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"{", b"[") and not re.match(rb"\[\s*(?:\]|<|a\s|[\w-]*:[\w-])", start):
        return "json-ld"
    if re.match(rb"(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", start, re.I | re.S):
        return "html"
    if re.match(rb"<(?:\?xml|!--|!DOCTYPE|rdf:RDF|[\w-]+:RDF|RDF)\b", start, re.I) or start.startswith(b"<?xml"):
        return "html" if b"<html" in start.lower() else "xml"
    if "n-triples" in content_type:
        return "triples"
    return "turtle"


def _turtle(graph: Graph, data: bytes, base: str, beside: Any) -> None:
    """Turtle, and N-Triples as a part of it. Prefixes that the file forgot to declare are declared for it, and said."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    missing: list[str] = []
    while True:
        found = Graph()
        lines = " ".join(f"@prefix {name}: <{_UNDECLARED.get(name, f'{_UNBOUND}{name}:')}> ." for name in missing)
        found.add(iter(ox.parse(lines.encode() + b" " + data, format=ox.RdfFormat.TURTLE, base_iri=base, lenient=True)))
        said = {name for problem in found.problems for name in _NOT_DECLARED.findall(problem)} - set(missing)
        if not said or len(missing) > MAX_PROBLEMS:
            break
        missing += sorted(said)
    graph.things, graph.classes, graph.triples = found.things, found.classes, found.triples
    if missing:
        graph.mended.append(f"prefixes used without declaration: {', '.join(sorted(missing))}")
    graph.problems += [one for one in found.problems if not _NOT_DECLARED.search(one)]


def _triples(graph: Graph, data: bytes, base: str, beside: Any) -> None:
    graph.add(iter(ox.parse(data, format=ox.RdfFormat.N_TRIPLES, lenient=True)))


def _xml(graph: Graph, data: bytes, base: str, beside: Any) -> None:
    if b"<!DOCTYPE" in data[:100_000] or b"<!ENTITY" in data[:100_000]:
        raise Unreadable("the XML declares a document type, which is refused: entities could read files or grow without end")
    data = _declared(graph, data)
    graph.add(iter(ox.parse(data, format=ox.RdfFormat.RDF_XML, base_iri=base, lenient=True)))


def _declared(graph: Graph, data: bytes) -> bytes:
    """RDF/XML with declarations for the prefixes it forgot, put into its root element."""
    used = {name.decode() for name in re.findall(rb"</?([A-Za-z][\w-]*):[\w-]+", data)}
    used |= {name.decode() for name in re.findall(rb"\s([A-Za-z][\w-]*):[\w-]+\s*=\s*[\"']", data)}
    declared = {name.decode() for name in re.findall(rb"xmlns:([\w-]+)\s*=", data)} | {"xml", "xmlns"}
    missing = sorted(used - declared)
    root = re.search(rb"<(?![?!])[\w:-]+", data)
    if not missing or root is None:
        return data
    graph.mended.append(f"prefixes used without declaration: {', '.join(missing)}")
    said = "".join(f' xmlns:{name}="{_UNDECLARED.get(name, f"{_UNBOUND}{name}:")}"' for name in missing).encode()
    return data[: root.end()] + said + data[root.end() :]


def _json_ld(graph: Graph, data: bytes, base: str, beside: Any) -> None:
    document, odd = read_document("json", data)
    graph.mended += [f"{one['field']}: {one['problem']}" for one in odd]
    _take_json(graph, document, base, beside)


def _take_json(graph: Graph, document: Any, base: str, beside: Any) -> None:
    resolved, unknown = with_contexts(document, beside)
    graph.mended += [f"the context {name} is not known here" for name in unknown]
    graph.add(iter(ox.parse(orjson.dumps(resolved), format=ox.RdfFormat.JSON_LD, base_iri=base, lenient=True)))


def _html(graph: Graph, data: bytes, base: str, beside: Any) -> None:
    """Every `script type=application/ld+json` of a web page; one that is broken costs itself."""
    try:
        page = html.fromstring(data, parser=html.HTMLParser(no_network=True, huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"the web page cannot be read: {error}") from error
    scripts = page.xpath("//script[starts-with(translate(@type,'LDJSON','ldjson'),'application/ld+json')]")
    for number, script in enumerate(scripts, 1):
        try:
            document = read_document("json", (script.text or "").encode())[0]
        except Unreadable as problem:
            graph.problems.append(f"block {number}: {problem}")
        else:
            _take_json(graph, document, base, beside)
    if not scripts:
        raise Unreadable("the web page holds no JSON-LD")


_SYNTAXES: Final[Mapping[str, Callable[[Graph, bytes, str, Any], None]]] = {
    "turtle": _turtle,
    "triples": _triples,
    "xml": _xml,
    "json-ld": _json_ld,
    "html": _html,
}
