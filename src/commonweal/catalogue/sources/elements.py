"""XML → JSON-able elements, read without entities, without network, under limits; streamed where a file is long.

An element becomes `{"text", attribute: value, child: [elements]}`, all under local names; what is empty is left out.
One rule for every vocabulary keeps mappings declarative: `participating-org[].narrative[].text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from lxml import etree

from commonweal.catalogue.core.documents import MAX_DEPTH, Unreadable

#: Elements below one item.
MAX_ELEMENTS: Final = 200_000

Element = Any
_DOCTYPE: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_OPTIONS: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def parse(data: bytes) -> tuple[Element, str | None]:
    """The root element, and what was mended (None when nothing was).

    Raises:
        Unreadable: not XML at all, a document type declaration, or beyond a limit.
    """
    if _DOCTYPE.search(data[:100_000]):
        raise Unreadable("the XML declares a document type, which is refused: entities could read files or grow without end")
    try:
        return etree.fromstring(data, etree.XMLParser(**_OPTIONS)), None
    except etree.XMLSyntaxError as error:
        problem = f"not XML: {error.msg}"
        # A stray byte or an unbound prefix costs its place; the elements around it are still to be had.
        root = _mended(data)
        if root is None:
            raise Unreadable(problem) from error
        return root, problem
    except ValueError as error:
        raise Unreadable(f"not XML: {error}") from error


def _mended(data: bytes) -> Element | None:
    try:
        return etree.fromstring(data, etree.XMLParser(recover=True, **_OPTIONS))
    except (etree.XMLSyntaxError, ValueError):
        return None


def stream(file: BinaryIO, name: str) -> Iterator[tuple[int, dict[str, Any] | Unreadable]]:
    """(number from 1, element as JSON) of every element of this local name; memory does not grow with the file.

    The element that cannot be read, or the place where the file breaks off, comes as :class:`Unreadable`.
    """
    number = 0
    try:
        for _, element in etree.iterparse(_Refusing(file), events=("end",), tag=f"{{*}}{name}", **_OPTIONS):
            number += 1
            try:
                yield number, as_json(element)
            except Unreadable as problem:
                yield number, problem
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        yield number + 1, Unreadable(f"not XML: {error.msg}")


class _Refusing:
    """A file that ends in an error where a document type is declared."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._first = True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        if self._first and _DOCTYPE.search(data[:100_000]):
            raise Unreadable("the XML declares a document type, which is refused")
        self._first = False
        return data


def as_json(element: Element) -> dict[str, Any]:
    """The element with everything below it.

    Raises:
        Unreadable: beyond a limit.
    """
    count = 0

    def made(one: Element, depth: int) -> dict[str, Any]:
        nonlocal count
        count += 1
        if depth > MAX_DEPTH // 2 or count > MAX_ELEMENTS:
            raise Unreadable("the XML is nested too deeply or holds too many elements")
        said: dict[str, Any] = {local_name(name): value for name, value in one.attrib.items()}
        if one.text and not one.text.isspace():
            said["text"] = one.text.strip()
        for child in one:
            if isinstance(child.tag, str):
                siblings = said.setdefault(local_name(child.tag), [])
                if not isinstance(siblings, list):  # an attribute of the same name
                    siblings = said[local_name(child.tag)] = [{"text": siblings}]
                siblings.append(made(child, depth + 1))
        return said

    return made(element, 0)


def local_name(name: str) -> str:
    """The name without its namespace; `xml:lang` is `lang`."""
    return name.rpartition("}")[2].rpartition(":")[2]


def first(element: Element, name: str) -> Element | None:
    """The first element of this local name at any depth."""
    return next(element.iter(f"{{*}}{name}"), None)


def text_of(element: Element | None) -> str:
    """The words directly inside an element, "" when there are none."""
    return (element.text or "").strip() if element is not None else ""
