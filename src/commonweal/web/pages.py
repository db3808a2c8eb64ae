"""Pages that belong to no room: front page, about, glossary, accessibility, errors, and the accent colour's style sheet."""

from __future__ import annotations

import mimetypes
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from commonweal.base.config import setting
from commonweal.base.registries import home_blocks
from commonweal.kernel.errors import CommonwealError
from commonweal.web import colour, negotiate
from commonweal.web.frame import SIGNED
from commonweal.web.glossary import glossary as all_terms
from commonweal.web.negotiate import Page


def home(request: HttpRequest) -> Page:
    """The front page: the blocks that the rooms put there."""
    if request.path.endswith(".json"):
        return Page("", data={block.name: block.data(request) for block in home_blocks if block.data})
    return Page("web/home.html", {"blocks": [block.render(request) for block in home_blocks]})


def about(request: HttpRequest) -> Page:
    """What this site is, how it works, which version."""
    facts = {
        "name": setting("node.name"),
        "software": "commonweal",
        "version": version("commonweal"),
        "software_licence": "Apache-2.0",
        "translations_read_by_a_speaker": sorted(SIGNED),
    }
    languages = [{"tag": tag, "name": name, "signed": tag in SIGNED} for tag, name in settings.LANGUAGES]
    return Page("web/about.html", {**facts, "languages": languages}, facts)


def accessibility(request: HttpRequest) -> Page:
    """What works for whom, what is known not to, and whom to tell."""
    return Page("web/accessibility.html", data={"standard": "WCAG 2.2 AA"})


def glossary(request: HttpRequest) -> Page:
    """The words the pages use, explained."""
    terms = [term.to_json() for term in all_terms()]
    return Page("web/glossary.html", {"terms": terms}, {"terms": terms}, terms, ("key", "term", "meaning"))


def accent(request: HttpRequest, colour_hex: str) -> HttpResponse:
    """The style sheet of the accent colour in the address; the address changes when the setting does."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return HttpResponse(colour.style_sheet(f"#{colour_hex}"), content_type="text/css; charset=utf-8", headers=headers)


def logo(request: HttpRequest) -> FileResponse:
    """The logo file of the settings."""
    path = Path(str(setting("node.logo")))
    kind = mimetypes.guess_type(path.name)[0] or ""
    if not kind.startswith("image/") or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type=kind, headers={"Cache-Control": "public, max-age=86400"})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 in the site's design; so below."""
    message = _("Something in the address or the form is not as expected.")
    return _failed(request, 400, _("This request could not be understood"), message)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = _("Your account does not have the right, or the form was open for too long. Go back and try again.")
    return _failed(request, 403, _("You may not do this"), message)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = _("Perhaps it was mistyped. Entries never move without a forwarding address: search for its name.")
    return _failed(request, 404, _("There is nothing at this address"), message)


def server_error(request: HttpRequest) -> HttpResponse:
    message = _("It has been written down. Please try again in a moment.")
    return _failed(request, 500, _("Something went wrong on our side"), message)


def _failed(request: HttpRequest, status: int, heading: str, message: str) -> HttpResponse:
    if negotiate.wants_json(request):
        code = HTTPStatus(status).phrase.lower().replace(" ", "-")
        problem = CommonwealError(code, heading, message, status=status).problem()
        return negotiate.json_response(problem, status=status, content_type="application/problem+json")
    context: dict[str, Any] = {"status": status, "heading": heading, "message": message, "forms": ()}
    return render(request, "web/error.html", context, status=status)
