"""Who uses a home right now: so that two ``up`` do not fight over it, and nothing is restored under a running node.

Locks of the operating system on a file in the home: they end with their process, however it ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from commonweal.base.home import Home
from commonweal.kernel.errors import CommonwealError


@contextmanager
def supervising(home: Home) -> Iterator[None]:
    """Be the one ``up`` of a home. Raises CommonwealError ``node-running`` when there is one already."""
    with _held(home, "up.lock", fcntl.LOCK_EX, f"A node is running already on {home.root}."):
        yield


@contextmanager
def using(home: Home) -> Iterator[None]:
    """Be one of the processes that work on a home. Raises ``node-running`` while it is being restored."""
    with _held(home, "use.lock", fcntl.LOCK_SH, f"{home.root} is being restored."):
        yield


@contextmanager
def replacing(home: Home) -> Iterator[None]:
    """Have a home for oneself. Raises ``node-running`` while web or worker use it."""
    with _held(home, "use.lock", fcntl.LOCK_EX, f"A node is running on {home.root}."):
        yield


@contextmanager
def _held(home: Home, name: str, kind: int, refusal: str) -> Iterator[None]:
    home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(home.root / name, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommonwealError("node-running", refusal, "Stop it first (Ctrl-C where it runs).", status=409) from None
        yield
    finally:
        os.close(descriptor)
