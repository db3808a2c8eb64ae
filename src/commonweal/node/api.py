"""The API: one door at ``/api/v1``, made of the rooms' routers, described at ``/api/openapi.json``."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.renderers import BaseRenderer

from commonweal import __version__
from commonweal.kernel.errors import CommonwealError
from commonweal.web.negotiate import failure
from commonweal.web.pages import not_found


class OrjsonRenderer(BaseRenderer):
    """JSON by orjson: several times as fast as the standard library."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str)


api = NinjaAPI(
    title="commonweal",
    version=__version__,
    description="Read what a node knows about public-interest AI. Failures are RFC 9457 problem details with a stable `code`.",
    openapi_url="/openapi.json",
    docs_url=None,  # its pages would load scripts from elsewhere
    urls_namespace="api",
    renderer=OrjsonRenderer(),
)
for room in ("search", "catalogue", "resolve", "openness"):
    if find_spec(f"commonweal.{room}.api"):
        api.add_router("/v1", import_module(f"commonweal.{room}.api").router)


@api.exception_handler(CommonwealError)
def _expected(request: HttpRequest, error: CommonwealError) -> HttpResponse:
    return failure(request, error)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    wrong = [{"parameter": str(item["loc"][-1]), "problem": item["msg"]} for item in error.errors]
    named = ", ".join(item["parameter"] for item in wrong)
    problem = CommonwealError("request-invalid", f"Not understood: {named}.", wrong[0]["problem"], status=422, errors=wrong)
    return failure(request, problem)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return not_found(request, error)


@api.exception_handler(AuthenticationError)
def _unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return failure(request, CommonwealError("sign-in-needed", "This needs an account.", "Sign in.", status=401))
