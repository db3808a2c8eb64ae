"""Matches are marked, everything else is escaped."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.search.core.analyse import alternatives
from commonweal.search.core.highlight import Highlighter
from commonweal.search.core.query import parse

#: Forms of one word, irregular ones too, and others that begin like them.
WORDS = (
    *("dying", "die", "dies", "lying", "lie", "skies", "sky", "news", "educação", "educacoes", "educación", "études"),
    *("étude", "häuser", "haus", "translation", "translate", "water", "waters", "العربية", "عربي", "модели", "модель"),
)


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("educacao", "Educação infantil", "<mark>Educação</mark> infantil"),
        ("model", "Models & more", "<mark>Models</mark> &amp; more"),
        ('"health data"', "health, data", "<mark>health</mark>, <mark>data</mark>"),
        ("transl*", "translation tasks", "<mark>translation</mark> tasks"),
        ("学习", "机器学习数据", "机器<mark>学习</mark>数据"),
        ("العربية", "اللغة العَرَبِيَّة", "اللغة <mark>العَرَبِيَّة</mark>"),
        ("-water health", "water health", "water <mark>health</mark>"),
        ("script", "<script>alert(1)</script>", "&lt;<mark>script</mark>&gt;alert(1)&lt;/<mark>script</mark>&gt;"),
        ("kind:model", "kind model", "kind model"),
    ],
)
def test_marks(query, text, marked):
    assert Highlighter(parse(query)).html(text) == marked


def test_a_window_holds_the_first_match():
    text = "word " * 100 + "needle " + "word " * 100
    snippet = Highlighter(parse("needle")).html(text, 80)
    assert "<mark>needle</mark>" in snippet
    assert snippet.startswith("…")
    assert snippet.endswith("…")
    assert len(snippet) < 120


@given(st.text(max_size=80), st.text(max_size=200), st.none() | st.integers(1, 100))
def test_without_its_marks_it_is_the_escaped_text(query, text, width):
    marked = Highlighter(parse(query)).html(text, width)
    plain = re.sub("</?mark>", "", marked) if "mark>" not in html.escape(text) else None
    if plain is not None and width is None:
        assert html.unescape(plain) == html.unescape(html.escape(text))
    assert marked.count("<mark>") == marked.count("</mark>")
    assert "<" not in marked.replace("<mark>", "").replace("</mark>", "")


@given(st.sampled_from(WORDS), st.sampled_from(WORDS))
def test_a_word_is_marked_exactly_when_an_indexed_form_meets(asked: str, written: str) -> None:
    met = {form.term for form in alternatives(asked)} & {form.term for form in alternatives(written)}
    assert ("<mark>" in Highlighter(parse(asked)).html(written)) == bool(met)
