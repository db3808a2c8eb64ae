"""Quantities: a number with its unit and, where it is not exact, the interval it lies in.

Units, aliases and factors are data (``data/units.json``). A ratio of two units is written ``"gCO2e/kWh"``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from commonweal.kernel.errors import CommonwealError


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value, an interval ``[low, high]`` or both, in ``unit`` (a name in ``data/units.json`` or a ratio ``a/b``).

    Without ``low`` and ``high`` the value is exact. Arithmetic keeps the interval sound: for all numbers within the
    operands' intervals, the floating-point result lies within the result's interval (rounding is monotone).
    Numbers on the other side of an operator are counts (unit ``"1"``).

    Raises:
        CommonwealError: ``quantity-empty`` without value and interval, ``quantity-interval`` for half an interval, one
            that ends before it starts, one without its value, or numbers that are not finite; ``unit-unknown``.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    unit: str = "1"

    def __post_init__(self) -> None:
        numbers = [number for number in (self.low, self.value, self.high) if number is not None]
        if not numbers:
            raise CommonwealError("quantity-empty", "A quantity needs a value or an interval.")
        halved = (self.low is None) != (self.high is None)
        if halved or not all(map(math.isfinite, numbers)) or numbers != sorted(numbers):
            raise CommonwealError(
                "quantity-interval", f"low {self.low}, value {self.value}, high {self.high} is no interval around it.",
                "Give both ends, finite, with low ≤ value ≤ high.",
            )  # fmt: skip
        _dimension(self.unit)

    @property
    def bounds(self) -> tuple[float, float]:
        """(low, high); the value twice when it is exact."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        assert self.value is not None
        return self.value, self.value

    def to(self, unit: str) -> Quantity:
        """The same quantity in another unit of its dimension. Raises ``unit-mismatch``, ``unit-unknown``."""
        if unit == self.unit:
            return self
        if _dimension(unit) != _dimension(self.unit):
            raise CommonwealError("unit-mismatch", f"“{self.unit}” cannot be converted to “{unit}”.")
        factor, divisor = _factor(self.unit), _factor(unit)
        return self._map(lambda number: number * factor / divisor, unit)

    def __add__(self, other: Quantity) -> Quantity:
        return self._combine(other.to(self.unit), lambda a, b: a + b, self.unit)

    def __sub__(self, other: Quantity) -> Quantity:
        return self._combine(other.to(self.unit), lambda a, b: a - b, self.unit)

    def __mul__(self, other: Quantity | float) -> Quantity:
        """Product: of counts, of a ratio and its denominator (``gCO2e/kWh`` × ``kWh``), of power and time."""
        if not isinstance(other, Quantity):
            other = Quantity(other)
        left, right, unit = _product(self, other)
        return left._combine(right, lambda a, b: a * b, unit)

    __rmul__ = __mul__

    def __truediv__(self, other: Quantity | float) -> Quantity:
        """Quotient: a count for equal dimensions, else a ratio. Raises ``quantity-zero`` if the divisor may be 0."""
        if not isinstance(other, Quantity):
            other = Quantity(other)
        low, high = other.bounds
        if low <= 0 <= high:
            raise CommonwealError("quantity-zero", f"Cannot divide by {other}: it may be zero.")
        if _dimension(self.unit) == _dimension(other.unit):
            other, unit = other.to(self.unit), "1"
        elif other.unit == "1":
            unit = self.unit
        elif "/" in self.unit or "/" in other.unit:
            raise CommonwealError("unit-mismatch", f"Cannot divide “{self.unit}” by “{other.unit}”.")
        else:
            unit = f"{self.unit}/{other.unit}"
        return self._combine(other, lambda a, b: a / b, unit)

    def __str__(self) -> str:
        span = "" if self.low is None else f"{self.low:g}–{self.high:g}"
        number = f"{self.value:g} ({span})" if self.value is not None and span else span or f"{self.value:g}"
        return number if self.unit == "1" else f"{number} {self.unit}"

    def to_json(self) -> dict[str, Any]:
        """``{"value", "low", "high", "unit"}``, null for what is not known."""
        return {"value": self.value, "low": self.low, "high": self.high, "unit": self.unit}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Quantity:
        """The inverse of :meth:`to_json`."""
        return cls(**data)

    def _map(self, change: Callable[[float], float], unit: str) -> Quantity:
        value, low, high = (None if number is None else change(number) for number in (self.value, self.low, self.high))
        return Quantity(value, low, high, unit)

    def _combine(self, other: Quantity, operate: Callable[[float, float], float], unit: str) -> Quantity:
        value = None if self.value is None or other.value is None else operate(self.value, other.value)
        if self.low is None and other.low is None:
            return Quantity(value, unit=unit)
        # All four operations are monotone in each operand (a divisor never spans zero): extremes lie at the corners.
        corners = [operate(a, b) for a in self.bounds for b in other.bounds]
        return Quantity(value, min(corners), max(corners), unit)


