"""``commonweal up``: prepare the node, then keep one web and one worker process running until told to stop.

This process imports neither Django nor a room, so it stays small; what needs them runs in children.
"""

from __future__ import annotations

import ctypes
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from commonweal.base.home import Home
from commonweal.base.terminal import terminal
from commonweal.kernel.errors import CommonwealError
from commonweal.node.lock import supervising
from commonweal.node.serving import check_port, stop_on_signals

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
#: A child that has run this long was well; its next death is met without delay again.
STEADY_SECONDS = 60.0
STOP_SECONDS = 15.0
#: So many deaths before the first answer mean that it will not start at all.
DEATHS_AT_START = 3
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A process that is started again when it dies, after a pause that doubles from one death to the next."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    _started: float = 0.0
    _start_at: float = 0.0

    def tend(self) -> None:
        """Start the process where it is due, and notice when it has died."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._start_at:
                self.process = _start(self.arguments)
                self._started = now
            return
        status = self.process.poll()
        if status is None:
            return
        self.process = None
        self.deaths = 1 if now - self._started > STEADY_SECONDS else self.deaths + 1
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (self.deaths - 1), LONGEST_PAUSE_SECONDS)
        self._start_at = now + pause
        log.warning("%s ended with status %s; it is started again in %g s.", self.name, status, pause)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        """Wait for the end of a process that was asked to stop; end it by force when it does not come in time."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s does not stop; it is ended.", self.name)
            self.process.kill()
            self.process.wait()


def up(home: Home, host: str, port: int) -> None:
    """Run a node on ``home`` until SIGINT or SIGTERM.

    Raises:
        CommonwealError: ``port-taken``, ``node-running``, or what kept the node from being prepared or from starting.
    """
    check_port(host, port)
    with supervising(home):
        stop = threading.Event()
        stop_on_signals(stop)
        prepared = _prepare(stop)
        if prepared is None or stop.is_set():
            return
        children = [
            Child("web", ["serve", "--host", host, "--port", str(port)]),
            Child("worker", ["worker"]),
        ]
        try:
            _tend(children, stop, until=lambda: _answers(host, port) or children[0].deaths >= DEATHS_AT_START)
            if children[0].deaths >= DEATHS_AT_START:
                raise CommonwealError("web-dead", "The web process does not start; see above.", "`commonweal doctor` says more.")
            if not stop.is_set():
                _announce(prepared, host, port)
            _tend(children, stop)
        finally:
            _stop(children)
        terminal.say("Stopped.")


def _prepare(stop: threading.Event) -> dict[str, Any] | None:
    """Let a child create, migrate and fill the node; its answer, or None when it was interrupted.

    Progress goes straight to the terminal; the answer, one JSON object, comes back by a pipe.
    """
    process = subprocess.Popen(_command(["--json", "prepare"]), stdout=subprocess.PIPE, **_detached())
    while process.poll() is None:
        if stop.wait(POLL_SECONDS):
            process.terminate()
            process.wait()
            return None
    answer = process.stdout.read() if process.stdout else b""
    if process.returncode:
        raise CommonwealError("node-unprepared", "The node could not be made ready; see above.", "`commonweal doctor` says more.")
    result: dict[str, Any] = json.loads(answer)
    return result


def _announce(prepared: dict[str, Any], host: str, port: int) -> None:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104 (not bound here)
    address = f"http://{shown}:{port}"
    if terminal.json:
        terminal.emit({**prepared, "address": address})
        return
    for source, reason in prepared["failed"].items():
        terminal.say(f"{source} could not be read: {reason} Try again: commonweal harvest {source}")
    terminal.say(f"{prepared['entities']:,} entries from {prepared['sources']} sources.")
    terminal.say(f"\n  Open {address}")
    if prepared["steward_path"]:
        terminal.say(f"  Become the first steward (works once): {address}{prepared['steward_path']}")
    terminal.say("  Stop with Ctrl-C.\n")
    sys.stdout.flush()


def _tend(children: list[Child], stop: threading.Event, until: Callable[[], bool] = lambda: False) -> None:
    """Keep the children running until told to stop or ``until`` holds."""
    while not stop.is_set() and not until():
        for child in children:
            child.tend()
        stop.wait(POLL_SECONDS)


def _stop(children: list[Child]) -> None:
    for child in children:
        child.ask_to_stop()
    until = time.monotonic() + STOP_SECONDS
    for child in children:
        child.wait(until)


def _answers(host: str, port: int) -> bool:
    """Whether the web process is up."""
    connection = HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=1)  # noqa: S104 (not bound here)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _start(arguments: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(_command(arguments), stdin=subprocess.DEVNULL, **_detached())


def _command(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "commonweal", *arguments]


def _detached() -> dict[str, Any]:
    """Children have a process group of their own: Ctrl-C reaches this process alone, which then stops them in order."""
    if sys.platform != "linux":
        return {"process_group": 0}
    system, parent = ctypes.CDLL(None), os.getpid()

    def end_with_parent() -> None:
        """Ask the kernel to stop the child should this process be killed outright."""
        system.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return {"process_group": 0, "preexec_fn": end_with_parent}
