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


@pytest.mark.parametrize("place", [b"[1]", b'["1","2"]', b"[1,1e300]", b"[1,true]", b"7", b"[1,9223372036854775808]"])
def test_wrong_shapes_are_refused(place):
    with pytest.raises(CommonwealError, match="not a place"):
        decode(base64.urlsafe_b64encode(b'["title",%b]' % place).decode(), "title", 2)


def test_a_cursor_of_another_order_is_refused():
    with pytest.raises(CommonwealError, match="not a place"):
        decode(Cursor("newest", keys=(1, 2)).encode(), "title", 2)


def test_a_negative_offset_is_refused():
    with pytest.raises(CommonwealError):
        decode(base64.urlsafe_b64encode(b'["relevance",-1]').decode(), "relevance", 0)
