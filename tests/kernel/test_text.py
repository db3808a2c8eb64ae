"""Text: cleaning, picking a language, folding, plain words."""

from __future__ import annotations

import datetime as dt
import json
import math
import unicodedata
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel import text as text_module
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.text import clean, clean_tree, fold, mask_contacts, name_key, pick, plain, surely_clean, text

anything = st.text(st.characters(exclude_categories=[]))  # lone surrogates too


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("plain", "plain"),
        ("a\x00b", "ab"),
        ("a\ud800b\udfff", "ab"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x1b[31mb\x7f\x9fc", "a[31mbc"),
        ("e\u0301", "é"),
        ("e\x00\u0301", "é"),
        ("नमस्ते ñ 你好", "नमस्ते ñ 你好"),
    ],
)
def test_clean(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(anything)
def test_clean_is_idempotent_and_storable(raw: str) -> None:
    cleaned = clean(raw)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert "\x00" not in cleaned and "\r" not in cleaned
    cleaned.encode("utf-8")


def test_clean_tree_says_what_it_changed() -> None:
    value = {"a": ["x\x00y", {"b\x00": "z\ud800"}], "n": 3, "t": True, "none": None, "f": 1.5, "crlf": "1\r\n2", "e": "e\u0301"}
    cleaned, problems = clean_tree(value)
    assert cleaned == {"a": ["xy", {"b": "z"}], "n": 3, "t": True, "none": None, "f": 1.5, "crlf": "1\n2", "e": "é"}
    assert [(problem["field"], problem["problem"]) for problem in problems] == [
        ("a.0", "NUL characters removed"),
        ("a.1", "NUL characters removed"),
        ("a.1.b", "lone surrogates removed"),
    ]
    assert problems[0]["value"] == "xy"


def test_clean_tree_cuts_long_strings_and_says_so() -> None:
    cleaned, problems = clean_tree({"d": "é" * 20}, max_characters=10)
    assert cleaned == {"d": "é" * 10}
    assert problems == [{"field": "d", "value": "é" * 20, "problem": "20 characters long: cut to 10"}]


def test_clean_tree_makes_json_of_what_yaml_makes() -> None:
    cleaned, problems = clean_tree(
        {1: dt.date(2024, 5, 1), "at": dt.datetime(2024, 5, 1, 12), "nan": math.nan, "big": 2**70, "set": {1}}
    )
    assert cleaned == {"1": "2024-05-01", "at": "2024-05-01T12:00:00", "nan": None, "big": str(2**70), "set": None}
    assert {problem["field"] for problem in problems} == {"nan", "big", "set"}


def test_clean_tree_keeps_the_first_of_two_keys_that_become_one() -> None:
    cleaned, problems = clean_tree({"a": 1, "a\x00": 2})
    assert cleaned == {"a": 1}
    assert [problem["problem"] for problem in problems] == ["NUL characters removed", "key met twice: the first was kept"]


def test_clean_tree_ends_on_cycles_and_unfolding_aliases(monkeypatch: pytest.MonkeyPatch) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    _, problems = clean_tree(cycle)
    assert len(problems) == 1 and "deep" in problems[0]["problem"]
    monkeypatch.setattr(text_module, "MAX_NODES", 10_000)
    bomb: list[Any] = ["ha"]
    for _ in range(30):
        bomb = [bomb] * 10
    with pytest.raises(CommonwealError) as caught:
        clean_tree(bomb)
    assert caught.value.code == "value-too-large"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | anything,
        lambda inner: st.lists(inner) | st.dictionaries(anything, inner),
    )
)
def test_clean_tree_is_idempotent_json(value: Any) -> None:
    cleaned, _ = clean_tree(value)
    assert json.loads(json.dumps(cleaned, allow_nan=False)) == cleaned
    again, problems = clean_tree(cleaned)
    assert again == cleaned and problems == []


def test_text_reads_keys_as_languages() -> None:
    assert text("Habari\x00 ", "sw") == {"sw": "Habari"}
    assert text("Hello", "eng") == {"en": "Hello"}
    assert text("?") == text("?", "no such language") == {"und": "?"}
    assert text("  ") == text(None) == text({}) == {}
    assert text({"eng": "Hello", "fr_FR": "Bonjour", "Kiswahili": "Habari", "ar": " ", "und": "?"}) == {
        "en": "Hello", "fr-FR": "Bonjour", "sw": "Habari", "und": "?",
    }  # fmt: skip
    assert text({"title": "of no language", "en": 5}) == {"und": "of no language"}
    assert text({"en": "first", "eng": "second"}) == {"en": "first"}


def test_text_keeps_true_meta_keys_only() -> None:
    made = text({"en": "Hello", "fra": "Bonjour", "@original": "eng", "@machine": ["fra", "de", 5]})
    assert made == {"en": "Hello", "fr": "Bonjour", "@original": "en", "@machine": ["fr"]}
    assert text({"en": "Hello", "@original": "de", "@machine": ["de"]}) == {"en": "Hello"}


@pytest.mark.parametrize(
    ("words", "wanted", "picked"),
    [
        ({"en": "a", "fr": "b"}, ("fr",), ("fr", "b")),
        ({"en": "a", "pt": "b"}, ("pt-BR",), ("pt", "b")),
        ({"en": "a", "zh-Hant": "c", "zh-Hans": "b"}, ("zh",), ("zh-Hans", "b")),
        ({"en": "a", "sw": "b"}, ("fr", "sw"), ("sw", "b")),
        ({"en": "a", "de": "b"}, ("fr",), ("en", "a")),
        ({"sw": "a", "ha": "b", "@original": "sw"}, ("fr",), ("sw", "a")),
        ({"sw": "a", "ha": "b"}, ("fr",), ("ha", "b")),
        ({"fr": "", "und": "x"}, ("fr",), ("und", "x")),
        ({}, ("en",), ("und", "")),
        ({"@original": "en", "@machine": ["fr"]}, ("@original",), ("und", "")),
    ],
)
def test_pick(words: dict[str, Any], wanted: tuple[str, ...], picked: tuple[str, str]) -> None:
    assert pick(words, *wanted) == picked


