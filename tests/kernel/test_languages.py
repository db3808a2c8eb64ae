"""Languages: codes and exact names in, the shortest BCP 47 tag out, never a guess."""

from __future__ import annotations

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.languages import language_name, parse_language

CODES = {
    "sw": ["sw", "SW", "swa", "swh", "swh-Latn", "swh_Latn", " sw "],
    "en": ["en", "EN", "ENG", "eng", "eng_Latn", "eng-Latn", "en-Latn", "en_XX"],
    "fr": ["fra", "fre", "fr"],
    "zh": ["zh", "zho", "chi", "cmn"],
    "zh-Hans": ["zh-Hans", "zho-Hans", "cmn_Hans", "ZH-HANS"],
    "zh-Hant": ["cmn-Hant"],
    "zh-TW": ["zh_TW"],
    "yue": ["yue", "zh-yue", "yue-Hant"],
    "nan": ["nan", "zh-min-nan"],
    "pt-BR": ["pt_BR", "pt-br", "por-BR"],
    "en-GB": ["en-GB", "en-UK"],
    "es-419": ["es-419"],
    "sw-KE": ["sw_KE"],
    "ar": ["ara", "arb", "arb-Arab", "ar_Arab"],
    "arz": ["arz", "arz-Arab", "ar-arz"],
    "sr": ["srp_Cyrl", "sr"],
    "sr-Latn": ["sr-Latn", "srp_Latn"],
    "ks": ["kas-Arab"],
    "ks-Deva": ["kas_Deva"],
    "ca-valencia": ["ca-valencia"],
    "de-CH-1996": ["de-CH-1996"],
    "en-US": ["en-US-u-ca-gregory", "en-US-x-private"],
    "aai": ["aai", "aai-Latn"],
    "he": ["iw", "heb"],
    "id": ["in", "ind"],
    "fil": ["fil", "tl", "tgl"],
    "or": ["ory", "ori"],
    "fa-AF": ["prs"],
    "mn": ["mon", "MON", "khk"],
}
NAMES = {
    "sw": ["Swahili", "Kiswahili", "swahili", "Swahili (macrolanguage)", "स्वाहिली"],
    "ar": ["Arabic", "العربية", "阿拉伯语", "arabe", "Modern Standard Arabic"],
    "fr": ["français", "FRANÇAIS", "French", "французский"],
    "zh": ["Chinese", "中文", "Mandarin", "普通话"],
    "zh-Hans": ["Simplified Chinese", "Chinese (Simplified)"],
    "pt-BR": ["Brazilian Portuguese", "português (Brasil)"],
    "ar-EG": ["Arabic (Egypt)", "العربية (مصر)"],
    "gaa": ["Ga"],
    "bjn-Arab": ["Banjar (Arabic script)"],
    "bjn": ["Banjar (Latin script)"],
    "ks-Deva": ["Kashmiri (Devanagari script)"],
    "am": ["አማርኛ", "Amharic"],
    "ha": ["Hausa"],
    "yo": ["Èdè Yorùbá", "Yoruba"],
    "hi": ["हिन्दी", "Hindi"],
    "aai": ["Arifama-Miniafia"],
    "mnw": ["Mon"],
    "ee": ["Ewe"],
    "luo": ["Luo", "luo"],
    "nb": ["Norwegian Bokmål"],
    "de": ["Deutsch", "German"],
    "el": ["Greek", "Ελληνικά"],
}


@pytest.mark.parametrize(
    ("tag", "raw"), [(tag, raw) for table in (CODES, NAMES) for tag, forms in table.items() for raw in forms]
)
def test_codes_and_names(tag: str, raw: str) -> None:
    assert parse_language(raw) == tag


@pytest.mark.parametrize(
    "raw",
    [
        "", "und", "mul", "mis", "zxx", "multilingual", "Multilingual", "code", "unknown", "none", "N/A",
        "NaN", "all", "other",
        "Python", "python", "Go", "C", "R", "C++", "Java", "JavaScript", "Rust", "Julia", "Basic", "Ada",
        "CSS", "Lua", "SQL", "Swift",
        "python-Code", "rust-Code", "go-Code", "x-klingon", "qaa", "en-ZZZZ", "en-QQ-nonsense", "qq", "zzz",
        "e", "engl",
        "English, French", "English (Africa)", "Python (Kenya)", "Swahil", "languages: en", "en.UTF-8",
        "en-DD", "\x00", "a" * 5000, "-", "en-", "_",
    ],
)  # fmt: skip
def test_no_language(raw: str) -> None:
    assert parse_language(raw) is None


@pytest.mark.parametrize("code", ["css", "lua", "ada", "nix", "gas", "asp", "org", "nan"])
def test_codes_of_small_languages_count_in_lower_case_only(code: str) -> None:
    assert parse_language(code) == code
    assert parse_language(code.upper()) is None
    assert parse_language(code.title()) is None


def test_wrong_types_are_none() -> None:
    for rubbish in (None, 5, ["en"], b"en"):
        assert parse_language(rubbish) is None  # type: ignore[arg-type]


@given(st.text(max_size=40))
def test_tags_are_stable(raw: str) -> None:
    tag = parse_language(raw)
    if tag is not None:
        assert parse_language(tag) == tag


subtag = st.from_regex(r"[a-zA-Z0-9]{1,8}", fullmatch=True)
languages = st.sampled_from(["en", "zho", "swh", "srp", "pt", "sgn", "hbs", "ar", "aai", "uzn", "no"])
common = st.sampled_from(["Latn", "Hans", "Cyrl", "Arab", "BR", "KE", "419", "yue", "arz", "valencia", "1996", "XX"])


@given(languages, st.lists(common | subtag, max_size=3), st.sampled_from("-_"))
def test_built_tags_are_stable_and_separator_and_case_do_not_matter(language: str, rest: list[str], separator: str) -> None:
    tag = parse_language(separator.join([language, *rest]))
    assert tag == parse_language("-".join([language.lower(), *(part.lower() for part in rest)]))
    if tag is not None:
        assert parse_language(tag) == tag


@pytest.mark.parametrize("locale", ["en", "fr", "ar", "es", "ru", "zh", "pt", "hi", "sw", "am", "ha"])
def test_names_that_are_printed_are_read(locale: str) -> None:
    """Every widely known language can be read by the name we print for it; a shared name may be unread, never misread."""
    names = Locale.parse(locale).languages
    for tag in ("ar", "en", "es", "fr", "ru", "pt", "hi", "sw", "am", "de", "ja", "ko", "tr", "it"):
        assert parse_language(names[tag]) == tag
    for tag in names:
        if "_" not in tag:
            assert parse_language(language_name(tag)) in (parse_language(tag), None)


def test_language_name() -> None:
    assert language_name("sw") == "Swahili"
    assert language_name("sw", "sw") == "Kiswahili"
    assert language_name("ar", "fr") == "arabe"
    assert language_name("zh-Hans", "fr") == "chinois simplifié"
    assert language_name("sr-Latn", "en") == "Serbian (Latin)"
    assert language_name("ks-Deva", "fr") == "cachemiri (dévanagari)"
    assert language_name("sw-KE") == "Swahili (Kenya)"
    assert language_name("aai", "ar") == "Arifama-Miniafia"
    assert language_name("zzz") == "zzz"
    assert language_name("sw", "zz-nonsense") == "Swahili"
    assert language_name("sw", "../../etc") == "Swahili"
