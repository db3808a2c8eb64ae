"""Routes of the pages that belong to no room."""

from django.urls import path, re_path

from commonweal.web import pages
from commonweal.web.negotiate import routes

urlpatterns = [
    *routes("", pages.home, "json", name="home"),
    *routes("about", pages.about, "json", name="about"),
    *routes("accessibility", pages.accessibility, "json", name="accessibility"),
    *routes("glossary", pages.glossary, "json", "csv", name="glossary"),
    re_path(r"^accent/(?P<colour_hex>[0-9a-f]{6})\.css$", pages.accent, name="accent"),
    path("logo", pages.logo, name="logo"),
]
