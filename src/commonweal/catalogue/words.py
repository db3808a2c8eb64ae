"""Plain words for what the catalogue's codes mean: kinds, properties, links, licence categories, states."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from markupsafe import Markup

from commonweal.catalogue import queries
from commonweal.catalogue.core.curation import CURATION
from commonweal.catalogue.core.entity import JUDGED
from commonweal.catalogue.core.source import SourceSpec, load_builtin
from commonweal.web import markup


class Kind(NamedTuple):
    """A kind's name, for one thing and for many (without a number)."""

    one: Any
    many: Any


class Category(NamedTuple):
    """How a licence category is shown; tone is a class of the badge, never the only sign."""

    label: Any
    icon: str
    tone: str


class Relation(NamedTuple):
    """A link as read from its start and from its end."""

    forth: Any
    back: Any


KINDS: Final[dict[str, Kind]] = {
    "initiative": Kind(_("Initiative"), _("Initiatives")),
    "organisation": Kind(_("Organisation"), _("Organisations")),
    "dataset": Kind(_("Dataset"), _("Datasets")),
    "model": Kind(_("Model"), _("Models")),
    "software": Kind(pgettext_lazy("kind", "Software"), pgettext_lazy("kinds", "Software")),
    "offer": Kind(_("Hosted offer"), _("Hosted offers")),
    "course": Kind(_("Course"), _("Courses")),
    "funding_call": Kind(_("Funding call"), _("Funding calls")),
    "grant": Kind(_("Grant"), _("Grants")),
    "policy": Kind(_("Policy"), _("Policies")),
    "standard": Kind(_("Standard"), _("Standards")),
    "benchmark": Kind(_("Benchmark"), _("Benchmarks")),
    "publication": Kind(_("Publication"), _("Publications")),
    "event": Kind(_("Event"), _("Events")),
}

#: Kinds that nobody licenses: that no licence is stated says nothing of them.
UNLICENSED: Final = frozenset({"initiative", "organisation", "funding_call", "grant", "policy", "event"})

NOT_STATED: Final = Category(_("No licence stated"), "unknown", "")
CATEGORIES: Final[dict[str, Category]] = {
    "open": Category(_("Open licence"), "check", "good"),
    "share-alike": Category(_("Open, share alike"), "loop", "good"),
    "field-of-use": Category(_("Some uses forbidden"), "warning", "warn"),
    "non-commercial": Category(_("Not for commerce"), "warning", "warn"),
    "no-derivatives": Category(_("No changes allowed"), "warning", "warn"),
    "source-available": Category(_("Source to read only"), "eye", "warn"),
    "proprietary": Category(_("Proprietary"), "lock", "bad"),
    "not-a-licence": Category(_("Not a licence"), "unknown", ""),
    "unknown": Category(_("Licence not recognised"), "unknown", ""),
}

RELATIONS: Final[dict[str, Relation]] = {
    "maintained_by": Relation(_("Maintained by"), _("Maintains")),
    "funded_by": Relation(_("Funded by"), _("Funds")),
    "trained_on": Relation(_("Trained on"), _("Used to train")),
    "derived_from": Relation(_("Derived from"), _("Source of")),
    "version_of": Relation(_("Version of"), _("Has versions")),
    "part_of": Relation(_("Part of"), _("Has parts")),
    "hosted_by": Relation(_("Hosted by"), _("Hosts")),
    "evaluated_by": Relation(_("Evaluated by"), _("Evaluates")),
    "governed_by": Relation(_("Governed by"), _("Governs")),
}

