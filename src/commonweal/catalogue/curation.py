"""The rows of corrections: written here, overlaid on their records wherever views are computed, never harvested."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import orjson
from django.db.models import F
from django.utils import timezone

from commonweal.base import raw
from commonweal.base.rows import lookup
from commonweal.catalogue.core.curation import CURATION, correction_id
from commonweal.catalogue.core.entity import StoredRecord
from commonweal.catalogue.models import Record, Source
from commonweal.catalogue.storing import Outcome, store
from commonweal.kernel.canonical import digest, dumps

#: Changed when stored corrections would be read differently.
VERSION = "1"


def corrections(records: Collection[str]) -> dict[str, StoredRecord]:
    """Record id → its corrections, of those records that have some."""
    if not records or not Source.objects.filter(pk=CURATION).exists():
        return {}
    rows = lookup(Record, ("id", "native_id", "data"), "id", [correction_id(record) for record in records])
    return {record: StoredRecord(pk, orjson.loads(data)) for pk, record, data in rows if data}


def save(record: str, said: Mapping[str, Any], why: Mapping[str, Any]) -> None:
    """Write the corrections of a record, inside the caller's transaction; the former ones become a version.

    Args:
        said: all of them (``core.curation.corrected``); empty when the last one was withdrawn.
        why: who, when and for what reason: kept as the raw payload.
    """
    Source.objects.get_or_create(pk=CURATION)
    key = correction_id(record)
    former = Record.objects.in_bulk([key])
    number = Source.objects.select_for_update().get(pk=CURATION).numbered
    with raw.PackWriter() as pack:
        payload = dumps({**why, "says": said})
        ref = pack.add(payload)
    outcome = Outcome(key, record, digest(said), raw=ref, data=dict(said), reason="" if said else "withdrawn")
    store(CURATION, VERSION, 0, [outcome], former, number, timezone.now())
    if not former:
        Source.objects.filter(pk=CURATION).update(numbered=F("numbered") + 1)


def carry(moves: Mapping[str, str], why: Mapping[str, Any]) -> None:
    """Let corrections follow their record to its successor, unless that has its own; inside the caller's transaction."""
    there = corrections(list(moves.values()))
    for record, stored in corrections(list(moves)).items():
        successor = moves[record]
        if successor not in there:
            save(successor, {**stored.data, "native_id": successor}, why)
