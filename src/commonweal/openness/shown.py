"""Verdicts, items and evidence as pages show them: each with who says so, when, and on what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone

from commonweal.base.registries import Panel
from commonweal.kernel.errors import CommonwealError
from commonweal.openness import queries, words
from commonweal.openness.core.assessment import Assessment, Result
from commonweal.openness.core.engine import evaluate
from commonweal.openness.core.framework import load_framework
from commonweal.web import markup
from commonweal.web.jinja import fragment

#: Pieces of evidence shown under one item.
EVIDENCE_SHOWN: Final = 3


def panel(request: HttpRequest, view: dict[str, Any]) -> str | None:
    """The openness tab of an entry; None for kinds that no framework is about."""
    if view["kind"] not in queries.KINDS:
        return None
    return fragment("openness/panel.html", about(view))


def about(view: dict[str, Any]) -> dict[str, Any]:
    """Everything the tab says: verdicts side by side, the grid of each framework, replies."""
    records = queries.record_ids(view)
    own = queries.verdicts(records)
    handed = queries.inherited(view, {one["framework"] for one in own})
    return {
        "view": view,
        "verdicts": [verdict(one) for one in (*own, *handed)],
        "grids": grids(view, own) if own else [],
        "replies": queries.replies(records),
    }


def verdict(one: Mapping[str, Any]) -> dict[str, Any]:
    """A verdict with its codes in words."""
    return {
        **one,
        "title": words.framework_title(one["framework"], one["version"]),
        "mode_words": words.MODES.get(one["mode"], one["mode"]),
        "role_words": words.ROLES[one["role"]],
        "assurance": words.ASSURANCE[one["level"]],
        "inherited_from": one.get("inherited_from"),
    }


def grids(view: dict[str, Any], own: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For each framework with a verdict by this node: its items as the evidence in force answers them now."""
    subject = queries.subject_of(view)
    today = timezone.now().date().isoformat()
    keys = dict.fromkeys((one["framework"], one["version"], one["mode"]) for one in own if one["role"] == "node")
    found = []
    for name, version, mode in keys:
        try:
            framework = load_framework(name, version)
        except CommonwealError:
            continue
        if mode == "normalised":  # one grid a framework; what this reading changes is listed beside it
            continue
        other = evaluate(subject, framework, "normalised", today) if "normalised" in framework.modes else None
        now = evaluate(subject, framework, mode or None, today)
        found.append({**grid(now), "title": framework.title, "credit": framework.spec["credit"], "changes": changes(now, other)})
    return found


def grid(found: Assessment) -> dict[str, Any]:
    """The public items of an assessment, with what is missing for the next better verdict."""
    items = [item(one) for one in found.items if "public" in one.item.audience]
    titles = {one.item.id: one.item.title for one in found.items}
    return {
        "framework": found.framework,
        "version": found.version,
        "rule": found.rule,
        "source": found.source,
        "items": items,
        "missing": [titles[name] for name in found.outcome.missing if name in titles],
        "progress": sorted(found.progress.items()),
    }


def item(result: Result) -> dict[str, Any]:
    """One item with its status, reason, warnings and the strongest evidence."""
    return {
        "id": result.item.id,
        "title": result.item.title,
        "required": result.item.required,
        "status": result.status,
        "sign": words.met(result.met),
        "reason": result.reason,
        "warnings": result.warnings,
        "contradicted": result.contradicted,
        "evidence": [evidence(one.to_json()) for one in result.evidence[:EVIDENCE_SHOWN]],
        "more": max(0, len(result.evidence) - EVIDENCE_SHOWN),
    }


def evidence(one: Mapping[str, Any]) -> dict[str, Any]:
    """A piece of evidence: quote, place, who, when, how, and its level of assurance in words."""
    place = ", ".join(filter(None, (one.get("file"), f"line {one['line']}" if one.get("line") else None)))
    return {
        "quote": one.get("quote") or one.get("value") or one.get("note") or "",
        "url": markup.safe_url(one.get("url")),
        "place": place,
        "who": one.get("who", ""),
        "when": one.get("when"),
        "how": words.METHODS.get(one.get("how", ""), ""),
        "sign": words.ASSURANCE[one["assurance"]],
    }


def changes(strict: Assessment, normalised: Assessment | None) -> list[Mapping[str, str]]:
    """The components that come out differently when licences are read after cleaning their names."""
    return list(normalised.changes) if normalised else []


def titled(cards: Mapping[str, Mapping[str, Any]], ids: Iterable[str]) -> list[dict[str, Any]]:
    """(id, title in the reader's language) of the entries that exist, in the order asked."""
    return [{"id": one, "title": markup.words(cards[one]["title"])} for one in ids if one in cards]


def make_panel(title: Any) -> Panel:
    """The room's tab on the page of an entry."""
    return Panel("openness", title, 10, panel)
