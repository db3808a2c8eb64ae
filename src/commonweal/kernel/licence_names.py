"""What a licence's name or address means: exact tables and two small grammars, never a resemblance.

A text is looked up after one normalisation (:func:`normalise`); what is looked up is always the whole text. Tables:
``data/licences_spdx.json`` (full SPDX names), ``data/licence_names.json`` (other names, families, addresses) and the
index of ``license-expression`` (ids). Creative Commons and GNU names are read by grammar, because they combine.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import orjson


class Name(NamedTuple):
    """What a name means: an SPDX expression (None for a family of licences), a family's category, and the rule."""

    expression: str | None
    category: str | None
    rule: str


_DASHES = re.compile(r"[‐‑‒–—―−]")
_MARKS = re.compile(r"[®©™`\"“”„«»‘]+")
_VERSION = re.compile(r"\b(?:version|ver\.?|v\.?) ?(?=\d)")
_CC0 = re.compile(r"\bcc0\b")
_SEPARATORS = re.compile(r"[\s_,/:;-]+")


def normalise(text: str) -> str:
    """The form in which names are compared.

    NFKC, case folded; quotation and trade marks dropped; “licence” spelt “license”; “version 2.0”, “v2.0” → “2.0”;
    “&” → “and”; “CC0” → “CC 0”; blanks, commas, colons, slashes, hyphens and underscores → one blank; a first “the” and
    final full stops dropped. A question mark or an asterisk stays: it says that the name is not the whole story.
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _MARKS.sub("", _DASHES.sub("-", text)).replace("’", "'").replace("licence", "license").replace("&", " and ")
    text = _CC0.sub("cc 0", _VERSION.sub("", _SEPARATORS.sub(" ", text))).strip(" .#'")
    return text.removeprefix("the ")


def read_name(text: str) -> Name | None:
    """The meaning of a whole text as a licence's id or name, or None."""
    stripped = text.strip()
    key = stripped.lower()
    if (spdx := ids().get(key)) and _is_deliberate(stripped, spdx):
        return Name(spdx, None, "spdx-id")
    normal = normalise(text)
    bare = normal.removesuffix(" license")
    return _names().get(normal) or _names().get(bare) or _read_creative_commons(normal) or _read_gnu(bare)


def _is_deliberate(text: str, spdx: str) -> bool:
    """Whether ``text`` is meant as the id: ids that are plain words (Fair, Intel, Ruby) count in exact spelling only."""
    return not spdx.isalpha() or text == spdx or spdx.isupper()


_CC_WORDS = (
    (re.compile(r"\bcreative ?commons?\b"), "cc"),
    (re.compile(r"\bcc(?=by|nc|sa|nd|\d)"), "cc "),
    (re.compile(r"\battribut(?:ion|e)\b"), "by"),
    (re.compile(r"\bshare ?alike\b"), "sa"),
    (re.compile(r"\bnon ?commercial\b"), "nc"),
    (re.compile(r"\bno ?deriv(?:ative|ate|)s?(?: works)?\b"), "nd"),
    (re.compile(r"\b(by|sa|nc|nd)(?=\d)"), r"\1 "),
    (re.compile(r"\b(nc|nd|sa|by)(?=(?:nc|nd|sa)\b)"), r"\1 "),
    (re.compile(r"\b(?:public license|license|deed|legal ?code)\b"), " "),
    (re.compile(r" +"), " "),
)
_CC = re.compile(
    r"(?P<cc>cc )?(?:cc )?(?:by )?(?P<parts>by(?: (?:nc|sa|nd))*)(?: (?P<version>[1-4](?:\.[015])?))?"
    r"(?: (?P<port>united states|united kingdom|[a-z]+))?(?: public)?"
)
_UNPORTED = ("international", "int", "intl", "unported", "generic", "universal")
_JURISDICTIONS = (  # that versions 1.0 to 3.0 were ported to; “nc”, “nd” and “sa” are none of them
    "igo am ar at au az be bg br ca ch cl cn co cr cz de dk ec ee eg es fi fr ge gr gt hk hr hu ie il in it jo jp kr lu "
    "mk mt mx my nl no nz pe ph pl pr pt ro rs scotland se sg si th tw ug uk us ve vn za"
)
_PORTS = {code: code for code in _JURISDICTIONS.split()} | {
    "argentina": "ar", "australia": "au", "austria": "at", "france": "fr", "germany": "de", "italy": "it", "japan": "jp",
    "netherlands": "nl", "spain": "es", "united kingdom": "uk", "united states": "us",
}  # fmt: skip
_CC_KINDS = {"": "open", "sa": "share-alike", "nd": "no-derivatives", "nc": "non-commercial"}


