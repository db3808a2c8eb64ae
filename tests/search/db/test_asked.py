"""The address of a search with one filter value more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from commonweal.search.pages import Asked

words = st.text(max_size=8)
filters = st.lists(st.tuples(st.sampled_from(["kind", "topic"]), st.text(min_size=1, max_size=5)), max_size=3, unique=True)


@given(words, filters, words, words, st.text(min_size=1, max_size=5))
def test_adding_a_value_is_toggling_one_that_is_not_chosen(q, chosen, sort, more, value):
    asked = Asked(q, tuple(chosen), sort, "after", more)
    if ("topic", value) not in chosen:
        assert asked.adding("topic")(value) == asked.toggled("topic", value).href
