"""Curation: what people of this node say in place of a source. A record like any other, of the most trusted source.

A correction is about one record and goes wherever that goes: through merges, splits and a change of key. It holds only
the properties that were corrected; the source's own values stay beside them.
"""

from __future__ import annotations

from typing import Any, Final

from commonweal.catalogue.core.kinds import EXTRAS
from commonweal.catalogue.core.normalise import FIELDS, TYPES
from commonweal.catalogue.core.record import record_id
from commonweal.catalogue.core.rejection import Problems
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.text import clean_tree

#: The id of the source; no file describes it and no other source can take it.
CURATION: Final = "curation"
#: Of a record these are no values to correct: resolve's business, or never shown.
_NOT_VALUES: Final = ("identifiers", "contact")


def correction_id(record: str) -> str:
    """The id of the record that holds the corrections of a record."""
    return record_id(CURATION, record)


def corrected(said: dict[str, Any], record: str, kind: str, property: str, value: Any) -> dict[str, Any]:
    """The corrections of a record (``Record.to_json``), one more: ``property`` is now ``value``, None to withdraw it.

    Args:
        said: its corrections so far; empty for none.
        kind: of the corrected record.
        value: as a source could write it: text, a Text, a list, a licence's name …

    Raises:
        CommonwealError: ``property-unknown``; ``value-unreadable``, saying what is wrong with it.
    """
    extras = EXTRAS[kind]
    if property not in extras and (property not in FIELDS or property in _NOT_VALUES):
        known = sorted({*FIELDS, *extras} - set(_NOT_VALUES))
        raise CommonwealError("property-unknown", f"A {kind} has no property {property!r}.", f"It has: {', '.join(known)}.")
    made = {"source": CURATION, "native_id": record, "kind": kind, **said, "extras": dict(said.get("extras", {}))}
    place = made["extras"] if property in extras else made
    if value is None:
        place.pop(property, None)
    else:
        place[property] = _read(property, value, TYPES[extras[property]] if property in extras else FIELDS[property])
    if not made["extras"]:
        del made["extras"]
    return made if made.keys() - {"source", "native_id", "kind"} else {}


def _read(property: str, value: Any, normalise: Any) -> Any:
    problems: Problems = []
    cleaned, _ = clean_tree(value)
    read = normalise(cleaned, property, problems)
    if read in (None, "", [], {}) or problems:
        why = problems[0]["problem"] if problems else "holds nothing"
        raise CommonwealError("value-unreadable", f"{property}: {why} ({cleaned!r}).", "Write it as a source would.", status=422)
    return read
