"""One short token that changes whenever anything a visitor can read changes."""

from __future__ import annotations

import threading
import time
import zlib
from pathlib import Path

from commonweal import __version__
from commonweal.base import feed
from commonweal.base.home import home
from commonweal.search.services import index

#: How long a computed token is good for. A change must be visible within a second.
SECONDS = 0.25
#: Pages say "3 hours ago", so they age even when nothing changes.
SECONDS_A_PAGE_STAYS_TRUE = 1800

#: Never answered from a token: state of processes, forms, files that have their own.
_EXCLUDED = ("/healthz", "/readyz", "/static/", "/account")

_lock = threading.Lock()
_current = ("", 0.0)


def covers(path: str) -> bool:
    """Whether a page's content is given by the state that :func:`token` stands for."""
    return not path.startswith(_EXCLUDED)


def token() -> str:
    """The token now; asks the database and the file system at most every quarter of a second."""
    global _current
    value, until = _current
    if time.monotonic() < until:
        return value
    with _lock:
        value, until = _current
        if time.monotonic() >= until:
            value = _compute()
            _current = (value, time.monotonic() + SECONDS)
    return value


def _compute() -> str:
    # The index follows the feed a moment later, so a page can be older than the feed's number says: both count.
    snapshot = index().snapshot()
    age = int(time.time() // SECONDS_A_PAGE_STAYS_TRUE)
    rest = (__version__, age, snapshot and snapshot.generation, _modified(home().config))
    return f"{feed.head():x}.{zlib.crc32(repr(rest).encode()):x}"


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
