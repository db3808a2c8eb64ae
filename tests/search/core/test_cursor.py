"""Cursors come back as they went out, and nothing else is taken for one."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.errors import CommonwealError
from commonweal.search.core.cursor import Cursor, decode

KEYS = st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=5).map(tuple)


@given(KEYS)
def test_keys_round_trip(keys):
    cursor = Cursor("title", keys=keys)
    assert decode(cursor.encode(), "title", len(keys)) == cursor


@given(st.integers(0, 2**40))
def test_offset_round_trips(offset):
    cursor = Cursor("relevance", offset=offset)
    assert decode(cursor.encode(), "relevance", 0) == cursor


@given(st.text())
def test_any_other_text_is_refused(text):
    try:
        decode(text, "title", 2)
    except CommonwealError as error:
        assert error.code == "cursor-invalid"
    else:
        assert decode(text, "title", 2).encode().rstrip("=") == text.rstrip("=")


@pytest.mark.parametrize(
    "value",
    [b'["title",[1]]', b'["title",["1","2"]]', b'["title",[1,1e300]]', b'["title",[1,true]]', b'["newest",[1,2]]', b"[]", b"1"],
)
def test_wrong_shapes_are_refused(value):
    with pytest.raises(CommonwealError, match="not a place"):
        decode(base64.urlsafe_b64encode(value).decode(), "title", 2)


def test_a_negative_offset_is_refused():
    with pytest.raises(CommonwealError):
        decode(base64.urlsafe_b64encode(b'["relevance",-1]').decode(), "relevance", 0)
