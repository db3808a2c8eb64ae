"""Model and data set cards → evidence, each finding with its words and line; what is not there is said not to be found.

What is looked for, and under which words, is data: ``cards.yaml``. Nothing is concluded beyond the words, nothing is
fetched: a link in a card is a place where evidence may be, not evidence of what stands there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from typing import Any, Final

from commonweal.catalogue.core.documents import read_document
from commonweal.kernel.text import clean
from commonweal.openness.core.evidence import Evidence
from commonweal.openness.core.reading.front_matter import FrontMatter, read_front_matter
from commonweal.openness.core.reading.markdown import Line, Page, plain, read_page
from commonweal.openness.core.subject import Subject, problem

#: Keys of a front matter that only data set cards have.
_DATASET_KEYS: Final = frozenset(
    {"size_categories", "annotations_creators", "task_categories", "source_datasets", "pretty_name", "dataset_info"}
)
#: Of a longer card only so many lines are read, and a problem says so.
MAX_LINES: Final = 20_000
_MAX_VALUE: Final = 300
_NUMBER: Final = re.compile(r"[-+]?\d+(?:[.,]\d+)?\s*%?")
_LABELLED: Final = re.compile(r"([\w ()/'’.-]{2,40}?)\s*(?::|：)\s*(.*)")


@dataclass(frozen=True, slots=True)
class Found:
    """Words that state an item: the value alone, the words around it, the line."""

    value: str
    quote: str
    line: int
    url: str | None = None


@dataclass(frozen=True)
class Sought:
    """One row of ``cards.yaml`` with its patterns compiled."""

    id: str
    fact: str
    title: str
    front_matter: tuple[str, ...]
    labels: frozenset[str]
    columns: frozenset[str]
    sections: tuple[re.Pattern[str], ...]
    weak_sections: tuple[re.Pattern[str], ...]
    limiting: re.Pattern[str]
    sentences: tuple[re.Pattern[str], ...]
    links: tuple[re.Pattern[str], ...]
    link_words: re.Pattern[str]
    value: re.Pattern[str]
    only: str
    unless: str
    measured: bool


def read(data: bytes, file: str | None = None, url: str | None = None) -> Subject:
    """A card as a subject with one piece of evidence for each item that is looked for.

    Items that are not found have the finding ``unknown`` and a note naming the sections that were searched.

    Args:
        data: the card's bytes; not UTF-8 is replaced, carriage returns are dropped.
        url: where the card was taken from; it goes with every finding.
    """
    text = clean(data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n"))
    lines = text.split("\n")
    head = read_front_matter(lines)
    page = read_page("\n".join(lines[head.end : head.end + MAX_LINES]), head.end + 1)
    cut = (
        (problem("text", len(lines), f"only the first {MAX_LINES} lines were read"),) if len(lines) > head.end + MAX_LINES else ()
    )
    dataset = bool(_DATASET_KEYS & set(head.members)) or page.title.lower().startswith("dataset card")
    place = _Place(file, url, hashlib.sha256(data).hexdigest())
    evidence = [place.card("data-card" if dataset else "model-card", page)]
    kind = "data" if dataset else "aimodel"
    found: set[str] = set()
    for item in sought():
        if item.unless in found or item.only not in ("", kind):
            continue
        hit = look_for(item, head, page)
        if hit:
            found.add(item.id)
        evidence.append(place.found(item, hit) if hit else place.not_found(item, head, page))
    name = str(head.members.get("pretty_name") or page.title or (file or "").rpartition("/")[2])
    details = {"front_matter": dict(head.members)}
    return Subject(name, frozenset({kind}), tuple(evidence), None, details, (*head.problems, *cut))


def look_for(item: Sought, head: FrontMatter, page: Page) -> Found | None:
    """The first place that states the item, in the order front matter, labels, columns, sections, sentences, links."""
    ways: tuple[Callable[[], Iterator[Found]], ...] = (
        lambda: _in_front_matter(item, head),
        lambda: _labelled(item, page),
        lambda: _in_columns(item, page),
        lambda: _in_results(item, page),
        lambda: _in_sections(item, page),
        lambda: _in_sentences(item, page),
        lambda: _in_links(item, page),
    )
    for way in ways:
        for found in way():
            if item.value.search(found.value) and not _table()["nothing"].fullmatch(found.value.strip()):
                return found
    return None


def _in_front_matter(item: Sought, head: FrontMatter) -> Iterator[Found]:
    keys = item.front_matter
    if item.id == "licence" and str(head.members.get("license")).lower() == "other" and head.members.get("license_name"):
        keys = ("license_name",)
    for key in keys:
        value = head.members.get(key)
        if item.measured:
            value = "; ".join(_metrics(value))
        words = ", ".join(str(part) for part in value) if isinstance(value, list) else "" if value is None else str(value)
        if words:
            yield Found(words[:_MAX_VALUE], f"{key}: {words}"[:_MAX_VALUE], head.lines.get(key, 1))


def _metrics(index: Any) -> Iterator[str]:
    """``type: value`` of every metric in a model index that has a value, however incomplete the rest is."""
    for model in index if isinstance(index, list) else []:
        for result in _list(model, "results"):
            for metric in _list(result, "metrics"):
                if isinstance(metric, Mapping) and isinstance(metric.get("value"), int | float):
                    yield f"{metric.get('type') or metric.get('name')}: {metric['value']}"


def _list(value: Any, key: str) -> list[Any]:
    inner = value.get(key) if isinstance(value, Mapping) else None
    return inner if isinstance(inner, list) else []


def _labelled(item: Sought, page: Page) -> Iterator[Found]:
    """Rows of attribute tables, and lines ``label: value``; a label alone leads to the line after it."""
    if not item.labels:
        return
    for table in page.tables:
        if len(table.header) == 2 or all(len(cells) == 2 for _, cells in table.rows):
            for number, cells in table.rows:
                if len(cells) >= 2 and _label(cells[0]) in item.labels:
                    yield Found(cells[1][:_MAX_VALUE], f"{cells[0]}: {cells[1]}", number)
    for line, following in zip_longest(page.lines, page.lines[1:]):
        found = _LABELLED.fullmatch(line.text)
        if found and _label(found[1]) in item.labels:
            if found[2]:
                yield Found(found[2][:_MAX_VALUE], line.text, line.number)
            elif following and following.listed:
                yield Found(following.text[:_MAX_VALUE], f"{line.text} {following.text}", following.number)


def _label(text: str) -> str:
    return text.strip().strip("*_:").strip().lower()


def _in_columns(item: Sought, page: Page) -> Iterator[Found]:
    """The first row of a table that has such a column; tables of results speak of other models too."""
    for table in page.tables:
        if not item.columns or _table()["results"].search(table.section):
            continue
        for at, title in enumerate(table.header):
            if title.lower().rstrip("¹²³* ") in item.columns:
                for number, cells in table.rows[:1]:
                    if at < len(cells):
                        yield Found(cells[at], " | ".join(cells), number)


def _in_results(item: Sought, page: Page) -> Iterator[Found]:
    """The first row with a number in a table of results."""
    for table in page.tables if item.measured else []:
        if _table()["results"].search(table.section):
            for number, cells in table.rows:
                if any(_NUMBER.fullmatch(cell.strip("*_ ")) for cell in cells[1:]):
                    yield Found(" | ".join(cell for cell in cells if cell)[:_MAX_VALUE], " | ".join(cells), number)


def _in_sections(item: Sought, page: Page) -> Iterator[Found]:
    for line in _lines_under(item.sections, page):
        yield Found(line.text[:_MAX_VALUE], line.text, line.number)
    for line in _lines_under(item.weak_sections, page):
        if item.limiting.search(line.text):
            yield Found(line.text[:_MAX_VALUE], line.text, line.number)


def _lines_under(patterns: tuple[re.Pattern[str], ...], page: Page) -> Iterator[Line]:
    if patterns:
        wanted = {name for name in dict.fromkeys(page.sections) if any(pattern.search(_bare(name)) for pattern in patterns)}
        for line in page.lines if wanted else []:
            if line.section in wanted:
                yield line


def _bare(heading: str) -> str:
    """A heading without the pictures and marks in front of it."""
    return re.sub(r"^[^\w]+", "", heading).strip(" :")


def _in_sentences(item: Sought, page: Page) -> Iterator[Found]:
    for pattern in item.sentences:
        for line in page.lines:
            if found := pattern.search(line.text):
                yield Found(found["value"].strip()[:_MAX_VALUE], _sentence(line.text, found.start(), found.end()), line.number)


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence around a place in a line."""
    before = text.rfind(". ", 0, start)
    after = text.find(". ", end)
    return text[before + 2 if before >= 0 else 0 : after + 1 if after >= 0 else len(text)]


