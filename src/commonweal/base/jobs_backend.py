"""The queue behind the django-tasks API: rows of ``Job``. Named in ``settings.TASKS``; rooms use ``jobs.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskError, TaskResult, TaskResultStatus
from django_tasks.exceptions import InvalidTaskError, TaskResultDoesNotExist
from django_tasks.utils import get_random_id, normalize_json

from commonweal.base.models import Job
from commonweal.kernel.canonical import digest

P = ParamSpec("P")
T = TypeVar("T")

QUEUED = (Job.Status.READY, Job.Status.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTask(Task[P, T]):
    """A task of ours.

    Args:
        deadline_s: longest time one attempt may take; there is no run without one.
        attempts: how often it may be begun when workers die under it. An exception is not tried again: it would recur.
        unique: whether it is not queued again, with the same arguments, while it waits or runs.
    """

    deadline_s: float = 3600.0
    attempts: int = 3
    unique: bool = False


class JobsBackend(BaseTaskBackend):
    """Keeps jobs in the node's own database, so that what is enqueued in a transaction exists only if it commits."""

    task_class = JobTask
    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: Task[P, T], args: Any, kwargs: Any) -> TaskResult[T]:
        """Queue a job; for a unique task that waits or runs already, the result of that one."""
        self.validate_task(task)
        if not isinstance(task, JobTask):
            raise InvalidTaskError("Tasks are made with commonweal.base.jobs.task.")
        job = Job(
            id=get_random_id(),
            task=task.module_path,
            args=normalize_json(list(args)),
            kwargs=normalize_json(dict(kwargs)),
            priority=task.priority,
            run_after=task.run_after or timezone.now(),
            attempts=task.attempts,
        )
        if task.unique:
            job.unique_key = f"{job.task}:{digest([job.args, job.kwargs])}"
        while True:
            Job.objects.bulk_create([job], ignore_conflicts=True)
            queued = Job.objects.filter(pk=job.pk) or Job.objects.filter(unique_key=job.unique_key, status__in=QUEUED)
            if kept := queued.first():
                return read_result(kept)
            # The one that was queued ended between the two statements.

    def get_result(self, result_id: str) -> TaskResult[Any]:
        job = Job.objects.filter(pk=result_id).first()
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        return read_result(job)


def read_result(job: Job) -> TaskResult[Any]:
    """A job's row as the API's result."""
    errors = [TaskError(exception_class_path=job.error["class"], traceback=job.error["traceback"])] if job.error else []
    result: TaskResult[Any] = TaskResult(
        task=import_string(job.task),
        id=job.id,
        status=TaskResultStatus(job.status),
        enqueued_at=job.enqueued_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        last_attempted_at=job.last_attempted_at,
        args=job.args,
        kwargs=job.kwargs,
        backend="default",
        errors=errors,
        worker_ids=job.workers,
    )
    object.__setattr__(result, "_return_value", job.result)
    return result
