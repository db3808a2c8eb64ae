"""One view, many forms: HTML for people, `.json` for programs, `.csv` for tables, from the same data."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path

from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.tables import write_csv


@dataclass(frozen=True, slots=True)
class Page:
    """What a view found.

    Attributes:
        template: HTML page, rendered with `context`.
        context: what the template is given, or what computes it when HTML is asked for.
        data: JSON-able answer of `.json`, or what computes it when JSON is asked for.
        rows: one mapping a line of `.csv`; its `columns` in order.
        status: HTTP status of every form.
    """

    template: str
    context: Mapping[str, Any] | Callable[[], Mapping[str, Any]] = field(default_factory=dict)
    data: Any = None
    rows: Iterable[Mapping[str, Any]] | None = None
    columns: Sequence[str] = ()
    status: int = 200


View = Callable[..., Page | HttpResponseBase]


def routes(route: str, view: View, *suffixes: str, name: str) -> list[URLPattern]:
    """The page at ``route``, and the same at ``route.json`` … for each suffix (names ``name``, ``name.json`` …)."""
    answer = negotiated(view, suffixes)
    return [
        path(route, answer, name=name),
        *(path(f"{route or 'index'}.{suffix}", answer, {"form": suffix}, name=f"{name}.{suffix}") for suffix in suffixes),
    ]


def negotiated(view: View, suffixes: Sequence[str]) -> Callable[..., HttpResponseBase]:
    """Wraps a view that returns a :class:`Page`; expected failures become the error page or problem+json."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, form: str = "html", **kwargs: Any) -> HttpResponseBase:
        try:
            page = view(request, *args, **kwargs)
        except Http404:
            raise
        except CommonwealError as error:
            return failure(request, error)
        if isinstance(page, HttpResponseBase):
            return page
        if form == "json":
            return json_response(page.data() if callable(page.data) else page.data, status=page.status)
        if form == "csv":
            return _csv(page, request)
        given = page.context() if callable(page.context) else page.context
        context = {**given, "forms": _others(request, suffixes)}
        return render(request, page.template, context, status=page.status)

    return answer


def failure(request: HttpRequest, error: CommonwealError) -> HttpResponse:
    """An expected failure in the form that was asked for."""
    if wants_json(request):
        return json_response(error.problem(), status=error.status, content_type="application/problem+json")
    context = {"status": error.status, "heading": error.message, "message": error.hint, "forms": ()}
    return render(request, "web/error.html", context, status=error.status)


def wants_json(request: HttpRequest) -> bool:
    return request.path.endswith((".json", ".csv")) or request.path.startswith("/api/")


def json_response(data: Any, *, status: int = 200, content_type: str = "application/json") -> HttpResponse:
    """Compact UTF-8 JSON; dates as ISO text."""
    return HttpResponse(orjson.dumps(data, default=str), content_type=content_type, status=status)


def _csv(page: Page, request: HttpRequest) -> HttpResponse:
    stream = io.BytesIO()
    write_csv(page.rows or (), stream, page.columns)
    name = request.path.rsplit("/", 1)[-1]
    return HttpResponse(
        stream.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _others(request: HttpRequest, suffixes: Sequence[str]) -> list[tuple[str, str]]:
    """(suffix, address) of this very page in its other forms."""
    asked = request.META.get("QUERY_STRING", "")
    base = "/index" if request.path == "/" else request.path
    return [(suffix, f"{base}.{suffix}" + (f"?{asked}" if asked else "")) for suffix in suffixes]
