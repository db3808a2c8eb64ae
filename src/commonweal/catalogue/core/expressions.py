"""The words a mapping is written in: dotted paths, constants, templates, conditions, compiled once to plain functions.

An expression is text (a dotted path), a list (every value of every part), or an object with one *root*
(`path value first all template each entries jmespath object`) and *modifiers* applied in the order
`split match map take when as`. docs: how to add a source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError

from commonweal.catalogue.core.source import Item
from commonweal.kernel.errors import CommonwealError

#: (value in hand, the whole item) → value or None.
Expression = Callable[[Any, Item], Any]

ROOTS: Final = ("path", "value", "first", "all", "template", "each", "entries", "jmespath", "object")
MODIFIERS: Final = ("when", "split", "match", "map", "take", "otherwise", "of")

_TOKEN: Final = re.compile(r'"([^"]+)"|([^."\[\]]+)|(\[\])|\.')
_HOLE: Final = re.compile(r"\{([^{}]+)\}")
_SPECIAL: Final[dict[str, Expression]] = {
    "$": lambda value, item: value,
    "$id": lambda value, item: item.native_id,
    "$path": lambda value, item: item.path,
    "$stem": lambda value, item: item.path.rpartition("/")[2].rpartition(".")[0],
    "$folder": lambda value, item: item.path.rpartition("/")[0].rpartition("/")[2],
}


def wrong(where: str, problem: str) -> CommonwealError:
    """The error of a mapping that does not compile."""
    return CommonwealError("mapping-invalid", f"{where}: {problem}.", "See docs: how to add a source.")


def _pattern(text: Any, where: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, TypeError) as error:
        raise wrong(where, f"{text!r} is not a regular expression: {error}") from error


def absent(value: Any) -> bool:
    """Whether a source says nothing by this value. False and 0 say something."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (isinstance(value, list | dict) and not value)


def compile_path(path: str, where: str = "path") -> Expression:
    """`a.b`, `a.0.b`, `a[].b` (every element, flattened), `a."b.c"`, or one of `$ $id $path $stem $folder`.

    A path that begins with `$$.` starts again at the whole item, inside `each`.
    """
    if path in _SPECIAL:
        return _SPECIAL[path]
    if path.startswith("$$."):
        inner = compile_path(path[3:], where)
        return lambda value, item: inner(item.payload, item)
    steps: list[str] = []
    end = 0
    for token in _TOKEN.finditer(path):
        if token.start() != end:
            break
        end = token.end()
        if step := token[1] or token[2] or token[3]:
            steps.append(step)
    if end != len(path) or not steps:
        raise wrong(where, f"{path!r} is not a path")
    if "[]" in steps:
        return _walk_many(steps)
    if len(steps) == 1:
        return _walk_one(steps[0])
    return _walk(steps)


def _walk_one(key: str) -> Expression:
    def walk(value: Any, item: Item) -> Any:
        return value.get(key) if isinstance(value, dict) else step(value, key)

    return walk


def _walk(steps: list[str]) -> Expression:
    def walk(value: Any, item: Item) -> Any:
        for key in steps:
            value = value.get(key) if isinstance(value, dict) else step(value, key)
            if value is None:
                return None
        return value

    return walk


def step(value: Any, key: str) -> Any:
    """One step into a list by its number; nothing else has parts."""
    if isinstance(value, list) and key.isdecimal() and len(key) < 9 and int(key) < len(value):
        return value[int(key)]
    return None


