"""Recent pages: bounded, of one state, never shared between visitors."""

from __future__ import annotations

from django.http import HttpResponse
from hypothesis import given
from hypothesis import strategies as st

from commonweal.node import pages
from commonweal.node.pages import RecentPages


def test_a_kept_page_comes_back_as_a_copy() -> None:
    recent = RecentPages()
    recent.keep("s1", "/a", HttpResponse(b"words", headers={"ETag": "x"}))
    first = recent.get("s1", "/a")
    assert first is not None
    first.headers["ETag"] = "changed"
    again = recent.get("s1", "/a")
    assert again is not None
    assert (again.content, again["ETag"]) == (b"words", "x")


def test_a_change_of_state_forgets_everything() -> None:
    recent = RecentPages()
    recent.keep("s1", "/a", HttpResponse(b"old"))
    assert recent.get("s2", "/a") is None
    recent.keep("s2", "/b", HttpResponse(b"new"))
    assert recent.get("s1", "/a") is None


def test_a_page_too_large_is_not_kept() -> None:
    recent = RecentPages()
    recent.keep("s", "/a", HttpResponse(b"x" * (pages.MOST_BYTES_OF_ONE + 1)))
    assert recent.get("s", "/a") is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=60))
def test_memory_is_bounded_and_the_newest_stays(kept: list[tuple[int, int]]) -> None:
    recent = RecentPages(most_bytes=100)
    for key, size in kept:
        recent.keep("s", key, HttpResponse(b"x" * size))
        newest = recent.get("s", key)
        assert newest is not None
        assert len(newest.content) == size
        assert sum(len(body) for body, _ in recent._pages.values()) == recent._bytes <= 100
