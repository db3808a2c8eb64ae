"""Leases: the right to do something alone, for a short time, renewed by a heartbeat; a killed holder's runs out by itself."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType

from django.db import DatabaseError, connection
from django.utils import timezone

LEASE_S = 10.0

logger = logging.getLogger(__name__)


def new_holder() -> str:
    """A name for one holder: machine, process, and a random part, because process numbers are used again."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


def lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=LEASE_S)


class Heartbeat:
    """Calls ``beat`` from a thread of its own, three times a lease, as long as the ``with`` block runs.

    ``beat`` renews the lease and answers whether it is still held; once it is not, ``lost`` is set and the beating ends.
    The first beat comes after a third of a lease, so work that is shorter never opens a second connection.
    """

    def __init__(self, beat: Callable[[], bool], period_s: float | None = None) -> None:
        self._beat = beat
        self._period_s = period_s or LEASE_S / 3
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self.lost = threading.Event()

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._over.wait(self._period_s):
                try:
                    held = self._beat()
                except DatabaseError:  # busy or briefly away: the lease still has two beats to go
                    logger.warning("A heartbeat could not be written.", exc_info=True)
                    connection.close()
                    continue
                if not held:
                    self.lost.set()
                    return
        finally:
            connection.close()
