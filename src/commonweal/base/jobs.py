"""Jobs: work for the worker, one at a time, under a lease with a heartbeat.

A worker that dies leaves its job to the reaper of another, or of its own successor; a job under which workers keep dying
fails after its attempts. A job is interrupted at ``progress``, when the worker stops (it then waits for the next one) or its
deadline has passed (it has then failed).
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar, cast

import django_tasks
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks.utils import get_exception_traceback, get_module_path, normalize_json

from commonweal.base import feed, leases
from commonweal.base.jobs_backend import JobTask
from commonweal.base.models import Job
from commonweal.base.schedules import enqueue_due, schedule
from commonweal.kernel.text import clean, clean_tree

BEAT_S = 1.0
FEED_POLL_S = 0.1
JOB_POLL_S = 0.2
TIDY_S = 1.0
GRACE_S = 30.0
EXIT_DEADLINE = 75

P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger(__name__)


def task(
    *, deadline_s: float = 3600.0, attempts: int = 3, unique: bool = False, priority: int = 0
) -> Callable[[Callable[P, T]], JobTask[P, T]]:
    """Make a module-level function a task: ``harvest.enqueue(source="mteb")``. Arguments and result are JSON.

    For the arguments see :class:`commonweal.base.jobs_backend.JobTask`; a higher ``priority`` (-100 to 100) goes first.
    """
    made = django_tasks.task(priority=priority, deadline_s=deadline_s, attempts=attempts, unique=unique)
    return cast("Callable[[Callable[P, T]], JobTask[P, T]]", made)


class Interrupted(BaseException):
    """Raised by ``progress`` in a job that has to end now. No Exception, so that no job takes it for a failed item."""


class _Run:
    """The attempt that this thread is at."""

    def __init__(self, job: Job, holder: str, stop: threading.Event, deadline_s: float) -> None:
        self.job = job
        self.holder = holder
        self.stop = stop
        self.ends = time.monotonic() + deadline_s
        self.said: dict[str, Any] = {}
        self.lost = False

    @property
    def mine(self) -> Any:
        """The job's row, as long as this attempt holds it."""
        return Job.objects.filter(pk=self.job.pk, holder=self.holder, status=Job.Status.RUNNING)

    @property
    def late(self) -> bool:
        return time.monotonic() > self.ends

    def beat(self) -> bool:
        """Renew the lease and write the progress; False once another worker has the job."""
        self.lost = not self.mine.update(lease_until=leases.lease_end(), **self.said)
        return not self.lost


_run: ContextVar[_Run | None] = ContextVar("run", default=None)


def progress(done: int, total: int | None, message: str = "") -> None:
    """Say how far the job is; cheap, call it for every item. Outside a job it does nothing.

    Written by the heartbeat once a second, never in the job's own transaction. This is where a job ends early: it raises
    ``Interrupted`` when the worker is stopping or the deadline has passed.
    """
    run = _run.get()
    if run is None:
        return
    run.said = {"done": done, "total": total, "message": clean(message)[:300]}
    if run.stop.is_set() or run.late or run.lost:
        raise Interrupted


def run_pending(limit: int | None = None) -> int:
    """Run what is due, in this process, until nothing is or ``limit`` jobs have run; how many did."""
    stop = threading.Event()
    holder = leases.new_holder()
    reap()
    enqueue_due()
    count = 0
    while (limit is None or count < limit) and _run_next(holder, stop):
        count += 1
    return count


def run_worker(stop: threading.Event) -> None:
    """The worker: jobs and schedules in this thread, the readers of the change feed in another, until ``stop`` is set.

    A job that ignores its deadline for ``GRACE_S`` takes the whole process with it (exit status 75); the supervisor starts
    another. The database may go away and come back.
    """
    from commonweal.base import tasks  # which are declared with this module

    follower = threading.Thread(target=_follow_feed, args=(stop,), name="feed", daemon=True)
    follower.start()
    with _surviving(stop):
        schedule("base.tidy", "17 3 * * *", tasks.tidy)
    holder = leases.new_holder()
    tidied = 0.0
    while not stop.is_set():
        with _surviving(stop):
            if time.monotonic() - tidied > TIDY_S:
                reap()
                enqueue_due()
                tidied = time.monotonic()
            if not _run_next(holder, stop, hard=True):
                stop.wait(JOB_POLL_S)
    follower.join()
    connection.close()


