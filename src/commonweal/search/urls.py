"""Routes of the search."""

from django.urls import path

from commonweal.search import feeds, pages
from commonweal.web.negotiate import routes

urlpatterns = [
    *routes("search", pages.find, "json", "csv", name="search"),
    path("search.atom", feeds.atom, name="search.atom"),
    path("api/3/action/<slug:action>", feeds.ckan_action, name="ckan"),
]
