"""The two processes of a running node: web and worker. Each stops cleanly on SIGINT or SIGTERM."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from types import FrameType

from commonweal.base.config import setting
from commonweal.base.home import home
from commonweal.kernel.errors import CommonwealError
from commonweal.node import config as _config  # noqa: F401 (declares the settings read below)
from commonweal.node.boot import require
from commonweal.node.lock import using

#: Requests that may wait in one web process before more are refused; threads work on ``server.threads`` of them.
QUEUED_REQUESTS = 128
KILL_AFTER_SECONDS = 10
#: Between two looks of the worker at the search index.
INDEX_SECONDS = 60.0

log = logging.getLogger(__name__)


def serve(host: str | None = None, port: int | None = None) -> None:
    """Serve the pages and the API until told to stop. This process only watches over its web processes, so it stays small.

    Raises:
        CommonwealError: ``home-missing``, ``port-taken``, ``host-unknown``; ``node-running`` while the home is being restored.
    """
    require(home())
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    address, number = host or setting("server.host"), port or setting("server.port")
    check_port(address, number)
    with using(home()):
        Server(
            "commonweal.node.wsgi:application",
            address=address,
            port=number,
            interface=Interfaces.WSGI,
            workers=setting("server.workers"),
            blocking_threads=setting("server.threads"),
            backpressure=QUEUED_REQUESTS,
            respawn_failed_workers=True,
            respawn_interval=1,
            workers_kill_timeout=KILL_AFTER_SECONDS,
            log_level=LogLevels.warning,
            websockets=False,
        ).serve()


def work() -> None:
    """Run jobs, schedules and the readers of the change feed until told to stop. Django must be set up."""
    from commonweal.base.jobs import run_worker

    stop = threading.Event()
    stop_on_signals(stop)
    with using(home()):
        keeper = threading.Thread(target=_keep_index, args=(stop,), name="index", daemon=True)
        keeper.start()
        run_worker(stop)
        keeper.join(KILL_AFTER_SECONDS)


def _keep_index(stop: threading.Event) -> None:
    """Make the index again when it is lost, broken or too old, without waiting for a change; looks every minute.

    Keeps away while the feed's consumer has changes to take in: it mends the index too, and two who write one document at
    the same moment may leave the older one.
    """
    from django.db import connection

    from commonweal.base import feed
    from commonweal.search.indexer import ensure_index

    while not stop.is_set():
        try:
            if not any(consumer["behind"] for consumer in feed.status() if consumer["name"] == "search"):
                ensure_index()
        except Exception as error:
            # Another process writes it, or the database is away: the consumer of the change feed and the next look remain.
            log.warning("The search index could not be looked after: %s", error)
        finally:
            connection.close()
        stop.wait(INDEX_SECONDS)


def stop_on_signals(stop: threading.Event) -> None:
    """Let SIGINT and SIGTERM set ``stop``; a second one ends the process the usual way."""

    def handle(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)


def check_port(host: str, port: int) -> None:
    """Raise CommonwealError ``port-taken`` or ``host-unknown`` when nothing can listen there."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror:
        hint = "Use 127.0.0.1 for this machine only, 0.0.0.0 for every interface."
        raise CommonwealError("host-unknown", f"{host!r} is no address of this machine.", hint) from None
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            hint = f"Choose another with --port, e.g. --port {port + 1}, or stop what listens there."
            raise CommonwealError("port-taken", f"Nothing can listen on {host} port {port}: {error.strerror}.", hint) from None