def reap() -> int:
    """Free jobs whose worker died: to be taken again, or failed when they have used up their attempts. How many."""
    now = timezone.now()
    count = 0
    for job in Job.objects.filter(status=Job.Status.RUNNING, lease_until__lt=now):
        row = Job.objects.filter(pk=job.pk, holder=job.holder, status=Job.Status.RUNNING, lease_until__lt=now)
        if len(job.workers) < job.attempts:
            count += row.update(status=Job.Status.READY, holder="", lease_until=None)
        else:
            count += row.update(**_failure("worker-died", f"The worker died under this job {len(job.workers)} times."))
    return count


def _follow_feed(stop: threading.Event) -> None:
    while not stop.is_set():
        with _surviving(stop):
            if not feed.drain_once(stop):
                stop.wait(FEED_POLL_S)
    connection.close()


@contextmanager
def _surviving(stop: threading.Event) -> Iterator[None]:
    """Log an error of the loop itself, most likely a database that is away, and go on after a second with a new connection."""
    try:
        yield
    except Exception:
        logger.exception("The worker could not go on; it tries again.")
        connection.close()
        stop.wait(1)


def _run_next(holder: str, stop: threading.Event, *, hard: bool = False) -> bool:
    """Take the next due job and run it; False when there is none."""
    job = _claim(holder)
    if job is None:
        return False
    try:
        job_task = import_string(job.task)
    except ImportError as error:
        Job.objects.filter(pk=job.pk, holder=holder).update(**_failure("task-unknown", f"There is no task {job.task}: {error}"))
        return True
    run = _Run(job, holder, stop, job_task.deadline_s)
    with leases.Heartbeat(lambda: _beat(run, hard=hard), BEAT_S):
        outcome = _outcome(run, job_task)
    run.mine.update(**run.said, **outcome)
    return True


def _beat(run: _Run, *, hard: bool) -> bool:
    if hard and time.monotonic() > run.ends + GRACE_S:
        logger.critical("Job %s does not end; the worker does.", run.job.task)
        run.mine.update(**_failure("deadline-passed", "The job did not end when its time was up."))
        os._exit(EXIT_DEADLINE)
    return run.beat()


def _outcome(run: _Run, job_task: JobTask[Any, Any]) -> dict[str, Any]:
    """Call the task; the fields of the job's row that say how it went."""
    token = _run.set(run)
    try:
        result, _ = clean_tree(normalize_json(job_task.call(*run.job.args, **run.job.kwargs)))
    except Interrupted:
        if run.late:
            return _failure("deadline-passed", f"The job did not end in {job_task.deadline_s:g} seconds.")
        return _put_back(run)
    except Exception as error:
        logger.exception("Job %s failed.", run.job.task)
        return _failure(get_module_path(type(error)), str(error), get_exception_traceback(error))
    except BaseException:  # Ctrl-C in a command that runs jobs itself
        run.mine.update(**_put_back(run))
        raise
    finally:
        _run.reset(token)
    return {"status": Job.Status.SUCCESSFUL, "finished_at": timezone.now(), "result": result}


def _put_back(run: _Run) -> dict[str, Any]:
    """Ready again, and this attempt does not count."""
    return {"status": Job.Status.READY, "holder": "", "lease_until": None, "workers": run.job.workers[:-1]}


def _failure(kind: str, message: str, traceback: str = "") -> dict[str, Any]:
    error = {"class": kind, "message": clean(message), "traceback": clean(traceback)}
    return {"status": Job.Status.FAILED, "finished_at": timezone.now(), "error": error}


def _claim(holder: str) -> Job | None:
    due = Job.objects.filter(status=Job.Status.READY, run_after__lte=timezone.now())
    if not due.exists():  # asked often: without a lock
        return None
    with transaction.atomic():  # PostgreSQL skips rows others hold; on SQLite writers are serial
        job = due.select_for_update(skip_locked=True).order_by("-priority", "enqueued_at", "pk").first()
        if job is None:
            return None
        now = timezone.now()
        job.status = Job.Status.RUNNING
        job.holder = holder
        job.lease_until = leases.lease_end()
        job.started_at = job.started_at or now
        job.last_attempted_at = now
        job.workers = [*job.workers, holder]
        job.save(update_fields=["status", "holder", "lease_until", "started_at", "last_attempted_at", "workers"])
    return job
