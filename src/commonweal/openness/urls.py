"""Routes of the openness room."""

from django.urls import path

from commonweal.openness import assessing, pages
from commonweal.web.negotiate import negotiated, routes

urlpatterns = [
    *routes("openness", pages.overview, "json", name="openness"),
    *routes("openness/league", pages.league, "json", "csv", name="openness.league"),
    *routes("openness/compare", pages.compare, "json", name="openness.compare"),
    path("openness/assessments", assessing.assessments, name="openness.assessments"),
    path("openness/assessments/<int:pk>", negotiated(assessing.assessment, ()), name="openness.assessment"),
    path("openness/assessments/<int:pk>/<int:number>", negotiated(assessing.question, ()), name="openness.question"),
    path("openness/assessments/<int:pk>/<slug:step>", negotiated(assessing.act, ()), name="openness.act"),
    path("openness/replies/<int:pk>/confirm", negotiated(assessing.confirm, ()), name="openness.confirm"),
    *routes("openness/<entry:entity_id>", pages.entity, "json", name="openness.entity"),
    *routes("openness/<entry:entity_id>/simulate", pages.simulate, "json", name="openness.simulate"),
    path("openness/<entry:entity_id>/badge.svg", negotiated(pages.badge, ()), name="openness.badge"),
    path("openness/<entry:entity_id>/dots.svg", negotiated(pages.dots, ()), name="openness.dots"),
    path("openness/<entry:entity_id>/assess", negotiated(assessing.begin, ()), name="openness.begin"),
    path("openness/<entry:entity_id>/reply", negotiated(assessing.reply, ()), name="openness.reply"),
]
