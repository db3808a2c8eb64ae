from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.dates import parse_date


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2024", "2024"),
        ("2024-05", "2024-05"),
        (" 2024-05-01 ", "2024-05-01"),
        ("May 2024", "2024-05"),
        ("Sept. 2024", "2024-09"),
        ("5 May 2024", "2024-05-05"),
        ("5th of May 2024", "2024-05-05"),
        ("05-May-2024", "2024-05-05"),
        ("May 5, 2024", "2024-05-05"),
        ("2024/5/1", "2024-05-01"),
        ("20240501", "2024-05-01"),
        ("Tue, 1 Jul 2003 10:52:37 +0200", "2003-07-01"),
        ("2024-05-01T23:59:59.123456+02:00", "2024-05-01"),
        ("2024-05-01 10:00:00 UTC", "2024-05-01"),
        ("25/12/2020", "2020-12-25"),
        ("05/05/2020", "2020-05-05"),
        (2024, "2024"),
        (date(2024, 5, 1), "2024-05-01"),
        (datetime(2024, 5, 1, 12), "2024-05-01"),
    ],
)
def test_reads(raw, expected):
    assert parse_date(raw) == expected


@pytest.mark.parametrize(
    "raw",
    ["circa 2019", "31/02/2020", "03/04/2020", "2024-13", "2024-00", "1799", "2101", "soon", "", None, 1700000000, True, 2024.0,
     "２０２４", "2024-05-01T10:00:00" + "0" * 100, "Foo 2024", "99 May 2024", "2024-02-30"],
)  # fmt: skip
def test_leaves_unread(raw):
    assert parse_date(raw) is None


@given(st.dates(date(1800, 1, 1), date(2100, 12, 31)))
def test_every_day_in_every_unambiguous_form(day):
    iso = day.isoformat()
    for written in (iso, f"{day:%Y/%m/%d}", f"{day:%d %B %Y}", f"{day:%B} {day.day}, {day.year}", f"{iso}T00:00:00Z", day):
        assert parse_date(written) == iso
    assert parse_date(iso[:7]) == iso[:7]


@given(st.one_of(st.text(), st.from_regex(r"[0-9/. :TZ-]{4,20}", fullmatch=True)))
def test_never_raises_and_is_stable(raw):
    read = parse_date(raw)
    assert read is None or parse_date(read) == read
