"""Money: whole minor units of an ISO 4217 currency. No floats anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol

from commonweal.kernel.errors import CommonwealError

MAX_MINOR = 2**63 - 1  # what a database's integer and JSON readers hold


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents) of ``currency`` (ISO 4217 code), in the prices of ``date`` (ISO date) if known.

    Raises:
        CommonwealError: ``currency-unknown``; ``money-too-large`` beyond 63 bits.
    """

    minor: int
    currency: str
    date: str | None = None

    def __post_init__(self) -> None:
        _exponent(self.currency)
        if abs(self.minor) > MAX_MINOR:
            raise CommonwealError("money-too-large", f"{self.minor} minor units are more than can be stored.")

    @property
    def amount(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-_exponent(self.currency))

    def __add__(self, other: Money) -> Money:
        """The sum; the date stays only if both have it. Raises ``currency-mismatch``."""
        return self._combined(other, self.minor + other.minor if self.currency == other.currency else 0)

    def __sub__(self, other: Money) -> Money:
        """The difference; as for the sum."""
        return self._combined(other, self.minor - other.minor if self.currency == other.currency else 0)

    def _combined(self, other: Money, minor: int) -> Money:
        if self.currency != other.currency:
            raise CommonwealError(
                "currency-mismatch",
                f"{self.currency} and {other.currency} cannot be added.",
                "Convert one of them first.",
            )
        return Money(minor, self.currency, self.date if self.date == other.date else None)

    def __str__(self) -> str:
        """``EUR 1234.50``, which :func:`parse` reads back."""
        return f"{self.currency} {self.amount:.{_exponent(self.currency)}f}"

    def to_json(self) -> dict[str, Any]:
        """``{"minor", "currency", "date"}``."""
        return {"minor": self.minor, "currency": self.currency, "date": self.date}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Money:
        """The inverse of :meth:`to_json`."""
        return cls(**data)


_WORD = r"[^\d\s.,'’-]*"
_TEXT = re.compile(
    rf"(?P<sign>[-−]?) ?(?P<before>{_WORD}) ?(?P<inner>[-−]?)(?P<number>\d[\d.,'’ ]*?)"
    rf" ?(?P<after>{_WORD})(?: (?P<last>[^\d\s]\S*))?",
    re.ASCII,
)


def parse(raw: str, currency: str | None = None, *, locale: str | None = None, date: str | None = None) -> Money:
    """Read ``"1,234.50"``, ``"EUR 3.5 million"``, ``"1.234,50 €"``, ``"-12 USD"``.

    Args:
        currency: the ISO 4217 code when the text states none; one that the text states must be the same.
        locale: a language tag whose decimal and grouping signs the text uses; without it ``1.234`` is refused.
        date: kept with the amount.

    Raises:
        CommonwealError: ``money-unreadable``, ``money-ambiguous``, ``money-precision`` (more digits than the currency
            has), ``currency-unknown``, ``currency-mismatch``, ``money-too-large``, ``locale-unknown``.
    """
    found = _TEXT.fullmatch(" ".join(raw.split())) if len(raw) <= 100 else None
    if not found or (found["sign"] and found["inner"]):
        raise _unreadable(raw)
    scale = 1
    for word in (found["before"], found["after"], found["last"]):
        if not word:
            continue
        if (factor := _table()["multipliers"].get(word.lower())) and scale == 1 and word != found["before"]:
            scale = factor
            continue
        stated = _currency(word)
        if currency is not None and stated != currency:
            raise CommonwealError("currency-mismatch", f"“{raw}” states {stated}, not {currency}.")
        currency = stated
    if currency is None:
        raise CommonwealError("currency-unknown", f"“{raw}” states no currency.", "Add its ISO 4217 code, e.g. EUR.")
    exponent = _exponent(currency)
    number = _decimal(found["number"], raw, locale, exponent if scale == 1 else None)
    minor = Fraction(number) * scale * 10**exponent  # exact, where Decimal would round at 28 digits
    if minor.denominator != 1:
        raise CommonwealError("money-precision", f"“{raw}” has more decimals than {currency} has ({exponent}).")
    return Money(-int(minor) if found["sign"] or found["inner"] else int(minor), currency, date)


def _decimal(text: str, raw: str, locale: str | None, exponent: int | None) -> Decimal:
    """The number; ``exponent`` is that of the currency, None where a multiplier follows."""
    if locale:
        try:
            parsed = Locale.parse(locale.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            raise CommonwealError("locale-unknown", f"“{locale}” is not a locale known here.") from None
        decimal, group = get_decimal_symbol(parsed), get_group_symbol(parsed)
        group = " " if group.isspace() else group
        return _grouped(text.replace("’", "'"), decimal, group.replace("’", "'"), raw)
    signs = re.sub(r"\d", "", text.replace("’", "'"))
    kinds = set(signs)
    if not signs:
        return Decimal(text)
    last = signs[-1]
    printed = exponent == 3 and last == "."  # as str() prints a currency with three decimals
    if len(kinds) == 1 and last in ".,":
        tail = len(text) - text.rindex(last) - 1
        if len(signs) == 1 and tail == 3 and not printed and len(text) <= 7 and not text.startswith("0"):
            raise CommonwealError(
                "money-ambiguous",
                f"“{raw}” can be read in two ways.",
                "Say whose signs it uses (locale), or write both signs.",
            )
        if len(signs) == 1:
            return _grouped(text, last, "", raw)
    if len(kinds) == 1:
        return _grouped(text.replace("’", "'"), "", last, raw)
    if len(kinds) == 2 and signs.count(last) == 1 and last in ".,":
        return _grouped(text.replace("’", "'"), last, signs[0], raw)
    raise _unreadable(raw)


def _grouped(text: str, decimal: str, group: str, raw: str) -> Decimal:
    whole, _, fraction = text.partition(decimal) if decimal else (text, "", "")
    groups = whole.split(group) if group else [whole]
    # India groups by two above the thousand: 12,34,567.
    sound = len(groups) == 1 or (len(groups[-1]) == 3 and all(len(part) in (2, 3) for part in groups[1:]) and len(groups[0]) <= 3)
    if not sound or not all(part.isascii() and part.isdigit() for part in (*groups, fraction or "0")):
        raise _unreadable(raw)
    return Decimal(f"{''.join(groups)}.{fraction or '0'}")


def _unreadable(raw: str) -> CommonwealError:
    return CommonwealError("money-unreadable", f"“{raw[:80]}” is not an amount of money.", "Write it as EUR 1234.50.")


@cache
def _table() -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads((files("commonweal.kernel") / "data" / "currencies.json").read_bytes())
    return data


def _currency(word: str) -> str:
    code: str = _table()["symbols"].get(word, word)
    _exponent(code)
    return code


@cache
def _codes() -> frozenset[str]:
    return frozenset(Locale("en").currencies) - frozenset(_table()["not_money"])


@cache
def _exponent(currency: str) -> int:
    """Decimal digits of the minor unit."""
    if currency not in _codes():
        raise CommonwealError(
            "currency-unknown", f"“{currency[:20]}” is not an ISO 4217 currency code.", "Use three letters, e.g. KES."
        )
    for digits, codes in _table()["exponents"].items():
        if currency in codes:
            return int(digits)
    return int(_table()["exponent_default"])
