"""Words of any script, and that what a reader types meets what is indexed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.text import fold
from commonweal.search.core.analyse import BARRIER, alternatives, index_line, is_unspaced, line, sort_keys, split


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gpt-oss_120b, v2.0!", ["gpt", "oss", "120b", "v2", "0"]),
        ("l’éducation", ["l", "éducation"]),
        ("हिन्दी भाषा।", ["हिन्दी", "भाषा"]),
        ("የአማርኛ፡ቋንቋ።", ["የአማርኛ", "ቋንቋ"]),
        ("اللُّغَةُ العَرَبِيَّة", ["اللُّغَةُ", "العَرَبِيَّة"]),
        ("机器学习", ["机器", "器学", "学习"]),
        ("bert中文模型v2", ["bert", "中文", "文模", "模型", "v2"]),
        ("字", ["字"]),
        ("ภาษาไทย", ["ภา", "าษ", "ษา", "าไ", "ไท", "ทย"]),
        ("데이터 셋", ["데이", "이터", "셋"]),
        ("🌍 …", []),
    ],
)
def test_split(text, words):
    assert split(text) == words


@pytest.mark.parametrize(
    ("typed", "written", "lang"),
    [
        ("educação", "Educação", "pt"),
        ("educacao", "educação", "pt"),
        ("educações", "educação", "pt"),
        ("models", "model", "en"),
        ("model", "models", "en"),
        ("traduction", "traductions", "fr"),
        ("traducción", "traducciones", "es"),
        ("häuser", "Haus", "de"),
        ("новые", "новый", "ru"),
        ("العربية", "العَرَبِيَّة", "ar"),
        ("الإسلامية", "الاسلاميه", "ar"),
        ("हिन्दी", "हिन्दी", "hi"),
        ("kiswahili", "Kiswahili", "sw"),
        ("ቋንቋ", "ቋንቋ", "am"),
        ("straße", "STRASSE", "de"),
        ("hausa", "Ɓausa Hausa", "ha"),
        ("bauna", "ɓauna", "ha"),
    ],
)
def test_a_typed_word_meets_the_written_one(typed, written, lang):
    indexed = set(line(written, lang).split())
    assert indexed & {alternative.term for alternative in alternatives(typed)}


def test_other_words_do_not_meet():
    indexed = set(line("maternal health corpus", "en").split())
    assert not indexed & {alternative.term for alternative in alternatives("education")}


def test_what_is_closer_weighs_more():
    weights = [alternative.weight for alternative in alternatives("educações")]
    assert weights[0] == 1.0 == max(weights)
    assert [alternatives("educações")[1].term, alternatives("educações")[1].weight] == ["educacoes", 0.9]


def test_runs_are_kept_apart():
    words, _, helpers = line("Educação infantil", "pt").partition(f" {BARRIER} ")
    assert words == "educacao infantil"
    assert "educação" in helpers.split()
    assert line("health", "sw") == "health"
    assert BARRIER not in split("a | b")


def test_meta_keys_of_a_text_are_not_searched():
    assert "fr" not in index_line({"en": "water", "@original": "fr", "@machine": ["fr"]}).split()


def test_the_language_of_a_name_is_guessed_only_when_it_is_plain():
    assert "~model" in line("models").split()
    assert "~model" not in line("models", "sw").split()


@given(st.text(max_size=60))
def test_terms_hold_no_space_and_no_mark_of_ours(text):
    for term in split(text.lower()):
        assert term
        assert not any(character.isspace() for character in term)
        assert BARRIER not in term


@given(st.text(alphabet="aáбй中ไ한 ة", max_size=30))
def test_each_word_of_a_text_meets_it(text):
    indexed = set(line(text, "pt").split())
    for word in split(text.lower()):
        assert indexed & {alternative.term for alternative in alternatives(word)}


@given(st.text(max_size=12), st.text(max_size=12))
def test_sort_keys_order_as_bytes(one, other):
    one, other = fold(one).replace("\0", ""), fold(other).replace("\0", "")
    keys = sort_keys(one, 8), sort_keys(other, 8)
    encoded = one.encode("utf-8", "replace"), other.encode("utf-8", "replace")
    assert (keys[0] < keys[1]) == (encoded[0] < encoded[1])
    assert all(-(2**63) <= key < 2**63 for key in keys[0])


def test_unspaced():
    assert is_unspaced("中文")
    assert not is_unspaced("हिन्दी")
    assert not is_unspaced("plain")
