"""Pages that explain: a run with what it changed and left, a plan that waits for a decision, what an owner can mend."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from commonweal.base.permissions import can, require
from commonweal.catalogue import plans, queries, services, words
from commonweal.catalogue.core import quality
from commonweal.kernel.canonical import dumps
from commonweal.kernel.tables import write_csv
from commonweal.web import markup
from commonweal.web.charts import Row, bars, columns
from commonweal.web.negotiate import Page

ENTRIES_SHOWN: Final = 200
CHECKS_SHOWN: Final = 12
#: Runs in the trend.
TREND: Final = 12
ENTRY_COLUMNS: Final = ("native_id", "title", "state", "fate", "basis", "detail", "successor_native_id", "record", "successor")
FIX_COLUMNS: Final = ("native_id", "title", "score", "check", "profile", "level", "fix")


def run(request: HttpRequest, run_id: int) -> Page:
    """One run: counts, errors by kind with examples, which values changed, what the source lacks, how it went before."""
    found = queries.run(run_id)
    return Page("catalogue/run.html", lambda: _run(found), {**found, "plan": plans.of_run(run_id)})


def _run(found: Mapping[str, Any]) -> dict[str, Any]:
    left = found["report"]
    checks = {check.id: check for check in quality.every()}
    failing = [(checks[name], count) for name, count in left.get("checks", {}).items() if name in checks]
    return {
        "run": found,
        "state": words.RUN_STATES[found["state"]],
        "source_title": words.source_title(found["source"]),
        "counts": [(words.RUN_COUNTS.get(name, name), count) for name, count in found["counts"].items() if count],
        "changed": [(words.property_name(name), count) for name, count in found["differences"].get("properties", {}).items()],
        "examples": [_example(example) for example in found["differences"].get("examples", ())],
        "coverage": _coverage(left),
        "score": left.get("score"),
        "checks": failing[:CHECKS_SHOWN],
        "problems": left.get("problems", ()),
        "trend": _trend(found),
        "plan": plans.of_run(found["id"]),
    }


def _example(example: Mapping[str, Any]) -> dict[str, Any]:
    changes = [
        {"name": words.property_name(one["property"]), "before": _printed(one["before"]), "after": _printed(one["after"])}
        for one in example["changes"]
    ]
    return {**example, "changes": changes}


def _printed(value: Any) -> str:
    """A value as people compare it: words as they are, the rest as JSON."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and all(isinstance(part, str) for part in value.values()):
        return " · ".join(value.values())
    return dumps(value).decode()


def _coverage(left: Mapping[str, Any]) -> Any:
    total = left.get("records")
    if not total:
        return None
    rows = [Row(words.property_name(name), round(100 * count / total)) for name, count in left["coverage"].items()]
    rows.sort(key=lambda row: -row.value)
    return bars("coverage", _("What its records say"), _("Of a hundred records so many have it."), rows)


def _trend(found: Mapping[str, Any]) -> Any:
    """Records read by the runs up to this one, oldest first."""
    runs = [one for one in queries.runs(found["source"], limit=TREND) if one["id"] <= found["id"]][::-1]
    rows = [Row(markup.day(one["started"].date().isoformat()), one["counts"].get("seen", 0)) for one in runs]
    return (
        columns("trend", _("Records read, update by update"), _("Of the last updates, oldest first."), rows)
        if len(rows) > 1
        else None
    )


def plan(request: HttpRequest, plan_id: int) -> Page:
    """What a listing lacks, each record explained; a steward applies it or refuses it, with a reason."""
    found = plans.plan(plan_id)
    return Page(
        "catalogue/plan.html",
        lambda: _plan(request, found),
        lambda: {**found, "entries": list(plans.entries(plan_id))},
        ({**entry, "title": markup.words(entry["title"])} for entry in plans.entries(plan_id)),
        ENTRY_COLUMNS,
    )


def _plan(request: HttpRequest, found: Mapping[str, Any]) -> dict[str, Any]:
    counts = found["counts"]
    shown = list(plans.entries(found["id"], limit=ENTRIES_SHOWN))
    return {
        "plan": found,
        "source_title": words.source_title(found["source"]),
        "state": words.PLAN_STATES[found["state"]],
        "findings": [words.FINDINGS[code] for code in found["findings"]],
        "fates": [(words.FATES[fate], counts[fate]) for fate in words.FATES if counts.get(fate)],
        "entries": [
            {**entry, "fate": words.FATES[entry["fate"]], "basis": words.BASES.get(entry["basis"], "")} for entry in shown
        ],
        "may_decide": found["state"] == "open" and _may_decide(request),
    }


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A vanished record with its fate in words."""
    return {**entry, "fate": words.FATES[entry["fate"]], "basis": words.BASES.get(entry["basis"], "")}


@require_POST
def decide(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Apply or refuse a plan, as the button pressed says."""
    require(request.user, "catalogue.decide")
    actor, reason = f"person:{request.user.pk}", request.POST.get("reason", "")
    if request.POST.get("decision") == "apply":
        services.apply_plan(plan_id, actor=actor, reason=reason, names="names" in request.POST)
    else:
        services.refuse_plan(plan_id, actor=actor, reason=reason)
    return HttpResponseRedirect(reverse("plan", args=[plan_id]), status=303)


def _may_decide(request: HttpRequest) -> bool:
    """Whether to show the form; nobody can be signed in without a session, so that visitors cost no query."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and can(request.user, "catalogue.decide")


def fixes(request: HttpRequest, source_id: str, form: str = "csv") -> HttpResponse | StreamingHttpResponse:
    """What a registry's owner can mend, as a download: CSV or JSON Lines, one line a record and check."""
    rows = queries.fix_list(queries.spec(source_id).id)
    name = f"{source_id}-fixes.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if form == "csv":
        lines = _csv_lines(rows)
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
    parts = (orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
    return StreamingHttpResponse(parts, content_type="application/jsonl", headers=headers)


def _csv_lines(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    """Blocks of a CSV, so that a long list is never held as a whole."""
    first = True
    while (block := list(islice(rows, 1_000))) or first:
        stream = io.BytesIO()
        write_csv(block, stream, FIX_COLUMNS)
        data = stream.getvalue()
        yield data if first else data.partition(b"\r\n")[2]
        first = False
