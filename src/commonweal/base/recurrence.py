"""When something that recurs is next due: five cron fields, or ``@every 6h``. Pure.

Written here rather than taken from a package, because what a node needs of cron is this page, and the packages that exist
change hands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from commonweal.kernel.errors import CommonwealError

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
HORIZON_DAYS = 366 * 8  # 29 February may be eight years away

HINT = 'Five fields "minute hour day month weekday", e.g. "0 3 * * *" for every night at three, or "@every 6h".'


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule, read. Either ``every`` is set or the five sets of cron are."""

    every: timedelta | None = None
    minutes: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()  # 0 is Sunday
    either_day: bool = False  # cron's rule: when both day fields are restricted, one of them is enough

    def matches(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_month, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_month or by_week if self.either_day else by_month and by_week

    def next_time(self, after: datetime, zone: ZoneInfo) -> datetime:
        """The first due moment later than ``after`` (aware), in UTC; cron fields are wall-clock time in ``zone``.

        A time that the clock skips in spring is due an hour later, one that comes twice in autumn is due once.
        """
        if self.every:
            return after.astimezone(UTC) + self.every
        first = after.astimezone(zone).date()
        for day in (first + timedelta(days=n) for n in range(HORIZON_DAYS)):
            if not self.matches(day):
                continue
            for hour, minute in product(self.hours, self.minutes):
                moment = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
                if moment > after:
                    return moment
        raise CommonwealError("schedule-invalid", "This schedule never comes due.", HINT)


def parse_recurrence(rule: str) -> Recurrence:
    """Read a rule. Raises CommonwealError ``schedule-invalid``, naming the field that is wrong."""
    if match := re.fullmatch(r"@every ([1-9]\d{0,4})([mhd])", rule.strip()):
        return Recurrence(every=int(match[1]) * UNITS[match[2]])
    parts = rule.split()
    if len(parts) != len(FIELDS):
        raise CommonwealError("schedule-invalid", f"Schedule {rule!r} does not have five fields.", HINT)
    minutes, hours, days, months, weekdays = (_field(part, *field) for part, field in zip(parts, FIELDS, strict=True))
    return Recurrence(
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=days,
        months=months,
        weekdays=frozenset(day % 7 for day in weekdays),
        either_day=parts[2] != "*" and parts[4] != "*",
    )


def _field(text: str, name: str, low: int, high: int) -> frozenset[int]:
    """``*``, ``*/5``, ``3``, ``1-5``, ``1-31/2``, ``mon-fri``, and lists of them, as numbers."""
    found: set[int] = set()
    for item in text.lower().split(","):
        if name == "weekday":
            item = re.sub("[a-z]{3}", lambda match: str(_weekday(match[0])), item)
        match = re.fullmatch(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?", item)
        if match is None:
            raise CommonwealError("schedule-invalid", f"{text!r} is not a {name} of a schedule.", HINT)
        start = int(match[1]) if match[1] else low
        end = int(match[2]) if match[2] else high if not match[1] or match[3] else start
        step = int(match[3] or 1)
        if not (low <= start <= end <= high and step):
            raise CommonwealError("schedule-invalid", f"{text!r} is not a {name} from {low} to {high}.", HINT)
        found.update(range(start, end + 1, step))
    return frozenset(found)


def _weekday(name: str) -> int:
    if name not in WEEKDAYS:
        raise CommonwealError("schedule-invalid", f"{name!r} is not a day of the week.", HINT)
    return WEEKDAYS.index(name)
