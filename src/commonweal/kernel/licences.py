"""Licences as sources write them, read to SPDX expressions and one of nine categories.

A false “open” is the worst error here, so an open verdict needs a whole text that says exactly one known licence; what
is not read with certainty is ``unknown``. The rules, each in a module of its own:

* names, ids and addresses: :mod:`commonweal.kernel.licence_names`;
* sentences, links, agreement, words that restrict: :mod:`commonweal.kernel.licence_statements`;
* categories and SPDX expressions: :mod:`commonweal.kernel.licence_categories`;
* objects: their members must agree; lists hold all at once, the most restrictive member decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from commonweal.kernel.licence_categories import CATEGORIES, RANK, categorise, is_open, load_table
from commonweal.kernel.licence_names import Name
from commonweal.kernel.licence_statements import agree, close, is_address, read_statement

__all__ = ["CATEGORIES", "LICENCES_VERSION", "Licence", "categorise", "explain", "is_open", "read_licence"]

LICENCES_VERSION = "2026.1"  # of rules and tables together, kept beside every verdict
MAX_CHARACTERS = 2_000


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
        return Licence(raw[:MAX_CHARACTERS], None, *close(text, "longer than a licence statement"))
    known = read_statement(text)
    if known:
        return Licence(raw, known.expression, known.category or "unknown", known.rule)
    return Licence(raw, None, *close(text, "not understood"))


def _read_list(raw: Iterable[object]) -> Licence | None:
    members = sorted((licence for licence in map(_read_member, raw) if licence), key=lambda licence: licence.raw)
    if not members:
        return None
    unique = {(member.expression, member.category): member for member in members}
    shown = _json(sorted({member.raw for member in members}))
    if len(unique) == 1:
        return Licence(shown, members[0].expression, members[0].category, members[0].rule)
    category = max((member.category for member in members), key=RANK.__getitem__)
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


_MEMBERS = {
    "id", "identifier", "spdx", "spdxid", "spdxexpression", "spdxlicense", "expression", "license", "licenses",
    "licenseid", "licensename", "licenseurl", "licenseuri", "licenselink", "name", "title", "fullname", "shortname",
    "label", "slug", "key", "code", "type", "url", "uri", "href", "link",
}  # fmt: skip


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
    agreed = agree([Name(licence.expression, licence.category, licence.rule) for licence in telling])
    return Licence(_json(raw), agreed.expression, agreed.category or "unknown", f"object: {agreed.rule}")


def _is_vague(licence: Licence) -> bool:
    """Whether it names no licence without denying one: “other”, an address that stands for no licence."""
    if licence.category != "unknown" or licence.expression:
        return False
    return licence.rule.startswith("family:") or is_address(licence.raw)


def _bracket(expression: str | None) -> str:
    text = expression or ""
    return f"({text})" if " OR " in text else text


def _json(value: object) -> str:
    try:
        data = orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    except TypeError:  # huge integers, lone surrogates, nesting without end
        return f"({type(value).__name__})"
    return data.decode()[:MAX_CHARACTERS]
