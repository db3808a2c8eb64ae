"""Normalisers: a source's value → the property's shape, or a note of why it could not be read.

Each takes (value, field, problems) and returns the normal value or None; it appends what it could not read to
`problems` and never raises. Values are already free of control characters (`kernel.text.clean_tree`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from commonweal.catalogue.core.amounts import decimal, integer, money, number, quantity
from commonweal.catalogue.core.expressions import absent
from commonweal.catalogue.core.record import record_id
from commonweal.catalogue.core.rejection import Problems, note
from commonweal.kernel.dates import parse_date
from commonweal.kernel.identifiers import parse_identifier
from commonweal.kernel.languages import parse_language
from commonweal.kernel.licences import read_licence
from commonweal.kernel.places import parse_country
from commonweal.kernel.text import plain, text

Normaliser = Callable[[Any, str, Problems], Any]

MAX_LINE: Final = 1_000
MAX_TITLE: Final = 500
MAX_PARAGRAPHS: Final = 20_000
MAX_LIST: Final = 2_000
MAX_URL: Final = 2_000
#: Characters of one text in which web addresses are looked for.
MAX_SEARCHED: Final = 200_000


def _cut(words: str, limit: int, field: str, problems: Problems) -> str:
    if len(words) <= limit:
        return words
    note(problems, field, words, f"{len(words)} characters long: cut to {limit}")
    return words[: limit - 1].rstrip() + "…"


def line(value: Any, field: str, problems: Problems, limit: int = MAX_LINE) -> str | None:
    """One line of text; numbers become text."""
    if isinstance(value, str):
        words = value if value.isprintable() and "  " not in value else " ".join(value.split())
        return _cut(words.strip(), limit, field, problems) or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and len(value) == 1:
        return line(value[0], field, problems, limit)
    if not absent(value):
        note(problems, field, value, "is not text")
    return None


def title(value: Any, field: str, problems: Problems, language: str = "und") -> dict[str, Any]:
    """Text of one line in each language."""
    return _text(value, field, problems, language, lambda words: line(words, field, problems, MAX_TITLE) or "")


def description(value: Any, field: str, problems: Problems, language: str = "und") -> dict[str, Any]:
    """Text as plain paragraphs in each language: no HTML, no Markdown."""
    return _text(value, field, problems, language, lambda words: _cut(plain(words), MAX_PARAGRAPHS, field, problems))


def _text(value: Any, field: str, problems: Problems, language: str, shorten: Callable[[str], str]) -> dict[str, Any]:
    if isinstance(value, str):
        words = shorten(value)
        return {language: words} if words else {}
    if isinstance(value, dict):
        made = text(value)
        return {tag: one if tag.startswith("@") else shorten(one) for tag, one in made.items()}
    if isinstance(value, list):
        return _text("\n\n".join(part for part in value if isinstance(part, str)), field, problems, language, shorten)
    only = line(value, field, problems)
    return {language: only} if only else {}


def paragraphs(value: Any, field: str, problems: Problems) -> str | None:
    """Plain text of several lines in one unknown language."""
    if not isinstance(value, str):
        return line(value, field, problems)
    return _cut(plain(value), MAX_PARAGRAPHS, field, problems) or None


def flat(value: Any) -> list[Any]:
    """A lone value as a list, lists inside lists opened, absent values left out."""
    if isinstance(value, list):
        return [part for one in value for part in flat(one)]
    if isinstance(value, dict):
        return [part for one in value.values() for part in flat(one)]
    return [] if absent(value) else [value]


def each(read: Normaliser, *, ordered: bool = False) -> Normaliser:
    """A normaliser of lists from one of single values: unique, sorted unless the order says something."""

    def read_all(value: Any, field: str, problems: Problems) -> list[Any]:
        if isinstance(value, str):
            only = None if absent(value) else read(value, field, problems)
            return [] if only is None else [only]
        found = dict.fromkeys(one for part in flat(value) if (one := read(part, field, problems)) is not None)
        if len(found) > MAX_LIST:
            note(problems, field, "", f"{len(found)} values: the first {MAX_LIST} are kept")
        values = list(found)[:MAX_LIST]
        return values if ordered else sorted(values)

    return read_all


def url(value: Any, field: str, problems: Problems) -> str | None:
    """An http(s) address as written; the first one where a text holds several words."""
    if isinstance(value, list):
        return next((found for one in value if (found := url(one, field, problems))), None)
    if isinstance(value, str) and len(value) <= MAX_PARAGRAPHS:
        address = _URL.search(value)
        if address and len(address[0]) <= MAX_URL:
            return address[0].rstrip(".,;:!?")
        if _BARE_HOST.fullmatch(value.strip()):
            return f"https://{value.strip()}"
    if not absent(value):
        note(problems, field, value, "is not a web address")
    return None


_URL: Final = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]()]+(?:\([^\s<>\"'()]*\)[^\s<>\"'`{}|\\^\[\]()]*)*", re.I)
_BARE_HOST: Final = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?:/[^\s<>\"]*)?", re.I)


def urls_in(value: Any, field: str, problems: Problems) -> list[str]:
    """Every web address in a text, in order."""
    return [
        found.rstrip(".,;:!?")
        for words in flat(value)
        if isinstance(words, str)
        for found in _URL.findall(words[:MAX_SEARCHED])
        if len(found) <= MAX_URL
    ]


def evidence(value: Any, field: str, problems: Problems) -> list[str]:
    """Web addresses in a list of texts, unique, in order."""
    return list(dict.fromkeys(urls_in(value, field, problems)))[:MAX_LIST]


def identifier(value: Any, field: str, problems: Problems) -> str | None:
    """A printed identifier of any scheme."""
    if isinstance(value, str) and (found := parse_identifier(value)):
        return str(found)
    note(problems, field, value, "is not an identifier known here")
    return None


def known_identifier(value: Any, field: str, problems: Problems) -> str | None:
    """A printed identifier of a registry; silent about any other address."""
    found = parse_identifier(value) if isinstance(value, str) else None
    return str(found) if found and found.scheme != "url" else None


def licence(value: Any, field: str, problems: Problems) -> dict[str, Any] | None:
    """The licence as `kernel.licences` reads it; an unknown one is kept with a note."""
    found = read_licence(value)
    if found is None:
        return None
    if found.category == "unknown":
        note(problems, field, value, "is not a licence known here")
    return found.to_json()


def language(value: Any, field: str, problems: Problems) -> str | None:
    """A BCP 47 tag."""
    return _parsed(parse_language, value, field, problems, "is not a language known here")


def country(value: Any, field: str, problems: Problems) -> str | None:
    """An ISO 3166 alpha-3 code."""
    return _parsed(parse_country, value, field, problems, "is not a country known here")


def _parsed(parse: Callable[[str], str | None], value: Any, field: str, problems: Problems, problem: str) -> str | None:
    found = parse(value) if isinstance(value, str) else None
    if found is None and not absent(value):
        note(problems, field, value, problem)
    return found


def date(value: Any, field: str, problems: Problems) -> str | None:
    """An ISO date as precise as known."""
    if absent(value):
        return None
    found = parse_date(value)
    if found is None:
        note(problems, field, value, "is not a date that can be read")
    return found


def sdg(value: Any, field: str, problems: Problems) -> int | None:
    """A Sustainable Development Goal: 1-17, `"SDG 3"`, `"3. Good health"`."""
    found = re.match(r"\D{0,12}?(\d{1,2})(?!\d)", str(value)) if not isinstance(value, bool) else None
    if found and 1 <= int(found[1]) <= 17:
        return int(found[1])
    note(problems, field, value, "is not one of the 17 goals")
    return None


def components(value: Any, field: str, problems: Problems) -> list[dict[str, Any]]:
    """Parts of a model: `[{"name", "licence", "description"}]`, each licence read on its own."""
    made: list[dict[str, Any]] = []
    for part in value if isinstance(value, list) else []:
        name = line(part.get("name"), field, problems) if isinstance(part, dict) else None
        if not name:
            note(problems, field, part, "is not a named component")
            continue
        entry = {
            "name": name,
            "licence": licence(part.get("licence"), f"{field}.licence", problems),
            "url": url(part.get("url"), field, problems),
            "description": paragraphs(part.get("description"), field, problems),
        }
        made.append({key: one for key, one in entry.items() if one is not None})
    return made[:MAX_LIST]


def hub_model(value: Any, field: str, problems: Problems) -> str | None:
    """The printed identifier of a model on the Hugging Face Hub, from a bare `owner/name`."""
    found = parse_identifier(value, "hf") if isinstance(value, str) else None
    return str(found) if found else None


def record_of(source: str) -> Normaliser:
    """A link to another record of the same source, by its native id."""

    def target(value: Any, field: str, problems: Problems) -> str | None:
        native_id = line(value, field, problems)
        return f"record:{record_id(source, native_id)}" if native_id else None

    return target


def name(value: Any, field: str, problems: Problems) -> str | None:
    """A link to a thing known by its name only."""
    words = line(value, field, problems)
    return f"name:{words}" if words else None


#: `as:` in a mapping → normaliser of one value. `record` is made for each source by the compiler.
NORMALISERS: Final[dict[str, Normaliser]] = {
    "line": line,
    "paragraphs": paragraphs,
    "url": url,
    "urls_in": urls_in,
    "identifier": identifier,
    "known_identifier": known_identifier,
    "hub_model": hub_model,
    "licence": licence,
    "language": language,
    "country": country,
    "date": date,
    "sdg": sdg,
    "integer": integer,
    "number": number,
    "decimal": decimal,
    "quantity": quantity,
    "money": money,
    "name": name,
}

#: Property of a record → its normaliser. Title and description also take the language they are in.
FIELDS: Final[dict[str, Normaliser]] = {
    "title": title,
    "description": description,
    "identifiers": each(identifier),
    "url": url,
    "licence": licence,
    "languages": each(language),
    "countries": each(country),
    "sdgs": each(sdg),
    "sectors": each(line),
    "keywords": each(line),
    "publisher": line,
    "contact": line,
    "issued": date,
    "modified": date,
    "status": line,
    "evidence": evidence,
}

#: Type of an extra (`core/kinds.py`) → its normaliser.
TYPES: Final[dict[str, Normaliser]] = {
    "text": line,
    "int": integer,
    "number": number,
    "date": date,
    "url": url,
    "texts": each(line),
    "money": money,
    "quantity": quantity,
    "components": components,
}


def after(read: Normaliser, then: Normaliser) -> Normaliser:
    """`as:` first, the property's own shape after it; a list normaliser is fed element by element."""

    def both(value: Any, field: str, problems: Problems) -> Any:
        if isinstance(value, list):
            parts = [read(one, field, problems) for one in flat(value)]
            return then([one for one in parts if one is not None], field, problems)
        found = None if absent(value) else read(value, field, problems)
        return None if found is None else then(found, field, problems)

    return both