PROPERTIES: Final[dict[str, Any]] = {
    "title": _("Name"),
    "description": _("Description"),
    "url": _("Web address"),
    "licence": _("Licence"),
    "publisher": _("Published by"),
    "issued": _("Published"),
    "modified": _("Last changed"),
    "status": _("Status"),
    "languages": _("Languages"),
    "countries": _("Countries"),
    "sdgs": _("Sustainable Development Goals"),
    "sectors": _("Sectors"),
    "keywords": _("Keywords"),
    "evidence": _("Evidence"),
    "identifiers": _("Identifiers"),
    # of a kind
    "accelerator": _("Accelerator"),
    "accelerator_count": _("Number of accelerators"),
    "access": _("Access"),
    "active_parameter_count": _("Active parameters"),
    "adopted": _("Adopted"),
    "agency": _("Agency"),
    "amount": _("Amount"),
    "annotation": _("Annotation"),
    "architecture": _("Architecture"),
    "authors": _("Authors"),
    "body": _("Standards body"),
    "budget": _("Budget"),
    "closes": _("Closes"),
    "components": _("Components"),
    "context_tokens": _("Context (tokens)"),
    "domains": _("Subjects"),
    "downloads": _("Downloads"),
    "duration": _("Duration"),
    "eligibility": _("Who may use it"),
    "embedding_dimensions": _("Embedding dimensions"),
    "ends": _("Ends"),
    "formats": _("Formats"),
    "founded": _("Founded"),
    "framework": _("Frameworks"),
    "funder": _("Funder"),
    "group": _("Group"),
    "instrument": _("Instrument"),
    "jurisdiction": _("Jurisdiction"),
    "legal_form": _("Legal form"),
    "level": _("Level"),
    "location": _("Place"),
    "memory_gb": _("Memory (GB)"),
    "memory_mb": _("Memory (MB)"),
    "metrics": _("Measures"),
    "modalities": _("Kinds of content"),
    "mode": _("Mode"),
    "model": _("Model"),
    "opens": _("Opens"),
    "output_tokens": _("Output (tokens)"),
    "parameter_count": _("Parameters"),
    "platforms": _("Platforms"),
    "price_currency": _("Price: currency"),
    "price_date": _("Price: date"),
    "price_input": _("Price: input"),
    "price_output": _("Price: output"),
    "price_unit": _("Price: unit"),
    "programming_languages": _("Programming languages"),
    "provider": _("Provider"),
    "recipient": _("Recipient"),
    "region": _("Region"),
    "ror": _("ROR identifier"),
    "row_count": _("Rows"),
    "sample_count": _("Samples"),
    "size_bytes": _("Size (bytes)"),
    "stage": _("Stage"),
    "starts": _("Starts"),
    "tasks": _("Tasks"),
    "venue": _("Where published"),
    "version": _("Version"),
}

#: Prices of tokens are shown for so many.
TOKENS_PRICED: Final = 1_000_000
PRICE_UNITS: Final[dict[str, Any]] = {
    "token": _("per million tokens"),
    "image": _("per image"),
    "second": _("per second"),
}

SDGS: Final[dict[int, Any]] = {
    1: _("No poverty"),
    2: _("Zero hunger"),
    3: _("Good health and well-being"),
    4: _("Quality education"),
    5: _("Gender equality"),
    6: _("Clean water and sanitation"),
    7: _("Affordable and clean energy"),
    8: _("Decent work and economic growth"),
    9: _("Industry, innovation and infrastructure"),
    10: _("Reduced inequalities"),
    11: _("Sustainable cities and communities"),
    12: _("Responsible consumption and production"),
    13: _("Climate action"),
    14: _("Life below water"),
    15: _("Life on land"),
    16: _("Peace, justice and strong institutions"),
    17: _("Partnerships for the goals"),
}

RUN_STATES: Final[dict[str, Category]] = {
    "running": Category(_("Running now"), "clock", ""),
    "done": Category(_("Up to date"), "check", "good"),
    "partial": Category(_("Partly read"), "warning", "warn"),
    "failed": Category(_("Failed"), "no", "bad"),
    "stopped": Category(_("Stopped"), "no", "warn"),
    "never": Category(_("Not read yet"), "unknown", ""),
}


