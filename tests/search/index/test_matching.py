"""What finds what, and in which order, over small indexes of real words."""

from __future__ import annotations

import pytest

from commonweal.search import services

WORLD = {
    "Educação infantil no Brasil": ("pt", {"languages": ["pt"], "countries": ["BRA"], "issued": "2024-05"}),
    "Kamusi ya Kiswahili": ("sw", {"languages": ["sw"], "countries": ["KEN", "TZA"], "issued": "2022"}),
    "اللُّغَةُ العَرَبِيَّة للأطفال": ("ar", {"languages": ["ar"]}),
    "हिन्दी भाषा का कोष": ("hi", {"languages": ["hi"]}),
    "机器学习数据集": ("zh", {"languages": ["zh"]}),
    "ภาษาไทยสำหรับการเรียนรู้": ("th", {"languages": ["th"]}),
    "የአማርኛ ቋንቋ መረጃ": ("am", {"languages": ["am"]}),
    "Новый красивый корпус": ("ru", {"languages": ["ru"]}),
    "한국어 음성 데이터": ("ko", {"languages": ["ko"]}),
    "日本語の文章": ("ja", {"languages": ["ja"]}),
    "Les données ouvertes de santé": ("fr", {"languages": ["fr"]}),
}


@pytest.fixture
def world(make_index, view):
    make_index(*(view(title, {lang: title}, **chosen) for title, (lang, chosen) in WORLD.items()))


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("educacao", "Educação infantil no Brasil"),
        ("EDUCAÇÃO", "Educação infantil no Brasil"),
        ("educações", "Educação infantil no Brasil"),
        ('"educacao infantil"', "Educação infantil no Brasil"),
        ("kiswahili", "Kamusi ya Kiswahili"),
        ("kiswahli", "Kamusi ya Kiswahili"),
        ("kamu", "Kamusi ya Kiswahili"),
        ("kisw*", "Kamusi ya Kiswahili"),
        ("العربية", "اللُّغَةُ العَرَبِيَّة للأطفال"),
        ("العَرَبِيَّة", "اللُّغَةُ العَرَبِيَّة للأطفال"),
        ("للاطفال", "اللُّغَةُ العَرَبِيَّة للأطفال"),
        ("हिन्दी", "हिन्दी भाषा का कोष"),
        ("भाषा", "हिन्दी भाषा का कोष"),
        ("学习", "机器学习数据集"),
        ("机器学习", "机器学习数据集"),
        ("集", "机器学习数据集"),
        ("ไทย", "ภาษาไทยสำหรับการเรียนรู้"),
        ("ภาษาไทย", "ภาษาไทยสำหรับการเรียนรู้"),
        ("ቋንቋ", "የአማርኛ ቋንቋ መረጃ"),
        ("новые", "Новый красивый корпус"),
        ("음성", "한국어 음성 데이터"),
        ("文章", "日本語の文章"),
        ("donnee ouverte", "Les données ouvertes de santé"),
        ("language:Kiswahili", "Kamusi ya Kiswahili"),
        ("language:sw country:Kenya", "Kamusi ya Kiswahili"),
        ("country:BRA", "Educação infantil no Brasil"),
        ("year:2022", "Kamusi ya Kiswahili"),
        ("year>2023", "Educação infantil no Brasil"),
        ("year>=2022 year<2024", "Kamusi ya Kiswahili"),
    ],
)
def test_finds_exactly(world, found, query, title):
    assert found(query) == [title]


@pytest.mark.parametrize(
    "query", ["学机", '"infantil educação"', "language:fr kiswahili", "educação -brasil", "xyzzy", "year>2030"]
)
def test_does_not_find(world, found, query):
    assert found(query) == []


def test_the_closer_word_comes_first(make_index, view, found):
    titles = {"a": "Resume writing", "b": "Résumé writing", "c": "Resumes writing"}
    make_index(*(view(name, {"en": title}) for name, title in titles.items()))
    assert found("résumé")[0] == "Résumé writing"
    assert found("resume")[0] == "Resume writing"
    assert found("resumes")[0] == "Resumes writing"
    assert len(found("resume")) == 3


