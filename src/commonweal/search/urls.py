"""Routes of the search."""

from commonweal.search import pages
from commonweal.web.negotiate import routes

urlpatterns = routes("search", pages.find, "json", "csv", name="search")
