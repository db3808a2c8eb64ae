"""Named reads of plans. The rules are in ``core/plan.py``, the writes in ``planning.py``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson

from commonweal.catalogue.models import Plan, PlanEntry, Record
from commonweal.kernel.errors import CommonwealError

CHUNK: Final = 500


def plan(plan_id: int) -> dict[str, Any]:
    """One plan, without its entries. Raises ``plan-unknown``."""
    row = Plan.objects.filter(pk=plan_id).first()
    if row is None:
        raise CommonwealError("plan-unknown", f"There is no plan {plan_id}.", status=404)
    return _plan(row)


def latest(source_id: str) -> dict[str, Any] | None:
    """The newest plan of a source."""
    row = Plan.objects.filter(source=source_id).order_by("-pk").first()
    return _plan(row) if row else None


def of_run(run_id: int) -> dict[str, Any] | None:
    """The plan a run made."""
    row = Plan.objects.filter(run=run_id).first()
    return _plan(row) if row else None


def waiting_for(source_id: str) -> dict[str, Any] | None:
    """The plan of a source that waits for a decision."""
    row = Plan.objects.filter(source=source_id, state=Plan.State.OPEN).first()
    return _plan(row) if row else None


def entries(plan_id: int, *, fate: str = "", after: int = 0, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """The vanished records of a plan, streaming, by `number`: key, title, fate, what tells so, and what took their place."""
    rows = PlanEntry.objects.filter(plan=plan_id, **({"fate": fate} if fate else {})).order_by("pk").select_related("record")
    left = limit
    while left is None or left > 0:
        batch = list(rows.filter(pk__gt=after)[: CHUNK if left is None else min(CHUNK, left)])
        successors = Record.objects.in_bulk([row.successor for row in batch if row.successor])
        for row in batch:
            successor = successors.get(row.successor)
            yield {
                "number": row.pk,
                "record": row.record_id,
                "native_id": row.record.native_id,
                "title": _title(row.record),
                "state": row.record.state,
                "fate": row.fate,
                "basis": row.basis,
                "detail": row.detail,
                "successor": row.successor or None,
                "successor_native_id": successor.native_id if successor else None,
            }
        if len(batch) < CHUNK:
            return
        after, left = batch[-1].pk, None if left is None else left - len(batch)


def _title(row: Record) -> dict[str, Any]:
    said = orjson.loads(row.data) if row.data else {}
    return dict(said.get("title") or {"und": row.native_id})


def _plan(row: Plan) -> dict[str, Any]:
    return {
        "id": row.pk,
        "source": row.source_id,
        "run": row.run,
        "state": row.state,
        "made": row.made,
        "counts": orjson.loads(row.counts),
        "findings": orjson.loads(row.findings),
        "decided": row.decided,
        "actor": row.actor or None,
        "reason": row.reason,
    }
