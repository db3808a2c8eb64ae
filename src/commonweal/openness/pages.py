"""Pages to read: coverage, league tables, comparison, an entry's history and evidence, what would it take, badges."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal.catalogue import queries as catalogue
from commonweal.kernel.errors import CommonwealError
from commonweal.openness import queries, shown, words
from commonweal.openness.core.assessment import Assessment
from commonweal.openness.core.compare import MAX_SUBJECTS
from commonweal.openness.core.compare import compare as side_by_side
from commonweal.openness.core.engine import evaluate
from commonweal.openness.core.exporters.svg import badge as badge_svg
from commonweal.openness.core.exporters.svg import dots as dots_svg
from commonweal.openness.core.framework import load_framework, versions
from commonweal.openness.core.simulator import simulate as simulate_change
from commonweal.openness.core.simulator import what_if
from commonweal.search import services as search
from commonweal.search.pages import label
from commonweal.web import markup
from commonweal.web.charts import Row, bars
from commonweal.web.negotiate import Page

BARS: Final = 8
#: Frameworks whose verdicts can be put in an order.
LEAGUES: Final = ("mof", "eosai", "fmti")
LEAGUE_COLUMNS: Final = ("entity", "title", "framework", "version", "mode", "verdict", "score", "role", "name", "published")


def overview(request: HttpRequest) -> Page:
    """How much of the catalogue is assessed, under what, and by licence, country and language."""
    tally = queries.tally()
    return Page("openness/overview.html", lambda: _overview(tally), {"verdicts": tally})


def _overview(tally: list[dict[str, Any]]) -> dict[str, Any]:
    frameworks = [load_framework(name) for name in versions()]
    counts = Counter[str]()
    for row in tally:
        if row["mode"] != "normalised":
            counts[row["framework"]] += row["count"]
    classes = {row["verdict"]: row["count"] for row in tally if (row["framework"], row["mode"]) == ("mof", "strict")}
    by_class = [Row(name, count) for name, count in classes.items()]
    assessed = search.search("", filters={"assessed": list(counts)}, facets=("licence_category", "country", "language"), limit=1)
    charts = [bars("mof", _("Model Openness Framework: classes reached"), _by_node(), by_class, heading="h3")] if by_class else []
    about = _("Entries with at least one verdict; an entry may have several languages or countries.")
    headings = {"licence_category": _("By licence"), "country": _("By country"), "language": _("By language")}
    for name, values in (assessed.facets if counts else {}).items():
        rows = [Row(label(name, v.value), v.count, "/search" + markup.query({name: v.value})) for v in values[:BARS]]
        if rows and name in headings:
            charts.append(bars(f"by-{name}", headings[name], about, rows, heading="h3"))
    return {
        "charts": charts,
        "count": assessed.count if counts else 0,
        "frameworks": [{"framework": one, "count": counts[one.id], "league": one.id in LEAGUES} for one in frameworks],
    }


def _by_node() -> str:
    return _("Current verdicts, licences read exactly as written. Nothing is averaged over frameworks.")


def league(request: HttpRequest) -> Page:
    """Verdicts under one framework and version, best first."""
    name, mode = _asked(request, LEAGUES[0])
    rows = queries.league(name, mode or "")
    plain = [{**{key: row[key] for key in LEAGUE_COLUMNS}, "title": markup.words(row["title"])} for row in rows]
    context = {
        "rows": [shown.verdict(row) | {"entity": row["entity"], "name_of": markup.text(row["title"])} for row in rows],
        "title": words.framework_title(name),
        "leagues": [(one, words.framework_title(one)) for one in LEAGUES],
        "here": name,
        "most": MAX_SUBJECTS,
    }
    return Page("openness/league.html", context, {"framework": name, "mode": mode, "rows": plain}, plain, LEAGUE_COLUMNS)


def compare(request: HttpRequest) -> Page:
    """Up to six entries under one framework, item by item. ``?ids=a,b`` or ``?ids=a&ids=b``."""
    name, mode = _asked(request, "mof")
    ids = list(dict.fromkeys(one for part in request.GET.getlist("ids") for one in part.split(",") if one))
    views = [queries.find(one) for one in ids[: MAX_SUBJECTS + 1]]
    table = side_by_side([_now(view, name, mode) for view in views]) if views else None
    context = {
        "table": table,
        "entries": [{"id": view["id"], "title": markup.text(view["chosen"]["title"])} for view in views],
        "title": words.framework_title(name),
        "frameworks": [(one, words.framework_title(one)) for one in versions()],
        "here": name,
        "ids": ",".join(view["id"] for view in views),
    }
    return Page("openness/compare.html", context, {"ids": [view["id"] for view in views], **(table or {})})


def entity(request: HttpRequest, entity_id: str) -> Page:
    """All verdicts about an entry, its evidence, the history with what changed, and the replies."""
    view = view_of(entity_id)
    records = queries.record_ids(view)
    own = queries.verdicts(records)
    history = queries.history(records)
    data = {
        "entity": view["id"],
        "verdicts": own,
        "inherited": queries.inherited(view, {one["framework"] for one in own}),
        "evidence": queries.evidence(records),
        "history": history,
        "replies": queries.replies(records),
    }
    context = {
        **shown.about(view),
        "history": [
            {**one, "state_words": words.STATES[one["state"]], "role_words": words.ROLES[one["role"]]} for one in history
        ],
        "name": markup.words(view["chosen"]["title"]),
    }
    return Page("openness/entity.html", context, data)


def simulate(request: HttpRequest, entity_id: str) -> Page:
    """What the next better verdict would take, and what any choice of changes would give."""
    view = view_of(entity_id)
    name, mode = _asked(request, "mof")
    framework = load_framework(name)
    subject = queries.subject_of(view)
    public = {item.id for item in framework.items if "public" in item.audience}
    chosen = [one for one in dict.fromkeys(request.GET.getlist("yes")) if one in public]
    steps = simulate_change(subject, framework, mode)
    then = what_if(subject, framework, dict.fromkeys(chosen, "yes"), mode) if chosen else None
    said = {"now": steps.now.sentence, "next": steps.then.verdict, "then": then.sentence if then else None}
    context = {
        **said,
        "view": view,
        "name": markup.words(view["chosen"]["title"]),
        "title": framework.title,
        "here": name,
        "mode": mode or "",
        "frameworks": [(one, words.framework_title(one)) for one in ("mof", "eosai", "osaid", "dpg")],
        "changes": [
            {**change.to_json(), "words": words.ACTIONS[change.action]} for change in steps.changes if change.item in public
        ],
        "open_items": [
            shown.item(one) | {"chosen": one.item.id in chosen}
            for one in steps.now.items
            if not one.met and one.item.id in public
        ],
    }
    return Page("openness/simulate.html", context, {**steps.to_json(), "chosen": chosen, "sentence": said["then"]})


def badge(request: HttpRequest, entity_id: str) -> HttpResponse:
    """``framework | verdict`` as a picture to embed."""
    return _picture(badge_svg(_now(view_of(entity_id), *_asked(request, "mof"))))


def dots(request: HttpRequest, entity_id: str) -> HttpResponse:
    """A strip with one mark for each item, by default the twelve of the European Open Source AI Index."""
    return _picture(dots_svg(_now(view_of(entity_id), *_asked(request, "eosai"))))


def _now(view: dict[str, Any], framework: str, mode: str | None) -> Assessment:
    """The assessment of an entry by all evidence in force. Restricted items are left out of what pages show."""
    return evaluate(queries.subject_of(view), _public(framework), mode, timezone.now().date().isoformat())


def _public(name: str) -> Any:
    framework = load_framework(name)
    if any("public" not in item.audience for item in framework.items):
        raise CommonwealError("framework-restricted", f"{framework.title} has parts that are not public.", status=403)
    return framework


def _asked(request: HttpRequest, default: str) -> tuple[str, str | None]:
    """(framework, mode) of the address. Raises for a framework that does not exist."""
    name = request.GET.get("framework") or default
    modes = load_framework(name).modes
    return name.partition("@")[0], (request.GET.get("mode") or "strict") if modes else None


def view_of(entity_id: str) -> dict[str, Any]:
    """The view of an entry that can be assessed."""
    found = catalogue.entity(entity_id)
    if found is None or found[0]["kind"] not in queries.KINDS:
        raise Http404
    return found[0]


def _picture(svg: str) -> HttpResponse:
    headers = {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}
    return HttpResponse(svg, content_type="image/svg+xml", headers=headers)
