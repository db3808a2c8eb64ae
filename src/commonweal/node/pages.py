"""Pages rendered a moment ago, kept while nothing on the node has changed: a page that many ask for is made once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from django.http import HttpResponse

MOST_BYTES = 16_000_000
MOST_BYTES_OF_ONE = 500_000


class RecentPages:
    """The answers asked for last, for one state of the node; threads may share it.

    Args:
        most_bytes: of all bodies together; the ones not asked for longest go first.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._state = ""
        self._pages: OrderedDict[Hashable, tuple[bytes, dict[str, str]]] = OrderedDict()
        self._bytes = 0

    def get(self, state: str, key: Hashable) -> HttpResponse | None:
        """The answer kept under ``key`` since the node came into ``state``; a copy that the caller may change."""
        with self._lock:
            if state != self._state or key not in self._pages:
                return None
            self._pages.move_to_end(key)
            body, headers = self._pages[key]
        return HttpResponse(body, headers=headers)

    def keep(self, state: str, key: Hashable, answer: HttpResponse) -> None:
        """Keep an answer made in ``state``; what belongs to another state is forgotten."""
        body, headers = answer.content, dict(answer.headers)
        if len(body) > MOST_BYTES_OF_ONE:
            return
        with self._lock:
            if state != self._state:
                self._pages.clear()
                self._state, self._bytes = state, 0
            replaced = self._pages.pop(key, (b"", {}))
            self._pages[key] = (body, headers)
            self._bytes += len(body) - len(replaced[0])
            while self._bytes > self._most_bytes:
                _, (oldest, _) = self._pages.popitem(last=False)
                self._bytes -= len(oldest)
