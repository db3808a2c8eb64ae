"""An entity view as schema.org JSON-LD, the form that search engines of datasets and software read.

Terms: https://schema.org. Only chosen values are given; the entry's own page has all of them with their sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from commonweal.kernel.identifiers import parse_identifier

TYPES: Final = {
    "initiative": "Project",
    "organisation": "Organization",
    "dataset": "Dataset",
    "model": "SoftwareApplication",
    "software": "SoftwareSourceCode",
    "offer": "Service",
    "course": "Course",
    "funding_call": "Grant",
    "grant": "MonetaryGrant",
    "policy": "CreativeWork",
    "standard": "CreativeWork",
    "benchmark": "CreativeWork",
    "publication": "ScholarlyArticle",
    "event": "Event",
}
#: schema.org types that are creative works and so have a licence, a publisher, languages and dates.
_WORKS: Final = frozenset({"Dataset", "SoftwareApplication", "SoftwareSourceCode", "Course", "CreativeWork", "ScholarlyArticle"})


def json_ld(view: Mapping[str, Any], address: str) -> dict[str, Any]:
    """The JSON-LD object of an entry whose permanent address is ``address``; empty properties are left out."""
    chosen = view["chosen"]
    kind = TYPES.get(view["kind"], "Thing")
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": kind,
        "@id": address,
        "name": _texts(chosen["title"]),
        "description": _texts(chosen.get("description", {})),
        "url": chosen.get("url"),
        "sameAs": [parsed.url for parsed in map(parse_identifier, view["identifiers"]) if parsed and parsed.url],
    }
    if kind in _WORKS:
        data |= {
            "license": _licence(chosen.get("licence")),
            "publisher": {"@type": "Organization", "name": chosen["publisher"]} if chosen.get("publisher") else None,
            "inLanguage": chosen.get("languages"),
            "keywords": chosen.get("keywords"),
            "datePublished": chosen.get("issued"),
            "dateModified": chosen.get("modified"),
            "spatialCoverage": chosen.get("countries"),
        }
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}


def _texts(text: Mapping[str, Any]) -> Any:
    """One language: plain text or a tagged value; several: a list of them."""
    tagged = [words if lang == "und" else {"@value": words, "@language": lang} for lang, words in text.items() if lang[0] != "@"]
    return tagged[0] if len(tagged) == 1 else tagged


def _licence(licence: Mapping[str, Any] | None) -> str | None:
    """The licence's SPDX page; of an expression or a licence SPDX does not know, the expression itself."""
    expression = (licence or {}).get("expression")
    if not expression or " " in expression or expression.startswith("LicenseRef-"):
        return expression
    return f"https://spdx.org/licenses/{expression}.html"
