"""Routes of the resolver. Its pages depend on who asks and what was answered a moment ago: no cache keeps them."""

from django.urls import path
from django.views.decorators.cache import never_cache

from commonweal.resolve import pages
from commonweal.web.negotiate import negotiated

queue = never_cache(negotiated(pages.queue, ("json",)))

urlpatterns = [
    path("resolve/queue", queue, name="resolve.queue"),
    path("resolve/queue.json", queue, {"form": "json"}, name="resolve.queue.json"),
    path("resolve/judge", pages.judge, name="resolve.judge"),
    path("resolve/undo", pages.undo, name="resolve.undo"),
    path("resolve/overlap", never_cache(negotiated(pages.check_overlap, ())), name="resolve.overlap"),
]
