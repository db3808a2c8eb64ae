"""JSON-LD contexts that documents name by address: our own, or one that lies beside the document; none is fetched."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any, Final

from commonweal.catalogue.core.documents import Unreadable, read_document

#: Contexts that build on contexts.
MAX_CONTEXTS: Final = 20
#: Keys JSON-LD 1.1 knows that only say how a remote context is found.
_IMPORT: Final = "@import"

Beside = Callable[[str], bytes | None]


def with_contexts(document: Any, beside: Beside | None = None) -> tuple[Any, list[str]]:
    """The document with every context written out, and the addresses of those nobody here knows.

    An unknown context is read as DCAT's terms: better a title by its usual name than no title.
    """
    resolver = _Resolver(beside or (lambda name: None))
    return resolver.document(document), sorted(resolver.unknown)


class _Resolver:
    """Writes out the contexts of one document."""

    def __init__(self, beside: Beside) -> None:
        self._beside = beside
        self.unknown: set[str] = set()

    def document(self, node: Any) -> Any:
        """Replaces contexts by address, wherever the document has them."""
        if isinstance(node, list):
            return [self.document(one) for one in node]
        if not isinstance(node, dict):
            return node
        return {key: self._context(value, 0) if key == "@context" else self.document(value) for key, value in node.items()}

    def _context(self, said: Any, depth: int) -> Any:
        if depth > MAX_CONTEXTS:
            raise Unreadable("contexts build on each other without end")
        if isinstance(said, list):
            return [self._context(one, depth + 1) for one in said]
        if isinstance(said, str):
            return self._named(said, depth)
        if not isinstance(said, dict):
            return said
        own = {key: self._term(value, depth) for key, value in said.items() if key != _IMPORT}
        if not isinstance(imported := said.get(_IMPORT), str):
            return own
        base = self._named(imported, depth)
        return [*(base if isinstance(base, list) else [base]), own]

    def _term(self, term: Any, depth: int) -> Any:
        if isinstance(term, dict) and "@context" in term:
            return {**term, "@context": self._context(term["@context"], depth + 1)}
        return term

    def _named(self, address: str, depth: int) -> Any:
        name = re.split(r"[?#]", address)[0].rstrip("/").rpartition("/")[2]
        if name and (data := self._beside(name)) is not None:
            document = read_document("json", data)[0]
            return self._context(document.get("@context", {}) if isinstance(document, dict) else {}, depth + 1)
        found = next((one for one in _known() if any(pattern.search(address) for pattern in one["names"])), None)
        if found is None:
            self.unknown.add(address[:200])
            found = next(one for one in _known() if one["name"] == "dcat")
        return _terms(found["name"])


@cache
def _known() -> list[dict[str, Any]]:
    file = resources.files("commonweal.catalogue") / "contexts" / "contexts.yaml"
    contexts = read_document("yaml", file.read_bytes())[0]["contexts"]
    return [{**one, "names": [re.compile(name, re.I) for name in one["names"]]} for one in contexts]


@cache
def _terms(name: str) -> dict[str, Any]:
    """The terms of one of our contexts, and of those it builds on."""
    found = next(one for one in _known() if one["name"] == name)
    made: dict[str, Any] = {}
    for base in found.get("on", ()):
        made |= _terms(base)
    made |= found["terms"]
    return made
