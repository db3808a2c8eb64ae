"""A subject → a model file of the Model Openness Tool (the reverse of the importer)."""

from __future__ import annotations

from typing import Any

from commonweal.openness.core.evidence import Evidence
from commonweal.openness.core.framework import load_framework
from commonweal.openness.core.importers.mot import KINDS
from commonweal.openness.core.subject import Subject


def write(subject: Subject) -> dict[str, Any]:
    """The members of a model file, ready for YAML or JSON. Components that are not there are left out."""
    licences = {kind: _licence(one) for kind in ("distribution", *KINDS) for one in subject.about(f"licence.{kind}")[:1]}
    extra = subject.details.get("components", {})
    components = [
        _component(item.title, one, extra.get(item.id, {}))
        for item in load_framework("mof").items
        for one in subject.about(item.fact)
        if one.finding == "yes"
    ]
    framework = subject.details.get("framework") or {"name": "Model Openness Framework", "version": "1.0"}
    release = {"name": subject.name, **subject.details.get("release", {}), "license": licences, "components": components}
    return {"framework": dict(framework), "release": release}


def _licence(evidence: Evidence) -> dict[str, str | None]:
    return {"name": evidence.licence, "path": evidence.value or None}


def _component(title: str, evidence: Evidence, extra: dict[str, Any]) -> dict[str, Any]:
    path = evidence.note or evidence.url
    members = {
        "name": title,
        "description": evidence.quote or None,
        "license": evidence.licence,
        "license_path": evidence.value or None,
        "component_path": path or None,
    }
    return {name: value for name, value in {**members, **extra}.items() if value is not None}
