"""Values read from Python source text without running it."""

from __future__ import annotations

from typing import Any

import pytest

from commonweal.catalogue.core.ast_literals import Call, NotLiteral, Sources, plain

MODULES = {
    "shop.common": "LANGS = ['sw', 'ha']\nBASE = {'a': 1, 'loader': open}\nLOOP = LOOP2\nLOOP2 = LOOP\nTWICE = 1\nTWICE = 2\n",
    "shop.more": "from .common import LANGS as L\nMORE = [*L, 'yo']\n",
    "shop.broken": "def (",
}


def calls(text: str, **omit: list[str]) -> list[Call]:
    wanted = {"Item": frozenset(omit.get("omit", ()))}
    return list(Sources(MODULES.get).calls("shop.things", text, wanted))


def value(expression: str, before: str = "") -> Any:
    [call] = calls(f"{before}\nItem(x={expression})")
    assert not call.problems, call.problems
    return call.values["x"]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("1_000", 1000),
        ("-1.5", -1.5),
        ("7 * 10**9", 7_000_000_000),
        ("'a' 'b'", "ab"),
        ("f'{\"a\"}-{1}'", "a-1"),
        ("(1, 'two', None, True)", [1, "two", None, True]),
        ("{'b', 'a'} | {'c'}", ["a", "b", "c"]),
        ("['a'] + ['b']", ["a", "b"]),
        ("{**{'a': 1}, 'b': 2}", {"a": 1, "b": 2}),
        ("dict(a=1, b=[2])", {"a": 1, "b": [2]}),
        ("list({'a': 1}.keys())", ["a"]),
        ("sorted(['b', 'a'])", ["a", "b"]),
        ("{'a': {'b': 3}}['a']['b']", 3),
        ("[x + '-Latn' for x in ['sw', 'ha']]", ["sw-Latn", "ha-Latn"]),
        ("{a: b for a, b in {'x': 1}.items()}", {"x": 1}),
        ("[a + b for a in 'xy' for b in '12']", ["x1", "x2", "y1", "y2"]),
        ("' A '.strip().lower()", "a"),
    ],
)
def test_values(expression: str, found: Any) -> None:
    assert value(expression) == found


@pytest.mark.parametrize(
    ("before", "expression", "found"),
    [
        ("A = ['x']\nB = A + ['y']", "B", ["x", "y"]),
        ("from .common import LANGS", "LANGS", ["sw", "ha"]),
        ("from shop.more import MORE", "MORE", ["sw", "ha", "yo"]),
    ],
)
def test_names(before: str, expression: str, found: Any) -> None:
    assert value(expression, before) == found


def test_names_of_a_class() -> None:
    [call] = calls("NAME = 'm'\nclass C:\n    NAME = 'c'\n    metadata = Item(x=NAME)\n")
    assert call.values == {"x": "c"}


def test_an_opened_dict_gives_what_can_be_read_of_it() -> None:
    [call] = calls("from .common import BASE\nOWN = dict(b=2, loader=f)\nItem(**OWN, **{'c': 3}, omitted=g())", omit=["omitted"])
    assert call.values == {"b": 2, "c": 3}
    assert [problem["field"] for problem in call.problems] == ["loader"]


@pytest.mark.parametrize(
    "expression",
    [
        "open('/etc/passwd').read()",
        "__import__('os').system('id')",
        "eval('1')",
        "unknown",
        "(lambda: 1)()",
        "().__class__",
        "'{0.__class__}'.format(1)",
        "'a' * 10**9",
        "[0] * 10**9",
        "10**10**10",
        "1 / 0",
        "{}['a']",
        "[x for x in [1] if x]",
        "b'bytes'",
        "float('inf')",
        "[a for a in range(10**9)]",
        "-" * 1_000 + "1",
    ],
)
def test_everything_else_is_left_out_and_said(expression: str) -> None:
    [call] = calls(f"Item(good=1, x={expression})")
    assert call.values == {"good": 1}
    assert [problem["field"] for problem in call.problems] == ["x"]
    assert len(call.problems[0]["value"]) <= 200


@pytest.mark.parametrize("name", ["LOOP", "TWICE", "MISSING"])
def test_names_without_one_value(name: str) -> None:
    [call] = calls(f"from .common import {name}\nItem(x={name})")
    assert call.values == {}


def test_values_may_not_grow_without_end() -> None:
    doubling = "A0 = ['x', 'y']\n" + "".join(f"A{n} = A{n - 1} + A{n - 1}\n" for n in range(1, 40))
    [call] = calls(f"{doubling}Item(x=A39)")
    assert call.values == {}
    laughing = "A0 = ['x']\n" + "".join(f"A{n} = [{', '.join([f'A{n - 1}'] * 9)}]\n" for n in range(1, 12))
    [call] = calls(f"{laughing}Item(x=A11, y=f'{{A11}}', z=str(A11))")
    assert call.values == {}
    squared = "A0 = 10\n" + "".join(f"A{n} = A{n - 1} * A{n - 1}\n" for n in range(1, 40))
    [call] = calls(f"{squared}Item(x=A39)")
    assert call.values == {}


def test_a_broken_sibling_costs_its_names_only() -> None:
    [call] = calls("from .broken import X\nItem(x=X, y=1)")
    assert call.values == {"y": 1}


def test_what_is_not_python_raises_what_the_reader_expects() -> None:
    with pytest.raises(SyntaxError):
        calls("def (")


def test_plain_refuses_what_json_has_no_form_for() -> None:
    for value in (b"", float("nan"), ..., object()):
        with pytest.raises(NotLiteral):
            plain(value)
