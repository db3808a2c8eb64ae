"""Is this process alive, and does this node have something to show?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from commonweal.node import state


def alive(request: HttpRequest) -> HttpResponse:
    """``/healthz``: 200 as long as this process answers at all. Asks nothing else, so a slow disk is no reason to be killed."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> JsonResponse:
    """``/readyz``: 200 once the first harvest is in and the index has caught up with it, else 503; says what is missing."""
    readiness = state.readiness()
    return JsonResponse(readiness, status=200 if readiness["ready"] else 503, headers={"Cache-Control": "no-store"})
