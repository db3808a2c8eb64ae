"""Seen: a set of record numbers, one bit each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from commonweal.catalogue.core.seen import Seen

NUMBERS = st.lists(st.integers(0, 5000))


@given(NUMBERS, NUMBERS)
def test_it_is_a_set(numbers: list[int], others: list[int]) -> None:
    seen, known = Seen(), set()
    for number in numbers:
        assert seen.add(number) == (number not in known)
        known.add(number)
    assert len(seen) == len(known)
    assert seen.absent(others) == [number for number in others if number not in known]


@given(NUMBERS, st.randoms(use_true_random=False))
def test_packing_keeps_it_and_does_not_depend_on_order(numbers: list[int], random: object) -> None:
    one, other = Seen(), Seen()
    for number in numbers:
        one.add(number)
    for number in sorted(numbers):
        other.add(number)
    assert one.packed() == other.packed()
    again = Seen(one.packed())
    assert len(again) == len(one)
    assert all(number in again for number in numbers)


def test_a_million_contiguous_numbers_pack_small() -> None:
    seen = Seen()
    for number in range(1_000_000):
        seen.add(number)
    assert len(seen.packed()) < 2_000
