"""Croissant 1.1: a dataset's description as JSON-LD (https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html).

Only what a catalogue knows: no file of the dataset was read, so there are no file objects and no record sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from commonweal.catalogue.exports.site import Site, iri, words
from commonweal.kernel.identifiers import parse_identifier

CONFORMS_TO: Final = "http://mlcommons.org/croissant/1.1"
CONTEXT: Final = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "citeAs": "cr:citeAs",
    "isLiveDataset": "cr:isLiveDataset",
}


def document(view: Mapping[str, Any], site: Site) -> dict[str, Any]:
    """The Croissant description of a dataset's view; what nobody says is left out."""
    chosen = view["chosen"]
    address = site.entity(view["id"])
    publisher = chosen.get("publisher")
    said = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "@id": address,
        "conformsTo": CONFORMS_TO,
        "name": words(chosen["title"]),
        "description": words(chosen.get("description")) or words(chosen["title"]),
        "url": iri(chosen.get("url")) or address,
        "sameAs": [found for found in map(_address, view["identifiers"]) if found],
        "license": _licence(chosen.get("licence")),
        "creator": {"@type": "sc:Organization", "name": publisher} if publisher else None,
        "inLanguage": chosen.get("languages"),
        "keywords": chosen.get("keywords"),
        "datePublished": chosen.get("issued"),
        "dateModified": chosen.get("modified"),
        "version": chosen.get("version"),
    }
    return {name: value for name, value in said.items() if value not in (None, "", [], {})}


def _address(printed: str) -> str | None:
    found = parse_identifier(printed)
    return iri(found.url) if found else None


def _licence(licence: Mapping[str, Any] | None) -> str | None:
    """SPDX's page for an SPDX id, else the expression, else what the source wrote."""
    if not licence:
        return None
    expression = licence.get("expression")
    if expression and " " not in expression and not expression.startswith("LicenseRef-"):
        return f"https://spdx.org/licenses/{expression}.html"
    return expression or str(licence.get("raw") or "") or None