def _read_creative_commons(normal: str) -> Name | None:
    """``cc by nc sa 4.0``, ``creative commons attribution share alike 3.0 unported``, ``attribution 4.0 international``."""
    text = normal
    for pattern, replacement in _CC_WORDS:
        text = pattern.sub(replacement, text)
    found = _CC.fullmatch(text.strip())
    if not found:
        return None
    version, port = found["version"], found["port"]
    if not found["cc"] and not (normal.startswith("attribution") and version):
        return None
    return creative_commons(found["parts"].split(" "), version, port)


def creative_commons(parts: list[str], version: str | None, port: str | None) -> Name | None:
    """The licence of the parts ``by nc sa nd``; None for combinations and versions that do not exist."""
    extra = parts[1:]
    if len(set(extra)) != len(extra) or {"sa", "nd"} <= set(extra) or parts[0] != "by":
        return None
    ordered = ["by", *(part for part in ("nc", "nd", "sa") if part in extra)]
    kind = _CC_KINDS["nc" if "nc" in extra else "".join(extra)]
    name = "CC-" + "-".join(ordered).upper()
    if not version:
        return Name(None, kind, f"family: {name}, version not said; every version is {kind}") if not port else None
    version = version if "." in version else version + ".0"
    if port in (None, *_UNPORTED):
        spdx = ids().get(f"{name}-{version}".lower())
        return Name(spdx, None, "creative-commons") if spdx else None
    code = _PORTS.get(port)
    if not code or version == "4.0":  # 4.0 was never ported
        return None
    if ported := ids().get(f"{name}-{version}-{code}".lower()):
        return Name(ported, None, "creative-commons")
    return Name(None, kind, f"family: {name} {version}, a national version without SPDX id")


_GNU = re.compile(
    r"(?:gnu )?(?P<word>affero |lesser |library )?(?:(?:general )?public(?: license)?|(?P<letter>[al]?)gpl)"
    r"(?: (?P<short>[al]?)gpl)?(?: ?v?(?P<version>[123](?:\.[01])?))?(?: license)?"
    r"(?: (?P<mode>only|or later|or newer|or any later|or above)|(?P<plus> ?\+))?"
)


def _read_gnu(normal: str) -> Name | None:
    """``gnu general public license 3.0``, ``lgplv2.1+``, ``gnu agpl 3.0 or later``."""
    found = _GNU.fullmatch(normal)
    if not found or ("gnu" not in normal and "gpl" not in normal and "general public" not in normal):
        return None
    letters = {letter for letter in (found["letter"], found["short"]) if letter is not None}
    if found["word"]:
        letters.add("a" if found["word"] == "affero " else "l")
    elif found["letter"] is None:
        letters.add("")
    if len(letters) != 1:
        return None
    name = letters.pop().upper() + "GPL"
    version = found["version"]
    if not version:
        return Name(None, "share-alike", f"family: {name}, version not said; every version is share-alike")
    version = version if "." in version else version + ".0"
    later = found["plus"] or (found["mode"] not in (None, "only"))
    spdx = ids().get(f"{name}-{version}-{'or-later' if later else 'only'}".lower())
    return Name(spdx, None, "gnu") if spdx else None


_CC_PATH = re.compile(
    r"/(?:licenses/(?P<parts>[a-z-]+)(?:/(?P<version>[1-4]\.\d))?(?:/(?P<port>[a-z]{2,3}))?"
    r"|publicdomain/(?P<domain>zero|mark)/1\.0)(?:/(?:deed|legalcode)(?:\.[a-z_-]+)?|/(?:rdf))?",
    re.I,
)
_GNU_PATH = re.compile(r"/(?:licenses|copyleft)/(?:old-licenses/)?(?P<name>(?:[al]?gpl|fdl)(?:-\d\.\d)?)(?:\.[a-z-]+)*", re.I)
_ID_PATHS = {
    "spdx.org": re.compile(r"/licenses/(?P<id>[^/]+?)(?:\.html|\.json|\.txt)?", re.I),
    "opensource.org": re.compile(r"/licenses?/(?P<id>[^/]+?)(?:\.php|\.html|-license(?:\.php)?)?", re.I),
    "choosealicense.com": re.compile(r"/licenses/(?P<id>[^/]+)", re.I),
    "scancode-licensedb.aboutcode.org": re.compile(r"/(?P<id>[^/]+?)(?:\.html|\.json|\.yml|\.license)?", re.I),
}


