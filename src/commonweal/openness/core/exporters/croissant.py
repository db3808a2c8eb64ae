"""A data set's subject → Croissant metadata with its responsible-AI properties (Croissant-RAI 1.0)."""

from __future__ import annotations

from typing import Any, Final

from commonweal.openness.core.framework import load_framework
from commonweal.openness.core.subject import Subject

_CONTEXT: Final = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
}


def write(subject: Subject) -> dict[str, Any]:
    """JSON-LD; a document it was read from is kept and its empty properties are filled, nothing in it is replaced."""
    document: dict[str, Any] = {"@context": _CONTEXT, "@type": "sc:Dataset", "name": subject.name}
    document["conformsTo"] = ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"]
    document |= subject.details.get("document", {})
    licences = [one.licence for fact in ("licence.data", "licence.distribution") for one in subject.about(fact) if one.licence]
    if licences and not document.get("license"):
        document["license"] = licences[0]
    for item in load_framework("croissant-rai").items:
        words = [one.quote or one.value for one in subject.about(item.fact) if one.finding in ("yes", "partial")]
        if words and not document.get(f"rai:{item.id}"):
            document[f"rai:{item.id}"] = words[0] if len(words) == 1 else words
    return document
