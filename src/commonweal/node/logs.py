"""Structured logs: one JSON object a line on standard error, each with the id of the request it belongs to."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson

#: The id of the request being answered in this context; "" outside requests.
request_id: ContextVar[str] = ContextVar("request_id", default="")

#: What logging itself puts on every record; anything else was passed as ``extra`` and belongs in the line.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request", "server_time"}


class JsonFormatter(logging.Formatter):
    """``{"time", "level", "logger", "message", "request"?, "error"?, …extra}``."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if identifier := request_id.get():
            line["request"] = identifier
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def is_news(record: logging.LogRecord) -> bool:
    """Whether an answer that Django logs is worth a line: a visitor's mistake is not, nor is a node that is not ready yet."""
    return getattr(record, "status_code", 500) >= 500 and getattr(record, "status_code", 500) != 503


def configuration(level: str) -> dict[str, Any]:
    """Django's ``LOGGING``: everything from ``level`` up, as JSON, on standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "commonweal.node.logs.JsonFormatter"}},
        "filters": {"news": {"()": "django.utils.log.CallbackFilter", "callback": is_news}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "django": {"level": level.upper()},
            "django.request": {"filters": ["news"]},
            "httpx": {"level": "WARNING"},
        },
    }
