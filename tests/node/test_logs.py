"""Logs are one JSON object a line, whatever is in the message."""

from __future__ import annotations

import json
import logging

import pytest

from commonweal.node.logs import JsonFormatter, is_news, request_id


def record(message: str, *values: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("commonweal.test", logging.WARNING, "file.py", 1, message, values, None)
    vars(made).update(extra)
    return made


def test_a_line_has_message_level_request_and_extras() -> None:
    token = request_id.set("abc")
    try:
        line = json.loads(JsonFormatter().format(record("%s read %d", "mteb", 3, source="mteb")))
    finally:
        request_id.reset(token)
    assert line["message"] == "mteb read 3"
    assert (line["level"], line["logger"], line["request"], line["source"]) == ("warning", "commonweal.test", "abc", "mteb")
    assert line["time"].endswith("+00:00")


def test_line_breaks_and_strange_values_stay_inside_the_line() -> None:
    line = JsonFormatter().format(record('two\nlines "quoted"', thing=object()))
    assert "\n" not in line
    assert json.loads(line)["message"] == 'two\nlines "quoted"'


def test_tracebacks_are_members() -> None:
    try:
        raise ValueError("broken")
    except ValueError as error:
        made = record("failed", exc_info=(ValueError, error, error.__traceback__))
    assert "ValueError: broken" in json.loads(JsonFormatter().format(made))["error"]


@pytest.mark.parametrize(("status", "news"), [(404, False), (400, False), (500, True), (503, False), (None, True)])
def test_what_django_says_of_requests_is_news_only_when_this_side_failed(status: int | None, news: bool) -> None:
    made = record("x") if status is None else record("x", status_code=status)
    assert is_news(made) is news
