"""Cards of entries: everything a source says is escaped, and each language has its own words."""

from __future__ import annotations

import orjson
import pytest
from django.utils import translation
from markupsafe import Markup

from commonweal.catalogue import cards

ALL = ("title", "description", "licence", "publisher", "issued")


def card(**said):
    return {
        "id": "a",
        "kind": "dataset",
        "title": {"en": "Water"},
        "description": {},
        "licence": None,
        "licence_category": None,
        "languages": [],
        "countries": [],
        "publisher": None,
        "issued": None,
        "modified": None,
        "sources": ["s"],
        **said,
    }


@pytest.mark.parametrize("name", ALL)
def test_what_a_source_says_is_escaped(name):
    attack = "<script>&\"'"
    shown = cards.html(card(**{name: {"en": attack} if name in ("title", "description") else attack}), "en")
    assert "<script" not in shown
    assert "&lt;script&gt;&amp;" in shown


@pytest.mark.parametrize("name", ["kind", "id", "licence_category"])
def test_codes_are_escaped(name):
    assert "<b>" not in cards.html(card(**{name: "<b>"}), "en")


def test_codes_and_numbers_of_more_are_words_of_the_language():
    raw = orjson.dumps(card(languages=["sw", "en", "fr", "de", "ar"], countries=["KEN"], issued="2024-05-01"))
    with translation.override("en"):
        english = cards.kept_html(raw, "en")
    with translation.override("fr"):
        french = cards.kept_html(raw, "fr")
    assert "Swahili, English, French + 2" in english
    assert "1 May 2024" in english
    assert "swahili, anglais, français + 2" in french
    assert "1 mai 2024" in french


def test_highlights_stand_in_place_of_the_texts():
    shown = cards.html(card(description={"en": "plain"}), "en", title=Markup("<mark>W</mark>"), description=Markup(""))
    assert "<mark>W</mark></a></h3>" in shown
    assert "plain" not in shown


def test_nobody_licenses_an_event():
    assert "badge" not in cards.html(card(kind="event"), "en")
    assert "No licence stated" in cards.html(card(), "en")
