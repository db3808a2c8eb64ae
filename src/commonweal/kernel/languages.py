"""Human languages: BCP 47 tags from codes and from exact names in many languages.

Codes and validity come from the IANA registry (all of ISO 639-3), canonical forms and names from CLDR; see
``data/make_names.py``. Nothing is guessed: what is neither a code nor exactly a name is None.

Rules:

* The shortest tag: ``swh``, ``swa``, ``sw-Latn`` → ``sw``. A script goes when it is the one the language is usually written in,
  except for Chinese, where ``zh-Hans`` and ``zh-Hant`` are different wishes. A region stays (``pt-BR``), a private-use
  one goes (``en_XX``); known variants stay (``ca-valencia``), extensions go.
* A member of a macrolanguage becomes the macrolanguage where CLDR says that it is what people mean: ``cmn`` → ``zh``,
  ``arb`` → ``ar``, ``swh`` → ``sw``; ``arz`` (Egyptian Arabic) stays itself.
* ``und``, ``mul``, ``mis``, ``zxx``, ``multilingual``, ``code`` and the like say no language: None.
* A name may carry the name of a country or script: ``Arabic (Egypt)``, ``português (Brasil)``, ``Banjar (Arabic script)``.
* A bare code counts in lower case. In capitals it counts for languages that have a two-letter code (``EN``, ``ENG``, ``SWA``);
  others are mostly something else: ``CSS``, ``GAS``, ``ASP``, ``NaN`` are ISO 639-3 codes in lower case only. With one capital
  it is a name or nothing (``Ewe``, ``Mon``, ``Ga``; ``Arc``, ``Org``, ``Lua``).
* Programming languages and "no value" are no answer: ``Python``, ``Java``, ``all``. The lists are in ``data/aliases.toml``. A
  source of programming languages in lower-case letters (``lua``, ``css``) must be mapped elsewhere: nothing tells them apart.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from commonweal.kernel.names import aliases, name_form, rows
from commonweal.kernel.places import ALPHA2, country_name, parse_country

MAX_CHARACTERS = 100

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_QUALIFIED = re.compile(r"([^()]+) \(([^()]+)\)")  # "Arabic (Egypt)"
_EXTENDED = frozenset({"ar", "kok", "lv", "ms", "sgn", "sw", "uz", "zh"})  # languages with extlang subtags: zh-yue
_SCRIPT_MATTERS = frozenset({"zh"})
_REGION = re.compile(r"[A-Z]{2}|\d{3}")
_PRIVATE_REGION = re.compile(r"AA|Q[M-Z]|X[A-JL-Z]|ZZ")
_ALPHA3 = {**{alpha2: alpha3 for alpha3, alpha2 in ALPHA2.items()}, "XK": "XKX"}
_AREAS = frozenset({"001", "002", "019", "142", "150", "419"})  # world, continents, Latin America


class _Tables(NamedTuple):
    codes: dict[str, str]  # any code or tag, lower case → canonical tag
    names: dict[str, str]  # name form → canonical tag
    scripts: dict[str, str]  # language → the script it is usually written in
    titles: dict[str, str]  # canonical tag → English name
    subtags: dict[str, str]  # script or variant → English name
    script_names: dict[str, str]  # name form → script
    not_names: frozenset[str]
    not_codes: frozenset[str]


@cache
def _tables() -> _Tables:
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    scripts: dict[str, str] = {}
    titles: dict[str, str] = {}
    for tag, title, script, others, forms in rows("languages.tsv"):
        if title:
            codes[tag.lower()] = tag
            titles[tag] = title
        if others:
            codes.update(dict.fromkeys(others.split("|"), tag))
        if forms:
            names.update(dict.fromkeys(forms.split("|"), tag))
        scripts[tag] = script
    by_hand = aliases()
    subtags = sorted(rows("subtags.tsv"), key=lambda row: "(" not in row[2])  # "Latin" after "Latin (Fraktur variant)": last wins
    names.update((name_form(name), tag) for name, tag in by_hand["languages"].items())
    return _Tables(
        codes,
        names,
        scripts,
        titles,
        {code: name for _, code, name in subtags},
        {name_form(name.partition(" (")[0]): code for kind, code, name in subtags if kind == "script"},
        frozenset(name_form(name) for name in by_hand["not"]["languages"]),
        frozenset(by_hand["not"]["language_codes"]),
    )


def parse_language(raw: str) -> str | None:
    """The BCP 47 tag of a code (ISO 639-1, -2, -3, BCP 47, ``swh-Latn``, ``eng_Latn``) or of an exact name; else None."""
    if not isinstance(raw, str) or len(raw) > MAX_CHARACTERS:
        return None
    return _parse(raw)


@lru_cache(maxsize=8192)
def _parse(raw: str) -> str | None:
    raw = raw.strip()
    tables = _tables()
    if not _TAG.fullmatch(raw):
        return _by_name(raw, tables)
    if len(raw) > 3 or raw.islower():
        return _by_code(raw, tables) or _by_name(raw, tables)
    tag = _by_code(raw, tables) if raw.isupper() else None
    return tag if tag and (len(raw) == 2 or len(tag) == 2) else _by_name(raw, tables)


def _by_name(raw: str, tables: _Tables) -> str | None:
    form = name_form(raw)
    if form in tables.not_names:
        return None
    if tag := tables.names.get(form):
        return tag
    if qualified := _QUALIFIED.fullmatch(form):
        tag = tables.names.get(qualified[1])
        if tag is None or "-" in tag:
            return None
        if script := tables.script_names.get(qualified[2].removesuffix(" script")):
            return _shortest(f"{tag}-{script}", tables)
        if (country := parse_country(qualified[2])) in ALPHA2:
            return f"{tag}-{ALPHA2[country]}"
    return None


def _by_code(raw: str, tables: _Tables) -> str | None:
    tag = raw.lower().replace("_", "-")
    if tag in tables.not_codes:
        return None
    if known := tables.codes.get(tag):
        return _shortest(known, tables)
    first, *rest = tag.split("-")
    found = tables.codes.get(first)
    if found is None:
        return None
    if rest and found in _EXTENDED and len(rest[0]) == 3 and rest[0].isalpha():
        found = tables.codes.get(rest.pop(0), found)
    language, *kept = found.split("-")
    script = kept[0] if kept else ""
    region = ""
    variants: list[str] = []
    for subtag in rest:
        if len(subtag) == 1:  # an extension or private use: says nothing about the language
            break
        if len(subtag) == 4 and subtag.title() in tables.subtags and not region and not variants:
            script = subtag.title()
        elif _REGION.fullmatch(subtag.upper()) and not region and not variants:
            region = "GB" if subtag == "uk" else subtag.upper()
            if _PRIVATE_REGION.fullmatch(region):
                region = ""
            elif region not in _ALPHA3 and region not in _AREAS:
                return None
        elif subtag in tables.subtags:
            variants.append(subtag)
        else:
            return None
    return _shortest("-".join(filter(None, (language, script, region, *variants))), tables)


def _shortest(tag: str, tables: _Tables) -> str:
    language, *rest = tag.split("-")
    if rest and rest[0] == tables.scripts.get(language) and language not in _SCRIPT_MATTERS:
        rest = rest[1:]
    return "-".join((language, *rest))


@lru_cache(maxsize=8192)
def language_name(tag: str, lang: str = "en") -> str:
    """The language's name in ``lang`` (CLDR), else in English, else the tag itself; parts of a long tag in brackets."""
    tables = _tables()
    base, *rest = tag.split("-")
    if lang.partition("-")[0] != "en":
        from babel import Locale, UnknownLocaleError  # 30 ms and the locale's data: only for those who ask

        try:
            locale = Locale.parse(lang.replace("-", "_"))
        except (ValueError, UnknownLocaleError):
            pass
        else:
            if name := locale.languages.get(tag.replace("-", "_")):
                return str(name)
            if name := locale.languages.get(base):
                parts = [str(locale.scripts.get(part) or locale.territories.get(part) or part) for part in rest]
                return f"{name} ({', '.join(parts)})" if parts else str(name)
    if name := tables.titles.get(tag):
        return name
    if base not in tables.titles:
        return tag
    parts = [tables.subtags.get(part) or (country_name(_ALPHA3[part]) if part in _ALPHA3 else part) for part in rest]
    return f"{tables.titles[base]} ({', '.join(parts)})"


#: ISO 639-2/B, what libraries write in place of the terminological code.
_BIBLIOGRAPHIC = frozenset(
    [
        "alb",
        "arm",
        "baq",
        "bur",
        "chi",
        "cze",
        "dut",
        "fre",
        "geo",
        "ger",
        "gre",
        "ice",
        "mac",
        "mao",
        "may",
        "per",
        "rum",
        "slo",
        "tib",
        "wel",
    ]
)


@lru_cache(maxsize=4096)
def iso_639_3(tag: str) -> str | None:
    """The three-letter code of a tag's language (terminological: ``fra``, ``zho``), script and region left out."""
    language = tag.partition("-")[0].lower()
    if len(language) == 3:
        return language
    return _three_letters().get(language)


@cache
def _three_letters() -> dict[str, str]:
    found = {}
    for tag, _, _, others, _ in rows("languages.tsv"):
        if len(tag) == 2:
            codes = [code for code in others.split("|") if len(code) == 3 and code not in _BIBLIOGRAPHIC]
            found[tag] = min(codes, key=lambda code: not code.startswith(tag), default="")
    return {tag: code for tag, code in found.items() if code}