def parts(value: Any) -> Any:
    """What `[]` walks: the elements of a list, the values of an object, a lone value itself."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else (value,)


def _walk_many(steps: list[str]) -> Expression:
    def walk(value: Any, item: Item) -> Any:
        values = [value]
        for key in steps:
            if key == "[]":
                values = [part for one in values for part in parts(one)]
            else:
                values = [one.get(key) if isinstance(one, dict) else step(one, key) for one in values]
            values = [one for one in values if one is not None]
        return values

    return walk


def compile_expression(written: Any, where: str, extra: tuple[str, ...] = ()) -> Expression:
    """Compiles one expression; keys named in `extra` are the caller's own.

    Raises:
        CommonwealError: code `mapping-invalid`, saying where and what.
    """
    if isinstance(written, str):
        return compile_path(written, where)
    if isinstance(written, list):
        return _all([compile_expression(part, where) for part in written])
    if not isinstance(written, dict):
        raise wrong(where, f"{written!r} is not a path, a list or an object; a constant is written {{value: …}}")
    unknown = set(written) - {*ROOTS, *MODIFIERS, *extra}
    if unknown:
        raise wrong(where, f"unknown key {sorted(map(str, unknown))[0]!r}; known: {', '.join((*ROOTS, *MODIFIERS, *extra))}")
    roots = [root for root in ROOTS if root in written]
    if len(roots) != 1:
        raise wrong(where, f"must have exactly one of {', '.join(ROOTS)}")
    expression = _root(roots[0], written, where)
    for name, modify in _MODIFY:
        if name in written:
            expression = modify(expression, written, where)
    return expression


def _root(root: str, written: Mapping[str, Any], where: str) -> Expression:
    said = written[root]
    match root:
        case "path":
            return compile_path(said, where)
        case "value":
            return lambda value, item: said
        case "first" | "all":
            if not isinstance(said, list):
                raise wrong(where, f"{root} needs a list")
            parts = [compile_expression(part, where) for part in said]
            return _first(parts) if root == "first" else _all(parts)
        case "template":
            return _template(said, where)
        case "each":
            return _each(compile_expression(said, where), compile_expression(written.get("of", "$"), where))
        case "entries":
            return _entries(compile_expression(said, where), compile_expression(written.get("of", "$"), where))
        case "object":
            named = [(name, compile_expression(part, where)) for name, part in said.items()]
            return lambda value, item: {name: part(value, item) for name, part in named}
    return _jmespath(said, where)


def _jmespath(text: str, where: str) -> Expression:
    """A JMESPath; where it does not fit the item it finds nothing, as a path does."""
    try:
        search = jmespath.compile(text).search
    except JMESPathError as error:
        raise wrong(where, f"{text!r} is not JMESPath: {error}") from error

    def find(value: Any, item: Item) -> Any:
        try:
            return search(value)
        except JMESPathError:
            return None

    return find


def _first(parts: list[Expression]) -> Expression:
    def first(value: Any, item: Item) -> Any:
        for part in parts:
            if not absent(found := part(value, item)):
                return found
        return None

    return first


def _all(parts: list[Expression]) -> Expression:
    def every(value: Any, item: Item) -> list[Any]:
        found: list[Any] = []
        for part in parts:
            one = part(value, item)
            if isinstance(one, list):
                found.extend(one)
            elif not absent(one):
                found.append(one)
        return found

    return every


def _each(elements: Expression, of: Expression) -> Expression:
    def each(value: Any, item: Item) -> list[Any]:
        found = elements(value, item)
        if found is None:
            return []
        return [of(element, item) for element in (found if isinstance(found, list) else [found])]

    return each


def _entries(objects: Expression, of: Expression) -> Expression:
    """An object with the same keys, each value what `of` finds in it: words by language, say."""

    def entries(value: Any, item: Item) -> dict[str, Any]:
        found = objects(value, item)
        made = {key: of(one, item) for key, one in found.items()} if isinstance(found, dict) else {}
        return {key: one for key, one in made.items() if not absent(one)}

    return entries


def _template(text: str, where: str) -> Expression:
    literals = _HOLE.split(text)
    holes = [compile_path(path, where) for path in literals[1::2]]
    pattern = "".join(f"{literal.replace('%', '%%')}%s" for literal in literals[:-1:2]) + literals[-1].replace("%", "%%")

    def fill(value: Any, item: Item) -> str | None:
        found = [hole(value, item) for hole in holes]
        if any(isinstance(one, list | dict | bool) or absent(one) for one in found):
            return None
        return pattern % tuple(found)

    return fill


def _each_value(expression: Expression, change: Callable[[Any], Any]) -> Expression:
    """Applies `change` to the value, or to every element of a list; None drops the element."""

    def apply(value: Any, item: Item) -> Any:
        found = expression(value, item)
        if isinstance(found, list):
            return [one for one in map(change, found) if one is not None]
        return None if found is None else change(found)

    return apply


def _when(expression: Expression, written: Mapping[str, Any], where: str) -> Expression:
    holds = compile_condition(written["when"], where)
    return lambda value, item: expression(value, item) if holds(value, item) else None


def _split(expression: Expression, written: Mapping[str, Any], where: str) -> Expression:
    separator = _pattern(written["split"], where)

    def split(value: Any, item: Item) -> Any:
        found = expression(value, item)
        texts = found if isinstance(found, list) else [found]
        return [part.strip() for text in texts if isinstance(text, str) for part in separator.split(text) if part.strip()]

    return split


def _match(expression: Expression, written: Mapping[str, Any], where: str) -> Expression:
    pattern = _pattern(written["match"], where)

    def part(value: Any) -> str | None:
        found = pattern.search(value) if isinstance(value, str) else None
        return (found[1] if pattern.groups else found[0]) if found else None

    return _each_value(expression, part)


def _map(expression: Expression, written: Mapping[str, Any], where: str) -> Expression:
    table = {str(key).casefold(): value for key, value in written["map"].items()}
    keep = "otherwise" not in written
    otherwise = written.get("otherwise")
    return _each_value(expression, lambda value: table.get(str(value).strip().casefold(), value if keep else otherwise))


def _take(expression: Expression, written: Mapping[str, Any], where: str) -> Expression:
    """The first of several values, where a property has one; of words by language, the first in each language."""
    if written["take"] != "first":
        raise wrong(where, f"take: {written['take']!r} is not first")

    def first(value: Any) -> Any:
        return next((one for one in value if not absent(one)), None) if isinstance(value, list) else value

    def take(value: Any, item: Item) -> Any:
        found = expression(value, item)
        return {key: first(one) for key, one in found.items()} if isinstance(found, dict) else first(found)

    return take


_MODIFY: Final = (("split", _split), ("match", _match), ("map", _map), ("take", _take), ("when", _when))


def compile_condition(written: Any, where: str) -> Callable[[Any, Item], bool]:
    """`{path, is | in | matches | present}`, `{any: […]}`, `{all: […]}`, `{not: …}`."""
    if not isinstance(written, dict):
        raise wrong(where, "when must be an object")
    if "not" in written:
        inner = compile_condition(written["not"], where)
        return lambda value, item: not inner(value, item)
    for name in ("any", "all"):
        if name in written:
            conditions = [compile_condition(part, where) for part in written[name]]
            if name == "any":
                return lambda value, item: any(holds(value, item) for holds in conditions)
            return lambda value, item: all(holds(value, item) for holds in conditions)
    subject = compile_path(written.get("path", "$"), where)
    tests = set(written) - {"path"}
    if len(tests) != 1:
        raise wrong(where, "when needs a path and exactly one of is, in, matches, present")
    test = tests.pop()
    said = written[test]
    if test == "present":
        return lambda value, item: absent(subject(value, item)) is not said
    if test == "matches":
        pattern = _pattern(said, where)
        return lambda value, item: any(isinstance(one, str) and pattern.search(one) for one in _some(subject(value, item)))
    if test in ("is", "in"):
        wanted = said if test == "in" else [said]
        return lambda value, item: any(one in wanted for one in _some(subject(value, item)))
    raise wrong(where, f"unknown test {test!r}; known: is, in, matches, present")


def _some(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
