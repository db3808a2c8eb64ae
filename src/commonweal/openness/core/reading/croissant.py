"""Croissant metadata of a data set (JSON-LD) → a subject: its licence and its responsible-AI properties.

Source: http://mlcommons.org/croissant/RAI/1.0 (mlcommons/croissant@401f6ff, Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from commonweal.openness.core.evidence import Evidence, web_address
from commonweal.openness.core.framework import load_framework
from commonweal.openness.core.subject import Subject

_PREFIXES: Final = ("rai:", "http://mlcommons.org/croissant/RAI/")
_NAMES: Final = ("conformsTo", "dct:conformsTo", "http://purl.org/dc/terms/conformsTo")


def recognises(document: Any) -> bool:
    """Whether the document is a Croissant data set, or at least a data set with responsible-AI properties."""
    if not isinstance(document, Mapping) or "@context" not in document:
        return False
    conforms = any("croissant" in str(document.get(name, "")) for name in _NAMES) or "mlcommons.org" in str(document["@context"])
    kind = str(document.get("@type", "")).rpartition(":")[2].rpartition("/")[2]
    return kind == "Dataset" and (conforms or any(_own(key) for key in document))


def read(document: Mapping[str, Any], file: str | None = None) -> Subject:
    """A data set's metadata as evidence; properties that are empty or missing give none."""
    evidence = tuple(_evidence(document, file))
    return Subject(str(document.get("name") or ""), frozenset({"data"}), evidence, "croissant-rai", {"document": dict(document)})


def _evidence(document: Mapping[str, Any], file: str | None) -> Iterator[Evidence]:
    url = web_address(document.get("url"))
    for licence in filter(None, map(_words, _list(document.get("license")))):
        for fact in ("licence.distribution", "licence.data"):
            yield Evidence(fact, "yes", licence=licence, quote=f"license: {licence}", url=url, file=file, how="read")
    if document.get("distribution"):
        count = len(_list(document["distribution"]))
        yield Evidence("datasets", "yes", quote=f"distribution: {count} entries", url=url, file=file, how="read")
    known = {item.id: item.fact for item in load_framework("croissant-rai").items}
    for key, value in document.items():
        name = _own(key)
        words = "; ".join(filter(None, map(_words, _list(value))))
        if name in known and words:
            yield Evidence(known[name], "yes", value=words[:300], quote=words, url=url, file=file, how="read")


def _own(key: str) -> str:
    return next((key.removeprefix(prefix) for prefix in _PREFIXES if key.startswith(prefix)), "")


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("@value") or value.get("name") or value.get("url") or value.get("@id") or "")
    return "" if value is None else str(value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