def read_address(url: str) -> Name | None:
    """The licence that an http(s) address stands for: addresses of licence publishers and licence lists, or None."""
    try:
        split = urlsplit(url.strip())
        host = (split.hostname or "").lower().removeprefix("www.").removeprefix("licenses.")
    except ValueError:
        return None
    if split.scheme.lower() not in ("http", "https"):
        return None
    path = unquote(split.path).rstrip("/")
    if named := _addresses().get(f"{host}{path}".lower()):
        return named
    if host == "creativecommons.org":
        return _read_cc_path(path)
    if host == "arxiv.org" and path.startswith(("/abs/", "/pdf/")):
        return Name(None, "not-a-licence", "address: a paper")
    if host in ("gnu.org", "fsf.org"):
        found = _GNU_PATH.fullmatch(path)
        name = found["name"].replace("fdl", "gfdl") if found else ""
        return read_name(name) if found else None
    if host in _ID_PATHS and (found := _ID_PATHS[host].fullmatch(path)):
        known = read_name(re.sub(r"(?<=\d)-(?=\d)", ".", found["id"])) or _scancode_keys().get(found["id"].lower())
        return known._replace(rule=f"address: {host}") if known and known.category != "not-a-licence" else known
    return None


def _read_cc_path(path: str) -> Name | None:
    found = _CC_PATH.fullmatch(path)
    if not found:
        return None
    if found["domain"]:
        return Name("CC0-1.0" if found["domain"] == "zero" else "CC-PDM-1.0", None, "address: creativecommons.org")
    known = creative_commons(found["parts"].lower().split("-"), found["version"], (found["port"] or "").lower() or None)
    return known and (known if known.category else known._replace(rule="address: creativecommons.org"))


def load(name: str) -> dict[str, Any]:
    """A table of ``kernel/data``."""
    data: dict[str, Any] = orjson.loads((files("commonweal.kernel") / "data" / name).read_bytes())
    return data


@cache
def index() -> list[dict[str, Any]]:
    """The licence index of license-expression: its file, not its 40 ms of set-up."""
    rows: list[dict[str, Any]] = orjson.loads(
        (files("license_expression") / "data" / "scancode-licensedb-index.json").read_bytes()
    )
    return rows


@cache
def ids() -> dict[str, str]:
    """Lower-case SPDX id, deprecated id or LicenseRef → the id to print. Exceptions are not licences and not in it."""
    known: dict[str, str] = {}
    for row in index():
        if row["spdx_license_key"] and not row["is_exception"]:
            for key in (*row["other_spdx_license_keys"], row["spdx_license_key"]):
                if key == row["spdx_license_key"] or not key.isalpha():  # “GPL” alone names a family
                    known[key.lower()] = row["spdx_license_key"]
    for row in load("licences.json")["own"]["rows"]:
        known[row[0].lower()] = row[0]
    return known


@cache
def _scancode_keys() -> dict[str, Name]:
    """ScanCode keys, understood only in addresses of its own site: as words they are too common (“python”)."""
    return {
        row["license_key"]: Name(row["spdx_license_key"], None, "address: scancode-licensedb.aboutcode.org")
        for row in index()
        if row["spdx_license_key"] and not row["is_exception"]
    }


@cache
def _names() -> dict[str, Name]:
    """Normalised name → meaning; a name that two rows give different meanings is left out."""
    table = load("licence_names.json")
    names: dict[str, Name] = {}
    ambiguous: set[str] = set()

    def add(name: str, meaning: Name) -> None:
        key = normalise(name)
        if key in names and names[key][:2] != meaning[:2]:
            ambiguous.add(key)
        names.setdefault(key, meaning)

    for lower, spdx in ids().items():
        if not spdx.isalpha():
            add(lower, Name(spdx, None, "spdx-id"))
    for spdx, full, _marks in load("licences_spdx.json")["rows"]:
        if spdx.lower() in ids():
            add(full, Name(ids()[spdx.lower()], None, "spdx-name"))
    for key in ambiguous:
        del names[key]
    # Reviewed rows beat the generated ones.
    for expression, aliases, _reason in table["names"]:
        for alias in aliases:
            names[normalise(alias)] = Name(expression, None, "name")
    for spdx, full, *_rest in load("licences.json")["own"]["rows"]:
        names[normalise(full).removesuffix(" license")] = Name(spdx, None, "name")
    for category, aliases, reason in table["families"]:
        for alias in aliases:
            names[normalise(alias)] = Name(None, category, f"family: {reason}")
    return names


@cache
def _addresses() -> dict[str, Name]:
    return {
        address: Name(expression, None, "address: publisher")
        for expression, addresses, _reason in load("licence_names.json")["addresses"]
        for address in addresses
    }
