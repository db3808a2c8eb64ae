"""What a catalogue record says, as evidence: by the registry's own document where it is one of ours, else as mapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from commonweal.catalogue import queries as catalogue
from commonweal.kernel.canonical import digest
from commonweal.kernel.errors import CommonwealError
from commonweal.openness.core.formats import read_subject
from commonweal.openness.core.reading.record import read_record
from commonweal.openness.core.subject import Subject

#: Registries whose payload is a document that an importer reads whole; the mapped record keeps only a part of it.
DOCUMENTS: Final = frozenset({"mot", "osai", "openingup", "dpga"})


def read(record: str, said: Mapping[str, Any]) -> Subject:
    """The evidence in one stored record; an assessment document that cannot be read is a problem, not a silence."""
    plain = read_record(_as_written(said))
    if said["source"] not in DOCUMENTS:
        return plain
    payload = catalogue.record_raw(record)
    if payload is None:
        return plain
    try:
        found = read_subject(orjson.loads(payload), str(said["native_id"]))
    except orjson.JSONDecodeError:
        return plain
    except CommonwealError as error:
        return replace(plain, problems=({"field": "document", "value": error.code, "problem": error.message},))
    named = tuple(
        replace(one, who=one.who or str(said["source"]), when=one.when or said.get("modified")) for one in found.evidence
    )
    return replace(found, evidence=named)


def _as_written(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with the licences of its parts as the source wrote them: frameworks read licences by their own rules."""
    parts = (said.get("extras") or {}).get("components")
    if not isinstance(parts, list):
        return said
    plain = [{**part, "licence": part["licence"].get("raw")} if isinstance(part.get("licence"), dict) else part for part in parts]
    return {**said, "extras": {**said["extras"], "components": plain}}


def statement(subject: Subject) -> dict[str, Any]:
    """A subject as a statement keeps it."""
    return {
        "types": sorted(subject.types),
        "native": subject.native,
        "evidence": [one.to_json() for one in subject.evidence],
        "problems": [dict(problem) for problem in subject.problems],
    }


def statement_digest(data: Mapping[str, Any]) -> str:
    """SHA-256 of what a statement says."""
    return digest(data)
