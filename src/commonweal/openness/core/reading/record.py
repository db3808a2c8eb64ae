"""A catalogue record → evidence: what one registry says about the licence, languages and origin of a thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from commonweal.openness.core.evidence import Evidence, web_address
from commonweal.openness.core.framework import load_framework
from commonweal.openness.core.subject import Subject

_LINKS: Final = {"derived_from": "base-model", "trained_on": "training-data"}
_TYPES: Final = {"model": "aimodel", "dataset": "data", "software": "software"}


def read_record(record: Mapping[str, Any]) -> Subject:
    """A record (the JSON shape of ``catalogue.core.record``) as a subject; the registry is named as the one who says so."""
    source, native = str(record.get("source") or ""), str(record.get("native_id") or "")
    place: dict[str, Any] = {"url": web_address(record.get("url")), "file": f"{source}:{native}", "when": record.get("modified")}
    evidence = []
    licence = record.get("licence")
    raw = str(licence.get("raw") or "") if isinstance(licence, Mapping) else ""
    if raw:
        evidence.append(_said("licence.distribution", raw, "licence", source, place, licence=raw))
    for fact, member in (("languages", "languages"), ("provider", "publisher")):
        value = record.get(member)
        words = ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
        if words:
            evidence.append(_said(fact, words, member, source, place))
    for link in record.get("links") or []:
        linked = _LINKS.get(str(link.get("type")))
        if linked:
            evidence.append(_said(linked, str(link.get("title") or link.get("target")), "links", source, place))
    extras = record.get("extras") or {}
    if extras.get("architecture"):
        evidence.append(_said("architecture", str(extras["architecture"]), "architecture", source, place))
    evidence += _components(extras.get("components"), source, place)
    kind = _TYPES.get(str(record.get("kind")))
    title = record.get("title")
    name = (
        next((words for tag, words in title.items() if not tag.startswith("@")), native) if isinstance(title, Mapping) else native
    )
    return Subject(str(name), frozenset({kind} if kind else ()), tuple(evidence), None, {"record": f"{source}:{native}"})


def _components(rows: Any, source: str, place: Mapping[str, Any]) -> Iterator[Evidence]:
    """The released parts that a model's record lists; parts that MOF does not know are passed over."""
    facts = {item.title.casefold(): item.fact for item in load_framework("mof").items}
    for row in rows if isinstance(rows, list) else []:
        fact = facts.get(str(row.get("name") or "").casefold())
        if fact:
            licence = row.get("licence")
            url = web_address(row.get("url"))
            quote = str(row.get("description") or row["name"])
            yield Evidence(fact, "yes", licence=licence, quote=quote, who=source, how="imported", **{**place, "url": url})


def _said(fact: str, words: str, member: str, source: str, place: Mapping[str, Any], licence: str | None = None) -> Evidence:
    return Evidence(
        fact, "yes", value=words[:300], licence=licence, quote=f"{member}: {words}", who=source, how="imported", **place
    )
