"""Source files: what they may say, and the errors that say what is wrong."""

from __future__ import annotations

import pytest

from commonweal.catalogue.core.kinds import EXTRAS
from commonweal.catalogue.core.mapping import compile_mapping
from commonweal.catalogue.core.source import from_yaml, load_builtin
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.licences import read_licence

MINIMAL = """
id: shelf
title: Shelf
connector: tree
address: /srv/shelf
licence: CC0-1.0
homepage: https://shelf.example
streams:
  - name: books
    format: json
    native_id: isbn
    kind: publication
    fields: {title: name}
"""


def test_reads_a_minimal_source() -> None:
    spec = from_yaml(MINIMAL)
    assert (spec.id, spec.attribution, spec.trust, spec.default, spec.live) == ("shelf", "Shelf", 50, False, False)
    assert spec.kinds == ("publication",)
    assert spec.streams[0].select is None


def test_its_version_follows_the_mapping_only() -> None:
    spec = from_yaml(MINIMAL)
    assert from_yaml(MINIMAL.replace("/srv/shelf", "/srv/other")).version == spec.version
    assert from_yaml(MINIMAL.replace("title: name", "title: label")).version != spec.version


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("id: shelf", "id: Shelf No 1"), "lower-case"),
        (("connector: tree", "connector: ftp"), "'ftp'"),
        (("title: Shelf\n", ""), "title is missing"),
        (("format: json", "format: docx"), "'docx'"),
        (("kind: publication", "kind: book"), "'book'"),
        (("licence: CC0-1.0", "license: CC0-1.0"), "'license'"),
        (("address: /srv/shelf", "address: [1]"), "address has the wrong type"),
        (("id: shelf", "id: shelf\nid: other"), "occurs twice"),
        (("id: shelf", "id: !!python/name:os.system shelf"), "tag"),
        (("native_id: isbn", "native_id: 7"), "native_id has the wrong type"),
    ],
)
def test_says_what_is_wrong(change: tuple[str, str], said: str) -> None:
    with pytest.raises(CommonwealError) as caught:
        from_yaml(MINIMAL.replace(*change), "shelf.yaml")
    assert caught.value.code == "source-invalid"
    assert said in str(caught.value)
    assert "shelf.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("fields: {title: name}", "fields: {name: name}"), "no such property"),
        (("fields: {title: name}", "fields: {url: link}"), "title is missing"),
        (("title: name", "title: {path: name, as: shout}"), "'shout'"),
        (("title: name", "title: {path: name, value: x}"), "exactly one"),
        (("title: name", "title: {path: name, upper: true}"), "'upper'"),
        (("title: name", 'title: "a..[b"'), "is not a path"),
        (("title: name", "title: {path: name, when: {path: x, like: y}}"), "'like'"),
        (("title: name", "title: {path: name, match: '('}"), "not a regular expression"),
        (("title: name", "title: {jmespath: 'a['}"), "not JMESPath"),
        (("title: name", "title: {first: name}"), "needs a list"),
        (("fields: {title: name}", "fields: {title: name}\n    links: [{type: loves, target: x}]"), "'loves'"),
    ],
)
def test_a_mapping_that_does_not_compile_says_where(change: tuple[str, str], said: str) -> None:
    with pytest.raises(CommonwealError) as caught:
        compile_mapping(from_yaml(MINIMAL.replace(*change)))
    assert caught.value.code == "mapping-invalid"
    assert said in str(caught.value)
    assert "shelf books" in str(caught.value)


def test_every_builtin_source_compiles_and_names_a_known_licence() -> None:
    specs = load_builtin()
    for spec in specs.values():
        compile_mapping(spec)
        licence = read_licence(spec.licence)
        assert licence is None or licence.expression == spec.licence, spec.id
        assert spec.homepage.startswith("https://"), spec.id
    assert {spec.id for spec in specs.values() if spec.default} == {
        "crfm-helm",
        "ecologits",
        "mteb",
        "paris-statement",
        "tensorflow-datasets",
    }
    assert not [spec.id for spec in specs.values() if spec.default and spec.live]


def test_an_extra_has_one_type_in_every_kind() -> None:
    types: dict[str, set[str]] = {}
    for extras in EXTRAS.values():
        for name, shape in extras.items():
            types.setdefault(name, set()).add(shape)
    assert {name: shapes for name, shapes in types.items() if len(shapes) > 1} == {}
