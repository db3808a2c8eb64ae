"""A worker killed in the middle of its work: what it had taken is taken again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

WORKER = """
import threading, sys, signal
from commonweal.node.boot import boot
boot(create=True)
from commonweal.base import feed, jobs, leases
from commonweal.base.registries import consumers
import crash_tasks
leases.LEASE_S = 1.0
jobs.BEAT_S = 0.2
jobs.GRACE_S = 0.5
consumers._entries.clear()
consumers.register(crash_tasks.Follower())
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
jobs.run_worker(stop)
"""

ASK = """
from commonweal.node.boot import boot
boot(create=True)
from django.db import transaction
from commonweal.base import feed
from commonweal.base.feed import Change
import crash_tasks
print(crash_tasks.{task}.enqueue().id)
with transaction.atomic():
    feed.append([Change("record", "a", "added")])
"""

STATE = """
import json
from commonweal.node.boot import boot
boot()
from commonweal.base.models import Cursor, Job
job = Job.objects.get()
cursor = Cursor.objects.filter(name="follower").first()
print(json.dumps({"status": job.status, "workers": len(job.workers), "seq": cursor.seq if cursor else 0,
                  "done": job.done, "error": job.error}))
"""

TASKS = '''
"""Tasks of the crash test: each says in a file that it began, and goes on only where it is let."""
import os, time
from pathlib import Path
from commonweal.base import jobs

HERE = Path(__file__).parent

def pause(name):
    with (HERE / f"{name}-began").open("a") as file:
        file.write(f"{os.getpid()}\\n")
    while not (HERE / f"{name}-goes-on").exists():
        jobs.progress(1, 2)
        time.sleep(0.02)

@jobs.task(attempts=2)
def slow():
    pause("job")

@jobs.task(deadline_s=0.1)
def deaf():
    with (HERE / "deaf-began").open("a") as file:
        file.write(f"{os.getpid()}\\n")
    time.sleep(600)

class Follower:
    name, topics, batch_size = "follower", (), 10

    def handle(self, changes):
        pause("follower")
'''


class Node:
    """A node of its own, whose processes are Python snippets."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        paths = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.environment = {**os.environ, "COMMONWEAL_HOME": str(home), "PYTHONPATH": paths}
        self.environment.pop("COMMONWEAL_DATABASE_URL", None)  # a file of its own: a second process must not meet the test's rows
        self.running: list[subprocess.Popen[bytes]] = []
        (folder / "crash_tasks.py").write_text(TASKS)

    def enqueue(self, task: str) -> None:
        self.ask(ASK.format(task=task))

    def ask(self, code: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", code], env=self.environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    def start_worker(self) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen([sys.executable, "-c", WORKER], env=self.environment, stderr=subprocess.DEVNULL)
        self.running.append(worker)
        return worker

    def begun(self, name: str) -> list[int]:
        file = self.folder / f"{name}-began"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def let_go_on(self, *names: str) -> None:
        for name in names:
            (self.folder / f"{name}-goes-on").touch()

    def wait_for(self, condition) -> None:
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, "the worker did not get there"
            time.sleep(0.05)


@pytest.fixture
def node(tmp_path, empty_home):
    made = Node(tmp_path, empty_home)
    yield made
    for worker in made.running:
        worker.kill()
        worker.wait()


def test_a_killed_workers_job_and_consumer_are_taken_over(node):
    node.enqueue("slow")
    first = node.start_worker()
    node.wait_for(lambda: node.begun("job") and node.begun("follower"))
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    second = node.start_worker()
    node.wait_for(lambda: len(node.begun("job")) == 2 and len(node.begun("follower")) == 2)
    assert node.begun("job") == node.begun("follower") == [first.pid, second.pid]
    node.let_go_on("job", "follower")
    node.wait_for(lambda: '"SUCCESSFUL"' in node.ask(STATE) and '"seq": 1' in node.ask(STATE))
    assert '"workers": 2' in node.ask(STATE)
    second.terminate()
    assert second.wait(timeout=30) == 0


def test_a_job_that_kills_its_workers_stops(node):
    node.enqueue("slow")
    for number in (1, 2):
        worker = node.start_worker()
        node.wait_for(lambda: len(node.begun("job")) == number)  # noqa: B023 (called at once)
        worker.kill()
        worker.wait()
    node.start_worker()
    node.wait_for(lambda: '"FAILED"' in node.ask(STATE))
    assert "worker-died" in node.ask(STATE)
    assert len(node.begun("job")) == 2


def test_a_stopped_worker_gives_its_job_back_at_once(node):
    node.enqueue("slow")
    first = node.start_worker()
    node.wait_for(lambda: node.begun("job"))
    node.let_go_on("follower")
    first.terminate()
    node.wait_for(lambda: '"READY"' in node.ask(STATE))
    assert '"workers": 0' in node.ask(STATE)


def test_a_job_deaf_to_its_deadline_ends_with_its_worker(node):
    node.enqueue("deaf")
    worker = node.start_worker()
    assert worker.wait(timeout=60) == 75
    assert '"FAILED"' in node.ask(STATE)
    assert "deadline-passed" in node.ask(STATE)
