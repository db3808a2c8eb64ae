"""Make a node whose home and tables are there ready to serve: the first harvest, the index. Quick when all of that is done."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from commonweal.base import accounts, feed
from commonweal.base.terminal import terminal
from commonweal.catalogue import queries as catalogue
from commonweal.catalogue import services as harvesting
from commonweal.catalogue import tasks
from commonweal.node import state
from commonweal.search.indexer import ensure_index

ACTOR = "command:up"
#: Small open registries that the worker tries once, after the first start; other live ones wait for a click or a command.
LIVE_AT_FIRST = ("dpga", "osai", "ost")


def prepare() -> dict[str, Any]:
    """Fill this node the first time; later see that its index is sound.

    Returns:
        ``{"entities", "sources", "failed": {source: why}, "steward_path": path or None}``.
    """
    first = not state.is_open()
    failed = _first_harvest() if first else {}
    with terminal.progress("index") as update:
        ensure_index(lambda done, total, message: update(done, total, message))
    if first:
        state.open_node(ACTOR)
        _try_live_sources()
    tasks.schedule_sources()
    counts = catalogue.counts()
    return {
        "entities": counts["entities"],
        "sources": counts["sources"],
        "failed": failed,
        "steward_path": None if _has_steward() else reverse("link", args=[accounts.make_steward_link()]),
    }


def _first_harvest() -> dict[str, str]:
    """Harvest the default sources, resolve and index. Returns what could not be reached, and why."""
    with terminal.steps() as update:
        runs = harvesting.harvest_defaults(lambda message, done, total: update(message, done, total), actor=ACTOR)
        feed.drain(progress=lambda name, done, total: update(name, done, total))
    return {run.source_id: run.note for run in runs if run.state == "failed"}


def _has_steward() -> bool:
    return any(user.role == user.Role.STEWARD and user.is_active for user in accounts.people())


def _try_live_sources() -> None:
    """Let the worker try them once the pages are up; what cannot be reached shows as such, with "try again"."""
    for source in LIVE_AT_FIRST:
        if catalogue.is_enabled(source):
            tasks.harvest.enqueue(source)
