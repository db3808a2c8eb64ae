from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.periods import Period

days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
periods = st.tuples(days, days).map(lambda pair: Period(min(pair), max(pair)))


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-Q1", "2024-01-01", "2024-03-31"),
        ("2024-Q4", "2024-10-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-W01", "2024-01-01", "2024-01-07"),
        ("2020-W53", "2020-12-28", "2021-01-03"),
        ("2024-05-01", "2024-05-01", "2024-05-01"),
        ("2024-01-03/2024-06-30", "2024-01-03", "2024-06-30"),
    ],
)
def test_names(name, start, end):
    period = Period.parse(name)
    assert period == Period(date.fromisoformat(start), date.fromisoformat(end))
    assert str(period) == name


def test_an_interval_of_names_spans_both():
    assert Period.parse("2023-Q4/2024") == Period(date(2023, 10, 1), date(2024, 12, 31))


@pytest.mark.parametrize(
    "raw", ["", "24", "2024-Q5", "2024-13", "2023-W53", "2024-02-30", "2024/", "0000", "2024-1", "2024//2025"]
)
def test_refuses(raw):
    with pytest.raises(CommonwealError) as caught:
        Period.parse(raw)
    assert caught.value.code == "period-unreadable"


def test_refuses_an_end_before_the_start():
    with pytest.raises(CommonwealError) as caught:
        Period.parse("2024/2023")
    assert caught.value.code == "period-backwards"


@given(periods)
def test_parse_reads_what_str_prints(period):
    assert Period.parse(str(period)) == period


@given(periods, periods)
def test_contains_and_overlaps_agree_with_days(one, two):
    shared = min(one.end, two.end) - max(one.start, two.start) >= timedelta(0)
    assert one.overlaps(two) == two.overlaps(one) == shared
    assert one.contains(two) == (one.contains(two.start) and one.contains(two.end))
    if one.contains(two):
        assert one.overlaps(two) and one.days >= two.days
