"""Dates as sources write them, read to ISO 8601 and never made more precise than they are."""

from __future__ import annotations

import re
from datetime import date

YEARS = range(1800, 2101)  # anything else is a typing error or not a date

_CLOCK = r"[T ]\d\d(?::?\d\d(?::?\d\d(?:[.,]\d{1,9})?)?)?"
_ZONE = r" ?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)"
_ISO = re.compile(rf"(\d{{4}})(?:-(\d\d)(?:-(\d\d)(?:{_CLOCK}(?:{_ZONE})?)?)?)?")
_YEAR_FIRST = re.compile(r"(\d{4})([/.-])(\d{1,2})(?:\2(\d{1,2}))?")
_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T\d{4}(?:\d\d)?Z?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_TIME = r"(?:,? (?:at )?\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp][Mm])?(?: (?:[A-Z]{1,4}|[+-]\d{4}))?)?"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_DAY_MONTH = re.compile(rf"{_WEEKDAY}(?:{_DAY}[ -](?:of )?)?([a-z]{{3,9}})\.?,?[ -](\d{{4}}){_TIME}", re.I)
_MONTH_DAY = re.compile(rf"{_WEEKDAY}([a-z]{{3,9}})\.? {_DAY},? (\d{{4}}){_TIME}", re.I)

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
         "august aug", "september sept sep", "october oct", "november nov", "december dec"), 1
    )
    for name in names.split()
}  # fmt: skip


def parse_date(raw: object) -> str | None:
    """``raw`` as an ISO date, as precise as known: ``"2024"``, ``"2024-05"`` or ``"2024-05-01"``; None when unreadable.

    Read are ISO 8601 dates and timestamps (the date as written, no change of zone), ``2024/05/01``, ``20240501``,
    RFC 2822, English month names (``May 2024``, ``5 May 2024``, ``May 5, 2024``), ``date`` objects, and integers that
    are a year. Not read: days that do not exist, years outside 1800 to 2100, words of doubt (``circa 2019``), seconds
    since an epoch, and day-month orders that could be either (``03/04/2020``; ``25/12/2020`` can only be one).
    """
    if isinstance(raw, date):  # a datetime is a date too
        return _iso(raw.year, raw.month, raw.day)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return _iso(raw)
    if not isinstance(raw, str) or len(raw) > 64:
        return None
    text = raw.strip()
    if not text.isascii():
        return None
    if len(text) == 10 and text[4] == text[7] == "-" and text[:4].isdigit():  # nearly every date that registries give
        return _iso(int(text[:4]), int(text[5:7]), int(text[8:])) if (text[5:7] + text[8:]).isdigit() else None
    if found := _ISO.fullmatch(text):
        return _iso(*(int(part) for part in found.groups() if part))
    return _read_other(" ".join(text.split()))


def _read_other(text: str) -> str | None:
    if found := _YEAR_FIRST.fullmatch(text):
        return _iso(int(found[1]), int(found[3]), int(found[4]) if found[4] else None)
    if found := _BASIC.fullmatch(text):
        return _iso(int(found[1]), int(found[2]), int(found[3]))
    if found := _YEAR_LAST.fullmatch(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        readings = {_iso(year, second, first), _iso(year, first, second)} - {None}
        return readings.pop() if len(readings) == 1 else None
    if found := _DAY_MONTH.fullmatch(text):
        return _named(found[3], found[2], found[1])
    if found := _MONTH_DAY.fullmatch(text):
        return _named(found[3], found[1], found[2])
    return None


def _named(year: str, month: str, day: str | None) -> str | None:
    number = _MONTHS.get(month.lower())
    return _iso(int(year), number, int(day) if day else None) if number else None


def _iso(year: int, month: int | None = None, day: int | None = None) -> str | None:
    """The ISO form, or None where there is no such day."""
    if year not in YEARS:
        return None
    try:
        date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return None
    return f"{year:04}" + ("" if month is None else f"-{month:02}") + ("" if day is None else f"-{day:02}")
