"""DCAT-AP, and MLDCAT-AP for models: entity views as RDF by the profiles of ``profiles/*.yaml``.

Every entry stands under its permanent address. A licence SPDX knows is SPDX's own page; any other is a node of the entry
with the words of its source. Where the values come from is said by ``prov:wasDerivedFrom``, one address a record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, BinaryIO, Final

from commonweal.catalogue.core.documents import read_document
from commonweal.catalogue.exports import rdf
from commonweal.catalogue.exports.rdf import Iri, Literal, Node
from commonweal.catalogue.exports.site import Site, iri, tagged
from commonweal.kernel.identifiers import parse_identifier
from commonweal.kernel.languages import iso_639_3

Statement = tuple[str, Iri | Literal]

_AUTHORITY: Final = "http://publications.europa.eu/resource/authority"
_DATATYPES: Final = {4: "xsd:gYear", 7: "xsd:gYearMonth", 10: "xsd:date"}
#: Schemes of identifiers that are addresses of repositories.
_REPOSITORIES: Final = ("github:", "gitlab:", "hf:", "codeberg:")
_SPDX_ID: Final = re.compile(r"[A-Za-z0-9.+-]+")


def write(views: Iterable[Mapping[str, Any]], stream: BinaryIO, site: Site, form: str) -> int:
    """Write a catalogue of these entries in a form of ``rdf.FORMS``; returns the number of nodes."""
    return rdf.write(graph(views, site), stream, form)


def graph(views: Iterable[Mapping[str, Any]], site: Site) -> Iterator[Node]:
    """The catalogue and its entries; an entry is told of the catalogue right before its own node."""
    catalogue, publisher = Iri(f"{site.address}/catalogue"), Iri(f"{site.address}/about")
    yield Node(publisher, ("foaf:Agent",), (("foaf:name", Literal(site.title)),))
    head: list[Statement] = [("dct:title", Literal(site.title, "en")), ("dct:description", Literal(site.description, "en"))]
    head += [("dct:publisher", publisher), ("foaf:homepage", Iri(f"{site.address}/"))]
    yield Node(catalogue, ("dcat:Catalog",), tuple(head))
    listed = _profile("dcat-ap-3.0")["listed_as"]
    for view in views:
        nodes = entry(view, site)
        yield Node(catalogue, (), ((listed[_dcat_class(view["kind"])], nodes[0].iri),))
        yield from nodes


def entry(view: Mapping[str, Any], site: Site) -> list[Node]:
    """The nodes of one entry, its own first."""
    dcat, mldcat = _profile("dcat-ap-3.0"), _profile("mldcat-ap-3.1")
    types = (*dcat["classes"][view["kind"]], *mldcat["classes"].get(view["kind"], ()))
    this = Iri(site.entity(view["id"]))
    said: list[Statement] = [("dct:identifier", Literal(str(this), datatype="xsd:anyURI"))]
    said += [("dct:identifier", Literal(printed)) for printed in view["identifiers"]]
    more: list[Node] = []
    chosen = view["chosen"]
    rules = [*dcat["resource"]]
    for profile in (dcat, mldcat):
        rules += [rule for type_ in types for rule in profile["direct"].get(type_, ())]
        said += _links(view, site, profile["links"])
    said += _statements(rules, chosen, this, site, more)
    if any(type_ in mldcat["direct"] for type_ in types):
        urls = (parse_identifier(printed) for printed in view["identifiers"] if printed.startswith(_REPOSITORIES))
        said += [(mldcat["repositories"], Iri(address)) for found in urls if found and (address := iri(found.url))]
    said += [("prov:wasDerivedFrom", Iri(site.record(record["id"]))) for record in view["records"]]
    if set(types) & set(dcat["distributed"]) and iri(chosen.get("url")):
        own = Iri(f"{this}#distribution")
        said.append(("dcat:distribution", own))
        more.append(Node(own, ("dcat:Distribution",), tuple(_statements(dcat["distribution"], chosen, this, site, more))))
    return [Node(this, types, tuple(dict.fromkeys(said))), *dict.fromkeys(more)]


def _statements(
    rules: Iterable[Mapping[str, str]], chosen: Mapping[str, Any], this: Iri, site: Site, more: list[Node]
) -> list[Statement]:
    """What the rules of a profile say of the chosen values; nodes they speak of join ``more``."""
    said: list[Statement] = []
    for rule in rules:
        value = chosen.get(rule["of"])
        if value in (None, "", [], {}):
            continue
        said += [(rule["say"], term) for term in _SHAPES[rule["as"]](value, this, site, more)]
    return said


def _links(view: Mapping[str, Any], site: Site, predicates: Mapping[str, str]) -> Iterator[Statement]:
    for link in view["links"]:
        if (predicate := predicates.get(link["type"])) and (address := site.target(link["target"])):
            yield predicate, Iri(address)


def _text(value: Any, this: Iri, site: Site, more: list[Node]) -> Iterator[Literal]:
    for tag, words in tagged(value).items():
        yield Literal(words, "" if tag == "und" else tag)


def _literal(value: Any, this: Iri, site: Site, more: list[Node]) -> Iterator[Literal]:
    for one in value if isinstance(value, list) else [value]:
        yield Literal(str(one))


def _date(value: Any, this: Iri, site: Site, more: list[Node]) -> Iterator[Literal]:
    yield Literal(value, datatype=_DATATYPES.get(len(value), "xsd:dateTime"))


def _iri(value: Any, this: Iri, site: Site, more: list[Node]) -> Iterator[Iri]:
    for one in value if isinstance(value, list) else [value]:
        if address := iri(one):
            yield Iri(address)


def _agent(value: Any, this: Iri, site: Site, more: list[Node]) -> Iterator[Iri]:
    agent = Iri(site.publisher(value))
    more.append(Node(agent, ("foaf:Agent",), (("foaf:name", Literal(value)),)))
    yield agent


def _licence(value: Any, this: Iri, site: Site, more: list[Node]) -> Iterator[Iri]:
    expression = value.get("expression") or ""
    if _SPDX_ID.fullmatch(expression) and not expression.startswith("LicenseRef-"):
        licence = Iri(f"http://spdx.org/licenses/{expression}")
        more.append(Node(licence, ("dct:LicenseDocument",)))
    else:
        licence = Iri(f"{this}#licence")
        words = expression or str(value.get("raw") or value["category"])
        more.append(Node(licence, ("dct:LicenseDocument",), (("dct:title", Literal(words)),)))
    yield licence


def _language(value: Any, this: Iri, site: Site, more: list[Node]) -> Iterator[Iri]:
    for tag in value:
        if code := iso_639_3(tag):
            language = Iri(f"{_AUTHORITY}/language/{code.upper()}")
            more.append(Node(language, ("dct:LinguisticSystem",)))
            yield language


def _country(value: Any, this: Iri, site: Site, more: list[Node]) -> Iterator[Iri]:
    for code in value:
        country = Iri(f"{_AUTHORITY}/country/{code}")
        more.append(Node(country, ("dct:Location",)))
        yield country


def _sdg(value: Any, this: Iri, site: Site, more: list[Node]) -> Iterator[Iri]:
    for goal in value:
        yield Iri(f"http://metadata.un.org/sdg/{goal}")


_SHAPES: Final[dict[str, Callable[[Any, Iri, Site, list[Node]], Iterator[Iri] | Iterator[Literal]]]] = {
    "text": _text,
    "literal": _literal,
    "date": _date,
    "iri": _iri,
    "agent": _agent,
    "licence": _licence,
    "language": _language,
    "country": _country,
    "sdg": _sdg,
}


def _dcat_class(kind: str) -> str:
    return str(_profile("dcat-ap-3.0")["classes"][kind][0])


@cache
def _profile(name: str) -> dict[str, Any]:
    """A profile as its file says."""
    text = (resources.files("commonweal.catalogue.exports") / "profiles" / f"{name}.yaml").read_bytes()
    return dict(read_document("yaml", text)[0])
