"""All routes of a node: each room brings its own."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, path

from commonweal.node import health
from commonweal.node.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("api/", api.urls),
]
for room in ("web", "base", "search", "catalogue", "resolve", "openness"):
    if find_spec(f"commonweal.{room}.urls"):
        urlpatterns += import_module(f"commonweal.{room}.urls").urlpatterns

handler400 = "commonweal.web.pages.bad_request"
handler403 = "commonweal.web.pages.forbidden"
handler404 = "commonweal.web.pages.not_found"
handler500 = "commonweal.web.pages.server_error"
