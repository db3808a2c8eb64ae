"""Language and theme: what the address asks for, else what a cookie remembers, else what the browser prefers.

`?lang=ar` and `?theme=dark` work on every page without a script; the choice is kept in a cookie.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

THEMES: Final = ("auto", "light", "dark")
THEME_COOKIE: Final = "theme"
YEAR_SECONDS: Final = 365 * 24 * 3600


def language(request: HttpRequest) -> str:
    """The interface language of this request: one of ``settings.LANGUAGES``."""
    asked = request.GET.get("lang", "")
    if asked in dict(settings.LANGUAGES):
        return asked
    return translation.get_language_from_request(request)


def theme(request: HttpRequest) -> str:
    """One of :data:`THEMES`; "auto" follows the reader's system."""
    asked = request.GET.get("theme") or request.COOKIES.get(THEME_COOKIE, "auto")
    return asked if asked in THEMES else "auto"


class PreferencesMiddleware:
    """Activates the language for the request and remembers explicit choices; stands where LocaleMiddleware would."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.LANGUAGE_CODE = lang = language(request)
        with translation.override(lang):
            response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.setdefault("Content-Language", lang)
        if response.get("Content-Type", "").startswith("text/html"):
            self._remember(request, response, lang)
        return response

    @staticmethod
    def _remember(request: HttpRequest, response: HttpResponse, lang: str) -> None:
        if request.GET.get("lang") == lang:
            _set_cookie(response, settings.LANGUAGE_COOKIE_NAME, lang, request)
        if request.GET.get("theme") in THEMES:
            _set_cookie(response, THEME_COOKIE, request.GET["theme"], request)


def _set_cookie(response: HttpResponse, name: str, value: str, request: HttpRequest) -> None:
    response.set_cookie(name, value, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure())
