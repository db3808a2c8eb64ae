"""A framework is data: items, what each asks for, one rule over them; read from ``frameworks/*.yaml`` and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

from commonweal.catalogue.core.documents import read_document
from commonweal.kernel.canonical import digest
from commonweal.kernel.errors import CommonwealError

#: How the evidence of an item becomes a status; see :mod:`commonweal.openness.core.engine`.
TESTS: Final = ("answer", "component", "licensed", "licences")
#: How statuses become a verdict; see :mod:`commonweal.openness.core.rules`.
RULES: Final = ("ladder", "mean", "checklist", "sum", "coverage")
MODES: Final = ("strict", "normalised")
#: Who may read a field of a form.
AUDIENCES: Final = ("public", "downstream", "authority", "ai-office")


@dataclass(frozen=True)
class Item:
    """One thing that a framework asks.

    Args:
        id, title: unique in the framework; the title is the framework's own name for it.
        fact: whose evidence answers it; by default ``"<framework>.<id>"``.
        also: neighbouring facts that answer it where its own says nothing: fact → {finding there: finding here}.
        test: one of :data:`TESTS`.
        section, group: where it stands in the framework.
        required: optional items never count.
        kind: content type of a component: code, data or document.
        level: the class it is required for, in a ladder.
        any_of: items that share this word are one requirement, met by any of them.
        types: the subject types it applies to; empty means all.
        accept, unsure: names of licence lists that meet it, and that leave it open.
        least_assurance: evidence below this level does not answer it.
        how: the methods of evidence that may answer it; empty means all.
        audience: who may read it.
    """

    id: str
    title: str
    fact: str
    also: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    test: str = "answer"
    section: str = ""
    group: str = ""
    required: bool = True
    kind: str = ""
    level: str = ""
    any_of: str = ""
    types: frozenset[str] = frozenset()
    accept: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    least_assurance: int = 0
    how: tuple[str, ...] = ()
    audience: tuple[str, ...] = ("public",)


@dataclass(frozen=True, eq=False)
class Framework:
    """A framework at one version. ``digest`` is that of its rules, stored beside every verdict."""

    id: str
    version: str
    title: str
    items: tuple[Item, ...]
    rule: Mapping[str, Any]
    spec: Mapping[str, Any]
    digest: str

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes it can be computed in; empty where there is one way only."""
        return tuple(self.spec.get("modes", ()))

    @property
    def words(self) -> Mapping[str, str]:
        """The framework's own words for yes, partial, no and unknown."""
        words: Mapping[str, str] = self.spec.get("words", {})
        return words

    def item(self, name: str) -> Item:
        """The item called ``name``, by id or title.

        Raises:
            CommonwealError: ``item-unknown``, with the nearest names.
        """
        found = self._names.get(name) or self._names.get(name.casefold())
        if found is None:
            raise CommonwealError(
                "item-unknown", f"{self.title} {self.version} has no item {name!r}.", suggest(name, self.titles)
            )
        return found

    @property
    def titles(self) -> list[str]:
        """The titles of all items, in order."""
        return [item.title for item in self.items]

    @property
    def _names(self) -> Mapping[str, Item]:
        return _names(self)


@cache
def _names(framework: Framework) -> dict[str, Item]:
    by_id = {item.id: item for item in framework.items}
    return {**{item.title.casefold(): item for item in framework.items}, **by_id}


def suggest(name: str, among: Iterable[str]) -> str:
    """A hint naming what ``name`` was probably meant to be, and all that is possible."""
    from rapidfuzz import fuzz, process, utils

    choices = list(among)
    near = process.extractOne(name, choices, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=60)
    listed = ", ".join(choices[:20]) + (" …" if len(choices) > 20 else "")
    return (f"Did you mean {near[0]!r}? " if near else "") + f"Possible: {listed}."


@cache
def versions() -> Mapping[str, Sequence[str]]:
    """Every framework with its versions, oldest first."""
    found: dict[str, list[str]] = {}
    for name, version in sorted(_specs(), key=lambda key: (key[0], _natural(key[1]))):
        found.setdefault(name, []).append(version)
    return found


