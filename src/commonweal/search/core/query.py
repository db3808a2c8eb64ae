"""The query language: text ↔ :class:`Query`. Any text has a reading; what could not be read is told in notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from commonweal.catalogue.core.kinds import KINDS
from commonweal.kernel import identifiers, languages, licences, places
from commonweal.kernel.text import clean

#: The language by example, for the help page and ``commonweal search --syntax``: (what to type, what it finds).
SYNTAX: Final = (
    ("maternal health", "entries with both words, also in other forms: plurals, without accents"),
    ('"public health"', "exactly these words in this order"),
    ("transl*", "words that begin with these letters"),
    ("-crypto", "without this word"),
    ("kind:model", "only models; also dataset, software, organisation, initiative, policy, …"),
    ("kind:model,dataset", "one or the other"),
    ("-kind:software", "everything but software"),
    ("kind:offer", "offers by companies that host a model; left out unless asked for"),
    ("licence:open", "by what the licence allows: open, share-alike, non-commercial, proprietary, …"),
    ("licence:Apache-2.0", "by the licence itself"),
    ("language:sw  language:Kiswahili", "in this language, by code or name"),
    ("country:KEN  country:Kenya", "about or from this country, by code or name"),
    ('publisher:"Mozilla Foundation"', "published by"),
    ("source:mteb", "known from this source"),
    ("topic:health", "about this topic"),
    ("year>=2023", "issued in or after; also year:2023, year<2020"),
    ("parameters>7b", "numbers: parameters, downloads, size, rows, context, sources; k, m, b, t for thousand to trillion"),
    ("doi:10.5281/zenodo.1  owner/name", "one entry by an identifier or address"),
)

#: Fields with one or several words as values. Rooms may add theirs: ``parse(text, fields=…)``.
FIELDS: Final = ("kind", "licence", "licence_category", "language", "country", "publisher", "source", "year", "topic")
#: Fields that are compared as numbers.
NUMBERS: Final = ("year", "parameters", "downloads", "size", "rows", "context", "sources")
ALIASES: Final = {
    "license": "licence",
    "license_category": "licence_category",
    "lang": "language",
    "type": "kind",
    "params": "parameters",
    "by": "publisher",
    "tag": "topic",
}
OPERATORS: Final = (">", ">=", "<", "<=")

MAX_CHARACTERS: Final = 2_000
MAX_PARTS: Final = 32
MAX_VALUES: Final = 64
_LARGEST: Final = 2**62

_MESSAGES: Final = {
    "too-long": "The query is very long: only its beginning was read.",
    "open-quote": "A quotation mark was not closed: the words to the end were taken as the phrase.",
    "unknown-field": "There is no filter called “{value}”: it was searched as words.",
    "no-value": "“{value}” has no value and was ignored.",
    "unknown-value": "“{value}” is not known and was ignored.",
    "not-a-number": "“{value}” is not a number and was ignored.",
    "only-exclusions": "The query only says what to leave out: everything else is shown.",
    "no-words": "“{value}” holds no letters or digits and was ignored.",
    "widened": "Few entries hold exactly these words: similar spellings and longer words are included.",
    "too-deep": "Only the first {value} results can be reached: narrow the search.",
    "no-index": "The search index is not ready yet: try again in a moment.",
}


class Note(NamedTuple):
    """What a reader should know about how their query was read: a stable code and the words concerned."""

    code: str
    value: str = ""

    @property
    def message(self) -> str:
        """The note in English."""
        return _MESSAGES[self.code].format(value=self.value)


@dataclass(frozen=True, slots=True)
class Term:
    """Words to find: one word, or with ``phrase`` several in a row; ``prefix`` lets the last word go on."""

    text: str
    phrase: bool = False
    prefix: bool = False
    negated: bool = False

    def __str__(self) -> str:
        text = f'"{self.text}"' if self.phrase else self.text
        return f"{'-' * self.negated}{text}{'*' * self.prefix}"


@dataclass(frozen=True, slots=True)
class Filter:
    """A facet that must have (``negated``: must not have) one of the values."""

    field: str
    values: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        return f"{'-' * self.negated}{self.field}:{','.join(map(_quote, self.values))}"


@dataclass(frozen=True, slots=True)
class Range:
    """A number compared: ``year >= 2023``. ``operator`` is one of :data:`OPERATORS`."""

    field: str
    operator: str
    value: int

    def __str__(self) -> str:
        return f"{self.field}{self.operator}{self.value}"


@dataclass(frozen=True, slots=True)
class Query:
    """A query as read. Terms, filters and ranges must all hold; an empty query matches everything."""

    terms: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    ranges: tuple[Range, ...] = ()
    notes: tuple[Note, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return " ".join(map(str, (*self.terms, *self.filters, *self.ranges)))

    def values(self, name: str) -> tuple[str, ...]:
        """The values asked for of one field, exclusions left out."""
        return tuple(value for item in self.filters if item.field == name and not item.negated for value in item.values)

    def narrowed(self, name: str, values: Iterable[str]) -> Query:
        """This query with one more filter; values may be names ("Kiswahili") or codes. An unknown value matches nothing."""
        found = _filters(name, list(values)[:MAX_VALUES], False, None)
        return replace(self, filters=(*self.filters, *(item for item in found if item not in self.filters)))


_VALUE = r'(?:"[^"]*"?|[^\s,"]+)'
_PART = re.compile(
    rf"(?P<minus>-)?(?:(?P<field>[A-Za-z_]{{1,40}})(?P<operator>:|>=|<=|>|<|=)(?P<values>{_VALUE}(?:,{_VALUE})*|(?=\s|$))"
    r'|"(?P<phrase>[^"]*)(?P<closed>"?)(?P<more>\*?)|(?P<word>[^\s"]+))'
)
_ITEM = re.compile(r'"([^"]*)"?|([^\s,"]+)')
_QUOTES = dict.fromkeys(map(ord, "“”„‟«»〝〞「」『』＂"), '"')
_INVISIBLE = dict.fromkeys((0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_PLAIN = {**_QUOTES, **_INVISIBLE}
_NUMBER = re.compile(r"(-?\d{1,18}(?:\.\d{1,6})?)\s?([kmbt]?)", re.IGNORECASE)
_SCALE = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
_AROUND = "*-()[]{}'`;,!?^~+:<>=\"\\"
_LETTER = re.compile(r"[^\W_]")


def parse(text: str, fields: Collection[str] = FIELDS) -> Query:
    """The best reading of any text; never raises, and takes time linear in the first :data:`MAX_CHARACTERS`."""
    notes: list[Note] = []
    if len(text) > MAX_CHARACTERS:
        notes.append(Note("too-long"))
    text = clean(text[:MAX_CHARACTERS]).translate(_PLAIN)
    terms: list[Term] = []
    filters: list[Filter] = []
    ranges: list[Range] = []
    for count, match in enumerate(_PART.finditer(text)):
        if count == MAX_PARTS:
            notes.append(Note("too-long"))
            break
        for part in _read(match, fields, notes):
            target: list[Any] = terms if isinstance(part, Term) else filters if isinstance(part, Filter) else ranges
            if part not in target:
                target.append(part)
    if terms and all(term.negated for term in terms) and not ranges and all(item.negated for item in filters):
        notes.append(Note("only-exclusions"))
    return Query(tuple(terms), tuple(filters), tuple(ranges), tuple(dict.fromkeys(notes)))


def _read(match: re.Match[str], fields: Collection[str], notes: list[Note]) -> Iterable[Term | Filter | Range]:
    """What one part of the query means."""
    negated = match["minus"] is not None
    if match["field"] is not None:
        written = match.group().removeprefix("-")
        name = match["field"].lower()
        name = ALIASES.get(name, name)
        if match["operator"] in OPERATORS and name in NUMBERS:
            return _range(name, match["operator"], match["values"], written, notes)
        if match["operator"] in ":=":
            if name in fields:
                values = [quoted or bare for quoted, bare in _ITEM.findall(match["values"])]
                if values := [value.strip() for value in values if value.strip()]:
                    return _filters(name, values[:MAX_VALUES], negated, notes)
                notes.append(Note("no-value", written))
                return ()
            if name in NUMBERS:
                return [
                    *_range(name, ">=", match["values"], written, notes),
                    *_range(name, "<=", match["values"], written, []),
                ]
        if not _is_identifier(written) and match["operator"] == ":" and match["values"]:
            notes.append(Note("unknown-field", match["field"]))
        if '"' in written:  # a quoted value comes apart
            pieces = written.replace('"', " ").split()
            return [part for piece in pieces for inner in _PART.finditer(piece) for part in _read(inner, fields, notes)]
        return _term(written, negated, fields, notes)
    if match["phrase"] is not None:
        if not match["closed"]:
            notes.append(Note("open-quote"))
        words = " ".join(match["phrase"].split())
        if not _LETTER.search(words):
            notes.append(Note("no-words", words))
            return ()
        return [Term(words, phrase=True, prefix=match["more"] == "*", negated=negated)]
    return _term(match["word"], negated, fields, notes)


def _term(word: str, negated: bool, fields: Collection[str], notes: list[Note]) -> Iterable[Term | Filter | Range]:
    """A bare word without the punctuation around it, which may have hidden a filter: ``(kind:model``."""
    prefix = word.endswith("*")
    text = word.strip(_AROUND)
    if not _LETTER.search(text):
        if word.strip(_AROUND):
            notes.append(Note("no-words", word[:40]))
        return ()
    match = _PART.match(text)
    if text != word and match and match["field"]:
        return _read(match, fields, notes)
    return [Term(text, prefix=prefix, negated=negated)]


def _is_identifier(written: str) -> bool:
    return identifiers.parse_identifier(written) is not None


def _range(name: str, operator: str, values: str, written: str, notes: list[Note]) -> list[Range]:
    match = _NUMBER.fullmatch(values.strip('"'))
    if match is None:
        notes.append(Note("not-a-number", written))
        return []
    number = round(float(match[1]) * _SCALE[match[2].lower()]) if "." in match[1] else int(match[1]) * _SCALE[match[2].lower()]
    return [Range(name, operator, max(-_LARGEST, min(number, _LARGEST)))]


def _filters(name: str, values: list[str], negated: bool, notes: list[Note] | None) -> list[Filter]:
    """One filter, or two where a list mixes licence categories and licences.

    An unknown value is noted and ignored; without ``notes``, where it was chosen rather than typed, it is kept.
    """
    found: dict[str, list[str]] = {}
    for value in values:
        value = " ".join(clean(value).translate(_PLAIN).replace('"', "").split())
        reader = _READERS.get(name)
        read = reader(value) if reader else (name, value)
        if read is None and notes is None:
            read = name, value
        if notes is not None and (not value or read is None):
            notes.append(Note("unknown-value", f"{name}:{value}"))
        elif read and read[1] not in found.setdefault(read[0], []):
            found[read[0]].append(read[1])
    return [Filter(key, tuple(items), negated) for key, items in found.items()]


def _kind(value: str) -> tuple[str, str] | None:
    kind = value.casefold().replace(" ", "_").replace("organiz", "organis")
    singular = "policy" if kind == "policies" else kind.rstrip("s")
    return ("kind", singular) if singular in KINDS else None


def _licence(value: str) -> tuple[str, str] | None:
    if value.casefold() in licences.CATEGORIES:
        return "licence_category", value.casefold()
    licence = licences.read_licence(value)
    return "licence", (licence.expression if licence and licence.expression else value)


def _language(value: str) -> tuple[str, str] | None:
    tag = languages.parse_language(value)
    return ("language", tag) if tag else None


def _country(value: str) -> tuple[str, str] | None:
    code = places.parse_country(value)
    return ("country", code) if code else None


#: How a field's value is read: returns the field it filters and the value as indexed, or None when it means nothing.
_READERS: Final[dict[str, Callable[[str], tuple[str, str] | None]]] = {
    "kind": _kind,
    "licence": _licence,
    "licence_category": lambda value: ("licence_category", value.casefold()),
    "language": _language,
    "country": _country,
    "source": lambda value: ("source", value.casefold()),
}


def _quote(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s,]", value) else value
