"""A subject → the front matter of a model or data set card, as model hubs read it."""

from __future__ import annotations

import yaml

from commonweal.kernel.licences import read_licence
from commonweal.openness.core.subject import Subject


def write(subject: Subject) -> str:
    """A YAML block between ``---`` lines, from what is known; the front matter it was read from comes first."""
    members: dict[str, object] = dict(subject.details.get("front_matter", {}))
    licence = next((one.licence for one in subject.about("licence.distribution") if one.licence), None)
    if licence and "license" not in members:
        members |= _licence(licence)
    for key, fact in (("language", "languages"), ("base_model", "base-model"), ("datasets", "training-data")):
        value = next((one.value for one in subject.about(fact) if one.finding == "yes" and one.value), None)
        if value and key not in members and _is_names(value):
            members[key] = [part.strip() for part in value.split(",")]
    text = yaml.safe_dump(members, allow_unicode=True, sort_keys=False, width=1_000) if members else ""
    return f"---\n{text}---\n"


def _licence(licence: str) -> dict[str, object]:
    """Hubs know SPDX ids in small letters, and ``other`` with a name for the rest."""
    reading = read_licence(licence)
    spdx = reading.expression if reading else None
    if spdx and " " not in spdx and not spdx.startswith("LicenseRef-"):
        return {"license": spdx.lower()}
    return {"license": "other", "license_name": licence}


def _is_names(value: str) -> bool:
    """Whether a value is a list of short names rather than a sentence."""
    return all(len(part.split()) <= 2 for part in value.split(","))
