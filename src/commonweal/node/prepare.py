"""Make a node ready to serve: its home and tables, the first harvest, the index. Quick when all of that is there."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from commonweal.base import accounts, feed
from commonweal.base.events import happened, record_event
from commonweal.base.terminal import terminal
from commonweal.catalogue import queries as catalogue
from commonweal.catalogue import services as harvesting
from commonweal.catalogue import tasks
from commonweal.node.boot import migrate
from commonweal.search.indexer import ensure_index

ACTOR = "command:up"
#: In the event log once the first harvest is in and indexed, whatever it could reach.
OPENED = "node.opened"


def prepare() -> dict[str, Any]:
    """Bring this home up to date and, the first time, fill it.

    Returns:
        ``{"entities", "sources", "failed": {source: why}, "steward_path": path or None}``.
    """
    migrate()
    failed = {} if is_open() else _first_harvest()
    with terminal.progress("index") as update:
        ensure_index(lambda done, total, message: update(done, total, message))
    if not is_open():
        _open()
    return {
        "entities": catalogue.counts()["entities"],
        "sources": sum(1 for source in catalogue.sources() if source["records"]),
        "failed": failed,
        "steward_path": None if accounts.has_steward() else accounts.make_steward_link(),
    }


def is_open() -> bool:
    """Whether the first harvest has been done and indexed."""
    return happened(OPENED)


def _first_harvest() -> dict[str, str]:
    """Harvest the default sources, resolve and index. Returns what could not be reached, and why."""
    with terminal.steps() as update:
        runs = harvesting.harvest_defaults(lambda message, done, total: update(message, done, total), actor=ACTOR)
        feed.drain(progress=lambda name, done, total: update(name, done, total))
    return {run.source_id: run.note for run in runs if run.state == "failed"}


def _open() -> None:
    """Note that the node is open, and let the worker try the live registries once the pages are up."""
    with transaction.atomic():
        record_event(ACTOR, OPENED, "node")
        for source in catalogue.sources():
            if source["live"]:
                tasks.harvest.enqueue(source["id"])
