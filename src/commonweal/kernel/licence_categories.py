"""What an SPDX id or expression permits: one of nine categories, from reviewed tables.

``open`` and ``share-alike`` only for licences that OSI or FSF accept (``data/licences_spdx.json``) or that a row of
``data/licences.json`` decides with its reason; weak copyleft (MPL, LGPL, EPL) is ``share-alike``; NC with ND is
``non-commercial``. In expressions OR is its most open branch, AND its most restrictive one, WITH its licence if the
exception is an SPDX one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any

from commonweal.kernel.licence_names import Name, ids, index, load

CATEGORIES = (
    "open",
    "share-alike",
    "field-of-use",
    "non-commercial",
    "no-derivatives",
    "source-available",
    "proprietary",
    "not-a-licence",
    "unknown",
)

# From most open to most restrictive. Unknown stands before all that is known to be closed: AND with a closed licence
# is closed whatever the unknown one is, OR with an open licence is open.
RANK = {
    name: rank
    for rank, name in enumerate(
        ("open", "share-alike", "unknown", "not-a-licence", "field-of-use", "no-derivatives", "non-commercial",
         "source-available", "proprietary")
    )
}  # fmt: skip


def is_open(category: str) -> bool:
    """Whether anyone may use, change and share for any purpose: ``open`` or ``share-alike``."""
    return category in ("open", "share-alike")


@lru_cache(maxsize=4_096)  # expressions come from outside
def categorise(expression: str) -> str:
    """The category of an SPDX id, LicenseRef or expression; ``unknown`` for what is not known."""
    spdx = ids().get(expression.lower())
    if spdx is None:
        parsed = parse_expression(expression)
        return parsed[1] if parsed else "unknown"
    if spdx in _own():
        return _own()[spdx]
    for pattern, category, _reason in load_table()["decided"]["rows"]:
        if fnmatchcase(spdx, pattern):
            return str(category)
    if spdx in _accepted():
        return "share-alike" if _scancode_category(spdx).startswith("Copyleft") else "open"
    return _CLOSED.get(_scancode_category(spdx), "unknown")


_CLOSED = {
    "Source-available": "source-available",
    "Proprietary Free": "proprietary",
    "Commercial": "proprietary",
}


def category_of(name: Name) -> str:
    """The category of what a name means: its family's, or its expression's."""
    return name.category or (categorise(name.expression) if name.expression else "unknown")


_OPERATOR = re.compile(r" (?:AND|OR|WITH) |^\(|\+$")


def read_expression(text: str) -> Name | None:
    """An SPDX expression of known ids with operators in capitals."""
    if not _OPERATOR.search(text) or len(text) > 500:
        return None
    parsed = parse_expression(text)
    return Name(parsed[0], parsed[1], "spdx-expression") if parsed else None


def parse_expression(text: str) -> tuple[str, str] | None:
    """(canonical expression, category), or None where the text is no expression of known ids."""
    from license_expression import ExpressionError, ExpressionParseError  # 30 ms that few texts need

    try:
        tree = _licensing().parse(text, validate=True, strict=True)
    except (ExpressionError, ExpressionParseError, RecursionError):
        return None
    return (tree.render("{symbol.key}"), _category_of_tree(tree)) if tree is not None else None


def _category_of_tree(tree: Any) -> str:
    from license_expression import LicenseWithExceptionSymbol

    if isinstance(tree, LicenseWithExceptionSymbol):
        if tree.exception_symbol.key == "LicenseRef-scancode-commons-clause":
            return "source-available"
        listed = tree.exception_symbol.is_exception and not tree.exception_symbol.key.startswith("LicenseRef-")
        return categorise(tree.license_symbol.key) if listed else "unknown"
    branches = getattr(tree, "args", ())
    if not branches:
        return categorise(str(tree.key))
    choose = min if tree.operator.strip() == "OR" else max
    return choose((_category_of_tree(branch) for branch in branches), key=RANK.__getitem__)


@cache
def load_table() -> dict[str, Any]:
    """``data/licences.json``: decided categories, own LicenseRefs, restrictions, sentences."""
    return load("licences.json")


@cache
def _own() -> dict[str, str]:
    return {row[0]: row[2] for row in load_table()["own"]["rows"]}


@cache
def _accepted() -> frozenset[str]:
    """SPDX ids that OSI or FSF accept, and the ids that replaced them."""
    rows = load("licences_spdx.json")["rows"]
    return frozenset(ids().get(spdx.lower(), spdx) for spdx, _name, marks in rows if marks != "-")


@cache
def _scancode() -> dict[str, str]:
    return {row["spdx_license_key"]: row["category"] for row in index() if row["spdx_license_key"]}


def _scancode_category(spdx: str) -> str:
    return _scancode().get(spdx, "")


@cache
def _licensing() -> Any:
    from license_expression import build_spdx_licensing

    own: Iterator[dict[str, Any]] = ({"spdx_license_key": spdx} for spdx in _own())
    return build_spdx_licensing([*index(), *own])