def _in_links(item: Sought, page: Page) -> Iterator[Found]:
    for pattern in item.links:
        for link in page.links:
            own = _table()["own_links"].search(_bare(link.section)) or item.link_words.search(link.words)
            if own and pattern.search(f"{link.words} {link.url}" if link.words else link.url):
                yield Found(link.url, f"{link.words} {link.url}".strip(), link.line, link.url)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the card is, as it goes into each piece of evidence."""

    file: str | None
    url: str | None
    sha256: str

    def card(self, fact: str, page: Page) -> Evidence:
        return self._evidence(fact, "yes", value=page.title, quote=page.title, line=page.title_line)

    def found(self, item: Sought, hit: Found) -> Evidence:
        withheld = _table()["withheld"].fullmatch(hit.value.strip()) is not None
        licence = hit.value if item.id == "licence" and not withheld else None
        finding = "no" if withheld else "yes"
        return self._evidence(
            item.fact, finding, value=hit.value, licence=licence, quote=plain(hit.quote), line=hit.line, url=hit.url or self.url
        )

    def not_found(self, item: Sought, head: FrontMatter, page: Page) -> Evidence:
        places = (["front matter"] if head.end else []) + list(dict.fromkeys(filter(None, page.sections)))
        listed = ", ".join(places[:20]) + (f" and {len(places) - 20} more" if len(places) > 20 else "")
        return self._evidence(item.fact, "unknown", note=f"{item.title} not found in: {listed or 'the whole text'}")

    def _evidence(self, fact: str, finding: str, **members: Any) -> Evidence:
        members.setdefault("url", self.url)
        return Evidence(fact, finding, file=self.file, sha256=self.sha256, how="read", **members)


@cache
def sought() -> tuple[Sought, ...]:
    """All that is looked for in a card, in order."""
    return tuple(_sought(row) for row in _table()["items"])


def _sought(row: Mapping[str, Any]) -> Sought:
    def patterns(name: str) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(words, re.I) for words in row.get(name, ()))

    return Sought(
        id=row["id"],
        fact=row["fact"],
        title=row["title"],
        front_matter=tuple(row.get("front_matter", ())),
        labels=frozenset(row.get("labels", ())),
        columns=frozenset(row.get("columns", ())),
        sections=patterns("sections"),
        weak_sections=patterns("weak_sections"),
        limiting=re.compile(row.get("limiting", "(?!)"), re.I),
        link_words=re.compile(row.get("link_words", "(?!)"), re.I),
        value=re.compile(row.get("value", "")),
        only=row.get("only", ""),
        sentences=patterns("sentences"),
        links=patterns("links"),
        unless=row.get("unless", ""),
        measured=bool(row.get("measured")),
    )


@cache
def _table() -> dict[str, Any]:
    document, _ = read_document("yaml", files("commonweal.openness.core.reading").joinpath("cards.yaml").read_bytes())
    compiled = {name: re.compile(document[name], re.I) for name in ("nothing", "withheld", "results", "own_links")}
    return {**document, **compiled}
