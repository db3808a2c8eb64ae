"""A visit: search, filter, open an entry, read it in Arabic; without a script, on a phone, in the dark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browsing import overflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_search_filter_open_and_switch_to_arabic(open_page):
    page = open_page("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("link", name="Find", exact=True).click()
    page.get_by_role("link", name="Datasets").first.click()
    expect(page.get_by_role("link", name="Remove the filter Kind: Datasets")).to_be_visible()
    page.get_by_role("searchbox").fill("kiswahili")
    page.get_by_role("searchbox").press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=kiswahili&kind=dataset"))
    page.get_by_role("link", name="Kiswahili Speech Commons").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kiswahili Speech Commons")
    expect(page.get_by_text("The sources differ").first).to_be_visible()
    page.get_by_role("link", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("heading", name="الحقائق")).to_be_visible()
    page.get_by_role("link", name="المصادر", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("المصادر")


def test_the_whole_visit_without_a_script(open_page):
    page = open_page("/search", script=False)
    page.get_by_role("searchbox").fill("corpus")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("link", name="Back to the start")).to_be_visible()
    page.get_by_role("link", name="Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("link", name="About", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_keyboard_alone_reaches_the_content(open_page):
    page = open_page("/search")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_phone_scrolls_one_way_only(open_page, lang):
    page = open_page("/", lang=lang, width=360)
    for address in ("/", "/search", "/search?q=kiswahili", "/catalogue/sources", "/catalogue/sources/alpha", "/glossary"):
        page.goto(address)
        assert overflow(page) <= 0, address


def test_filters_fold_away_on_a_phone_and_stand_open_on_a_desk(open_page):
    phone = open_page("/search", width=360)
    first = phone.get_by_role("link", name="Datasets")
    expect(first).to_be_hidden()
    phone.get_by_text("Filters", exact=True).first.click()
    expect(first).to_be_visible()
    expect(open_page("/search").get_by_role("link", name="Datasets")).to_be_visible()


def test_the_system_s_dark_theme_is_followed_and_can_be_overruled(open_page):
    ground = "getComputedStyle(document.body).backgroundColor"
    assert open_page("/about", dark=True).evaluate(ground) == "rgb(16, 23, 22)"
    assert open_page("/about?theme=light", dark=True).evaluate(ground) == "rgb(255, 255, 255)"