def test_title_before_description_and_phrase_before_scattered_words(make_index, view, found):
    make_index(
        view("a", {"en": "A corpus"}, description={"en": "open health data"}),
        view("b", {"en": "Health of data"}),
        view("c", {"en": "Health data"}),
    )
    assert found("health data") == ["Health data", "Health of data", "A corpus"]


def test_prefixes_and_typing_errors_only_when_few_match(make_index, view, found):
    make_index(
        *(view(f"n{n}", {"en": f"Transport study {n}"}) for n in range(6)),
        view("t", {"en": "Transports"}),
        view("p", {"en": "Transportkit"}),
    )
    assert sorted(found("transport"))[-1] == "Transports"
    assert found("transport")[-1] == "Transports"
    assert found("transportk")[0] == "Transportkit"
    assert found("transprot")[-1].startswith("Transport")
    assert [note.code for note in services.search("transprot").notes] == ["widened"]
    assert [note.code for note in services.search("transport").notes] == []


@pytest.mark.parametrize(
    "query",
    [
        "gpt-oss-120b",
        "GPT-OSS-120B",
        "openai/gpt-oss-120b",
        "hf:openai/gpt-oss-120b",
        "https://huggingface.co/openai/gpt-oss-120b",
        "huggingface.co/openai/gpt-oss-120b/",
        "10.1234/abc.42",
        "doi:10.1234/abc.42",
        "https://doi.org/10.1234/abc.42",
        "openai/gpt-os*",
        "openai/gpt-oss-120",
    ],
)
def test_identifiers_in_any_form(make_index, view, found, query):
    make_index(
        view("wanted", {"en": "The model"}, "model", identifiers=["hf:openai/gpt-oss-120b", "doi:10.1234/abc.42"]),
        view("other", {"en": "Another"}, "model", identifiers=["hf:someone/bert"]),
    )
    assert found(query)[0] == "The model"
    assert "Another" not in found(query)


def test_offers_are_left_out_unless_asked_for(make_index, view, found):
    make_index(view("a", {"en": "Llama"}, "model"), view("b", {"en": "Llama hosted"}, "offer"))
    assert found("llama") == ["Llama"]
    assert services.search("").count == 1
    assert [value.value for value in services.search("").facets["kind"]] == ["model"]
    assert found("llama kind:offer") == ["Llama hosted"]
    assert found("llama", kind="offer") == ["Llama hosted"]
    assert sorted(found("llama", offers=True)) == ["Llama", "Llama hosted"]


def test_numbers(make_index, view, found):
    make_index(
        view("a", {"en": "Small"}, "model", parameter_count={"value": 1_000_000_000, "low": None, "high": None, "unit": "1"}),
        view("b", {"en": "Large"}, "model", parameter_count={"value": 70_000_000_000, "low": None, "high": None, "unit": "1"}),
        view("c", {"en": "Secret"}, "model", parameter_count={"value": None, "low": 1, "high": None, "unit": "1"}),
    )
    assert found("parameters>7b") == ["Large"]
    assert found("parameters<=1b") == ["Small"]
    assert found("parameters>-5 parameters<5") == []


@pytest.mark.parametrize(
    "text",
    [
        *("(" * 5_000, "a" * 1_000_000, " ".join(f"w{n}" for n in range(5_000)), "\x00\x1b[31m", "🌍🌍", "\u202e\u200fa"),
        *(".*+?[a-z]{9}^$|\\", "a*" * 99, '"' + "a " * 500 + '"', "中" * 3_000, "é" * 300, "~water", "|", "-" * 50),
        *("kind:" * 50, "a" * 70_000 + "*", "-" + "b" * 500),
    ],
)
def test_any_query_has_an_answer(world, text):
    results = services.search(text)
    assert results.count >= 0
    assert services.suggest(text) is not None
    for card in results.cards:
        assert results.marked(card)