@given(
    st.dictionaries(st.sampled_from(["en", "fr", "pt-BR", "zh-Hans", "zh-Hant", "und"]), st.text(max_size=3)),
    st.sampled_from(["en", "zh", "de"]),
)
def test_pick_does_not_depend_on_order(words: dict[str, str], lang: str) -> None:
    assert pick(words, lang) == pick(dict(reversed(words.items())), lang)


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("Educação", "educacao"), ("STRASSE Straße", "strasse strasse"), ("Łódź Ørsted", "lodz orsted"),
        ("Ἀθήνα", "αθηνα"),
        ("Ёлка й", "елка и"), ("İstanbul ıI", "istanbul ii"), ("Ƙasar Haɓaka", "kasar habaka"),
        ("Ẹ̀kọ́ Yorùbá", "eko yoruba"),
        ("إِسْلَامِيَّة", "اسلاميه"), ("مكتبـــة آل", "مكتبه ال"), ("یک", "يك"),
        ("हिन्दी में", "हिन्दी में"), ("ガ が", "ガ が"), ("한국어", "한국어"),
        ("ﬁne ２０２４", "fine 2024"), ("so\u00adft\u200b", "soft"), ("Côte d’Ivoire", "cote d'ivoire"),
    ],
)  # fmt: skip
def test_fold(raw: str, folded: str) -> None:
    assert fold(raw) == folded


@given(st.text())
def test_fold_and_name_key_are_idempotent(raw: str) -> None:
    assert fold(fold(raw)) == fold(raw)
    assert name_key(name_key(raw)) == name_key(raw)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("Llama-3.1 70B", "llama 3.1 70b"),
        ("meta-llama/Llama-3.1-70B", "meta llama llama 3.1 70b"),
        ("Command R+", "command r+"),
        ("command-r+ (08-2024)", "command r+ 08 2024"),
        ("C++ / C#", "c++ c#"),
        ("#1 + 2. Node.js", "1 2 node js"),
        ("MasakhaNER_2.0", "masakhaner 2.0"),
        ("हिन्दी—बेंच", "हिन्दी बेंच"),
        ("「東京」大学", "東京 大学"),
        ("...", ""),
    ],
)
def test_name_key(raw: str, key: str) -> None:
    assert name_key(raw) == key


@pytest.mark.parametrize(("one", "other"), [("Command R", "Command R+"), ("C", "C++"), ("Llama 3.1", "Llama 31"), ("7B", "70B")])
def test_name_key_tells_apart(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("A <b>bold</b> claim &amp; more", "A bold claim & more"),
        ("<p>One</p><p>Two<br>three</p><script>alert(1)</script>", "One\n\nTwo\nthree"),

        ("# Title\n\nSome *very* **good** `code` and [a link](https://x.org \"t\").", "Title\n\nSome very good code and a link."),
        ("![logo](a.png) x\n- one\n- two", "logo x\none\ntwo"),
        ("---\nlicense: mit\n---\nWords", "Words"),
        ("snake_case_name 2 * 3 * 4 < 5", "snake_case_name 2 * 3 * 4 < 5"),
        ("```python\nprint(1)\n```", "print(1)"),
        ("a `<script>` is never closed here", "a\nis never closed here"),
        ("x<style>p {}</style >y<!-- <b>no</b> -->z", "xyz"),
        ("&lt;script&gt; is text", "<script> is text"),
    ],
)  # fmt: skip
def test_plain(raw: str, words: str) -> None:
    assert plain(raw) == words


@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<!", "&", "[", "](", "**a", "`", "_a", "<a b='", "---\n", "# ", "<p>", "<![CDATA["]
)
def test_plain_ends_on_hostile_input(piece: str) -> None:
    assert len(plain(piece * 20_000)) <= 100_000


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        ("write to jane.doe+ai@example.co.uk.", "write to [e-mail]."),
        ("<a href='mailto:a@b.org'>a@b.org</a>", "<a href='mailto:[e-mail]'>[e-mail]</a>"),
        ("rené@éxample.org", "[e-mail]"),
        ("call +254 700 000 000 now", "call [phone] now"),
        ("Tel.: 030 1234567", "Tel.: [phone]"),
        ("git@github.com:owner/repo", "git@github.com:owner/repo"),
        ("@masakhane trained on 1 000 000 000 tokens, 2024-05-01, 10.5281/zenodo.1234567", None),
        ("ISBN 978-3-16-148410-0, +5 % and 100000000000 rows, v1.2.3@latest", None),
        ("https://zenodo.org/records/00123456789", None),
    ],
)
def test_mask_contacts(raw: str, masked: str | None) -> None:
    assert mask_contacts(raw) == (raw if masked is None else masked)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_what_is_surely_clean_is_not_changed(value):
    try:
        data = orjson.dumps(value)
    except TypeError:  # a lone surrogate
        return
    if surely_clean(data):
        assert clean_tree(value) == (value, [])


@pytest.mark.parametrize("value", [{"a": "x\x00"}, ["\r\n"], {"\x85": 1}, ["e\u0301"], [None], [[[]]] * 60, "x" * 1_000_001])
def test_what_may_need_cleaning_is_walked(value):
    assert not surely_clean(orjson.dumps(value))
