"""Facts of an entry: what is a disagreement, and what only looks like one."""

from django.utils import translation

from commonweal.catalogue.core import citation
from commonweal.catalogue.core.entity import StoredRecord, build_view
from commonweal.catalogue.core.schemaorg import json_ld
from commonweal.catalogue.facts import facts


def view(*statements):
    records = []
    for number, said in enumerate(statements):
        data = {"source": f"s{number}", "native_id": "x", "kind": "dataset", "title": {"en": "Sauti {100%}"}, **said}
        records.append(StoredRecord(f"{'a' * 19}{number + 2}", data))
    return build_view(records, {})


def licence(raw, expression):
    return {"licence": {"raw": raw, "expression": expression, "category": "open", "rule": "test"}}


def fact(name, *statements):
    with translation.override("en"):
        return next(fact for fact in facts(view(*statements)) if fact.name == name)


def test_two_spellings_of_one_licence_are_no_disagreement():
    assert not fact("licence", licence("mit", "MIT"), licence("MIT License", "MIT")).disputed
    assert fact("licence", licence("mit", "MIT"), licence("isc", "ISC")).disputed


def test_a_value_one_source_has_is_no_disagreement():
    assert not fact("publisher", {"publisher": "A"}, {}).disputed
    assert fact("publisher", {"publisher": "A"}, {"publisher": "B"}).disputed


def test_united_values_with_the_same_sources_stand_together():
    values = fact("languages", {"languages": ["sw", "ha"]}, {"languages": ["sw"]}).values
    assert sorted(len(value.says) for value in values) == [1, 2]


def test_bibtex_escapes_what_latex_would_read():
    said = citation.bibtex(view({"publisher": "A & B"}), site="n", address="https://n/x", day="2026-01-01")
    assert r"A \& B" in said
    assert r"Sauti \{100\%\}" in said


def test_plain_citation_names_site_and_day():
    said = citation.plain(view({"issued": "2024-05"}), site="Node", address="https://n/x", day="2026-01-01")
    assert said == "Sauti {100%} (2024) [dataset]. Described at Node, https://n/x, 2026-01-01."


def test_json_ld_leaves_out_what_nobody_says():
    data = json_ld(view({}), "https://n/x")
    assert data["@type"] == "Dataset"
    assert "license" not in data
    assert data["name"] == {"@value": "Sauti {100%}", "@language": "en"}
