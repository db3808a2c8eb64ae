"""``commonweal up`` as a newcomer without a network meets it: it starts, heals, stops, and leaves nothing running."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from commonweal.base.home import Home
from commonweal.kernel.errors import CommonwealError
from commonweal.node import supervisor
from commonweal.node.lock import supervising
from commonweal.node.serving import check_port
from commonweal.node.supervisor import Child

#: Make the home, and keep the worker from trying the live registries.
MAKE = """
from commonweal.node.boot import boot
boot(create=True)
from commonweal.catalogue import queries, services
for source in queries.sources():
    if source["live"]:
        services.set_enabled(source["id"], False, actor="command:test")
"""

#: A source of one record, and its harvest by a process that leaves the change feed to the worker.
SOURCE = """
id: more
title: More
connector: table
address: {file}
licence: CC0-1.0
homepage: https://example.org
streams:
  - name: items
    format: jsonl
    select: ""
    native_id: id
    kind: dataset
    fields:
      title: title
"""
ADD = """
import sys
from pathlib import Path
from commonweal.node.boot import boot
boot()
from commonweal.catalogue import services
services.add_source(Path(sys.argv[1]).read_text(), actor="command:test")
assert services.harvest("more", actor="command:test").state == "done"
"""


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def offline(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.delenv("COMMONWEAL_DATABASE_URL", raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("npm_config_offline", "true")
    subprocess.run([sys.executable, "-c", MAKE], check=True, timeout=60)
    return dict(os.environ)


def wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def children(process: int) -> set[int]:
    try:
        return set(map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()))
    except FileNotFoundError:
        return set()


def get(port: int, path: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.status, answer.read()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_node_starts_without_a_network_heals_follows_and_stops(
    offline: dict[str, str], empty_home: Path, free_port: int
) -> None:
    command = [sys.executable, "-m", "commonweal", "--json", "up", "--port", str(free_port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=offline) as node:
        try:
            assert node.stdout
            announced = json.loads(node.stdout.readline())
            assert announced["address"] == f"http://127.0.0.1:{free_port}"
            assert announced["entities"] > 0  # the facts it knows from the start
            assert "mteb" in announced["failed"]
            assert get(free_port, announced["steward_path"])[0] == 200
            assert json.loads(get(free_port, "/readyz")[1])["ready"]
            assert get(free_port, "/search.json")[0] == 200

            wait_for(lambda: len(children(node.pid)) == 2)
            before = children(node.pid)
            os.kill(max(before), signal.SIGKILL)  # the worker
            wait_for(lambda: len(children(node.pid)) == 2 and children(node.pid) != before)

            # What the new worker is there for: a change made by another process is found in the pages, without a word to it.
            (empty_home / "more.jsonl").write_text(json.dumps({"id": "1", "title": "Weir gauge readings of Lokoja"}) + "\n")
            (empty_home / "more.yaml").write_text(SOURCE.format(file=empty_home / "more.jsonl"))
            subprocess.run([sys.executable, "-c", ADD, str(empty_home / "more.yaml")], check=True, timeout=60, env=offline)
            wait_for(lambda: json.loads(get(free_port, "/api/v1/search?q=Lokoja")[1])["count"] == 1)
            everyone = children(node.pid)
            everyone |= {grandchild for child in everyone for grandchild in children(child)}
        finally:
            node.send_signal(signal.SIGINT)
        assert node.wait(30) == 0
        assert not any(Path(f"/proc/{process}").exists() for process in everyone)


def test_a_taken_port_is_told_before_anything_is_made(empty_home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        command = [sys.executable, "-m", "commonweal", "up", "--port", str(port)]
        refused = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == "(port-taken)"
    assert str(port) in refused.stderr
    assert not empty_home.exists()


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(CommonwealError) as refused:
        check_port("not an address", 8000)
    assert refused.value.code == "host-unknown"


def test_one_node_a_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with supervising(home), pytest.raises(CommonwealError) as refused, supervising(home):
        pass
    assert refused.value.code == "node-running"
    with supervising(home):
        pass


def test_deaths_make_longer_pauses_and_a_steady_life_is_a_fresh_start(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: now)
    starts: list[float] = []

    class Dead:
        def poll(self) -> int:
            return 1

    def start(arguments: list[str]) -> Dead:
        starts.append(now)
        return Dead()

    monkeypatch.setattr(supervisor, "_start", start)
    child = Child("web", ["serve"])
    for tick in range(200):
        now = tick / 2
        child.tend()
    pauses = [round(after - before) for before, after in pairwise(starts)]
    assert pauses[:5] == [2, 2, 4, 8, 16]
    now += supervisor.STEADY_SECONDS * 2
    child.process = Dead()  # type: ignore[assignment]
    child._started = now - supervisor.STEADY_SECONDS - 1
    child.tend()
    assert child.deaths == 1
