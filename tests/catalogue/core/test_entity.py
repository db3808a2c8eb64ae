"""Entity views: attributed, deterministic, independent of order."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.catalogue.core.entity import CARD_DESCRIPTION, StoredRecord, build_view, card, title_sort
from commonweal.catalogue.core.record import Record


def stored(source: str, native_id: str = "x", *, missing: bool = False, **said: Any) -> StoredRecord:
    record = Record(source, native_id, said.pop("kind", "dataset"), said.pop("title", {"en": "Corpus"}), **said)
    return StoredRecord(record.id, record.to_json(), missing)


def test_the_most_trusted_source_is_chosen_and_the_others_stay() -> None:
    low, high = stored("blog", publisher="ACME"), stored("registry", publisher="Acme Foundation")
    view = build_view([low, high], {"blog": 10, "registry": 90})
    assert view["chosen"]["publisher"] == "Acme Foundation"
    assert [(entry["value"], entry["chosen"]) for entry in view["values"]["publisher"]] == [
        ("Acme Foundation", True),
        ("ACME", False),
    ]


def test_among_equally_trusted_the_record_changed_last_is_chosen_then_the_first_source() -> None:
    old, new = stored("b", status="active", modified="2023"), stored("c", status="archived", modified="2024-05")
    silent = stored("a", status="unknown")
    view = build_view([silent, old, new], {})
    assert [entry["value"] for entry in view["values"]["status"]] == ["archived", "active", "unknown"]
    assert build_view([stored("b", url="https://b"), stored("a", url="https://a")], {})["chosen"]["url"] == "https://a"


def test_equal_values_are_one_with_all_who_say_it() -> None:
    view = build_view([stored("a", publisher="P"), stored("b", publisher="P")], {})
    (entry,) = view["values"]["publisher"]
    assert [said["source"] for said in entry["sources"]] == ["a", "b"]


def test_lists_are_united_and_each_item_is_attributed() -> None:
    view = build_view([stored("a", languages=["en", "sw"]), stored("b", languages=["sw", "fr"])], {})
    assert view["chosen"]["languages"] == ["en", "sw", "fr"]
    assert {entry["value"]: [said["source"] for said in entry["sources"]] for entry in view["values"]["languages"]} == {
        "en": ["a"],
        "sw": ["a", "b"],
        "fr": ["b"],
    }


def test_an_item_said_twice_by_one_record_names_it_once() -> None:
    view = build_view([stored("a", keywords=["water", "water"])], {})
    assert [len(entry["sources"]) for entry in view["values"]["keywords"]] == [1]


def test_extras_are_properties_and_lists_among_them_are_united() -> None:
    view = build_view(
        [
            stored("a", kind="model", extras={"tasks": ["qa"], "context_tokens": 8}),
            stored("b", kind="model", extras={"tasks": ["ner"]}),
        ],
        {},
    )
    assert view["chosen"]["tasks"] == ["qa", "ner"]
    assert view["chosen"]["context_tokens"] == 8


def test_true_and_one_and_the_word_are_three_values() -> None:
    views = [stored(source, extras={"stage": value}, kind="software") for source, value in (("a", 1), ("b", True), ("c", "1"))]
    assert len(build_view(views, {})["values"]["stage"]) == 3


def test_contacts_never_enter_a_view_or_card() -> None:
    view = build_view([stored("a", contact="someone@example.org")], {})
    assert b"example.org" not in orjson.dumps([view, card(view)])


def test_links_grounds_and_identifiers_are_united() -> None:
    link = {"type": "derived_from", "target": "hf:a/b", "title": "B"}
    ground = {"ground": "open-licence", "detail": "CC0-1.0"}
    view = build_view(
        [
            stored("a", links=[link], grounds=[ground], identifiers=["doi:10.1/x"]),
            stored("b", links=[link], grounds=[ground], identifiers=["hf:datasets/a/x"]),
        ],
        {},
    )
    assert view["links"] == [{**link, "sources": ["a", "b"]}]
    assert [entry["source"] for entry in view["grounds"]] == ["a", "b"]
    assert view["identifiers"] == ["doi:10.1/x", "hf:datasets/a/x"]


def test_a_record_its_source_no_longer_lists_is_marked() -> None:
    view = build_view([stored("a", missing=True), stored("b")], {})
    assert [record.get("missing", False) for record in view["records"]] == [True, False]


def test_a_card_cuts_descriptions_at_a_word_in_every_language() -> None:
    view = build_view([stored("a", description={"en": "word " * 100, "ar": "كلمة " * 100, "@original": "en"})], {})
    shown = card(view)["description"]
    assert shown["@original"] == "en"
    for tag in ("en", "ar"):
        assert len(shown[tag]) <= CARD_DESCRIPTION
        assert shown[tag].endswith(("word…", "كلمة…"))


@pytest.mark.parametrize(("title", "key"), [({"en": "Éclair"}, "eclair"), ({"und": "STRASSE"}, "strasse"), ({}, "")])
def test_titles_sort_without_case_and_accents(title: dict[str, str], key: str) -> None:
    assert title_sort(title) == key


SAID = st.fixed_dictionaries(
    {},
    optional={
        "publisher": st.sampled_from(["P", "Q"]),
        "modified": st.sampled_from(["2023", "2024-01", "2024-01-02"]),
        "languages": st.lists(st.sampled_from(["en", "fr", "sw"]), max_size=3),
        "keywords": st.lists(st.sampled_from(["a", "b"]), max_size=3),
        "identifiers": st.lists(st.sampled_from(["doi:10.1/x", "hf:a/b"]), max_size=2),
        "extras": st.fixed_dictionaries({}, optional={"row_count": st.integers(0, 2), "tasks": st.just(["qa"])}),
    },
)
RECORDS = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from("123")), st.tuples(SAID, st.booleans()), min_size=1, max_size=5
).map(lambda found: [stored(*key, missing=missing, **said) for key, (said, missing) in found.items()])


@given(RECORDS, st.randoms(use_true_random=False), st.dictionaries(st.sampled_from("abc"), st.integers(0, 100)))
def test_a_view_does_not_depend_on_the_order_of_its_records(
    records: list[StoredRecord], random: Any, trust: dict[str, int]
) -> None:
    first = orjson.dumps(build_view(records, trust))
    random.shuffle(records)
    assert orjson.dumps(build_view(records, trust)) == first


@given(RECORDS)
def test_every_value_has_a_source_and_nothing_said_is_lost(records: list[StoredRecord]) -> None:
    view = build_view(records, {})
    assert view["id"] == min(record.id for record in records)
    for name, entries in view["values"].items():
        assert all(entry["sources"] for entry in entries)
        assert any(entry["chosen"] for entry in entries), name
    for record in records:
        for language in record.data.get("languages", ()):
            entry = next(entry for entry in view["values"]["languages"] if entry["value"] == language)
            assert record.id in [said["record"] for said in entry["sources"]]
