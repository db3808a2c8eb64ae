"""Normalisers of numbers: counts, prices, quantities with units and bounds, money. Shapes: `core/normalise.py`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from commonweal.catalogue.core.expressions import absent
from commonweal.catalogue.core.rejection import Problems, note
from commonweal.kernel.dates import parse_date
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.money import parse as parse_money
from commonweal.kernel.quantities import Quantity
from commonweal.kernel.quantities import parse as parse_quantity


def number(value: Any, field: str, problems: Problems) -> float | None:
    """A finite number, also written as text with commas between thousands."""
    if isinstance(value, str):
        try:
            value = float(value.replace(",", "").strip()) if value.strip() else None
        except ValueError:
            note(problems, field, value, "is not a number")
            return None
    if isinstance(value, bool) or not isinstance(value, int | float | None) or (value is not None and value - value != 0):
        note(problems, field, value, "is not a number")
        return None
    return value


def integer(value: Any, field: str, problems: Problems) -> int | None:
    """A whole number; 128000.0 is one, 0.5 is not."""
    found = number(value, field, problems)
    if found is None or found == int(found):
        return None if found is None else int(found)
    note(problems, field, value, "is not a whole number")
    return None


def decimal(value: Any, field: str, problems: Problems) -> str | None:
    """A decimal number as text without exponent: 5e-08 → "0.00000005"."""
    found = number(value, field, problems)
    return None if found is None else format(Decimal(repr(found)).normalize(), "f")


def quantity(value: Any, field: str, problems: Problems, unit: str = "parameters", scale: float = 1) -> dict[str, Any] | None:
    """A number, `{min, max}`, or text such as "7B", in `unit` after multiplying plain numbers by `scale`."""
    if absent(value):
        return None
    try:
        if isinstance(value, dict):
            low, high = (number(value[end], field, problems) for end in ("min", "max"))
            if low is None or high is None:
                return None
            return Quantity(None, _whole(low * scale), _whole(high * scale), unit).to_json()
        if isinstance(value, str):
            return parse_quantity(value, unit).to_json()
        found = number(value, field, problems)
        return None if found is None else Quantity(_whole(found * scale), unit=unit).to_json()
    except (CommonwealError, KeyError) as error:
        note(problems, field, value, str(error) if isinstance(error, CommonwealError) else "is not a quantity")
        return None


def _whole(value: float) -> float:
    """32.3 thousand millions is a whole number of parameters, whatever floating point says."""
    return round(value) if abs(value) >= 1000 else value


def money(value: Any, field: str, problems: Problems) -> dict[str, Any] | None:
    """`"EUR 1,234.50"` or `{amount, currency, date}`."""
    if absent(value):
        return None
    try:
        if isinstance(value, dict):
            return parse_money(str(value["amount"]), str(value["currency"]), date=parse_date(value.get("date"))).to_json()
        return parse_money(str(value)).to_json()
    except (CommonwealError, KeyError) as error:
        note(problems, field, value, str(error) if isinstance(error, CommonwealError) else "is not an amount of money")
        return None
