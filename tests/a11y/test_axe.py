"""Zero violations of axe-core's rules on every kind of page, in every language, wide and narrow, light and dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from fixture_node import addresses

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def every_kind(site):
    """Asked before the browser starts, which keeps the database from this thread."""
    return [*addresses(), "/nope", "/account/sign-in"]


@pytest.mark.parametrize(
    ("lang", "width", "dark"), [("en", 1280, False), ("fr", 360, False), ("ar", 1280, True), ("ar", 360, False)]
)
def test_pages_have_no_violations(every_kind, open_page, lang, width, dark):
    axe = Axe()
    found = {}
    page = open_page("/", lang=lang, width=width, dark=dark)
    for address in every_kind:
        page.goto(address)
        page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        violations = axe.run(page).response["violations"]
        if violations:
            found[address] = [(rule["id"], [node["target"] for node in rule["nodes"]][:3]) for rule in violations]
    assert found == {}
