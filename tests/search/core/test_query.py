"""The query language: examples, broken queries, and what holds for any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.search.core.query import MAX_CHARACTERS, MAX_PARTS, SYNTAX, Filter, Query, Range, Term, parse


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("maternal health", Query(terms=(Term("maternal"), Term("health")))),
        ('"public health" data', Query(terms=(Term("public health", phrase=True), Term("data")))),
        ("“santé publique”", Query(terms=(Term("santé publique", phrase=True),))),
        ("«santé publique»", Query(terms=(Term("santé publique", phrase=True),))),
        ("transl*", Query(terms=(Term("transl", prefix=True),))),
        ('"machine tra"*', Query(terms=(Term("machine tra", phrase=True, prefix=True),))),
        ("water -crypto", Query(terms=(Term("water"), Term("crypto", negated=True)))),
        ("kind:model,dataset", Query(filters=(Filter("kind", ("model", "dataset")),))),
        ("kind:Models", Query(filters=(Filter("kind", ("model",)),))),
        ("-kind:software", Query(filters=(Filter("kind", ("software",), negated=True),))),
        ("license:apache-2.0", Query(filters=(Filter("licence", ("Apache-2.0",)),))),
        ("licence:open", Query(filters=(Filter("licence_category", ("open",)),))),
        ("licence:open,MIT", Query(filters=(Filter("licence_category", ("open",)), Filter("licence", ("MIT",))))),
        ("language:Kiswahili", Query(filters=(Filter("language", ("sw",)),))),
        ("lang:swh", Query(filters=(Filter("language", ("sw",)),))),
        ("country:Kenya,ARE", Query(filters=(Filter("country", ("KEN", "ARE")),))),
        ('publisher:"Mozilla Foundation"', Query(filters=(Filter("publisher", ("Mozilla Foundation",)),))),
        ("year>=2023 year<2026", Query(ranges=(Range("year", ">=", 2023), Range("year", "<", 2026)))),
        ("parameters>7b", Query(ranges=(Range("parameters", ">", 7_000_000_000),))),
        ("downloads<=1.5k", Query(ranges=(Range("downloads", "<=", 1500),))),
        ("downloads:10", Query(ranges=(Range("downloads", ">=", 10), Range("downloads", "<=", 10)))),
        ("gpt-oss-120b", Query(terms=(Term("gpt-oss-120b"),))),
        ("https://huggingface.co/a/b", Query(terms=(Term("https://huggingface.co/a/b"),))),
        ("doi:10.5281/zenodo.1", Query(terms=(Term("doi:10.5281/zenodo.1"),))),
        ("(water) [health]?", Query(terms=(Term("water"), Term("health")))),
        ("", Query()),
        ("   ", Query()),
    ],
)
def test_reads(text, query):
    assert parse(text) == query
    assert parse(text).notes == ()


@pytest.mark.parametrize(
    ("text", "query", "codes"),
    [
        ('water "public health', Query(terms=(Term("water"), Term("public health", phrase=True))), ["open-quote"]),
        ("colour:blue", Query(terms=(Term("colour:blue"),)), ["unknown-field"]),
        ("kind:", Query(), ["no-value"]),
        ("language:Klingonese water", Query(terms=(Term("water"),)), ["unknown-value"]),
        ("year>soon", Query(), ["not-a-number"]),
        ("-crypto", Query(terms=(Term("crypto", negated=True),)), ["only-exclusions"]),
        ("🌍", Query(), ["no-words"]),
        ("((((", Query(), []),
    ],
)
def test_best_reading_of_a_broken_query(text, query, codes):
    assert parse(text) == query
    assert [note.code for note in parse(text).notes] == codes
    assert all(note.message for note in parse(text).notes)


def test_direction_marks_and_controls_do_not_matter():
    assert parse("\u200fصحة\u202c \x00health") == parse("صحة health")


def test_what_is_documented_is_understood():
    for text, meaning in SYNTAX:
        assert meaning
        if text.startswith("-"):
            continue
        assert parse(text).notes == (), text


@pytest.mark.parametrize(
    "text", ["x" * 1_000_000, "a " * 500_000, "(" * 100_000, '"' * 99_999, "a:" * 50_000, "-" * 100_000, "kind:" + "a," * 9_999]
)
def test_a_huge_query_is_cut_and_says_so(text):
    query = parse(text)
    assert "too-long" in [note.code for note in query.notes]
    assert len(query.terms) + len(query.filters) <= MAX_PARTS
    assert len(str(query)) <= 2 * MAX_CHARACTERS


def test_a_filter_beside_the_query_reads_names_and_keeps_codes():
    query = parse("water").narrowed("language", ["Kiswahili", "fr"])
    assert query.values("language") == ("sw", "fr")
    assert str(query) == "water language:sw,fr"
    assert parse("water").narrowed("language", ["Klingonese"]).values("language") == ("Klingonese",)


TEXT = st.text() | st.lists(
    st.sampled_from(['"', "-", "kind:", "language:", "year>", "*", ",", "a", "ß", " ", "hf:", "2020", "sw", "(", "。", "\u0301"]),
    max_size=30,
).map("".join)


@given(TEXT)
def test_any_text_has_a_reading_that_prints_and_reads_back_the_same(text):
    query = parse(text)
    assert parse(str(query)) == query


@given(st.lists(st.sampled_from(["a", '"', ":", ",", "-", " ", "kind:"]), min_size=1, max_size=6))
def test_time_is_linear_in_what_is_read(parts):
    start = time.process_time()
    parse("".join(parts) * 5_000)
    assert time.process_time() - start < 5  # a guard against catastrophic backtracking, not a figure
