from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.money import MAX_MINOR, Money, parse

amounts = st.builds(Money, st.integers(-MAX_MINOR, MAX_MINOR), st.sampled_from(["EUR", "JPY", "KWD", "CLF", "KES", "ISK"]))


@pytest.mark.parametrize(
    ("raw", "currency", "locale", "minor", "code"),
    [
        ("1,234.50", "EUR", None, 123450, "EUR"),
        ("1.234,50", "EUR", None, 123450, "EUR"),
        ("1.234,50 €", None, None, 123450, "EUR"),
        ("EUR 3.5 million", None, None, 350000000, "EUR"),
        ("US$2bn", None, None, 200000000000, "USD"),
        ("-12 USD", None, None, -1200, "USD"),
        ("3 000 XOF", None, None, 3000, "XOF"),
        ("1,000,000 JPY", None, None, 1000000, "JPY"),
        ("12,34,567.50", "INR", None, 123456750, "INR"),
        ("1.234", "EUR", "de", 123400, "EUR"),
        ("1,234", "EUR", "en", 123400, "EUR"),
        ("1 234,5", "EUR", "fr", 123450, "EUR"),
        ("1.234 KWD", None, None, 1234, "KWD"),
        ("0.500", "EUR", None, 50, "EUR"),
    ],
)
def test_parse(raw, currency, locale, minor, code):
    assert parse(raw, currency, locale=locale) == Money(minor, code)


@pytest.mark.parametrize(
    ("raw", "currency", "code"),
    [("1.234", "EUR", "money-ambiguous"), ("1,234", "EUR", "money-ambiguous"), ("12", None, "currency-unknown"),
     ("$5", None, "currency-unknown"), ("5 QQQ", None, "currency-unknown"), ("5 XAU", None, "currency-unknown"),
     ("1.5 JPY", None, "money-precision"), ("1." + "0" * 60 + "1", "EUR", "money-precision"),
     ("EUR 5", "USD", "currency-mismatch"), ("1,23,4.5.6", "EUR", "money-unreadable"),
     ("a lot", "EUR", "money-unreadable"), ("", "EUR", "money-unreadable"), ("9" * 40, "EUR", "money-too-large"),
     ("٣", "EUR", "money-unreadable"), ("5 EUR USD", None, "currency-mismatch")],
)  # fmt: skip
def test_parse_refuses(raw, currency, code):
    with pytest.raises(CommonwealError) as caught:
        parse(raw, currency)
    assert caught.value.code == code


@given(amounts)
def test_parse_reads_what_str_prints(money):
    assert parse(str(money)) == money
    assert Money.from_json(money.to_json()) == money


@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15))
def test_sums_are_exact(one, two):
    total = Money(one, "EUR") + Money(two, "EUR")
    assert total.amount == Decimal(one + two) / 100
    assert total - Money(two, "EUR") == Money(one, "EUR")


def test_only_the_same_currency_adds_up_and_the_date_stays_if_shared():
    with pytest.raises(CommonwealError) as caught:
        Money(1, "EUR") + Money(1, "USD")
    assert caught.value.code == "currency-mismatch"
    assert (Money(1, "EUR", "2024") + Money(1, "EUR", "2024")).date == "2024"
    assert (Money(1, "EUR", "2024") + Money(1, "EUR", "2023")).date is None
