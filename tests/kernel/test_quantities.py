import operator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.quantities import Quantity, parse

numbers = st.floats(-1e9, 1e9)


@st.composite
def intervals(draw):
    low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    return Quantity(draw(st.sampled_from([None, value])), low, high, "1")


@pytest.mark.parametrize(
    ("raw", "unit", "expected"),
    [
        ("7B", "parameters", Quantity(7e9, unit="parameters")),
        ("7B", None, Quantity(7e9)),
        ("7B", "GB", Quantity(7, unit="B")),
        ("1.5 kWh", None, Quantity(1.5, unit="kWh")),
        ("10-20 g CO2e", None, Quantity(None, 10, 20, "gCO2e")),
        ("10 to 20 t", None, Quantity(None, 10, 20, "t")),
        ("~3 GB", None, Quantity(3, unit="GB")),
        ("2 ± 0.5 h", None, Quantity(2, 1.5, 2.5, "h")),
        ("1,500 t", None, Quantity(1500, unit="t")),
        ("1.5 million tokens", None, Quantity(1.5e6, unit="tokens")),
        ("400 gCO2e/kWh", None, Quantity(400, unit="gCO2e/kWh")),
        ("400 g CO2e per kWh", None, Quantity(400, unit="gCO2e/kWh")),
        ("1e9", "FLOP", Quantity(1e9, unit="FLOP")),
    ],
)
def test_parse(raw, unit, expected):
    assert parse(raw, unit) == expected


@pytest.mark.parametrize(
    ("raw", "code"),
    [("", "quantity-unreadable"), ("many", "quantity-unreadable"), ("5 furlongs", "unit-unknown"), ("1,5 kWh", "unit-unknown"),
     ("20-10 g", "quantity-interval"), ("1e999 g", "quantity-interval"), ("1" * 300, "quantity-unreadable")],
)  # fmt: skip
def test_parse_refuses(raw, code):
    with pytest.raises(CommonwealError) as caught:
        parse(raw)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("one", "unit", "value"),
    [("1 kWh", "MJ", 3.6), ("1 MWh", "kWh", 1000), ("2 t", "kg", 2000), ("1 m3", "L", 1000), ("1 GiB", "B", 2**30),
     ("1 GB", "kB", 1e6), ("90 min", "h", 1.5), ("1 tCO2e", "gCO2e", 1e6), ("0.4 kgCO2e/kWh", "gCO2e/kWh", 400)],
)  # fmt: skip
def test_conversion(one, unit, value):
    assert parse(one).to(unit).value == pytest.approx(value)


def test_units_follow_the_arithmetic():
    assert (parse("400 gCO2e/kWh") * parse("2 MWh")).to("tCO2e").value == pytest.approx(0.8)
    assert (parse("300-400 W") * parse("2 h")).to("kWh").bounds == pytest.approx((0.6, 0.8))
    assert (parse("1 kg") / parse("2 g")) == Quantity(500.0)
    assert (parse("8 g") / parse("2 kWh")).unit == "g/kWh"
    assert (parse("1 kWh") + parse("500 Wh")).value == pytest.approx(1.5)


@pytest.mark.parametrize("act", [lambda: parse("1 kg") + parse("1 h"), lambda: parse("1 kg") * parse("1 h"),
                                 lambda: parse("1 kg").to("kgCO2e")])  # fmt: skip
def test_units_that_do_not_fit_are_refused(act):
    with pytest.raises(CommonwealError) as caught:
        act()
    assert caught.value.code == "unit-mismatch"


def test_division_by_what_may_be_zero_is_refused():
    with pytest.raises(CommonwealError) as caught:
        Quantity(1.0) / Quantity(None, -1, 1)
    assert caught.value.code == "quantity-zero"


@pytest.mark.parametrize("numbers", [(None, None, None), (1, 0, None), (5, 0, 4), (float("nan"), None, None)])
def test_what_is_no_quantity_is_refused(numbers):
    with pytest.raises(CommonwealError):
        Quantity(*numbers)


@given(intervals(), intervals(), st.floats(0, 1), st.floats(0, 1),
       st.sampled_from([operator.add, operator.sub, operator.mul, operator.truediv]))  # fmt: skip
def test_intervals_contain_every_pointwise_result(one, two, here, there, operate):
    if operate is operator.truediv:
        assume(not two.bounds[0] <= 0 <= two.bounds[1] and min(map(abs, two.bounds)) > 1e-9)
    result = operate(one, two)
    point = [min(max(q.bounds[0] + at * (q.bounds[1] - q.bounds[0]), q.bounds[0]), q.bounds[1])
             for q, at in ((one, here), (two, there))]  # fmt: skip
    assert result.bounds[0] <= operate(*point) <= result.bounds[1]
    if result.value is not None:
        assert result.bounds[0] <= result.value <= result.bounds[1]


@given(intervals())
def test_json_round_trip(quantity):
    assert Quantity.from_json(quantity.to_json()) == quantity
