"""Words, numbers, dates and links as templates write them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from commonweal.web import charts, markup


@pytest.mark.parametrize(
    ("lang", "iso", "printed"),
    [
        ("en", "2024", "2024"),
        ("en", "2024-05", "May 2024"),
        ("en", "2024-05-01", "1 May 2024"),
        ("fr", "2024-05-01", "1 mai 2024"),
        ("ar", "2024-05", "مايو 2024"),
        ("en", "circa 2019", "circa 2019"),
        ("en", None, ""),
    ],
)
def test_dates_are_as_precise_as_they_are_known(lang, iso, printed):
    with translation.override(lang):
        assert markup.day(iso) == printed


def test_numbers_follow_the_language():
    with translation.override("fr"):
        assert markup.number(12345) == "12\u202f345"
    with translation.override("en"):
        assert markup.number(12345) == "12,345"


def test_prices_keep_what_matters():
    with translation.override("en"):
        assert [markup.price(Decimal(amount)) for amount in ("1.350000", "0.0007", "12")] == ["1.35", "0.0007", "12.00"]


def test_ago_counts_back():
    now = datetime(2026, 1, 2, tzinfo=UTC)
    with translation.override("en"):
        assert markup.ago(now - timedelta(hours=3), now) == "3 hours ago"


def test_words_of_another_language_are_marked():
    with translation.override("ar"):
        assert str(markup.text({"en": "Speech"})) == '<span lang="en" dir="auto">Speech</span>'
        assert str(markup.text({"und": "Sauti"})) == '<span dir="auto">Sauti</span>'
        assert str(markup.text({"ar": "كلام"})) == "كلام"


def test_machine_words_are_labelled():
    with translation.override("fr"):
        assert "traduit par une machine" in markup.text({"en": "Speech", "fr": "Parole", "@machine": ["fr"]})
        assert "machine" not in markup.text({"en": "Speech", "fr": "Parole", "@machine": ["ar"]})


@given(st.text())
def test_no_text_becomes_markup(said):
    with translation.override("en"):
        for shown in (markup.text({"sw": said}), markup.text(said), markup.text({"en": said})):
            inner = str(shown).replace('<span lang="sw" dir="auto">', "").replace('<span dir="auto">', "").replace("</span>", "")
            assert "<" not in inner
            assert '"' not in inner


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://[", "mailto:a@b.c", "", None, 5]
)
def test_only_web_addresses_become_links(url):
    assert markup.safe_url(url) is None


def test_web_addresses_stay():
    assert markup.safe_url("https://example.org/a?b=c") == "https://example.org/a?b=c"


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_bars_have_title_description_and_table(lang):
    rows = [charts.Row("Datasets <x>", 200, "/search?kind=dataset"), charts.Row("Models", 100)]
    with translation.override(lang):
        svg = str(charts.bars("c", "What", "Who counted", rows))
    assert "<title" in svg
    assert "<desc" in svg
    assert svg.count("<tr>") == 3
    assert "Datasets &lt;x&gt;" in svg
    assert "<x>" not in svg
    assert "style=" not in svg


def test_bars_mirror_with_the_direction():
    rows = [charts.Row("a", 2), charts.Row("b", 1)]
    with translation.override("en"):
        assert 'class="bar" x="0" y="71" width="50.0%"' in charts.bars("c", "t", "d", rows)
    with translation.override("ar"):
        assert 'class="bar" x="50.00%" y="71" width="50.0%"' in charts.bars("c", "t", "d", rows)


def test_columns_run_with_the_direction_of_time():
    rows = [charts.Row("2023", 1), charts.Row("2024", 3)]
    with translation.override("en"):
        left_to_right = str(charts.columns("c", "t", "d", rows))
    with translation.override("ar"):
        right_to_left = str(charts.columns("c", "t", "d", rows))
    assert left_to_right.index('x="7.00%"') < left_to_right.index('x="57.00%"')
    assert right_to_left.index('x="57.00%"') < right_to_left.index('x="7.00%"')


def test_an_empty_chart_is_no_error():
    with translation.override("en"):
        assert "<svg" in charts.bars("c", "t", "d", [])
        assert "<svg" in charts.columns("c", "t", "d", [])