#: What became of a vanished record (``core/plan.py: FATES``).
FATES: Final[dict[str, Any]] = {
    "moved": _("In another folder or state"),
    "respelled": _("Its key is written differently"),
    "namespaced": _("Its key stands in a namespace now"),
    "renumbered": _("Has another key"),
    "excluded": _("Passed over by the source's description"),
    "gone": _("No longer listed"),
}
#: What tells so.
BASES: Final[dict[str, Any]] = {
    "content": _("the same content"),
    "identifier": _("the same identifier"),
    "name": _("its name only"),
}
FINDINGS: Final[dict[str, Any]] = {
    "format-change": _("All records changed their form, none its values: the source writes differently now."),
    "rewritten": _("Every record that is still listed was written anew."),
    "keys-changed": _("The source changed its keys: most of these records are still there under another one."),
    "namespace-move": _("The source moved its keys into namespaces."),
    "folders-moved": _("The source moved records between folders or states."),
    "mass-disappearance": _("A large part of the source is gone, without a trace. Its listing may be broken."),
}
PLAN_STATES: Final[dict[str, Category]] = {
    "open": Category(_("Waits for a decision"), "clock", "warn"),
    "applied": Category(_("Taken away"), "check", ""),
    "refused": Category(_("Kept"), "check", "good"),
    "superseded": Category(_("Out of date"), "no", ""),
}
RUN_COUNTS: Final[dict[str, Any]] = {
    "seen": _("read"),
    "added": _("new"),
    "changed": _("changed"),
    "unchanged": _("unchanged"),
    "same_values": _("changed in form only"),
    "rejected": _("set aside"),
    "missing": _("no longer listed"),
    "absent": _("absent, kept"),
    "duplicate": _("listed twice"),
    "nameless": _("without a readable key"),
    "remapped": _("read anew from what is kept here"),
}


def kind_name(kind: str, *, many: bool = False) -> str:
    """A kind in words; an unknown one as it is."""
    names = KINDS.get(kind)
    return str(names.many if many else names.one) if names else kind


def property_name(name: str) -> str:
    """A property in words; an unknown one with its underscores opened."""
    return str(PROPERTIES.get(name) or name.replace("_", " ").capitalize())


def ground_name(ground: str) -> Markup | str:
    """A public-interest ground in words; one that the scope does not know as it is."""
    known = _grounds().get(ground)
    return markup.text(known["label"]) if known else ground


def category(name: str | None) -> Category:
    """How a licence category is shown; None means that no source says anything."""
    return NOT_STATED if name is None else CATEGORIES.get(name, CATEGORIES["unknown"])


def source_spec(source: str) -> SourceSpec | None:
    """A source as it is described; None where this node has no description of it (any more)."""
    return load_builtin().get(source) or _own_spec(source, _own_changed())


def source_title(source: str) -> str:
    """A source's title, or its id."""
    if source == JUDGED:
        return str(_("a decision of this site"))
    if source == CURATION:
        return str(_("a correction by this site"))
    spec = source_spec(source)
    return spec.title if spec else source


def source_short(source: str) -> str:
    """The title without its expansion in brackets, for narrow places."""
    return source_title(source).partition(" (")[0]


@cache
def _grounds() -> dict[str, Any]:
    """Ground → its label and meaning, from ``scope.yaml``."""
    scope = yaml.safe_load((Path(__file__).parent / "scope.yaml").read_text("utf-8"))
    machine = {"@machine": scope.get("machine", [])}
    return {name: {**ground, "label": {**ground["label"], **machine}} for name, ground in scope["grounds"].items()}


def _own_changed() -> int:
    """Changes whenever the node's operator adds or replaces a source file."""
    folder = queries.own_sources()
    return folder.stat().st_mtime_ns if folder.is_dir() else 0


@lru_cache(maxsize=512)
def _own_spec(source: str, changed: int) -> SourceSpec | None:
    return queries.specs().get(source)
