"""A browser on a small live node, for the tests in e2e and a11y."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from commonweal.base.home import VARIABLE
from fixture_node import populate

Open = Callable[..., Page]


@pytest.fixture
def site(browser_path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live_server: LiveServer) -> Iterator[LiveServer]:
    """A live node with the fixture's entries; not even begun where there is no browser."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    # A browser keeps an event loop in this thread; the database is only touched before it starts and after it ends.
    cache.clear()
    populate(more=45)
    yield live_server
    cache.clear()


@pytest.fixture
def open_page(site: LiveServer, browser_path: str) -> Iterator[Open]:
    """``open_page("/search", lang="ar", width=360, dark=True, script=False)`` → the page, in a context of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])

        def open_(address: str, *, lang: str = "en", width: int = 1280, dark: bool = False, script: bool = True) -> Page:
            context = browser.new_context(
                base_url=site.url,
                locale=lang,
                viewport={"width": width, "height": 800},
                color_scheme="dark" if dark else "light",
                java_script_enabled=script,
            )
            page = context.new_page()
            page.set_default_timeout(10_000)
            # A missing page is one of the kinds of page; anything else the console says is a fault.
            page.on("console", lambda message: "status of 404" in message.text or complaints.append(message.text))
            page.on("request", lambda request: requests.append(request.url))
            page.goto(address)
            return page

        complaints: list[str] = []
        requests: list[str] = []
        yield open_
        browser.close()
    assert complaints == [], "the browser complains"
    assert [url for url in requests if not url.startswith((site.url, "data:"))] == [], "requests to elsewhere"


def overflow(page: Page) -> Any:
    """How many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
