"""Pages of the resolver: the questions that wait for a person, why an entry is one thing, and what overlaps an idea."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from commonweal.base.models import User
from commonweal.base.permissions import can
from commonweal.catalogue import queries as catalogue
from commonweal.catalogue import words as catalogue_words
from commonweal.catalogue.overview import overview as figures
from commonweal.kernel.errors import CommonwealError
from commonweal.resolve import overlap, queries, services, words
from commonweal.resolve.core.judgements import Judgement
from commonweal.web import markup
from commonweal.web.jinja import fragment
from commonweal.web.negotiate import Page, failure

#: Questions listed under the one that is asked.
NEXT: Final = 10
RECENT: Final = 5

_COMPARED: Final = ("publisher", "url", "licence", "issued", "modified", "languages", "countries")


def queue(request: HttpRequest) -> Page:
    """The most valuable question, or the one asked for, side by side, with the weights in words."""
    skipped = request.GET.getlist("skip")
    asked = [
        question for question in queries.queue(NEXT + 1 + len(skipped)) if f"{question.left}-{question.right}" not in skipped
    ]
    pair = request.GET.get("pair", "").split("-")
    left, right = pair if len(pair) == 2 else (asked[0].left, asked[0].right) if asked else ("", "")
    suggested = next((each.suggested for each in asked if {each.left, each.right} == {left, right}), "")
    judge = can(request.user, "resolve.judge")
    context = {
        "left": left,
        "right": right,
        "sides": _sides(left, right) if left else None,
        "why": _why(queries.explain(left, right), judge) if left else None,
        "suggested": words.VERDICTS[suggested].said if suggested else None,
        "verdicts": [(name, verdict) for name, verdict in words.VERDICTS.items() if verdict.key],
        "may_judge": judge,
        "waiting": queries.waiting(),
        "next": [_listed(question) for question in asked if {question.left, question.right} != {left, right}][:NEXT],
        "recent": [_line(line, judge) for line in queries.recent(RECENT)],
        "contradictions": [_line(said[0], judge) for said in queries.contradicted().values()],
        "pending": [_line(line, judge) for line in queries.unseconded().values()],
    }
    return Page("resolve/queue.html", context, {"waiting": context["waiting"], "queue": [each._asdict() for each in asked]})


@require_POST
def judge(request: HttpRequest) -> HttpResponse:
    """Take a verdict in and go on with the next question."""
    said = request.POST
    try:
        actor = _actor(request)
        services.judge(
            said.get("left", ""), said.get("right", ""), said.get("verdict", ""),
            user=request.user, actor=actor, reason=said.get("reason", ""),
        )  # fmt: skip
    except CommonwealError as error:
        return failure(request, error)
    return redirect(_back(request))


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take a judgement back."""
    try:
        services.undo(request.POST.get("judgement", ""), user=request.user, actor=_actor(request))
    except CommonwealError as error:
        return failure(request, error)
    return redirect(_back(request))


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def check_overlap(request: HttpRequest) -> Page:
    """What is already there near an idea. The idea comes by POST, so that it stands in no address and no log."""
    said = request.POST
    draft = overlap.Draft(
        said.get("title", ""), said.get("description", ""), _parts(said.get("languages", "")), _parts(said.get("countries", ""))
    )
    found = overlap.overlap(draft, user=request.user, limit=10) if request.method == "POST" else None
    rows = None if found is None else [_near(near) for near in found]
    return Page("resolve/overlap.html", {"draft": draft, "said": said, "found": rows})


def panel(request: HttpRequest, view: dict[str, Any]) -> str | None:
    """Why the records of an entry are one thing, what people decided about it, and what it may be one with."""
    records = [record["id"] for record in view["records"]]
    judge = can(request.user, "resolve.judge")
    lines = queries.log(records)
    reasons = [_why(each, judge) for each in queries.explain_records(records, lines)]
    others = [line for line in queries.holding(lines) if not set(records).issuperset(line.pair)]
    if not reasons and not others:
        return None
    names = {record["id"]: catalogue_words.source_short(record["source"]) for record in view["records"]}
    shown = [_line(line, judge) for line in others]
    token = get_token(request) if judge else ""  # only for curators: a token sets a cookie and forbids shared caches
    context = {"reasons": reasons, "others": shown, "names": names, "token": token, "path": request.path}
    return fragment("resolve/why.html", context)


