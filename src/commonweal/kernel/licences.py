"""Licences as sources write them, read to SPDX expressions and one of nine categories.

A false “open” is the worst error here, so an open verdict needs a whole text that says exactly one known licence; what
is not read with certainty is ``unknown``. Words that restrict (“non-commercial”, “research only”) may close a text that
is not understood otherwise, never open one. The rules:

* names, ids and addresses: :mod:`commonweal.kernel.licence_names`;
* categories: ``open`` and ``share-alike`` only for licences that OSI or FSF accept or that the reviewed table
  ``data/licences.json`` names; weak copyleft (MPL, LGPL, EPL) is ``share-alike``; NC with ND is ``non-commercial``;
* SPDX expressions: OR is its most open branch, AND its most restrictive one, WITH its licence if the exception is an
  SPDX one; operators in capitals, ids only;
* several statements about one thing (a name and its address, the members of an object) must agree;
* lists hold all at once: the most restrictive member decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any

import orjson

from commonweal.kernel.licence_names import Name, ids, index, load, normalise, read_address, read_name

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
LICENCES_VERSION: str = "2026.1"  # of the rules and tables together; stored beside every verdict
MAX_CHARACTERS = 2_000

# From most open to most restrictive. Unknown stands before all that is known to be closed: AND with a closed licence
# is closed whatever the unknown one is, OR with an open licence is open.
_RANK = {
    name: rank
    for rank, name in enumerate(
        ("open", "share-alike", "unknown", "not-a-licence", "field-of-use", "no-derivatives", "non-commercial",
         "source-available", "proprietary")
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Licence:
    """What a source says about the licence and what it means.

    Args:
        raw: the words of the source, JSON for anything but text, cut at ``MAX_CHARACTERS``.
        expression: SPDX expression (LicenseRef-* allowed), or None where no single licence is named.
        category: one of ``CATEGORIES``.
        rule: which rule mapped it, for people who ask why.
    """

    raw: str
    expression: str | None
    category: str
    rule: str

    def to_json(self) -> dict[str, str | None]:
        """``{"raw", "expression", "category", "rule"}``."""
        return {"raw": self.raw, "expression": self.expression, "category": self.category, "rule": self.rule}


def read_licence(raw: object) -> Licence | None:
    """Read text, an address, a list of licences or an object (``{"name", "url", "spdx", …}``).

    Returns None when nothing was said (None, blank text, empty list or object). Never raises; results are cached.
    """
    if isinstance(raw, str):
        return _read_cached(raw if len(raw) <= MAX_CHARACTERS else raw[: MAX_CHARACTERS + 1])
    if isinstance(raw, Mapping):
        return _read_object(raw)
    if isinstance(raw, list | tuple | set | frozenset):
        return _read_list(raw)
    if raw is None:
        return None
    return Licence(_json(raw), None, "unknown", "not text")


def is_open(category: str) -> bool:
    """Whether anyone may use, change and share for any purpose: ``open`` or ``share-alike``."""
    return category in ("open", "share-alike")


def explain(licence: Licence, lang: str = "en") -> str:
    """What the licence means in one plain sentence. Only English exists; another ``lang`` gets it too."""
    words = load_table()["explain"]
    name = licence.expression or f"“{licence.raw.strip()[:60]}”"
    sentence: str = words[licence.category]
    return sentence.replace("{name}", name)


@lru_cache(maxsize=16_384)
def _read_cached(raw: str) -> Licence | None:
    text = raw.strip()
    if not text:
        return None
    if len(raw) > MAX_CHARACTERS:
        return Licence(raw[:MAX_CHARACTERS], None, *_close(text, "longer than a licence statement"))
    known = _read_statement(text)
    if known:
        return Licence(raw, known.expression, known.category or "unknown", known.rule)
    return Licence(raw, None, *_close(text, "not understood"))


def _read_list(raw: Iterable[object]) -> Licence | None:
    members = sorted((licence for licence in map(_read_member, raw) if licence), key=lambda licence: licence.raw)
    if not members:
        return None
    unique = {(member.expression, member.category): member for member in members}
    shown = _json(sorted({member.raw for member in members}))
    if len(unique) == 1:
        return Licence(shown, members[0].expression, members[0].category, members[0].rule)
    category = max((member.category for member in members), key=_RANK.__getitem__)
    if category == "not-a-licence":
        category = "unknown"
    expressions = sorted({_bracket(member.expression) for member in members if member.expression})
    complete = all(member.expression for member in members)
    return Licence(shown, " AND ".join(expressions) if complete else None, category, "list: the most restrictive decides")


def _read_member(value: object) -> Licence | None:
    """A member of a list or object: text, or an object of texts; deeper nesting is not read."""
    if isinstance(value, str):
        return read_licence(value)
    if isinstance(value, Mapping):
        return _read_object({key: item for key, item in value.items() if isinstance(item, str)})
    return None if value is None else Licence(_json(value), None, "unknown", "not text")


_MEMBERS = frozenset(
    [
        "id",
        "identifier",
        "spdx",
        "spdxid",
        "spdxexpression",
        "spdxlicense",
        "expression",
        "license",
        "licenses",
        "licenseid",
        "licensename",
        "licenseurl",
        "licenseuri",
        "licenselink",
        "name",
        "title",
        "fullname",
        "shortname",
        "label",
        "slug",
        "key",
        "code",
        "type",
        "url",
        "uri",
        "href",
        "link",
    ]
)


def _read_object(raw: Mapping[Any, Any]) -> Licence | None:
    """An object that describes one licence: its members must agree. Descriptions and the like are not read.

    An address that is not understood (a licence file, a home page) contradicts nothing; other words that are not
    understood do.
    """
    said: list[Licence] = []
    for key, value in raw.items():
        name = re.sub(r"[^a-z]", "", str(key).lower().replace("licence", "license"))
        if name in _MEMBERS and key != "@type" and isinstance(value, str | Mapping) and (licence := _read_member(value)):
            said.append(licence)
    if not said:
        return Licence(_json(raw), None, "unknown", "object without a licence") if any(raw.values()) else None
    telling = [licence for licence in said if not _is_vague(licence)] or said[:1]
    agreed = _agree([Name(licence.expression, licence.category, licence.rule) for licence in telling])
    return Licence(_json(raw), agreed.expression, agreed.category or "unknown", f"object: {agreed.rule}")


def _is_vague(licence: Licence) -> bool:
    """Whether it names no licence without denying one: “other”, an address that stands for no licence."""
    if licence.category != "unknown" or licence.expression:
        return False
    return licence.rule.startswith("family:") or _ADDRESS.fullmatch(licence.raw.strip()) is not None


def _agree(known: list[Name]) -> Name:
    """One meaning of several statements about one thing; contradictions are unknown, or closed if one says so."""
    expressions = {name.expression for name in known if name.expression}
    categories = {_category_of(name) for name in known}
    if len(categories) == 1 and len(expressions) <= 1:
        best = next((name for name in known if name.expression), known[0])
        return best._replace(category=categories.pop())
    worst = max(categories, key=_RANK.__getitem__)
    closed = _RANK[worst] > _RANK["not-a-licence"]
    return Name(None, worst if closed else "unknown", "statements contradict each other")


def _category_of(name: Name) -> str:
    return name.category or (categorise(name.expression) if name.expression else "unknown")


_LONGEST = 300  # characters of a statement that is read whole; longer ones are paragraphs with conditions
_LINK = re.compile(r"\[([^\[\]]{1,300})\] ?\(<?([^()\s<>]+)>?(?: \"[^\"]*\")?\)")
_ANCHOR = re.compile(r"<a\s[^<>]*?href\s*=\s*[\"']?([^\"'\s<>]+)[\"']?[^<>]*>([^<>]{1,300})</a>", re.I)
_AUTOLINK = re.compile(r"<(https?://[^<>\s]+)>")
_TAIL = re.compile(r"(?P<head>.*?)[\s:,–—-]*[\[(](?P<tail>[^()\[\]]+)[\])](?: licen[cs]e)?\s*[.,;]?\s*", re.S | re.I)
_ADDRESS_TAIL = re.compile(r"(?P<head>.*?)[\s:,.;–—-]+(?:see |at |via )?(?P<tail>https?://\S+?)[.,;]?\s*", re.S | re.I)
_ADDRESS = re.compile(r"https?://\S+", re.I)
_LICENCE_FILE = re.compile(r"https?://\S*/(?:[\w.-]*(?:licen[cs]e|copying|unlicense)[\w.-]*|#licen[cs]e\S*)", re.I)


def _read_statement(text: str) -> Name | None:
    """The one licence that the whole text names, with its category, or None."""
    text = _AUTOLINK.sub(r"\1", _ANCHOR.sub(r"\2 (\1)", _LINK.sub(r"\1 (\2)", text)))
    text = " ".join(text.split()).strip("'\"“”")
    if len(text) > _LONGEST:
        return None
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    known = _read_part(text)
    return known and known._replace(category=_category_of(known))


def _read_part(text: str, depth: int = 4) -> Name | None:
    if _ADDRESS.fullmatch(text):
        return read_address(text.rstrip(".,;"))
    if known := read_name(text) or _read_expression(text):
        return known
    if _COPYRIGHT.fullmatch(text) and "licen" not in text.lower():
        return Name(None, "not-a-licence", "a copyright notice")
    if depth == 0:
        return None
    for pattern in (_TAIL, _ADDRESS_TAIL):
        if found := pattern.fullmatch(text):
            return _read_pair(found["head"], found["tail"], depth)
    if (found := _SENTENCE.fullmatch(text)) and not _restrictions()[0].search(normalise(text[: found.start("licence")])):
        return _read_part(found["licence"], depth - 1)
    return None


def _read_pair(head: str, tail: str, depth: int) -> Name | None:
    """``name (short name)``, ``name (address)``, ``name address``: both must say the same licence."""
    first, second = _read_part(head, depth - 1), _read_part(tail, depth - 1)
    if first and second:
        vague = first.expression is None and first.category == "unknown"
        return second if vague and not is_open(_category_of(second)) else _agree([first, second])
    if second and normalise(head) in _POINTERS:
        return second
    # A licence file beside the work does not contradict its name; any other unread address might.
    return first if first and _LICENCE_FILE.fullmatch(tail) else None


_POINTERS = frozenset({"", "license", "here", "see", "see license", "link", "license link", "see here", "terms", "terms of use"})
_VERB = r"(?:licen[cs]ed|released|made available|available|distributed|provided|published|shared|offered|issued|covered)"
_THING = (
    r"(?:data ?sets?|data ?base|data|work|works|models?|model weights|weights|checkpoints?|software|corpus|corpora|project"
    r"|resources?|packages?|library|repository|repo|benchmark|collection|materials?|contents?|archive|tool|product)"
)
_NAME = (  # words that could limit the statement to a part are no name
    r"(?:(?!(?:not|no|never|some|parts?|portions?|half|most|much|many|selected|certain|several|one|two|each|except|unless"
    r"|only|but|if|when|with|without|exceptions?|unlike|like|see|terms|for|more|draft|either|other|otherwise|individual|sample|subsets?|code|scripts?|annotations?|metadata"
    r"|documentation|and|or|of)\b)\w[\w'’.&/+-]* )"
)
_SUBJECT = (
    rf"(?:(?:this|the|our|all|these|all of the|all the) )?(?:entire |whole |present )?"
    rf"(?:{_NAME}{{0,4}}?{_THING}(?: (?:and|&) {_THING})?(?: (?:in|of|on) (?:this|the) \w+)? |{_NAME})"
)
_SENTENCE = re.compile(
    rf"(?:(?:{_SUBJECT}(?:is|are|has been|have been) )?(?:also |freely |publicly |hereby )?{_VERB}"
    rf"(?: (?:for (?:use|download)|to (?:the )?public))? (?:under|with|using|via|by) "
    r"|licen[cs]e ?[:=-] ?|under |terms: ?)"
    r"(?:the |a |an )?(?:terms(?: and conditions)? of )?(?:the |a |an )?(?P<licence>[^.]+(?:\.\S[^.]*)*?)(?: terms)?[.]?",
    re.I,
)
_COPYRIGHT = re.compile(  # a notice of who and when, and nothing else
    r"(?!.*(?:licen[cs]|rights|permi|domain))(?:copyright|©) ?(?:©|\(c\))? ?<?\d{4}(?:[-–, ]*\d{4})*>?(?: <?[\w'’.&-]+>?){1,5}",
    re.I,
)


_OPERATOR = re.compile(r" (?:AND|OR|WITH) |^\(|\+$")


def _read_expression(text: str) -> Name | None:
    """An SPDX expression of known ids with operators in capitals."""
    if not _OPERATOR.search(text) or len(text) > 500:
        return None
    parsed = _parse(text)
    return Name(parsed[0], parsed[1], "spdx-expression") if parsed else None


def _parse(text: str) -> tuple[str, str] | None:
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
    return choose((_category_of_tree(branch) for branch in branches), key=_RANK.__getitem__)


@cache
def categorise(expression: str) -> str:
    """The category of an SPDX id, LicenseRef or expression; ``unknown`` for what is not known."""
    spdx = ids().get(expression.lower())
    if spdx is None:
        parsed = _parse(expression)
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


def _close(text: str, rule: str) -> tuple[str, str]:
    """(category, rule) of a text that was not understood: what it forbids if it says so, else unknown."""
    normal = normalise(text)
    any_of, taken_back, rows = _restrictions()
    if any_of.search(normal) and not taken_back.search(normal):
        for words, category, reason in rows:
            if words.search(normal):
                return category, f"restriction: {reason}"
    return "unknown", rule


@cache
def _restrictions() -> tuple[re.Pattern[str], re.Pattern[str], list[tuple[re.Pattern[str], str, str]]]:
    """(any restriction at all, words that take it back, the rows in order)."""
    table = load_table()["restrictions"]
    rows = [(re.compile(words), category, reason) for words, category, reason in table["rows"]]
    return re.compile("|".join(f"(?:{row[0]})" for row in table["rows"])), re.compile(table["not_when"]), rows


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


def _bracket(expression: str | None) -> str:
    text = expression or ""
    return f"({text})" if " OR " in text else text


def _json(value: object) -> str:
    try:
        data = orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    except TypeError:  # huge integers, lone surrogates, nesting without end
        return f"({type(value).__name__})"
    return data.decode()[:MAX_CHARACTERS]
