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
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from commonweal import __version__
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
STOP_SECONDS = 6.0
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
        preparation = _Preparation(home)
        if not preparation.is_familiar:
            preparation.wait(stop)
        children = [
            Child("web", ["serve", "--host", host, "--port", str(port)]),
            Child("worker", ["worker"]),
        ]
        try:
            # The pages first: on two cores the worker's start would delay what somebody is waiting for.
            _tend(children[:1], stop, until=lambda: _is_dead(children[0]) or (preparation.is_done and _answers(host, port)))
            if _is_dead(children[0]):
                raise CommonwealError("web-dead", "The web process does not start; see above.", "`commonweal doctor` says more.")
            if not stop.is_set():
                _announce(preparation.answer(), host, port)
            _tend(children, stop)
        finally:
            preparation.stop()
            _stop(children)
        terminal.say("Stopped.")


class _Preparation:
    """The child that creates, migrates and fills the node; its progress goes straight to the terminal.

    A home that this very program has prepared before needs nothing but a look, so web and worker need not wait for it.
    """

    def __init__(self, home: Home) -> None:
        self._note = home.root / "prepared"
        self._process = subprocess.Popen(_command(["--json", "prepare"]), stdout=subprocess.PIPE, **_detached())
        self.is_familiar = (
            home.secret_key.exists() and self._note.exists() and self._note.read_text(encoding="utf-8") == _fingerprint()
        )

    @property
    def is_done(self) -> bool:
        return self._process.poll() is not None

    def wait(self, stop: threading.Event) -> None:
        """Wait for its end, or for ``stop``. Raises CommonwealError ``node-unprepared`` when it failed."""
        while not self.is_done:
            if stop.wait(POLL_SECONDS):
                return
        self._check()

    def answer(self) -> dict[str, Any]:
        """What :func:`commonweal.node.prepare.prepare` returned. Raises CommonwealError ``node-unprepared`` when it failed."""
        self._check()
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.load(self._process.stdout)
        self._note.write_text(_fingerprint(), encoding="utf-8")
        return answer

    def _check(self) -> None:
        if self._process.wait():
            raise CommonwealError(
                "node-unprepared", "The node could not be made ready; see above.", "`commonweal doctor` says more."
            )

    def stop(self) -> None:
        if not self.is_done:
            self._process.terminate()
            self._process.wait()


def _fingerprint() -> str:
    """Changes with the program's version and with its tables."""
    package = Path(__file__).resolve().parent.parent
    migrations = sorted(str(path.relative_to(package)) for path in package.glob("*/migrations/*.py"))
    return sha256("\n".join([__version__, *migrations]).encode()).hexdigest()


def _is_dead(child: Child) -> bool:
    return child.deaths >= DEATHS_AT_START


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
