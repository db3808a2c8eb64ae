"""A backup taken while another process writes is one moment of the node, and comes back whole: on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.db

URL = os.environ.get("COMMONWEAL_TEST_POSTGRES_URL", "")

#: Writes for ever: a payload on disk, then in one transaction an event that names it and a change with the same number.
WRITER = """
from commonweal.node.boot import boot
boot()
from django.db import transaction
from commonweal.base import feed, raw
from commonweal.base.events import record_event
print("writing", flush=True)
number = 0
while True:
    number += 1
    ref = raw.put(str(number).encode() * 100)
    with transaction.atomic():
        record_event("command:test", "test.wrote", f"test:{number}", {"ref": ref})
        feed.append([feed.Change("test", f"{number}", "added", {"ref": ref})])
"""

#: Says what a node holds, and raises when a row names a payload that is not there.
READER = """
import json
from commonweal.node.boot import boot
boot()
from commonweal.base import feed, raw
from commonweal.base.events import verify_events
from commonweal.base.models import Event
verified = verify_events()
events = list(Event.objects.order_by("seq"))
changes = feed.read(0, limit=10**6)
assert [event.data["ref"] for event in events] == [change.data["ref"] for change in changes]
for event in events:
    raw.get(event.data["ref"])
print(json.dumps({"events": len(events), "head": feed.head(), "problems": verified.problems}))
"""


class Node:
    """A home and, on PostgreSQL, a database of its own."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        self.environment = {**os.environ, "COMMONWEAL_HOME": str(root)}
        self.environment.pop("COMMONWEAL_DATABASE_URL", None)
        if url:
            self.environment["COMMONWEAL_DATABASE_URL"] = url

    def python(self, code: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", code], env=self.environment, capture_output=True, text=True, timeout=120)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "commonweal", "--json", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)

    def contents(self) -> dict[str, object]:
        done = self.python(READER)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def being_written(self) -> Iterator[None]:
        with subprocess.Popen([sys.executable, "-c", WRITER], env=self.environment, stdout=subprocess.PIPE) as writer:
            try:
                assert writer.stdout and writer.stdout.readline() == b"writing\n"
                time.sleep(0.3)
                yield
                assert writer.poll() is None, "the writer was refused"
            finally:
                writer.terminate()


@pytest.fixture
def make_node(tmp_path: Path) -> Iterator[Callable[[str], Node]]:
    databases: list[str] = []

    def make(name: str) -> Node:
        if not URL:
            return Node(tmp_path / name, "")
        database = f"commonweal_backup_{name}_{os.getpid()}"
        _postgres(f'DROP DATABASE IF EXISTS "{database}"', f'CREATE DATABASE "{database}"')
        databases.append(database)
        return Node(tmp_path / name, f"{URL.rpartition('/')[0]}/{database}")

    yield make
    for database in databases:
        _postgres(f'DROP DATABASE "{database}" WITH (FORCE)')


def _postgres(*statements: str) -> None:
    import psycopg

    with psycopg.connect(f"{URL.rpartition('/')[0]}/postgres", autocommit=True) as link:
        for statement in statements:
            link.execute(statement)


def test_a_backup_under_load_is_one_moment_and_comes_back(make_node: Callable[[str], Node], tmp_path: Path) -> None:
    first, second = make_node("first"), make_node("second")
    assert first.python("from commonweal.node.boot import boot; boot(create=True)").returncode == 0
    file = tmp_path / "backup.tar.zst"
    with first.being_written():
        written = first.command("backup", str(file))
        time.sleep(0.3)
    assert written.returncode == 0, written.stderr

    restored = second.command("restore", str(file))
    assert restored.returncode == 0, restored.stderr
    before, after = first.contents(), second.contents()
    assert after["problems"] == []
    assert 0 < after["events"] == after["head"] < before["events"]
    assert (second.root / "secret.key").read_text() == (first.root / "secret.key").read_text()

    # The restored node can be written to: numbers go on where they were.
    with second.being_written():
        pass
    assert second.contents()["problems"] == []
    assert second.contents()["events"] > after["events"]


def test_a_restore_refuses_to_replace_a_node_unless_told_to(make_node: Callable[[str], Node], tmp_path: Path) -> None:
    node = make_node("only")
    assert node.python("from commonweal.node.boot import boot; boot(create=True)").returncode == 0
    written = json.loads(node.command("backup").stdout)
    with node.being_written():
        pass
    refused = node.command("restore", written["file"])
    assert refused.returncode == 1
    assert json.loads(refused.stderr)["code"] == "home-exists"
    assert node.contents()["events"] > 0

    assert node.command("restore", written["file"], "--force").returncode == 0
    assert node.contents()["events"] == 0


def test_a_damaged_backup_changes_nothing(make_node: Callable[[str], Node], tmp_path: Path) -> None:
    node = make_node("only")
    assert node.python("from commonweal.node.boot import boot; boot(create=True)").returncode == 0
    file = Path(json.loads(node.command("backup").stdout)["file"])
    with node.being_written():
        pass
    before = node.contents()
    file.write_bytes(file.read_bytes()[:-20])
    refused = node.command("restore", str(file), "--force")
    assert json.loads(refused.stderr)["code"] == "backup-unreadable"
    assert node.contents() == before


def test_nothing_is_restored_under_a_running_node(make_node: Callable[[str], Node], tmp_path: Path) -> None:
    node = make_node("only")
    assert node.python("from commonweal.node.boot import boot; boot(create=True)").returncode == 0
    written = json.loads(node.command("backup").stdout)
    holding = (
        "from commonweal.base.home import home\nfrom commonweal.node.lock import using\n"
        "with using(home()): print('on', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding], env=node.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout and running.stdin and running.stdout.readline() == b"on\n"
        refused = node.command("restore", written["file"], "--force")
        running.stdin.write(b"\n")
    assert json.loads(refused.stderr)["code"] == "node-running"
