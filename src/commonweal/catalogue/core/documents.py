"""Bytes of a JSON, YAML, TOML or text file → a JSON-able document, under limits, nothing executed.

YAML is read more strictly than its 1.1 rules: only `true` and `false` are booleans (a country `no` stays text), dates stay
text, so do numbers that would not print back as written, and every tag outside JSON's types is refused.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Hashable, Iterator
from datetime import date, time
from typing import Any, Final, NoReturn

import yaml

#: A document larger than this is refused.
MAX_DOCUMENT_BYTES: Final = 64 * 1024 * 1024
#: Objects and lists inside each other.
MAX_DEPTH: Final = 100
#: Nodes a YAML document may have once its aliases are written out.
MAX_YAML_NODES: Final = 2_000_000

#: The key under which an object says what was odd about it when it was read; mappings take it over.
NOTES: Final = "$problems"

Problem = dict[str, str]


class Unreadable(Exception):  # noqa: N818 (a finding, not a fault)
    """The bytes are not a document of the format, or exceed a limit; the text says which."""


def read_document(format: str, data: bytes) -> tuple[Any, list[Problem]]:
    """The document, and what is odd about it although it can be read (duplicate keys; also noted in the object itself).

    Raises:
        Unreadable: not the format, or beyond a limit.
    """
    if len(data) > MAX_DOCUMENT_BYTES:
        raise Unreadable(f"{len(data)} bytes, more than the limit of {MAX_DOCUMENT_BYTES}")
    problems: list[Problem] = []
    document = _READERS[format](_text(data), problems)
    if too_deep(document):
        raise Unreadable(f"nested more than {MAX_DEPTH} deep")
    return document, problems


def too_deep(document: Any) -> bool:
    """Whether lists and objects lie more than MAX_DEPTH inside each other; walks level by level, without recursion."""
    level = [document] if type(document) in _CONTAINERS else []
    for _ in range(MAX_DEPTH + 1):
        if not level:
            return False
        deeper = []
        for node in level:
            for part in node.values() if type(node) is dict else node:
                if type(part) in _CONTAINERS:
                    deeper.append(part)
        level = deeper
    return True


_CONTAINERS: Final = frozenset({dict, list})  # exactly what the readers make


def _text(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 at byte {error.start}") from error


def _twice(keys: list[str], problems: list[Problem]) -> list[Problem]:
    """A problem for each key that occurs more than once."""
    seen: set[str] = set()
    again = dict.fromkeys(key for key in keys if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    found = [{"field": key[:200], "value": "", "problem": "the key occurs twice; the last value counts"} for key in again]
    problems += found
    return found


def _json(text: str, problems: list[Problem]) -> Any:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) != len(found):
            made[NOTES] = _twice([key for key, _ in found], problems)
        return made

    def constant(name: str) -> NoReturn:
        raise Unreadable(f"{name} is not JSON")

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant, parse_float=_finite)
    except RecursionError as error:
        raise Unreadable(f"nested more than {MAX_DEPTH} deep") from error
    except ValueError as error:
        raise Unreadable(f"not JSON: {error}") from error


def _finite(text: str) -> float:
    value = float(text)
    if value - value != 0:
        raise Unreadable(f"{text} is too large for a number")
    return value


def _toml(text: str, problems: list[Problem]) -> Any:
    try:
        return _jsonable(tomllib.loads(text))
    except RecursionError as error:
        raise Unreadable(f"nested more than {MAX_DEPTH} deep") from error
    except ValueError as error:
        raise Unreadable(f"not TOML: {error}") from error


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _jsonable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_jsonable(part) for part in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value - value != 0:
        raise Unreadable(f"{value} has no JSON form")
    return value


class _Loader(yaml.CSafeLoader):
    """The safe loader with JSON's types only: see the module's docstring."""

    problems: list[Problem]

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        own = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"]
        twice = _twice(own, self.problems) if len(set(own)) != len(own) else []
        self.flatten_mapping(node)
        made: dict[Hashable, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise Unreadable(f"line {key.start_mark.line + 1}: a key must be plain text")
            made[key.value] = self.construct_object(value, deep=True)
        if twice:
            made[NOTES] = twice
        return made

    def refuse(self, node: yaml.Node) -> NoReturn:
        raise Unreadable(f"line {node.start_mark.line + 1}: the tag {node.tag} is refused")

    def number(self, node: yaml.ScalarNode) -> int | float | str:
        """A number only when printing it gives back what was written: version 1.10 is not 1.1."""
        text = str(node.value)
        for kind in (int, float):
            try:
                if str(value := kind(text)) == text:
                    return value
            except ValueError:
                continue
        return text


_TRUE_FALSE: Final = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_NUMBER: Final = re.compile(r"^[-+]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$")
_TAG: Final = "tag:yaml.org,2002:"

_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag in (f"{_TAG}null", f"{_TAG}merge")]
    for first, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(f"{_TAG}bool", _TRUE_FALSE, list("tTfF"))
_Loader.add_implicit_resolver(f"{_TAG}float", _NUMBER, list("-+0123456789"))
_Loader.yaml_constructors = {
    f"{_TAG}null": yaml.CSafeLoader.construct_yaml_null,
    f"{_TAG}bool": yaml.CSafeLoader.construct_yaml_bool,
    f"{_TAG}int": _Loader.number,
    f"{_TAG}float": _Loader.number,
    f"{_TAG}str": yaml.CSafeLoader.construct_yaml_str,
    f"{_TAG}seq": lambda loader, node: loader.construct_sequence(node, deep=True),
    f"{_TAG}map": lambda loader, node: loader.construct_mapping(node, deep=True),
    None: _Loader.refuse,
}


def _yaml(text: str, problems: list[Problem]) -> Any:
    try:
        _shallow_enough(text)
        loader = _Loader(text)
        loader.problems = problems
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            if "&" in text:
                _expanded(node, {}, set())
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except RecursionError as error:
        raise Unreadable(f"nested more than {MAX_DEPTH} deep") from error
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(f"not YAML: {' '.join(str(error).split())}") from error


def _shallow_enough(text: str) -> None:
    """Refuses deep nesting from the flat stream of events: composing nodes is recursive C code without a limit."""
    deepest = text.count("[") + text.count("{")
    if deepest <= MAX_DEPTH and not re.search(rf"(?m)^[ \t?:-]{{{MAX_DEPTH}}}", text):
        return
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable(f"nested more than {MAX_DEPTH} deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _expanded(node: yaml.Node, known: dict[int, int], above: set[int]) -> int:
    """Nodes below `node` once aliases are written out, counted without writing them out."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    key = id(node)
    if key in above:
        raise Unreadable("an alias refers to itself")
    if key not in known:
        above.add(key)
        known[key] = 1 + sum(_expanded(part, known, above) for part in _children(node))
        above.discard(key)
    if known[key] > MAX_YAML_NODES:
        raise Unreadable(f"aliases unfold to more than {MAX_YAML_NODES} nodes")
    return known[key]


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    for part in node.value:
        if isinstance(part, tuple):
            yield from part
        else:
            yield part


_READERS: Final[dict[str, Callable[[str, list[Problem]], Any]]] = {
    "json": _json,
    "yaml": _yaml,
    "toml": _toml,
    "text": lambda text, problems: {"text": text},
}