def load_framework(name: str, version: str | None = None) -> Framework:
    """The framework ``name`` at ``version``, by default its newest; ``"dpg@1.1.6"`` names both.

    Raises:
        CommonwealError: ``framework-unknown`` or ``framework-version-unknown``, with what there is.
    """
    name, _, at = name.partition("@")
    known = versions()
    if name not in known:
        raise CommonwealError("framework-unknown", f"There is no framework {name!r}.", suggest(name, known))
    wanted = version or at or known[name][-1]
    if wanted not in known[name]:
        raise CommonwealError(
            "framework-version-unknown",
            f"Version {wanted!r} of {name} is not known here.",
            f"Known: {', '.join(known[name])}. Versions are not comparable, so none is taken instead.",
        )
    return _load(name, wanted)


@cache
def _load(name: str, version: str) -> Framework:
    return build_framework(_merged(name, version))


def build_framework(spec: Mapping[str, Any]) -> Framework:
    """Check a framework's data and make it ready for the engine.

    Raises:
        CommonwealError: ``framework-invalid`` naming what is wrong.
    """
    try:
        name, version, rule = str(spec["id"]), str(spec["version"]), spec["rule"]
        items = tuple(_item(name, {**spec.get("defaults", {}), **row}) for row in spec["items"])
        title = str(spec["title"])
        for needed in ("source", "text_licence", "credit"):
            spec[needed]
    except (KeyError, TypeError, ValueError) as error:
        raise CommonwealError("framework-invalid", f"This framework lacks or garbles {error}.") from error
    ids = [item.id for item in items]
    _require(len(set(ids)) == len(ids), name, "two items with one id")
    _require(rule.get("kind") in RULES, name, f"the rule {rule.get('kind')!r}")
    for item in items:
        _require(item.test in TESTS, name, f"the test {item.test!r} of {item.id}")
        _require(set(item.audience) <= set(AUDIENCES), name, f"the audience of {item.id}")
        _require(set(item.accept) | set(item.unsure) <= set(licence_lists()["lists"]), name, f"a licence list of {item.id}")
    _require(set(spec.get("modes", ())) <= set(MODES), name, "a mode")
    return Framework(name, version, title, items, rule, spec, digest({"framework": spec, "licences": licence_lists()}))


def _item(framework: str, row: Mapping[str, Any]) -> Item:
    members: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    members["types"] = frozenset(row.get("types", ()))
    members.setdefault("fact", f"{framework}.{row['id']}")
    return Item(**members)


def _require(right: bool, name: str, what: str) -> None:
    if not right:
        raise CommonwealError("framework-invalid", f"Framework {name}: {what} is wrong.")


@cache
def licence_lists() -> dict[str, Any]:
    """``frameworks/licence-lists.yaml``: lists of SPDX ids, and what kind of component a licence is made for."""
    loaded: dict[str, Any] = _read("licence-lists.yaml")
    return loaded


def _read(name: str) -> Any:
    document, _ = read_document("yaml", files("commonweal.openness").joinpath("frameworks", name).read_bytes())
    return document


@cache
def _specs() -> dict[tuple[str, str], dict[str, Any]]:
    folder = files("commonweal.openness").joinpath("frameworks")
    names = sorted(
        entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml") and entry.name != "licence-lists.yaml"
    )
    specs = [_read(name) for name in names]
    return {(spec["id"], str(spec["version"])): spec for spec in specs}


def _merged(name: str, version: str) -> dict[str, Any]:
    """A version that ``extends`` an older one states what is different: members replace, items replace by id or are added."""
    spec = _specs()[name, version]
    if "extends" not in spec:
        return spec
    base = _merged(name, str(spec["extends"]))
    rows = {row["id"]: row for row in base["items"]}
    for row in spec["items"]:
        rows[row["id"]] = {**rows.get(row["id"], {}), **row}
    return {**base, **spec, "items": list(rows.values())}


def _natural(version: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in version.split(".")]
