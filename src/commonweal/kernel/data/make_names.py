"""Makes languages.tsv, subtags.tsv, countries.tsv and country_names.tsv from Babel's CLDR and the IANA language subtag registry.

    npm pack language-subtag-registry && tar xzf language-subtag-registry-*.tgz
    python -m commonweal.kernel.data.make_names package/data/json

Sources: Unicode CLDR through Babel (Unicode License v3, © Unicode, Inc.: LICENSE.unicode.txt); IANA Language Subtag
Registry, which carries every ISO 639-3 code (npm package language-subtag-registry, CC0-1.0).

Run it after a new Babel or registry and read the difference. A name that two languages or two countries share is left out,
unless one of them is its plain English name or what its own speakers or a widely read language call it.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import babel
from babel.core import get_cldr_version, get_global
from babel.localedata import load, locale_identifiers

from commonweal.kernel.names import DATA, aliases, name_form

# Codes CLDR names or aliases that ISO 3166 has not officially assigned, or has withdrawn.
UNOFFICIAL = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
WITHDRAWN = {"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"}
WIDELY_READ = {"ar", "de", "es", "fr", "hi", "ja", "pt", "ru", "zh"}
ENGLISH, OWN, WIDE, REGISTRY, OTHER = range(5)  # how well a name is attested, best first


class Names:
    """Which code a name belongs to, by the best kind of witness; ties leave the name out."""

    def __init__(self, excluded: set[str]) -> None:
        self.excluded = excluded
        self.witnesses: dict[str, dict[str, int]] = defaultdict(dict)

    def add(self, name: str, code: str, witness: int) -> None:
        form = name_form(name)
        short = len(form) < (5 if witness == REGISTRY else 3 if witness == ENGLISH else 4)
        if form in self.excluded or (short and form.isascii()) or len(form) < 2:
            return
        known = self.witnesses[form]
        known[code] = min(witness, known.get(code, OTHER))

    def by_code(self) -> dict[str, list[str]]:
        names = defaultdict(list)
        for form, codes in self.witnesses.items():
            best = min(codes.values())
            heard = {ENGLISH: ENGLISH, OWN: OWN, WIDE: REGISTRY}.get(best, OTHER)  # weaker witnesses cannot object
            winners = [code for code, witness in codes.items() if witness <= heard]
            if len(winners) == 1:
                names[winners[0]].append(form)
        return {code: sorted(forms) for code, forms in names.items()}


def locales() -> Iterator[tuple[str, dict[str, object]]]:
    for identifier in sorted(locale_identifiers()):
        if identifier != "root":
            yield identifier, load(identifier, merge_inherited=False)


def witness_of(locale: str, tag: str = "") -> int:
    """Small locales hold slips (Wolof calls Southern Africa "Afrique du Sud"), so widely read ones weigh more."""
    if locale == "en":
        return ENGLISH
    language = locale.partition("_")[0]
    if language == tag.partition("-")[0]:
        return OWN
    return WIDE if language in WIDELY_READ else OTHER


def write(table: str, source: str, columns: str, lines: list[list[str]]) -> None:
    head = [f"# {source}", f"# Made by make_names.py; columns: {columns}"]
    (DATA / table).write_text("\n".join([*head, *("\t".join(line) for line in sorted(lines))]) + "\n", encoding="utf-8")


def make_languages(registry: list[dict[str, object]]) -> None:
    likely = get_global("likely_subtags")
    names = Names({name_form(name) for name in aliases()["not"]["languages"]})
    codes: dict[str, set[str]] = defaultdict(set)
    titles: dict[str, str] = {}
    scripts: dict[str, str] = {}

    canonical = {old.lower().replace("_", "-"): new.replace("_", "-") for old, new in get_global("language_aliases").items()}
    for entry in registry:
        code = str(entry.get("Subtag", entry.get("Tag"))).lower()
        if entry["Type"] in ("language", "grandfathered") and "Preferred-Value" in entry:
            canonical.setdefault(code, str(entry["Preferred-Value"]))
    for old, new in canonical.items():
        while new in canonical:
            new = canonical[new]
        codes[new].add(old)

    for entry in registry:
        if entry["Type"] != "language" or entry.get("Scope") == "special" or ".." in str(entry["Subtag"]):
            continue
        code = str(entry["Subtag"])
        descriptions = [str(text) for text in entry["Description"]]  # type: ignore[attr-defined]
        tag = canonical.get(code, code)
        if tag == code:
            titles[code] = descriptions[0]
            scripts[code] = likely[code].split("_")[1] if code in likely else str(entry.get("Suppress-Script", ""))
        for description in descriptions:
            names.add(description, tag, REGISTRY)
    for locale, data in locales():
        for key, name in data.get("languages", {}).items():  # type: ignore[attr-defined]
            tag = key.replace("_", "-")
            tag = canonical.get(tag.lower(), tag)
            if tag.partition("-")[0] not in titles:
                continue
            names.add(str(name), tag, witness_of(locale, tag))
            if locale == "en" and tag == key.replace("_", "-"):
                titles[tag] = str(name)
                if "-" in tag:
                    scripts[tag] = ""
    found = names.by_code()
    lines = [
        [tag, titles.get(tag, ""), scripts.get(tag, ""), "|".join(sorted(codes[tag])), "|".join(found.get(tag, []))]
        for tag in sorted({*titles, *codes} - {""})
        if tag.partition("-")[0] in titles
    ]
    write(
        "languages.tsv",
        SOURCE + "; IANA Language Subtag Registry (CC0-1.0)",
        "BCP 47 tag, English name, usual script, other codes, names in many languages",
        lines,
    )


def make_subtags(registry: list[dict[str, object]]) -> None:
    lines = [
        [str(entry["Type"]), str(entry["Subtag"]), str(entry["Description"][0])]  # type: ignore[index]
        for entry in registry
        if entry["Type"] in ("script", "variant") and ".." not in str(entry["Subtag"]) and entry["Subtag"] != "Zzzz"
    ]
    write("subtags.tsv", "IANA Language Subtag Registry (CC0-1.0)", "type, subtag, English name", lines)


def make_countries() -> None:
    alpha3: dict[str, str] = {}
    for old, new in get_global("territory_aliases").items():
        if len(old) == 3 and old.isalpha() and len(new) == 1 and old not in WITHDRAWN:
            alpha3[new[0]] = old
    official = {two: three for two, three in alpha3.items() if two not in UNOFFICIAL and two[0] not in "XQ" and two != "AA"}
    official["QA"] = alpha3["QA"]
    if len(official) != 249:
        raise SystemExit(f"ISO 3166 assigns 249 countries, CLDR gives {len(official)}: look at UNOFFICIAL and WITHDRAWN.")
    excluded = {name_form(name) for name in aliases()["not"]["countries"]}
    titles: dict[str, str] = {}
    named = {**official, "XK": "XKX"}
    names = Names(excluded)
    for locale, data in locales():
        for key, name in data.get("territories", {}).items():  # type: ignore[attr-defined]
            # A region's name belongs to no country; "" stands for every region.
            names.add(str(name), named.get(key, ""), witness_of(locale))
            if locale == "en" and key in named:
                titles[named[key]] = str(name)
    found = names.by_code()
    codes = [[three, two if two in official else "", titles[three]] for two, three in named.items()]
    write("countries.tsv", SOURCE, "ISO 3166 alpha-3, alpha-2 (none: not assigned by ISO), English name", codes)
    lines = [[three, "|".join(found[three])] for three in named.values()]
    write("country_names.tsv", SOURCE, "ISO 3166 alpha-3, names in many languages", lines)


SOURCE = f"Unicode CLDR {get_cldr_version()} (Unicode License v3) through Babel {babel.__version__}"

if __name__ == "__main__":
    registry = json.loads((Path(sys.argv[1]) / "registry.json").read_text(encoding="utf-8"))
    make_languages(registry)
    make_subtags(registry)
    make_countries()
