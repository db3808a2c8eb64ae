"""CKAN's shape of an entry, for the tools that read CKAN (https://docs.ckan.org/en/latest/api/)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from commonweal.catalogue.exports.site import Site, iri, words

#: Tags hold letters, digits, spaces and ``-_.`` only, 2 to 100 characters.
_NO_TAG: Final = re.compile(r"[^\w .-]")
_OPEN: Final = frozenset({"open", "share-alike"})


def package(view: Mapping[str, Any], site: Site) -> dict[str, Any]:
    """The package of a view; ``name`` is the entity's id, a lasting slug; ``extras`` say what CKAN has no field for."""
    chosen = view["chosen"]
    licence = chosen.get("licence") or {}
    address = iri(chosen.get("url"))
    publisher = chosen.get("publisher")
    tags = sorted({tag for keyword in chosen.get("keywords", ()) if 2 <= len(tag := _tag(keyword)) <= 100})
    extras: dict[str, Any] = {
        "kind": view["kind"],
        "identifiers": view["identifiers"],
        "sources": view["sources"],
        "languages": chosen.get("languages"),
        "countries": chosen.get("countries"),
        "sdgs": chosen.get("sdgs"),
        "issued": chosen.get("issued"),
        "licence_category": licence.get("category"),
    }
    return {
        "id": view["id"],
        "name": view["id"],
        "title": words(chosen["title"]),
        "notes": words(chosen.get("description")),
        "url": site.entity(view["id"]),
        "type": "dataset",
        "state": "active",
        "private": False,
        "author": publisher,
        "license_id": licence.get("expression"),
        "license_title": licence.get("expression") or licence.get("raw"),
        "isopen": licence.get("category") in _OPEN,
        "metadata_modified": chosen.get("modified"),
        "version": chosen.get("version"),
        "tags": [{"name": tag, "display_name": tag, "state": "active"} for tag in tags],
        "num_tags": len(tags),
        "resources": [_resource(view["id"], address)] if address else [],
        "num_resources": 1 if address else 0,
        "extras": [{"key": key, "value": _printed(value)} for key, value in extras.items() if value not in (None, "", [])],
    }


def _resource(entity: str, address: str) -> dict[str, Any]:
    return {"id": f"{entity}-1", "package_id": entity, "name": "Home page", "url": address, "format": "HTML", "position": 0}


def _tag(keyword: str) -> str:
    return " ".join(_NO_TAG.sub(" ", keyword).split())


def _printed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
