"""Periods of whole days, named as ISO 8601 (and SDMX for quarters) names them."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from commonweal.kernel.errors import CommonwealError

_NAME = re.compile(r"(\d{4})(?:-(?:Q([1-4])|W(\d\d)|(\d\d)(?:-(\d\d))?))?")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from ``start`` to ``end``, both included.

    ``str()`` prints the shortest name: ``2024``, ``2024-Q1``, ``2024-05``, ``2024-W05``, ``2024-05-01`` or
    ``2024-01-03/2024-06-30``; :meth:`parse` is its inverse.

    Raises:
        CommonwealError: ``period-backwards`` when ``end`` lies before ``start``.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise CommonwealError("period-backwards", f"The period ends ({self.end}) before it starts ({self.start}).")

    @classmethod
    def parse(cls, raw: str) -> Period:
        """Read a name that ``str()`` prints, or two of them joined by ``/`` (``2023-Q4/2024``).

        Raises:
            CommonwealError: ``period-unreadable``, ``period-backwards``.
        """
        first, slash, last = raw.strip().partition("/")
        start = _read_name(first, raw)
        return cls(start.start, _read_name(last, raw).end) if slash else start

    def __str__(self) -> str:
        for name in _names(self.start):
            if _read_name(name, name) == self:
                return name
        return f"{self.start.isoformat()}/{self.end.isoformat()}"

    @property
    def days(self) -> int:
        """Number of days, at least 1."""
        return (self.end - self.start).days + 1

    def contains(self, other: Period | date) -> bool:
        """Whether every day of ``other`` is a day of this period."""
        if isinstance(other, date):
            return self.start <= other <= self.end
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Period) -> bool:
        """Whether the two share a day."""
        return self.start <= other.end and other.start <= self.end


def _names(day: date) -> tuple[str, ...]:
    """Names of the periods that start on ``day`` if any period of that length does, longest period first."""
    iso = day.isocalendar()
    return (
        f"{day.year:04}",
        f"{day.year:04}-Q{(day.month + 2) // 3}",
        f"{day.year:04}-{day.month:02}",
        f"{iso.year:04}-W{iso.week:02}",
        day.isoformat(),
    )


def _read_name(name: str, raw: str) -> Period:
    found = _NAME.fullmatch(name.strip())
    try:
        if not found:
            raise ValueError
        year, quarter, week, month, day = (int(part) if part else None for part in found.groups())
        assert year is not None
        if week is not None:
            monday = date.fromisocalendar(year, week, 1)
            return Period(monday, monday + 6 * _DAY)
        if day is not None and month is not None:
            only = date(year, month, day)
            return Period(only, only)
        first, last = (month, month) if month is not None else (3 * quarter - 2, 3 * quarter) if quarter else (1, 12)
        return Period(date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]))
    except (ValueError, OverflowError, calendar.IllegalMonthError) as error:
        raise CommonwealError(
            "period-unreadable",
            f"“{raw[:80]}” is not a period.",
            "Write 2024, 2024-Q1, 2024-05, 2024-W05, 2024-05-01 or start/end.",
        ) from error
