"""Tasks that are enqueued again and again. The worker looks what is due; a node that was off catches up once, not many times."""

from __future__ import annotations

import logging
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from commonweal.base.config import setting
from commonweal.base.jobs_backend import JobTask
from commonweal.base.models import Schedule
from commonweal.base.recurrence import parse_recurrence

logger = logging.getLogger(__name__)


def schedule(name: str, rule: str, task: JobTask[Any, Any], *args: Any, **kwargs: Any) -> None:
    """Let ``task`` be enqueued by ``rule`` (see ``recurrence.py``) under a name of its own; replaces what had this name.

    Calling it again with the same rule keeps the time it is due. Raises ``schedule-invalid``.
    """
    due = parse_recurrence(rule).next_time(timezone.now(), _zone())
    row, new = Schedule.objects.get_or_create(name=name, defaults={"rule": rule, "task": task.module_path, "next_at": due})
    next_at = row.next_at if row.rule == rule and not new else due
    Schedule.objects.filter(name=name).update(rule=rule, task=task.module_path, args=list(args), kwargs=kwargs, next_at=next_at)


def unschedule(name: str) -> None:
    """Forget a schedule; nothing happens when there is none."""
    Schedule.objects.filter(name=name).delete()


def enqueue_due() -> int:
    """Enqueue what is due, each once however many workers look; how many were."""
    count = 0
    now = timezone.now()
    for row in Schedule.objects.filter(next_at__lte=now):
        next_at = parse_recurrence(row.rule).next_time(now, _zone())
        with transaction.atomic():
            if not Schedule.objects.filter(name=row.name, next_at=row.next_at).update(next_at=next_at):
                continue  # another worker was first
            try:
                task = import_string(row.task)
            except ImportError:
                logger.exception("Schedule %s names a task that is gone.", row.name)
                continue
            task.enqueue(*row.args, **row.kwargs)
            count += 1
    return count


def _zone() -> ZoneInfo:
    return ZoneInfo(setting("node.time_zone"))
