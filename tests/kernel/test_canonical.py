import hashlib
import json
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.canonical import digest, dumps
from commonweal.kernel.errors import CommonwealError

texts = st.text(st.characters(exclude_categories=["Cs"]))
leaves = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=15
)


@given(values)
def test_round_trip_and_digest(value):
    assert json.loads(dumps(value)) == value
    assert digest(value) == hashlib.sha256(dumps(value)).hexdigest()


@given(st.dictionaries(texts, values, max_size=6), st.randoms())
def test_order_of_keys_does_not_matter(value, random):
    keys = list(value)
    random.shuffle(keys)
    assert dumps({key: value[key] for key in keys}) == dumps(value)


def test_form():
    assert dumps({"b": [1, 2.5, None], "a": "é"}) == '{"a":"é","b":[1,2.5,null]}'.encode()


@dataclass
class Thing:
    name: str = "x"


@pytest.mark.parametrize(
    "value",
    [float("nan"), [None, {"a": float("inf")}], 2**64, {"a": 10**30}, {1: 2}, "\ud800", {1, 2}, Thing(), date(2024, 1, 1), b"x"],
)
def test_refuses_what_is_not_json(value):
    with pytest.raises(CommonwealError) as caught:
        dumps(value)
    assert caught.value.code == "not-json"
