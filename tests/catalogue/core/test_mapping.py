"""Items become records; what cannot be read is noted, what cannot be used is refused with a reason."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.catalogue.core.mapping import compile_mapping
from commonweal.catalogue.core.record import Record, record_id
from commonweal.catalogue.core.rejection import Rejected
from commonweal.catalogue.core.source import Item, from_yaml
from commonweal.kernel.text import clean_tree

SHELF = from_yaml("""
id: shelf
title: Shelf
connector: tree
address: /srv/shelf
licence: CC0-1.0
homepage: https://shelf.example
streams:
  - name: things
    format: json
    native_id: id
    language: en
    kind:
      - {kind: dataset, when: {path: type, is: data}}
      - {kind: model, when: {path: type, is: model}}
    fields:
      title: {first: [name, {template: "{id} of the shelf"}], language: und}
      description: about
      identifiers: [hub]
      url: link
      licence: licence
      languages: langs
      countries: {path: where, split: ","}
      sdgs: goals
      keywords: tags
      publisher: by
      issued: date
    extras:
      parameter_count: {path: size, scale: 1000000000}
      context_tokens: context
      row_count: rows
      modalities: {path: kinds, split: "\\\\|"}
    links:
      - {type: trained_on, each: data, target: id, as: record, title: name}
      - {type: derived_from, target: base, as: name}
    grounds:
      - {ground: public_owner, detail: owner, when: {path: owner, is: ministry}}
""")
MAP = compile_mapping(SHELF)


def record(**payload: Any) -> Record:
    payload = {"type": "data", **payload}
    return MAP(Item("things", "t1", clean_tree(payload)[0], "things.json"))


def test_a_full_item() -> None:
    made = record(
        type="model",
        name="  Lugha\n 7B ",
        about="<p>A <b>model</b></p>",
        hub="https://huggingface.co/org/lugha",
        link="https://lugha.example",
        licence="apache-2.0",
        langs=["swh-Latn", "ha", "ha"],
        where="Kenya, TZA",
        goals=[3, "SDG 4"],
        tags=["b", "a", "", None],
        by="Lugha Lab",
        date="2024-05",
        size={"min": 6.5, "max": 7.5},
        context="8,192",
        kinds="text|audio",
        data=[{"id": "d1", "name": "Corpus"}, {"name": "no id"}],
        base="Lugha 1B",
        owner="ministry",
    )
    assert made.title == {"und": "Lugha 7B"}
    assert made.description == {"en": "A model"}
    assert made.identifiers == ["hf:org/lugha"]
    assert made.licence is not None
    assert made.licence["expression"] == "Apache-2.0"
    assert (made.languages, made.countries, made.sdgs, made.keywords) == (["ha", "sw"], ["KEN", "TZA"], [3, 4], ["a", "b"])
    assert made.extras == {
        "parameter_count": {"value": None, "low": 6_500_000_000, "high": 7_500_000_000, "unit": "parameters"},
        "context_tokens": 8192,
        "modalities": ["audio", "text"],
    }
    assert made.links == [
        {"type": "trained_on", "target": f"record:{record_id('shelf', 'd1')}", "title": "Corpus"},
        {"type": "derived_from", "target": "name:Lugha 1B", "title": "Lugha 1B"},
    ]
    assert made.grounds == [
        {"ground": "public_owner", "detail": "ministry"},
        {"ground": "open_licence", "detail": "Apache-2.0"},
        {"ground": "sdg", "detail": "3, 4"},
    ]
    assert made.problems == []
    assert Record.from_json(made.to_json()) == made


def test_what_cannot_be_read_is_noted_and_the_rest_kept() -> None:
    made = record(
        name="x",
        licence="The Licence of Our House",
        langs=["sw", "klingonese"],
        where="UN",
        goals=[18, "three"],
        link="see the office",
        date="circa 2019",
        rows="many",
        hub="nowhere",
    )
    assert made.title == {"und": "x"}
    assert made.languages == ["sw"]
    assert made.licence is not None
    assert (made.licence["raw"], made.licence["category"]) == ("The Licence of Our House", "unknown")
    assert (made.url, made.issued, made.extras, made.grounds) == (None, None, {}, [])
    assert {problem["field"]: problem["value"] for problem in made.problems} == {
        "identifiers": "nowhere",
        "url": "see the office",
        "licence": "The Licence of Our House",
        "languages": "klingonese",
        "countries": "UN",
        "sdgs": "three",
        "issued": "circa 2019",
        "extras.row_count": "many",
    }


def test_absent_values_say_nothing() -> None:
    made = record(name="x", licence="", langs=[], where=None, link="  ", date="", rows=None, tags="")
    assert made.to_json() == {"source": "shelf", "native_id": "t1", "kind": "dataset", "title": {"und": "x"}}


def test_an_extra_of_another_kind_is_not_kept() -> None:
    assert record(name="x", size=7).extras == {}


def test_a_title_is_derived_where_the_mapping_says_how() -> None:
    assert record(id="t1").title == {"und": "t1 of the shelf"}


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (Item("things", "t1", {"type": "data"}), "title: has no title"),
        (Item("things", "", {"type": "data", "name": "x"}), "no native id"),
        (Item("things", "t1", {"type": "song", "name": "x"}), "kind: no case"),
        (Item("things", "t1", ["x"]), "neither an object nor a text"),
        (Item("things", "t1", None), "neither an object nor a text"),
        (Item("others", "t1", {"name": "x"}), "no such stream (others)"),
    ],
)
def test_unusable_items_are_refused_with_a_reason(item: Item, said: str) -> None:
    with pytest.raises(Rejected) as caught:
        MAP(item)
    assert said in str(caught.value)


def test_long_text_is_cut_and_said_so() -> None:
    made = record(name="n" * 2_000, about="word " * 100_000)
    assert len(made.title["und"]) == 500
    assert len(made.description["en"]) <= 20_000
    assert [problem["field"] for problem in made.problems] == ["title", "description"]
    assert all(len(problem["value"]) <= 200 for problem in made.problems)


def test_texts_in_many_languages() -> None:
    made = record(name={"en": "Corpus", "sw": "Kopasi", "klingonese": "?", "@original": "sw"})
    assert made.title == {"en": "Corpus", "sw": "Kopasi", "und": "?", "@original": "sw"}


def test_what_the_reader_noted_goes_with_the_record() -> None:
    made = record(name="x", **{"$problems": [{"field": "date", "value": "f()", "problem": "not plain"}, "odd"]})
    assert made.problems == [{"field": "date", "value": "f()", "problem": "not plain"}]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = [*SHELF.streams[0].mapping["fields"], "name", "about", "hub", "link", "langs", "where", "goals", "tags", "by"]
KEYS += ["date", "size", "context", "rows", "kinds", "data", "base", "owner", "type"]


@given(st.dictionaries(st.sampled_from([*KEYS, "$problems"]), JSON))
def test_any_payload_makes_a_storable_record_or_a_reason(payload: dict[str, Any]) -> None:
    try:
        made = MAP(Item("things", "t1", clean_tree(payload)[0]))
    except Rejected as rejected:
        assert rejected.problem
    else:
        assert orjson.loads(orjson.dumps(made.to_json())) == made.to_json()
        assert all(set(problem) == {"field", "value", "problem"} for problem in made.problems)
        assert not any("\0" in problem["value"] for problem in made.problems)
