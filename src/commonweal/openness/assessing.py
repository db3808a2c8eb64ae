"""Pages of the process: begin, one question a page, submit, review, publish; replies. Plain forms, saved as one goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from commonweal.base.permissions import can, require
from commonweal.catalogue import queries as catalogue
from commonweal.kernel.errors import CommonwealError
from commonweal.openness import queries, services, words
from commonweal.openness.forms import AnswerForm, BeginForm, ProofForm, ReplyForm, ReviewForm
from commonweal.openness.models import Assessment
from commonweal.openness.pages import view_of
from commonweal.openness.questions import questions
from commonweal.web import markup

T = TypeVar("T")
form_page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@login_required
def assessments(request: HttpRequest) -> HttpResponse:
    """One's own assessments, and for curators those that wait."""
    mine = queries.assessments_of(services.actor_of(request.user))
    reviewer = can(request.user, "openness.confirm_reply")
    waiting = [row for row in queries.waiting() if can(request.user, "openness.review", row)] if reviewer else []
    cards = catalogue.cards(set(catalogue.entity_ids([row.subject for row in (*mine, *waiting)]).values()))
    context: dict[str, Any] = {"mine": [_line(row, cards) for row in mine], "waiting": [_line(row, cards) for row in waiting]}
    return _page(request, "openness/assessments.html", **context)


@never_cache
@login_required
@form_page
def begin(request: HttpRequest, entity_id: str) -> HttpResponse:
    """Say who one is to the thing; then the first question."""
    require(request.user, "openness.assess")
    view = view_of(entity_id)
    form = BeginForm(request.POST or None, initial={"name": request.user.get_username()})
    row = _attempt(form, lambda said: services.begin(request.user, view["id"], **said))
    if row is None:
        return _form(request, "openness/begin.html", form, view=view)
    return HttpResponseRedirect(reverse("openness.question", args=[row.pk, 1]), status=303)


@never_cache
@login_required
@form_page
def question(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One question; the answer is kept, and the next one follows."""
    row, view = _row(request, pk, "openness.edit")
    every = questions()
    if not 1 <= number <= len(every):
        raise Http404
    asked = every[number - 1]
    given = {one.fact: one for one in queries.answers(row)}.get(asked.fact)
    initial = {"finding": given.finding, "licence": given.licence, "link": given.url, "quote": given.quote} if given else None
    form = AnswerForm(request.POST or None, initial=initial, licensed=asked.licence)
    kept = _attempt(form, lambda said: services.answer(request.user, pk, asked.fact, **said))
    if kept is None:
        context = {"row": row, "view": view, "asked": asked, "here": number, "count": len(every)}
        return _form(request, "openness/question.html", form, **context)
    following = (
        reverse("openness.question", args=[pk, number + 1]) if number < len(every) else reverse("openness.assessment", args=[pk])
    )
    return HttpResponseRedirect(following, status=303)


@never_cache
@login_required
def assessment(request: HttpRequest, pk: int) -> HttpResponse:
    """An assessment with its answers, the verdicts they would give, and what can be done next."""
    row = queries.assessment(pk)
    mine, reviewer = can(request.user, "openness.edit", row), can(request.user, "openness.review", row)
    if not (mine or reviewer):
        require(request.user, "openness.edit", row)
    given = {one.fact: one for one in queries.answers(row)}
    unfinished = row.published is None
    context = {
        "row": row,
        "view": queries.find(row.subject),
        "state": words.STATES[row.state],
        "role": words.ROLES[row.role],
        "answers": [_answer(number, one, given.get(one.fact)) for number, one in enumerate(questions(), 1)],
        "answered": len(given),
        "preview": services.preview(row) if unfinished and given else [],
        "mine": mine,
        "reviewer": reviewer,
        "form": ReviewForm(),
    }
    return _page(request, "openness/assessment.html", **context)


@require_POST
def act(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step of the process: submit, withdraw, accept, return or publish."""
    user = request.user
    match step:
        case "submit":
            services.submit(user, pk)
        case "withdraw":
            services.withdraw(user, pk)
        case "accept" | "return":
            services.review(user, pk, accept=step == "accept", dissent=request.POST.get("dissent", ""))
        case "publish":
            services.publish_reviewed(user, pk)
        case _:
            raise Http404
    return HttpResponseRedirect(reverse("openness.assessment", args=[pk]), status=303)


@never_cache
@login_required
@form_page
def reply(request: HttpRequest, entity_id: str) -> HttpResponse:
    """Reply to the verdicts about an entry."""
    view = view_of(entity_id)
    form = ReplyForm(request.POST or None)

    def keep(said: dict[str, Any]) -> Any:
        return services.reply(request.user, view["id"], said["words"], name=said["name"], url=said["link"])

    if _attempt(form, keep) is None:
        confirm = can(request.user, "openness.confirm_reply")
        unproved = [one for one in queries.replies(queries.record_ids(view)) if not one["proof"]] if confirm else []
        return _form(request, "openness/reply.html", form, view=view, unproved=unproved, proof=ProofForm(auto_id=False))
    return HttpResponseRedirect(reverse("entity", args=[view["id"]]) + "#openness", status=303)


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how it is known that a reply comes from the makers."""
    services.confirm_reply(request.user, pk, request.POST.get("proof", ""))
    return HttpResponseRedirect(reverse("openness.assessments"), status=303)


def _row(request: HttpRequest, pk: int, action: str) -> tuple[Assessment, dict[str, Any]]:
    row = queries.assessment(pk)
    require(request.user, action, row)
    return row, queries.find(row.subject)


def _answer(number: int, asked: Any, given: Any) -> dict[str, Any]:
    return {"number": number, "title": asked.title, "given": given, "finding": words.FINDINGS[given.finding] if given else ""}


def _line(row: Assessment, cards: dict[str, dict[str, Any]]) -> dict[str, Any]:
    card = cards.get(row.subject)
    title = markup.text(card["title"]) if card else row.subject
    return {"row": row, "title": title, "state": words.STATES[row.state]}


def _attempt(form: Form, do: Callable[[dict[str, Any]], T]) -> T | None:
    """What ``do`` answers to a valid form, or None with the reason on the form."""
    if not form.is_valid():
        return None
    try:
        return do(form.cleaned_data)
    except CommonwealError as error:
        if error.status in (403, 404):
            raise
        form.add_error(None, str(error))
        return None


def _form(request: HttpRequest, template: str, form: Form, **context: Any) -> HttpResponse:
    return _page(request, template, 400 if form.is_bound else 200, form=form, **context)


def _page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """Pages of the process exist as pages only."""
    return render(request, template, {"forms": (), **context}, status=status)
