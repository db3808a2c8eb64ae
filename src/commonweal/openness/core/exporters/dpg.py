"""A subject → a nominee of the digital public goods registry."""

from __future__ import annotations

from typing import Any

from commonweal.openness.core.subject import Subject


def write(subject: Subject) -> dict[str, Any]:
    """The members of a nominee; those of the nomination it was read from come first and unchanged.

    ``license`` and ``SDGs`` must come from evidence; a nominee that was never one lacks what only its makers can say.
    """
    for document in subject.details.get("documents", ()):
        if "license" in document and "stage" in document:
            return dict(document)
    licences = [
        {"spdx": one.licence, "licenseURL": one.url or ""} for one in subject.about("licence.distribution") if one.licence
    ]
    types = sorted(subject.types & {"software", "data", "content", "standard", "aimodel"})
    return {"name": subject.name, "license": licences, "type": types, "SDGs": [], "organizations": [], "stage": "nominee"}
