"""A card's Markdown as lines, sections, tables and links; code, scripts and tags are left out, line numbers are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from commonweal.kernel.text import clean

#: Of a longer line only the beginning is read.
MAX_LINE: Final = 4_000

_HEADING: Final = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE: Final = re.compile(r"\s{0,3}(```|~~~)")
_IMAGE: Final = re.compile(r"!\[[^\]\[]{0,300}\]\([^()\s]{0,1000}[^()]{0,200}\)")
_LINK: Final = re.compile(r"\[([^\[\]]{1,300})\]\(<?(https?://[^\s()<>]{1,1000})>?[^()]{0,200}\)")
_BARE: Final = re.compile(r"https?://[^\s()<>\[\]\"'|]{3,1000}")
_AUTOLINK: Final = re.compile(r"<(https?://[^<>\s]{1,1000})>")
_ANCHOR: Final = re.compile(r"<a\s[^<>]{0,300}?href\s*=\s*[\"']?(https?://[^\"'\s<>]{1,1000})[^<>]{0,300}>", re.I)
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]{0,400}>")
_RULE_CELL: Final = re.compile(r"\s*:?-+:?\s*$")
_LIST_MARK: Final = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text without marks: ``text`` is plain words, ``section`` the heading it stands under."""

    number: int
    text: str
    section: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A pipe table: header cells and (line, cells) for each row."""

    section: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A web address with the words that lead to it and the section it stands in."""

    line: int
    words: str
    url: str
    section: str


@dataclass
class Page:
    """All of a card's text. ``sections`` are its headings in order, ``title`` the first."""

    lines: list[Line] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    title: str = ""
    title_line: int = 1


def read_page(text: str, first_line: int = 1) -> Page:
    """Read Markdown. ``first_line`` is the number of its first line in the file. Linear in the length of the text."""
    page = Page()
    section = ""
    fence = ""
    block: list[tuple[int, str]] = []
    for number, raw in enumerate(_without_blocks(text).split("\n"), first_line):
        line = raw[:MAX_LINE]
        if fence or _FENCE.match(line):
            fence = _fenced(line, fence)
            continue
        if line.lstrip().startswith("|"):
            block.append((number, line))
            continue
        _close_table(page, block, section)
        block = []
        if heading := _HEADING.match(line):
            section = plain(heading[2]).strip(" :")
            page.sections.append(section)
            if not page.title:
                page.title, page.title_line = section, number
            continue
        _take_line(page, number, line, section)
    _close_table(page, block, section)
    return page


def plain(text: str) -> str:
    """The words of a piece of Markdown: no images, tags, addresses of links or emphasis."""
    text = _IMAGE.sub(" ", text)
    text = _LINK.sub(r"\1", _AUTOLINK.sub(r"\1", text))
    text = _TAG.sub(" ", text).replace("**", "").replace("__", "").replace("`", "")
    return " ".join(clean(text).replace("\u2011", "-").split()).strip("*_ ")


def _fenced(line: str, fence: str) -> str:
    """The mark that ends the code block we are in after this line; "" outside of one."""
    found = _FENCE.match(line)
    if not found:
        return fence
    if not fence:
        return found[1]
    return "" if found[1] == fence else fence


def _take_line(page: Page, number: int, line: str, section: str) -> None:
    page.links.extend(_links(number, line, section))
    listed = _LIST_MARK.match(line)
    words = plain(line[listed.end() :] if listed else line)
    if words and words.strip("-=_*"):
        page.lines.append(Line(number, words, section, bool(listed)))


def _links(number: int, line: str, section: str) -> Iterator[Link]:
    seen: set[str] = set()
    rest = _IMAGE.sub(" ", line)
    for found in _LINK.finditer(rest):
        seen.add(found[2])
        yield Link(number, plain(found[1]), found[2], section)
    for found in (*_ANCHOR.finditer(rest), *_BARE.finditer(_LINK.sub(" ", rest))):
        url = found[found.lastindex or 0].rstrip(".,;:")
        if url not in seen:
            seen.add(url)
            yield Link(number, "", url, section)


def _close_table(page: Page, block: list[tuple[int, str]], section: str) -> None:
    if len(block) < 2:
        return
    rows = [(number, _cells(line)) for number, line in block]
    ruled = all(_RULE_CELL.match(cell) for cell in rows[1][1])
    for number, line in block:
        page.links.extend(_links(number, line, section))
    body = rows[2:] if ruled else rows
    header = rows[0][1] if ruled else ()
    kept = tuple((number, tuple(map(plain, cells))) for number, cells in body)
    page.tables.append(Table(section, tuple(map(plain, header)), kept))


def _cells(line: str) -> list[str]:
    return [cell.replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _without_blocks(text: str) -> str:
    """Comments, scripts and styles become blank lines, so that all others keep their number."""
    for opening, closing in (("<!--", "-->"), ("<script", "</script"), ("<style", "</style")):
        text = _blank(text, opening, closing)
    return text


def _blank(text: str, opening: str, closing: str) -> str:
    low = text.lower()
    if len(low) != len(text):  # a letter whose small form is longer: positions would not agree
        low = text
    kept: list[str] = []
    at = 0
    while (start := low.find(opening, at)) >= 0:
        end = low.find(closing, start)
        if end < 0:
            break
        stop = text.find(">", end + len(closing) - 1) + 1 or len(text)
        kept += [text[at:start], "\n" * text.count("\n", start, stop)]
        at = stop
    return "".join([*kept, text[at:]])
