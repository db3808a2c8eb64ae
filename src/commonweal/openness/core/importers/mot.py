"""Model files of the Model Openness Tool (MOT, YAML or JSON) → a subject.

Source: https://github.com/lfai/model_openness_tool (schema ``mof_schema.json``, commit 8b5d30e).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from commonweal.kernel.errors import CommonwealError
from commonweal.openness.core.evidence import Evidence, web_address
from commonweal.openness.core.framework import Framework, Item, load_framework, suggest
from commonweal.openness.core.subject import Subject, problem

KINDS: Final = ("code", "data", "document")
_COMPONENT: Final = ("name", "description", "license", "license_path", "component_path")


def recognises(document: Any) -> bool:
    """Whether the document is a model file: a release with components."""
    return isinstance(document, Mapping) and isinstance(document.get("release"), Mapping)


def read(document: Mapping[str, Any], file: str | None = None) -> Subject:
    """A model file as a subject. Each component becomes evidence about itself, each release licence about ``licence.<kind>``.

    A component that stands there twice gives two pieces of evidence and a problem.

    Raises:
        CommonwealError: ``item-unknown`` for a component that MOF does not have (the tool itself would take the first of
            its list for it), ``framework-version-unknown`` for another version of MOF, ``document-invalid``.
    """
    framework = document.get("framework")
    version = str(framework.get("version") or "1.0") if isinstance(framework, Mapping) else "1.0"
    mof = load_framework("mof", version)
    release = document["release"]
    components = release.get("components") or []
    if not isinstance(components, list) or not all(isinstance(row, Mapping) for row in components):
        raise CommonwealError(
            "document-invalid", "The components of a model file must be a list of objects.", "See the MOF schema."
        )
    problems = []
    given = release.get("license")
    if given and not isinstance(given, Mapping):
        problems.append(problem("release.license", given, "is no list of licences by kind; the tool does not read it"))
    evidence = list(_licences(given, file))
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in components:
        rows.setdefault(_named(mof, str(row.get("name") or "")).id, []).append(row)
    for name, listed in rows.items():
        different = [row for at, row in enumerate(listed) if row not in listed[:at]]
        if len(listed) > 1:
            words = "listed more than once" + (", differently" if len(different) > 1 else "")
            problems.append(problem("components", mof.item(name).title, words))
        # What contradicts itself is no more than a claim, whichever of its rows has a link.
        assurance = 0 if len(different) > 1 else None
        evidence += [_component(mof.item(name).fact, row, file, assurance) for row in different]
    extra = {name: {key: value for key, value in listed[0].items() if key not in _COMPONENT} for name, listed in rows.items()}
    details = {
        "framework": dict(framework) if isinstance(framework, Mapping) else {},
        "release": {key: value for key, value in release.items() if key not in ("components", "license")},
        "components": {name: rest for name, rest in extra.items() if rest},
    }
    return Subject(str(release.get("name") or ""), frozenset({"aimodel"}), tuple(evidence), "mof", details, tuple(problems))


def _named(mof: Framework, name: str) -> Item:
    """The component of exactly this name: the tool knows no other spelling."""
    for item in mof.items:
        if item.title == name:
            return item
    raise CommonwealError("item-unknown", f"MOF {mof.version} has no component {name!r}.", suggest(name, mof.titles))


def _licences(stated: Any, file: str | None) -> Iterator[Evidence]:
    for kind in ("distribution", *KINDS):
        entry = stated.get(kind) if isinstance(stated, Mapping) else None
        if not isinstance(entry, Mapping):
            continue
        name, path = entry.get("name"), entry.get("path")
        if name is not None or path is not None:
            yield Evidence(
                f"licence.{kind}",
                "yes" if name else "unknown",
                value=str(path or ""),
                licence=None if name is None else str(name),
                quote=str(name or ""),
                url=web_address(path),
                file=file,
            )


def _component(fact: str, row: Mapping[str, Any], file: str | None, assurance: int | None) -> Evidence:
    licence = row.get("license")
    return Evidence(
        fact,
        "yes",
        value=str(row.get("license_path") or ""),
        licence=None if licence is None else str(licence),
        quote=str(row.get("description") or ""),
        url=web_address(row.get("component_path")),
        file=file,
        assurance=assurance,
        note=str(row.get("component_path") or ""),
    )
