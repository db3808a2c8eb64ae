"""Literal values of calls in Python source text, read from the syntax tree: nothing is imported, nothing runs.

Understood: constants, f-strings, lists, tuples, sets (sorted), dicts, `*`/`**` unpacking, `+ | - * / //` of those, a few
harmless built-ins and methods, comprehensions over known values, module- and class-level names, names imported from
modules of the same tree. Anything else raises :class:`NotLiteral`.
"""

from __future__ import annotations

import ast
import itertools
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

#: Longest list, dict or text that a value may grow to, and deepest expression.
MAX_LENGTH: Final = 100_000
MAX_DEPTH: Final = 60
#: Largest whole number, and most parts a value may have once names used twice are written out twice.
MAX_BITS: Final = 1024
MAX_PARTS: Final = 1_000_000

_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
}
_BUILTINS: Final[dict[str, Callable[..., Any]]] = {
    "dict": dict, "list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "sorted": sorted,
    "int": int, "float": float, "str": lambda value: _scalar(value), "round": round, "len": len,
}  # fmt: skip
_METHODS: Final[dict[type, frozenset[str]]] = {
    dict: frozenset({"keys", "values", "items", "get", "copy"}),
    set: frozenset({"union", "difference", "intersection", "copy"}),
    str: frozenset({"strip", "lower", "upper", "removeprefix", "removesuffix", "split"}),
    list: frozenset({"copy"}),
}
_NUMBERS: Final = (int, float)


class NotLiteral(Exception):  # noqa: N818 (a finding, not a fault)
    """The expression has no value that can be read without running the program."""


class Call(NamedTuple):
    """One call: its readable arguments by name, and what could not be read."""

    name: str
    line: int
    values: dict[str, Any]
    problems: list[dict[str, str]]


class Scope(NamedTuple):
    """Names in reach: the module's own by dotted name, then class-level and comprehension names that hide them."""

    module: str
    nodes: Mapping[str, ast.expr]
    bound: Mapping[str, Any]


