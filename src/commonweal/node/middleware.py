"""What every request passes on its way in and out: an id, protective headers, compression, revalidation.

Anonymous reads are the bulk of the traffic, so nothing here opens a session or asks the database for each request.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
import zlib
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.translation import get_language

from commonweal.base.config import setting
from commonweal.node import freshness
from commonweal.node.logs import request_id
from commonweal.node.pages import RecentPages

GetResponse = Callable[[HttpRequest], HttpResponseBase]

log = logging.getLogger("commonweal.requests")

_ACCEPTABLE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

#: Path prefix → Content-Security-Policy; the longest prefix that fits counts. Nothing inline, nothing from elsewhere.
POLICIES: Final = {
    "/": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "/api/": "default-src 'none'; frame-ancestors 'none'",
    "/static/": "default-src 'none'; frame-ancestors 'none'; sandbox",
}

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def identify(get_response: GetResponse) -> GetResponse:
    """Give the request an id, the proxy's ``X-Request-ID`` where it sends a plain one; log it when ``log.requests`` is on."""
    logged = setting("log.requests")

    def middleware(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        identifier = given if _ACCEPTABLE_ID.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(identifier)
        started = time.perf_counter()
        try:
            response = get_response(request)
            if logged:
                took = round((time.perf_counter() - started) * 1000, 1)
                about = {"method": request.method, "path": request.path, "status": response.status_code, "ms": took}
                log.info("request", extra=about)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = identifier
        return response

    return middleware


def protect(get_response: GetResponse) -> GetResponse:
    """Set the protective headers; a view may set a stricter policy of its own."""
    policies = sorted(POLICIES.items(), key=lambda item: -len(item[0]))
    https = settings.HTTPS

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        headers = response.headers
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        path = request.path
        headers.setdefault("Content-Security-Policy", next(value for prefix, value in policies if path.startswith(prefix)))
        if https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if path.startswith("/api/") and request.method in ("GET", "HEAD") and _is_anonymous(request):
            headers.setdefault("Access-Control-Allow-Origin", "*")  # open data: any site may read what anyone may read
        return response

    return middleware


class Compress(GZipMiddleware):
    """Compress answers that hold no secret.

    A page with a form token, or one for somebody signed in, must not have its length depend on both a secret and the
    visitor's words (the BREACH attack), so those go out as they are.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if _is_anonymous(request) and not response.cookies and "CSRF_COOKIE" not in request.META:
            return super().process_response(request, response)
        return response


def revalidate(get_response: GetResponse) -> GetResponse:
    """Answer an anonymous read without making the page again, when nothing of the node has changed since it was made.

    304 where the reader has it; otherwise from the pages made last. What a page says is given by its address, the language,
    the visitor's cookies and the state of the whole node (see :mod:`commonweal.node.freshness`).
    """
    recent = RecentPages()

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD") or not _is_anonymous(request) or not freshness.covers(request.path):
            return get_response(request)
        state, sent = freshness.token(), request.META
        visitor = (get_language(), *(sent.get(name, "") for name in ("HTTP_COOKIE", "HTTP_ACCEPT", "HTTP_HOST")))
        tag = f'W/"{state}-{zlib.crc32(repr(visitor).encode()):x}"'
        if tag in sent.get("HTTP_IF_NONE_MATCH", ""):
            return HttpResponseNotModified(headers={"ETag": tag, "Cache-Control": "no-cache"})
        key = (request.method, request.get_full_path(), visitor)
        if kept := recent.get(state, key):
            return kept
        answer = get_response(request)
        if answer.status_code == 200 and not answer.cookies and not answer.has_header("ETag"):
            answer["ETag"] = tag
            answer.headers.setdefault("Cache-Control", "no-cache")
            if isinstance(answer, HttpResponse) and answer["Cache-Control"] == "no-cache":
                recent.keep(state, key, answer)
        return answer

    return middleware


def _is_anonymous(request: HttpRequest) -> bool:
    """Nobody can be signed in without a session cookie; looking at the user would open the session."""
    return settings.SESSION_COOKIE_NAME not in request.COOKIES and "HTTP_AUTHORIZATION" not in request.META