_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?"
_TEXT = re.compile(
    rf"(?:~|≈|about |approx\. |approximately |around )? ?({_NUMBER})"
    rf"(?: ?(?:(?:-|–|—|to) ?({_NUMBER})|(?:±|\+/-) ?({_NUMBER})))? ?(.*)"
)


def parse(raw: str, unit: str | None = None) -> Quantity:
    """Read ``"7B"``, ``"1.5 kWh"``, ``"10-20 g CO2e"``, ``"2 ± 0.5 h"``, ``"~3 GB"`` (taken as 3 GB), ``"1,500 t"``.

    Args:
        raw: the text; the decimal sign is a point, a comma groups thousands, any other comma is refused.
        unit: the unit when the text states none, e.g. ``"parameters"``. A lone ``K M B T`` is a multiplier
            (``"7B"`` = 7e9) unless ``unit`` is one of information (``"7B"`` = 7 bytes).

    Raises:
        CommonwealError: ``quantity-unreadable``, ``quantity-interval``, ``unit-unknown``.
    """
    found = _TEXT.fullmatch(" ".join(raw.split())) if len(raw) <= 200 else None
    if not found:
        raise CommonwealError("quantity-unreadable", f"“{raw[:80]}” is not a quantity.", "Write a number and a unit: 1.5 kWh.")
    first, last, spread = (float(part.replace(",", "")) if part else None for part in found.group(1, 2, 3))
    scale, name = _suffix(found[4].strip(), unit)
    assert first is not None
    if last is not None:
        return Quantity(None, first * scale, last * scale, name)
    if spread is not None:
        return Quantity(first * scale, (first - spread) * scale, (first + spread) * scale, name)
    return Quantity(first * scale, unit=name)


def _suffix(text: str, unit: str | None) -> tuple[float, str]:
    """(multiplier, unit name) of what follows the number."""
    multipliers = _table()["multipliers"]
    if text in multipliers and not (unit and _dimension(unit) == "information"):
        return multipliers[text], unit or "1"
    head, _, tail = text.partition(" ")
    if tail and head in multipliers:
        return multipliers[head], _name(tail)
    return 1.0, _name(text) if text else unit or "1"


@cache
def _table() -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads((files("commonweal.kernel") / "data" / "units.json").read_bytes())
    return data


@cache
def _units() -> dict[str, tuple[str, str, float]]:
    """Every name and alias → (name, dimension, factor to the dimension's base)."""
    units: dict[str, tuple[str, str, float]] = {}
    for dimension, rows in _table()["dimensions"].items():
        for name, (factor, aliases) in rows.items():
            for known in (name, *aliases):
                units[known] = (name, dimension, factor)
    return units


def _name(text: str) -> str:
    numerator, slash, denominator = text.replace(" per ", "/").partition("/")
    name = _unit(numerator.strip())[0]
    return f"{name}/{_unit(denominator.strip())[0]}" if slash else name


def _unit(name: str) -> tuple[str, str, float]:
    try:
        return _units()[name]
    except KeyError:
        raise CommonwealError("unit-unknown", f"“{name[:40]}” is not a unit known here.", "See data/units.json.") from None


def _dimension(unit: str) -> str:
    return "/".join(_unit(part)[1] for part in unit.split("/", 1))


def _factor(unit: str) -> float:
    numerator, slash, denominator = unit.partition("/")
    return _unit(numerator)[2] / (_unit(denominator)[2] if slash else 1.0)


def _base(dimension: str) -> str:
    units: dict[str, Any] = _table()["dimensions"][dimension]
    return next(iter(units))


def _product(left: Quantity, right: Quantity) -> tuple[Quantity, Quantity, str]:
    """The operands in units that multiply to the returned unit."""
    for one, two in ((left, right), (right, left)):
        if two.unit == "1":
            return left, right, one.unit
        numerator, slash, denominator = one.unit.partition("/")
        if slash and _dimension(denominator) == _dimension(two.unit):
            converted = two.to(denominator)
            return one, converted, numerator
        for first, second, result in _table()["products"]:
            if (_dimension(one.unit), _dimension(two.unit)) == (first, second):
                return one.to(_base(first)), two.to(_base(second)), _base(result)
    raise CommonwealError("unit-mismatch", f"Cannot multiply “{left.unit}” by “{right.unit}”.")
