"""Exports: every form is read again by a library that is not ours, hostile values included; contacts never leave."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import orjson
import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.catalogue import exports
from commonweal.catalogue.core.entity import StoredRecord, build_view
from commonweal.catalogue.core.kinds import KINDS
from commonweal.catalogue.core.record import record_id
from commonweal.catalogue.exports import dcat, rdf, table
from commonweal.catalogue.exports.site import Site, iri
from commonweal.kernel.languages import iso_639_3
from commonweal.kernel.text import clean

SITE = Site("https://node.example.org", "A node")
RDF = {".ttl": "text/turtle", ".rdf": "application/rdf+xml", ".jsonld": "application/ld+json"}

words = st.text(max_size=30).map(clean)
filled = words.filter(str.strip)
text = st.dictionaries(st.sampled_from(["und", "en", "pt-BR", "zh-Hans", "ar"]), filled, min_size=1, max_size=3)
licences = st.sampled_from(
    [
        {"raw": "MIT", "expression": "MIT", "category": "open", "rule": "r"},
        {"raw": 'see <b>"x"</b>', "expression": None, "category": "unknown", "rule": "r"},
        {"raw": "a", "expression": "MIT OR LicenseRef-x", "category": "open", "rule": "r"},
    ]
)
addresses = st.one_of(
    words,
    words.map(lambda path: f"https://example.org/{path}"),
    st.sampled_from(["http://[::1/x", "https://e.org/a b?c=<d>#e#f%"]),
)
LINKS = [
    {"type": "trained_on", "target": "hf:datasets/o/d", "title": "d"},
    {"type": "part_of", "target": "name:x", "title": "x"},
]
records = st.fixed_dictionaries(
    {"title": text, "kind": st.sampled_from(KINDS)},
    optional={
        "description": text,
        "url": addresses,
        "licence": licences,
        "publisher": filled,
        "keywords": st.lists(filled, max_size=3, unique=True),
        "languages": st.just(["sw", "zh-Hans"]),
        "countries": st.just(["KEN"]),
        "sdgs": st.just([3, 13]),
        "issued": st.sampled_from(["2024", "2024-05", "2024-05-01", "2024-05-01T10:00:00Z"]),
        "identifiers": st.just(["doi:10.5072/x", "github:o/r", "hf:datasets/o/n"]),
        "evidence": st.lists(addresses, max_size=2, unique=True),
        "links": st.just(LINKS),
    },
)


def view(**said: Any) -> dict[str, Any]:
    data = {"source": "s", "native_id": "1", "kind": "dataset", "title": {"en": "A corpus"}, **said}
    return build_view([StoredRecord(record_id("s", str(data["native_id"])), data)], {})


def export(form: str, *views: dict[str, Any], suffix: str = "") -> bytes:
    stream = io.BytesIO()
    exports.write(form, views, stream, SITE, suffix=suffix)
    return stream.getvalue()


def triples(data: bytes, media: str) -> set[Any]:
    return {
        (str(quad.subject), str(quad.predicate), str(quad.object))
        for quad in pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.from_media_type(media))
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(records, max_size=4))
def test_three_forms_of_rdf_hold_the_same_graph(said: list[dict[str, Any]]) -> None:
    views = [view(native_id=str(number), **one) for number, one in enumerate(said)]
    graphs = [triples(export("dcat", *views, suffix=suffix), media) for suffix, media in RDF.items()]
    assert graphs[0] == graphs[2]
    # XML turns a lone carriage return in an attribute or a character it cannot hold into nothing; the rest is equal.
    assert len(graphs[1]) == len(graphs[0])
    assert not any(term.startswith("_:") for graph in graphs for triple in graph for term in triple)


def test_a_dataset_reads_as_dcat_ap() -> None:
    one = view(
        description={"en": "Words"},
        url="https://example.org/d",
        licence={"raw": "MIT", "expression": "MIT", "category": "open", "rule": "r"},
        publisher="Ministry of Water",
        languages=["sw"],
        countries=["KEN"],
        issued="2024",
    )
    found = triples(export("dcat", one), RDF[".ttl"])
    this = f"<{SITE.entity(one['id'])}>"
    dct = "http://purl.org/dc/terms/"
    said = {(p, o) for s, p, o in found if s == this}
    assert (f"<{dct}title>", '"A corpus"@en') in said
    assert (f"<{dct}language>", "<http://publications.europa.eu/resource/authority/language/SWA>") in said
    assert (f"<{dct}spatial>", "<http://publications.europa.eu/resource/authority/country/KEN>") in said
    assert (f"<{dct}issued>", '"2024"^^<http://www.w3.org/2001/XMLSchema#gYear>') in said
    assert ("<http://www.w3.org/ns/prov#wasDerivedFrom>", f"<{SITE.record(one['records'][0]['id'])}>") in said
    distribution = f"<{SITE.entity(one['id'])}#distribution>"
    assert (distribution, f"<{dct}license>", "<http://spdx.org/licenses/MIT>") in found
    assert (distribution, "<http://www.w3.org/ns/dcat#accessURL>", "<https://example.org/d>") in found
    assert (f"<{SITE.address}/catalogue>", "<http://www.w3.org/ns/dcat#dataset>", this) in found


def test_a_model_is_a_machine_learning_model_too() -> None:
    one = view(kind="model", identifiers=["hf:o/m"], links=[{"type": "trained_on", "target": "hf:datasets/o/d", "title": "d"}])
    said = {(p, o) for s, p, o in triples(export("dcat", one), RDF[".ttl"]) if s == f"<{SITE.entity(one['id'])}>"}
    assert ("<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "<http://data.europa.eu/it6/MachineLearningModel>") in said
    assert ("<http://data.europa.eu/it6/trainedOn>", "<https://huggingface.co/datasets/o/d>") in said
    assert ("<http://data.europa.eu/it6/hasRepository>", "<https://huggingface.co/o/m>") in said


@pytest.mark.parametrize("form", exports.FORMS)
def test_contacts_never_leave(form: str) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    one = view(
        title={"en": "Ask amina@example.org"},
        description={"en": "Call Tel.: +254 700 000 000 or amina@example.org"},
        contact="amina@example.org",
        publisher="Amina <amina@example.org>",
        keywords=["amina@example.org"],
        licence={"raw": "write to amina@example.org", "expression": None, "category": "unknown", "rule": "r"},
    )
    assert b"amina@" not in export(form, one)


def test_the_csv_is_read_by_the_standard_reader_and_holds_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(export("csv", view(title={"en": "=1+1"}, keywords=["a", "b"])).decode())))
    assert [row["title"] for row in rows] == ["'=1+1"]
    assert rows[0]["keywords"] == "a; b"
    assert tuple(rows[0]) == table.COLUMNS


def test_parquet_is_read_by_pyarrow() -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    read = parquet.read_table(io.BytesIO(export("parquet", view(languages=["sw", "ha"]), view(native_id="2")))).to_pylist()
    assert [row["languages"] for row in read] == [["ha", "sw"], []] or [row["languages"] for row in read] == [["sw", "ha"], []]


def test_croissant_is_json_ld_of_datasets_only() -> None:
    (said,) = [
        json.loads(line) for line in export("croissant", view(languages=["sw"]), view(kind="model", native_id="2")).splitlines()
    ]
    assert (said["@type"], said["conformsTo"]) == ("sc:Dataset", "http://mlcommons.org/croissant/1.1")
    found = triples(orjson.dumps(said), RDF[".jsonld"])
    assert any("wasDerivedFrom" not in p and "https://schema.org/name" in p for _, p, _ in found)


def test_ckan_has_the_shape_ckan_readers_expect() -> None:
    (said,) = [json.loads(line) for line in export("ckan", view(url="https://example.org", keywords=["a, b", "x"])).splitlines()]
    assert said["name"] == said["id"]
    assert said["resources"][0]["url"] == "https://example.org"
    assert [tag["name"] for tag in said["tags"]] == ["a b"]
    assert all(set(extra) == {"key", "value"} and isinstance(extra["value"], str) for extra in said["extras"])


@given(st.text())
def test_an_iri_is_one_for_a_strict_parser_or_none(address: str) -> None:
    for one in (address, f"https://example.org/{address}", f"http://example.org?{address}"):
        if found := iri(one):
            pyoxigraph.NamedNode(found)
            assert iri(found) == found


def test_literals_cannot_break_out() -> None:
    nasty = 'a"b\\c\n<script>&]]>\ud7ff\ufffd'
    node = rdf.Node(rdf.Iri("https://e.org/1"), (), (("dct:title", rdf.Literal(nasty)),))
    for suffix, media in RDF.items():
        stream = io.BytesIO()
        rdf.write([node], stream, exports.RDF_FORMS[suffix])
        ((_, _, value),) = [
            (q.subject, q.predicate, q.object)
            for q in pyoxigraph.parse(stream.getvalue(), format=pyoxigraph.RdfFormat.from_media_type(media))
        ]
        assert value.value == nasty


def test_an_unknown_suffix_is_refused() -> None:
    with pytest.raises(Exception, match=r"\.doc"):
        export("dcat", suffix=".doc")


def test_every_kind_has_a_class() -> None:
    for kind in KINDS:
        assert dcat.entry(view(kind=kind), SITE)[0].types


@pytest.mark.parametrize(
    ("tag", "code"), [("sw", "swa"), ("zh-Hans", "zho"), ("nl", "nld"), ("fr", "fra"), ("yue", "yue"), ("mi", "mri")]
)
def test_languages_have_three_letters(tag: str, code: str) -> None:
    assert iso_639_3(tag) == code