def home_line(request: HttpRequest) -> str:
    """ "N records from M sources describe K things; D duplicates found; Q waiting for a person." """
    found, counted = figures(), queries.figures()
    if not counted["profiles"]:
        return ""
    counts = {
        "records": ngettext("%(n)s record", "%(n)s records", n := found["records"]) % {"n": markup.number(n)},
        "sources": ngettext("%(n)s source", "%(n)s sources", n := found["from_sources"]) % {"n": markup.number(n)},
        "things": ngettext("%(n)s thing", "%(n)s things", n := found["counts"]["entities"]) % {"n": markup.number(n)},
        "duplicates": ngettext("%(n)s duplicate", "%(n)s duplicates", n := counted["duplicates"]) % {"n": markup.number(n)},
    }
    said = _("%(records)s from %(sources)s describe %(things)s; %(duplicates)s found.") % counts
    n = counted["waiting"]
    waiting = ngettext("%(n)s question waits for a person", "%(n)s questions wait for a person", n) % {"n": markup.number(n)}
    return fragment("resolve/line.html", {"said": said, "waiting": waiting})


def _sides(left: str, right: str) -> dict[str, Any]:
    """Both records with what they say, property by property; what differs is marked."""
    said = [catalogue.record(one) for one in (left, right)]
    rows = []
    for name in ("title", "description", *_COMPARED, "identifiers"):
        values = [_shown(name, one["record"].get(name)) for one in said]
        if any(values):
            label = catalogue_words.property_name(name)
            rows.append({"label": label, "values": values, "differs": all(values) and values[0] != values[1]})
    heads = [
        {"id": one["id"], "source": catalogue_words.source_short(one["source"]), "native_id": one["native_id"],
         "kind": catalogue_words.kind_name(one["kind"] or "")}
        for one in said
    ]  # fmt: skip
    return {"heads": heads, "rows": rows}


def _shown(name: str, value: Any) -> str:
    if not value:
        return ""
    if name in ("title", "description"):
        return markup.words(value)[:600]
    if name == "licence":
        return str(value.get("expression") or value.get("raw") or "")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _why(each: queries.Explanation, may_judge: bool) -> dict[str, Any]:
    steps = [{"words": words.level(step.words), "bits": step.bits, "for": step.bits > 0} for step in each.steps]
    return {
        "left": each.left,
        "right": each.right,
        "weight": each.weight,
        "prior": each.prior,
        "steps": steps,
        "rule": words.RULES.get(each.rule),
        "model": each.model,
        "said": [_line(line, may_judge) for line in each.said],
    }


def _line(line: Judgement, may_judge: bool) -> dict[str, Any]:
    return {
        "judgement": line.digest,
        "left": line.left,
        "right": line.right,
        "said": words.VERDICTS[line.verdict].said,
        "by": _by(line.actor),
        "at": line.at[:10],
        "reason": line.reason,
        "may_undo": may_judge and line.verdict != "retracted",
    }


def _by(actor: str) -> str:
    return _("a curator") if actor.startswith("person:") else actor


def _listed(question: queries.Question) -> dict[str, Any]:
    known = queries.profiles([question.left, question.right])
    titles = [known[one].title if one in known else one for one in (question.left, question.right)]
    return {"href": f"{reverse('resolve.queue')}?pair={question.left}-{question.right}", "titles": titles}


def _near(near: overlap.Overlap) -> dict[str, Any]:
    return {
        "href": reverse("entity", args=[near.entity]),
        "title": near.card["title"],
        "kind": catalogue_words.kind_name(near.card["kind"]),
        "percent": round(near.likeness * 100),
        "words": near.words,
        "shared": _values(near.shared),
        "only_there": _values(near.only_there),
        "funder": near.funder,
        "publisher": near.card["publisher"],
    }


def _values(values: Mapping[str, list[str]]) -> str:
    lang = markup.language()
    return ", ".join(overlap.value_name(name, value, lang) for name, found in values.items() for value in found)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace(";", ",").split(",") if part.strip())


def _actor(request: HttpRequest) -> str:
    return request.user.actor if isinstance(request.user, User) else ""


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("resolve.queue")
