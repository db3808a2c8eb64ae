"""Settings of the node itself, beside those of ``base/config.py``."""

from __future__ import annotations

from commonweal.base.config import Setting, declare

LEVELS = ("debug", "info", "warning", "error")

declare(
    Setting(
        "server.threads",
        int,
        4,
        "Requests each web process answers at the same time, at least 1.",
        allowed=lambda v: v >= 1,
    ),
    Setting(
        "log.level",
        str,
        "warning",
        f"Least serious message that is logged: {', '.join(LEVELS)}.",
        allowed=LEVELS.__contains__,
    ),
    Setting(
        "server.address", str, "http://127.0.0.1:8000", "How people reach this node, e.g. https://ai.example.org; for links."
    ),
    Setting("log.requests", bool, False, "Whether every request is logged, at level info, with path, status and time taken."),
)
