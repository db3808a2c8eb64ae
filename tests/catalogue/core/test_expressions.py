"""The words a mapping is written in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.catalogue.core.expressions import compile_condition, compile_expression, compile_path
from commonweal.catalogue.core.source import Item

THING = {
    "name": "corpus",
    "a.b": 1,
    "none": None,
    "zero": 0,
    "parts": [{"url": "x", "tags": ["p", "q"]}, {"url": "y"}, "odd", {"tags": "r"}],
    "langs": {"one": ["sw", "ha"], "two": ["yo"]},
    "deep": {"er": {"est": 7}},
}


def say(written: Any, payload: Any = THING, path: str = "models/Pythia-1B.yml") -> Any:
    return compile_expression(written, "test")(payload, Item("s", "id-1", payload, path))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("name", "corpus"),
        ("missing", None),
        ("deep.er.est", 7),
        ("deep.er.est.more", None),
        ('"a.b"', 1),
        ("parts.1.url", "y"),
        ("parts.9.url", None),
        ("parts.-1", None),
        ("parts[].url", ["x", "y"]),
        ("parts[].tags[]", ["p", "q", "r"]),
        ("langs[][]", ["sw", "ha", "yo"]),
        ("missing[].x", []),
        ("$", THING),
        ("$id", "id-1"),
        ("$path", "models/Pythia-1B.yml"),
        ("$stem", "Pythia-1B"),
        ("$folder", "models"),
    ],
)
def test_paths(path: str, found: Any) -> None:
    assert say(path) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({"value": [1]}, [1]),
        ({"first": ["missing", "none", "zero", "name"]}, 0),
        (["name", "parts[].url", "missing"], ["corpus", "x", "y"]),
        ({"template": "hf:{name}/{deep.er.est}"}, "hf:corpus/7"),
        ({"template": "100 % {name}"}, "100 % corpus"),
        ({"template": "hf:{missing}"}, None),
        ({"template": "hf:{parts}"}, None),
        ({"each": "parts", "of": {"template": "{url}!"}}, ["x!", "y!", None, None]),
        ({"each": "langs.two", "of": {"template": "{$$.name}-{$}"}}, ["corpus-yo"]),
        ({"jmespath": "parts[?url=='y'].url | [0]"}, "y"),
        ({"jmespath": "sum(name)"}, None),
        ({"object": {"en": "name"}}, {"en": "corpus"}),
        ({"value": "a, b;c,", "split": "[,;]"}, ["a", "b", "c"]),
        ({"value": ["x.1", "y"], "match": r"^x\.(\d)$"}, ["1"]),
        ({"value": ["Open", "odd"], "map": {"open": "yes"}}, ["yes", "odd"]),
        ({"value": ["Open", "odd"], "map": {"open": "yes"}, "otherwise": None}, ["yes"]),
        ({"value": True, "map": {"true": "yes"}}, "yes"),
        ({"path": "name", "when": {"path": "zero", "is": 0}}, "corpus"),
        ({"path": "name", "when": {"path": "zero", "is": 1}}, None),
    ],
)
def test_expressions(written: Any, found: Any) -> None:
    assert say(written) == found


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"path": "name", "present": True}, True),
        ({"path": "none", "present": True}, False),
        ({"path": "none", "present": False}, True),
        ({"path": "name", "in": ["corpus", "other"]}, True),
        ({"path": "langs.one", "is": "ha"}, True),
        ({"path": "name", "matches": "^cor"}, True),
        ({"path": "zero", "matches": "0"}, False),
        ({"not": {"path": "name", "is": "corpus"}}, False),
        ({"any": [{"path": "zero", "is": 1}, {"path": "name", "is": "corpus"}]}, True),
        ({"all": [{"path": "zero", "is": 1}, {"path": "name", "is": "corpus"}]}, False),
    ],
)
def test_conditions(condition: Any, holds: bool) -> None:
    assert compile_condition(condition, "test")(THING, Item("s", "i", THING)) is holds


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


@given(JSON, st.lists(st.sampled_from(["a", "b", "0", "[]"]), min_size=1, max_size=4))
def test_a_path_walks_any_payload_without_an_error(payload: Any, steps: list[str]) -> None:
    path = ".".join(steps).replace(".[]", "[]")
    found = compile_path(path)(payload, Item("s", "i", payload))
    if "[]" in steps:
        assert isinstance(found, list)
        assert None not in found
