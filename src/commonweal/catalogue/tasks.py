"""Jobs of the catalogue: harvests, asked for or by each source's own schedule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from commonweal.base.feed import Stored
from commonweal.base.jobs import progress, task
from commonweal.base.schedules import schedule, unschedule
from commonweal.catalogue import queries


@task(unique=True, deadline_s=6 * 3600)
def harvest(source_id: str) -> dict[str, Any]:
    """Read one source; how its run ended. A source that fails is the run's word, not a failed job."""
    from commonweal.catalogue import services  # what reads sources is loaded by the processes that do

    run = services.harvest(source_id, actor="job:harvest", progress=lambda message, done, total: progress(done, total, message))
    return {"run": run.pk, "state": run.state, "counts": orjson.loads(run.counts), "note": run.note}


def schedule_sources() -> None:
    """Let the worker harvest each source that is on when its own schedule says."""
    for spec in queries.specs().values():
        name = f"catalogue.harvest.{spec.id}"
        if spec.schedule and queries.is_enabled(spec.id):
            schedule(name, spec.schedule, harvest, spec.id)
        else:
            unschedule(name)


class ScheduleConsumer:
    """Keeps the schedules true when sources are added, switched or harvested for the first time."""

    name = "schedules"
    topics = ("source",)
    batch_size = 1_000

    def handle(self, changes: Sequence[Stored]) -> None:
        schedule_sources()
