"""The queue, one process: what runs, what is kept, what is given back."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from commonweal.base import jobs, schedules
from commonweal.base.models import Job, Schedule
from commonweal.kernel.errors import CommonwealError

pytestmark = pytest.mark.django_db

RAN: list[str] = []


@pytest.fixture(autouse=True)
def _forget():
    RAN.clear()


@jobs.task()
def greet(name: str) -> dict[str, str]:
    RAN.append(name)
    jobs.progress(1, 2, "half way")
    return {"greeting": f"Jambo {name}"}


@jobs.task(unique=True)
def harvest(source: str) -> None:
    RAN.append(source)


@jobs.task()
def fail() -> None:
    raise CommonwealError("source-unknown", "No source xyz.")


@jobs.task(priority=5)
def urgent() -> None:
    RAN.append("urgent")


@jobs.task(deadline_s=0)
def late() -> None:
    jobs.progress(0, None)


def test_a_job_runs_and_keeps_result_and_progress():
    queued = greet.enqueue("Asha")
    assert queued.status == TaskResultStatus.READY
    assert jobs.run_pending() == 1
    queued.refresh()
    assert queued.return_value == {"greeting": "Jambo Asha"}
    job = Job.objects.get(pk=queued.id)
    assert (job.done, job.total, job.message, len(job.workers)) == (1, 2, "half way", 1)
    assert jobs.run_pending() == 0


def test_progress_outside_a_job_says_nothing():
    jobs.progress(1, 1)


def test_a_failure_is_kept_with_its_words_and_not_tried_again():
    queued = fail.enqueue()
    assert jobs.run_pending() == 1
    assert jobs.run_pending() == 0
    job = Job.objects.get(pk=queued.id)
    assert job.status == Job.Status.FAILED
    assert job.error["message"] == "No source xyz."
    assert "source-unknown" in job.error["traceback"]
    queued.refresh()
    assert queued.errors[0].exception_class is CommonwealError


def test_a_unique_job_is_queued_once_until_it_has_run():
    first, again, other = harvest.enqueue("mteb"), harvest.enqueue("mteb"), harvest.enqueue("helm")
    assert first.id == again.id != other.id
    assert jobs.run_pending() == 2
    assert harvest.enqueue("mteb").id != first.id


def test_a_job_exists_only_if_its_transaction_commits():
    with pytest.raises(RuntimeError), transaction.atomic():
        queued = greet.enqueue("nobody")
        raise RuntimeError
    with pytest.raises(TaskResultDoesNotExist):
        greet.get_result(queued.id)


def test_priority_goes_first_and_limit_holds():
    greet.enqueue("Asha")
    urgent.enqueue()
    assert jobs.run_pending(limit=1) == 1
    assert RAN == ["urgent"]


def test_a_later_job_waits():
    greet.using(run_after=timezone.now() + timedelta(hours=1)).enqueue("Asha")
    assert jobs.run_pending() == 0


def test_past_its_deadline_a_job_has_failed():
    queued = late.enqueue()
    assert jobs.run_pending() == 1
    assert Job.objects.get(pk=queued.id).error["class"] == "deadline-passed"


def test_a_stopping_worker_puts_its_job_back_uncounted():
    queued = greet.enqueue("Asha")
    stop = threading.Event()
    stop.set()
    assert jobs._run_next("holder", stop)
    job = Job.objects.get(pk=queued.id)
    assert (job.status, job.workers, job.holder) == (Job.Status.READY, [], "")


def test_a_task_that_is_gone_fails_its_job():
    Job.objects.create(id="x", task="commonweal.gone.task")
    assert jobs.run_pending() == 1
    assert Job.objects.get(pk="x").error["class"] == "task-unknown"


def _dead(**fields):
    past = timezone.now() - timedelta(seconds=1)
    return Job.objects.create(task=greet.module_path, args=["Asha"], status="RUNNING", holder="dead", lease_until=past, **fields)


def test_the_reaper_gives_back_a_dead_workers_job():
    _dead(id="x", workers=["dead"])
    assert jobs.run_pending() == 1
    job = Job.objects.get(pk="x")
    assert job.status == Job.Status.SUCCESSFUL
    assert len(job.workers) == 2


def test_a_job_under_which_workers_die_stops():
    _dead(id="x", workers=["a", "b", "c"])
    assert jobs.run_pending() == 0
    assert Job.objects.get(pk="x").error["class"] == "worker-died"


def test_a_live_workers_job_is_left_alone():
    job = _dead(id="x", workers=["alive"])
    Job.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    assert jobs.reap() == 0
    job.refresh_from_db()
    assert job.status == Job.Status.RUNNING


def test_schedules_come_due_once_and_catch_up_once():
    schedules.schedule("harvest mteb", "@every 6h", harvest, source="mteb")
    assert schedules.enqueue_due() == 0
    Schedule.objects.update(next_at=timezone.now() - timedelta(days=3))
    assert schedules.enqueue_due() == 1
    assert schedules.enqueue_due() == 0
    assert jobs.run_pending() == 1
    assert RAN == ["mteb"]


def test_scheduling_again_keeps_the_due_time_unless_the_rule_changed():
    schedules.schedule("s", "@every 6h", harvest, source="a")
    due = Schedule.objects.get().next_at
    schedules.schedule("s", "@every 6h", harvest, source="b")
    assert Schedule.objects.get().next_at == due
    assert Schedule.objects.get().kwargs == {"source": "b"}
    schedules.schedule("s", "@every 1h", harvest, source="b")
    assert Schedule.objects.get().next_at < due
    schedules.unschedule("s")
    assert not Schedule.objects.exists()


def test_a_schedule_of_a_task_that_is_gone_holds_up_nothing():
    schedules.schedule("a", "@every 1h", harvest, source="a")
    schedules.schedule("b", "@every 1h", harvest, source="b")
    Schedule.objects.update(next_at=timezone.now() - timedelta(days=1))
    Schedule.objects.filter(name="a").update(task="commonweal.gone.task")
    assert schedules.enqueue_due() == 1
    assert schedules.enqueue_due() == 0


@jobs.task()
def hostile() -> str:
    jobs.progress(0, 1, "\x00\ud800")
    return "kept\x00"


def test_a_hostile_result_is_cleaned():
    queued = hostile.enqueue()
    assert jobs.run_pending() == 1
    queued.refresh()
    assert queued.return_value == "kept"
