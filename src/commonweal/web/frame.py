"""What surrounds every page: the site's name and colours, where one can go, languages and themes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from commonweal.base.config import setting
from commonweal.web import colour, markup
from commonweal.web.preferences import theme

#: Route names and what people come for; a route that does not exist (yet) is not shown.
PLACES: Final = (("search", _("Find")), ("openness", _("Measure")), ("sources", _("Sources")), ("about", _("About")))
THEME_NAMES: Final = {"auto": _("As my device"), "light": _("Light"), "dark": _("Dark")}
#: Catalogues of which a named speaker has said that they read well.
SIGNED: Final = frozenset({"en"})


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the frame; `here` when it leads to what is shown now."""

    href: str
    label: Any
    here: bool = False
    lang: str = ""


class Frame:
    """The frame of one request's page."""

    def __init__(self, request: HttpRequest | None) -> None:
        self._request = request
        self.lang = markup.language()
        self.dir = markup.direction(self.lang)
        self.theme = theme(request) if request else "auto"
        self.path = request.path if request else ""

    @property
    def name(self) -> str:
        return str(setting("node.name"))

    @property
    def accent(self) -> str | None:
        """The accent colour when it is not the default's, without its hash sign."""
        chosen = str(setting("node.accent_colour")).lower()
        return None if chosen == colour.DEFAULT else chosen[1:]

    @property
    def logo(self) -> str | None:
        """Suffix of the logo file, when one is set and there."""
        path = Path(str(setting("node.logo")))
        return path.suffix.lower() if path.suffix and path.is_file() else None

    @property
    def places(self) -> list[Link]:
        return [Link(href, label, self.path.startswith(href)) for href, label in _places()]

    @cached_property
    def account(self) -> Link | None:
        """Where people sign in or see their account. Told by the session's cookie: reading the session costs queries."""
        known = self._request is not None and settings.SESSION_COOKIE_NAME in self._request.COOKIES
        href = _route("account" if known else "sign-in")
        return Link(href, _("Your account") if known else _("Sign in"), self.path == href) if href else None

    @property
    def unsigned(self) -> bool:
        return self.lang not in SIGNED

    @cached_property
    def languages(self) -> list[Link]:
        return [Link(self._with("lang", tag), name, tag == self.lang, tag) for tag, name in settings.LANGUAGES]

    @cached_property
    def themes(self) -> list[Link]:
        return [Link(self._with("theme", name), label, name == self.theme) for name, label in THEME_NAMES.items()]

    def _with(self, key: str, value: str) -> str:
        """The same page with one preference set; a page that was posted to is asked for afresh."""
        asked = self._request.GET.lists() if self._request else []
        return markup.query([(k, v) for k, values in asked if k != key for v in values] + [(key, value)])


@cache
def _places() -> list[tuple[str, Any]]:
    return [(address, label) for name, label in PLACES if (address := _route(name))]


@cache
def _route(name: str) -> str | None:
    """The address of a named page, None while no room brings it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