class Sources:
    """Python modules of one tree, parsed when first needed.

    Args:
        read: dotted module name → source text, or None when the tree has no such module.
    """

    def __init__(self, read: Callable[[str], str | None]) -> None:
        self._read = read
        self._modules: dict[str, dict[str, ast.expr | tuple[str, str]]] = {}
        self._values: dict[tuple[str, str], Any] = {}
        self._open: set[tuple[str, str]] = set()

    def calls(self, module: str, text: str, wanted: Mapping[str, frozenset[str]]) -> Iterator[Call]:
        """Every call of a wanted name with keyword arguments; the arguments a name maps to are passed over.

        Raises:
            SyntaxError, ValueError, RecursionError: the text is not readable Python.
        """
        tree = ast.parse(text)
        self._modules.setdefault(module, _module_names(tree, module))
        yield from self._calls_below(tree, Scope(module, {}, {}), wanted)

    def _calls_below(self, node: ast.AST, scope: Scope, wanted: Mapping[str, frozenset[str]]) -> Iterator[Call]:
        for child in ast.iter_child_nodes(node):
            inner = Scope(scope.module, {**scope.nodes, **_names(child.body)}, {}) if isinstance(child, ast.ClassDef) else scope
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in wanted:
                yield self._call(child, child.func.id, inner, wanted[child.func.id])
            else:
                yield from self._calls_below(child, inner, wanted)

    def _call(self, node: ast.Call, name: str, scope: Scope, omit: frozenset[str]) -> Call:
        values: dict[str, Any] = {}
        problems: list[dict[str, str]] = []
        for key, argument in self._arguments(node.keywords, scope):
            if key in omit:
                continue
            try:
                values[key] = plain(self.value(argument, scope))
            except NotLiteral as error:
                problems.append({"field": key, "value": _written(argument), "problem": f"not a plain value: {error}"})
        return Call(name, node.lineno, values, problems)

    def _arguments(self, keywords: list[ast.keyword], scope: Scope) -> Iterator[tuple[str, ast.expr]]:
        """Arguments by name; `**NAME` is opened where NAME is a dict written out in the module."""
        for argument in keywords:
            node: Any = argument.value
            if argument.arg is None and isinstance(node, ast.Name):
                node = scope.nodes.get(node.id) or self._names_of(scope.module).get(node.id)
            match argument.arg, node:
                case None, ast.Dict():
                    for key, value in zip(node.keys, node.values, strict=True):
                        yield (key.value if isinstance(key, ast.Constant) else "**"), value  # type: ignore[misc]
                case None, ast.Call(func=ast.Name(id="dict")):
                    yield from self._arguments(node.keywords, scope)
                case None, _:
                    yield "**", argument.value
                case str() as name, _:
                    yield name, argument.value

    def value(self, node: ast.expr, scope: Scope, depth: int = 0) -> Any:
        """The Python value of an expression.

        Raises:
            NotLiteral: it cannot be known without running the program, or it is too large.
        """
        if depth > MAX_DEPTH:
            raise NotLiteral("nested too deeply")
        try:
            value = self._value(node, scope, depth + 1)
        except NotLiteral:
            raise
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
            raise NotLiteral(str(error) or type(error).__name__) from error
        if isinstance(value, str | list | dict | set | tuple) and len(value) > MAX_LENGTH:
            raise NotLiteral("too long")
        if isinstance(value, int) and value.bit_length() > MAX_BITS:
            raise NotLiteral("too large")
        return value

    def _value(self, node: ast.expr, scope: Scope, depth: int) -> Any:
        def of(part: ast.expr) -> Any:
            return self.value(part, scope, depth)

        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self._name(node.id, scope, depth)
            case ast.List() | ast.Tuple():
                return self._elements(node.elts, scope, depth)
            case ast.Set():
                return set(self._elements(node.elts, scope, depth))
            case ast.Dict():
                pairs: dict[Any, Any] = {}
                for key, value in zip(node.keys, node.values, strict=True):
                    pairs.update(of(value) if key is None else {of(key): of(value)})
                return pairs
            case ast.JoinedStr():
                return "".join(_scalar(of(part)) for part in node.values)
            case ast.FormattedValue(format_spec=None):
                return of(node.value)
            case ast.UnaryOp(op=ast.USub()):
                return -of(node.operand)
            case ast.BinOp():
                return self._arithmetic(type(node.op), of(node.left), of(node.right))
            case ast.Subscript():
                return of(node.value)[of(node.slice)]
            case ast.Call():
                return self._builtin(node, scope, depth)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                found = [self.value(node.elt, inner, depth) for inner in self._loops(node.generators, scope, depth)]
                return set(found) if isinstance(node, ast.SetComp) else found
            case ast.DictComp():
                return {
                    self.value(node.key, inner, depth): self.value(node.value, inner, depth)
                    for inner in self._loops(node.generators, scope, depth)
                }
        raise NotLiteral(type(node).__name__)

    def _elements(self, nodes: list[ast.expr], scope: Scope, depth: int) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                found.extend(self.value(node.value, scope, depth))
            else:
                found.append(self.value(node, scope, depth))
        return found

    def _arithmetic(self, kind: type[ast.operator], left: Any, right: Any) -> Any:
        if kind is ast.Pow and isinstance(left, _NUMBERS) and isinstance(right, int) and abs(left) <= 10**6 and abs(right) <= 64:
            return left**right
        if kind not in _ARITHMETIC:
            raise NotLiteral(kind.__name__)
        if kind is ast.Mult and not (isinstance(left, _NUMBERS) and isinstance(right, _NUMBERS)):
            raise NotLiteral("repetition")
        return _ARITHMETIC[kind](left, right)

    def _builtin(self, node: ast.Call, scope: Scope, depth: int) -> Any:
        arguments = self._elements(node.args, scope, depth)
        named = {word.arg: self.value(word.value, scope, depth) for word in node.keywords if word.arg}
        if len(named) != len(node.keywords):
            raise NotLiteral("unpacked arguments")
        match node.func:
            case ast.Name(id=name) if name in _BUILTINS and (name == "dict" or not named):
                return _BUILTINS[name](*arguments, **named)
            case ast.Attribute(value=owner, attr=method) if not named:
                value = self.value(owner, scope, depth)
                if method in _METHODS.get(type(value), ()):
                    found = getattr(value, method)(*arguments)
                    return list(found) if method in ("keys", "values", "items") else found
        raise NotLiteral(f"call of {_written(node.func)[:60]}")

    def _loops(self, generators: list[ast.comprehension], scope: Scope, depth: int) -> Iterator[Scope]:
        """One scope for each turn of the (nested) loops of a comprehension, at most MAX_LENGTH."""
        loop, *inner = generators
        if loop.ifs or loop.is_async:
            raise NotLiteral("comprehension with conditions")
        turns = 0
        for element in self.value(loop.iter, scope, depth):
            turn = Scope(scope.module, scope.nodes, {**scope.bound, **_bind(loop.target, element)})
            for innermost in self._loops(inner, turn, depth) if inner else (turn,):
                turns += 1
                if turns > MAX_LENGTH:
                    raise NotLiteral("too long")
                yield innermost

    def _name(self, name: str, scope: Scope, depth: int) -> Any:
        if name in scope.bound:
            return scope.bound[name]
        if name in scope.nodes:
            hidden = {key: node for key, node in scope.nodes.items() if key != name}
            return self.value(scope.nodes[name], Scope(scope.module, hidden, {}), depth)
        return self._global(scope.module, name, depth)

    def _global(self, module: str, name: str, depth: int) -> Any:
        key = (module, name)
        if key in self._values:
            return self._values[key]
        if key in self._open:
            raise NotLiteral(f"{name} refers to itself")
        found = self._names_of(module).get(name)
        if found is None:
            raise NotLiteral(f"{name} is not a known name")
        self._open.add(key)
        try:
            if isinstance(found, tuple):
                value = self._global(*found, depth + 1)
            else:
                value = self.value(found, Scope(module, {}, {}), depth)
        finally:
            self._open.discard(key)
        self._values[key] = value
        return value

    def _names_of(self, module: str) -> Mapping[str, ast.expr | tuple[str, str]]:
        if module not in self._modules:
            text = self._read(module)
            try:
                self._modules[module] = _module_names(ast.parse(text), module) if text is not None else {}
            except (SyntaxError, ValueError, RecursionError):
                self._modules[module] = {}
        return self._modules[module]


