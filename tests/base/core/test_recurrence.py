"""When schedules come due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.base.recurrence import parse_recurrence
from commonweal.kernel.errors import CommonwealError

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


def due(rule: str, after: str, zone: str = "UTC") -> str:
    moment = parse_recurrence(rule).next_time(datetime.fromisoformat(after).astimezone(UTC), ZoneInfo(zone))
    return moment.strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("rule", "after", "expected"),
    [
        ("0 3 * * *", "2024-05-01T02:59:59+00:00", "2024-05-01 03:00"),
        ("0 3 * * *", "2024-05-01T03:00:00+00:00", "2024-05-02 03:00"),
        ("*/15 * * * *", "2024-05-01T10:46:00+00:00", "2024-05-01 11:00"),
        ("30 6 * * mon-fri", "2024-05-03T07:00:00+00:00", "2024-05-06 06:30"),
        ("0 0 * * 7", "2024-05-01T00:00:00+00:00", "2024-05-05 00:00"),
        ("0 0 29 2 *", "2024-03-01T00:00:00+00:00", "2028-02-29 00:00"),
        ("0 0 13 * fri", "2024-05-01T00:00:00+00:00", "2024-05-03 00:00"),
        ("0 0 1,15 1-6/2 *", "2024-01-15T00:00:00+00:00", "2024-03-01 00:00"),
        ("@every 6h", "2024-05-01T00:00:00+00:00", "2024-05-01 06:00"),
        ("@every 90m", "2024-05-01T00:00:00+00:00", "2024-05-01 01:30"),
    ],
)
def test_known_times(rule, after, expected):
    assert due(rule, after) == expected


def test_fields_are_wall_clock_time():
    assert due("0 3 * * *", "2024-05-01T00:30:00+00:00", "Africa/Nairobi") == "2024-05-02 00:00"


def test_a_skipped_hour_is_not_lost_and_a_doubled_one_comes_once():
    assert due("30 2 * * *", "2024-03-30T12:00:00+00:00", "Europe/Paris") == "2024-03-31 01:30"  # 02:30 does not exist that day
    first = due("30 2 * * *", "2024-10-26T12:00:00+00:00", "Europe/Paris")
    assert first == "2024-10-27 00:30"
    assert due("30 2 * * *", f"{first}+00:00", "Europe/Paris") == "2024-10-28 01:30"


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "daily",
        "* * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "*/0 * * * *",
        "5-1 * * * *",
        "0 0 * * someday",
        "@every 0h",
    ],
)
def test_what_is_not_a_schedule_is_refused(rule):
    with pytest.raises(CommonwealError) as caught:
        parse_recurrence(rule)
    assert caught.value.code == "schedule-invalid"


def test_a_day_that_never_comes_is_refused():
    with pytest.raises(CommonwealError, match="never"):
        due("0 0 30 2 *", "2024-01-01T00:00:00+00:00")


@given(MOMENTS, st.sampled_from(["UTC", "Africa/Nairobi", "Europe/Paris", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]))
def test_the_next_time_is_later_and_within_a_day(after, zone):
    moment = parse_recurrence("17 3 * * *").next_time(after, ZoneInfo(zone))
    assert timedelta() < moment - after <= timedelta(days=3)  # Apia once skipped a whole day
