"""What this node holds and whether it is ready to be used: counts, freshness, what lags."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from commonweal import __version__
from commonweal.base import feed
from commonweal.base.events import record_event
from commonweal.base.home import home
from commonweal.base.models import Event, Job
from commonweal.catalogue import queries as catalogue
from commonweal.search import services as search

#: In the event log once the first harvest is in and indexed, whatever it could reach.
OPENED = "node.opened"
NODE = "node"


def is_open() -> bool:
    """Whether the first harvest has been done and indexed."""
    return Event.objects.filter(obj=NODE, action=OPENED).exists()


def open_node(actor: str) -> None:
    """Note that the first harvest is done and indexed."""
    with transaction.atomic():
        record_event(actor, OPENED, NODE)


def readiness() -> dict[str, Any]:
    """``{"ready", "harvested", "indexed"}``: whether the first harvest is done, and whether this process can search."""
    harvested, indexed = is_open(), search.index().snapshot() is not None
    return {"ready": harvested and indexed, "harvested": harvested, "indexed": indexed}


def indexed() -> int:
    """Entries in the search index that this process reads."""
    snapshot = search.index().snapshot()
    return int(snapshot.searcher.num_docs) if snapshot else 0


def status() -> dict[str, Any]:
    """The answer of ``commonweal status``; counts are of live, accepted records unless the name says otherwise."""
    counts = catalogue.counts()
    consumers = feed.status()
    return {
        "version": __version__,
        "home": str(home().root),
        "ready": readiness()["ready"],
        "records": counts["records"],
        "rejected": counts["rejected"],
        "entities": counts["entities"],
        "offers": counts["offers"],
        "sources": counts["sources"],
        "indexed": indexed(),
        "changes": feed.head(),
        "behind": {consumer["name"]: consumer["behind"] for consumer in consumers if consumer["behind"]},
        "jobs_waiting": Job.objects.filter(status=Job.Status.READY).count(),
        "jobs_failed": Job.objects.filter(status=Job.Status.FAILED).count(),
    }