def _scalar(value: Any) -> str:
    """Text of a single value; a list of lists of the same list would print without end."""
    if isinstance(value, str | int | float | None):
        return str(value)
    raise NotLiteral(f"{type(value).__name__} inside a text")


def _written(node: ast.expr) -> str:
    """The beginning of an expression as source text."""
    try:
        return ast.unparse(node)[:200]
    except RecursionError:
        return "…"


def plain(value: Any) -> Any:
    """The value as JSON has it: sets sorted, tuples lists, keys text.

    Raises:
        NotLiteral: bytes, Ellipsis, infinities and other values JSON has no form for; more than MAX_PARTS parts.
    """
    parts = itertools.count(1)

    def made(value: Any) -> Any:
        if next(parts) > MAX_PARTS:
            raise NotLiteral("too many parts")
        return _plain(value, made)

    return made(value)


def _plain(value: Any, plain: Callable[[Any], Any]) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float() if value - value == 0:
            return value
        case list() | tuple():
            return [plain(part) for part in value]
        case set() | frozenset():
            return sorted((plain(part) for part in value), key=str)
        case dict():
            return {str(key): plain(part) for key, part in value.items()}
    raise NotLiteral(f"{type(value).__name__} has no JSON form")


def _bind(target: ast.expr, element: Any) -> dict[str, Any]:
    """The names a loop sets in one turn."""
    match target:
        case ast.Name(id=name):
            return {name: element}
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            pairs = zip(parts, element, strict=True)
            return {name: value for part, one in pairs for name, value in _bind(part, one).items()}
    raise NotLiteral("loop target")


def _names(body: list[ast.stmt]) -> dict[str, ast.expr]:
    """Names that a module or class body sets exactly once by plain assignment; a name set twice is not constant."""
    found: dict[str, ast.expr] = {}
    twice: set[str] = set()
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value):
                if name in found:
                    twice.add(name)
                if value is not None:
                    found[name] = value
            case ast.AugAssign(target=ast.Name(id=name)):
                twice.add(name)
    return {name: node for name, node in found.items() if name not in twice}


def _module_names(tree: ast.Module, module: str) -> dict[str, ast.expr | tuple[str, str]]:
    """A module's constants, and the (module, name) each imported name comes from."""
    names: dict[str, ast.expr | tuple[str, str]] = {}
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom):
            package = module.rsplit(".", statement.level)[0] if statement.level else ""
            origin = ".".join(part for part in (package, statement.module) if part)
            names |= {alias.asname or alias.name: (origin, alias.name) for alias in statement.names}
    return names | _names(tree.body)
