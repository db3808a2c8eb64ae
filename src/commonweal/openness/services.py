"""Assessment as a process: begin, answer, submit, review, publish, withdraw; replies; documents brought in by hand.

One transition each; nothing that was published is overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import orjson
from django.db import transaction
from django.utils import timezone

from commonweal.base import feed
from commonweal.base.events import record_event
from commonweal.base.permissions import SYSTEM, require
from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.text import clean
from commonweal.openness import queries, records
from commonweal.openness.computing import COMPUTED, TOPIC, computed, publish, supersede, verdict_row
from commonweal.openness.core.evidence import FINDINGS, Evidence, web_address
from commonweal.openness.core.formats import read_subject
from commonweal.openness.models import Assessment, Reply, Statement

State = Assessment.State
MOST_WORDS: Final = 5_000
ROLES: Final = (Assessment.Role.SELF, Assessment.Role.THIRD_PARTY)


def actor_of(user: Any) -> str:
    """Who did it, as the log names them."""
    return "command:openness" if user is SYSTEM else f"person:{user.pk}"


@transaction.atomic
def begin(user: Any, entity: str, *, role: str, interest: str, name: str = "") -> Assessment:
    """Begin an assessment of an entry, or go on with one's own unfinished one.

    Args:
        role: ``self`` or ``third-party``.
        interest: a conflict of interest in the assessor's words, shown with the verdict; "" declares that there is none.

    Raises:
        CommonwealError: ``entity-unknown``, ``role-unknown``, ``forbidden``.
    """
    require(user, "openness.assess")
    if role not in ROLES:
        raise CommonwealError("role-unknown", f"{role!r} is no role of an assessor.", f"Use one of: {', '.join(ROLES)}.")
    view = queries.find(entity)
    who = actor_of(user)
    unfinished = queries.open_assessment(queries.record_ids(view), who)
    if unfinished is not None:
        return unfinished
    now = timezone.now()
    version = queries.latest_version([view["id"]], who).get(view["id"], 0) + 1
    row = Assessment.objects.create(
        subject=view["id"], assessor=who, name=clean(name)[:200], role=role, version=version, state=State.DRAFT,
        interest=clean(interest)[:MOST_WORDS], created=now, changed=now,
    )  # fmt: skip
    record_event(who, "openness.begun", f"assessment:{row.pk}", {"subject": row.subject, "role": role})
    return row


@transaction.atomic
def answer(
    user: Any, pk: int, fact: str, *, finding: str, licence: str | None = None, quote: str = "", link: str = ""
) -> Assessment:
    """Keep one answer of a draft, in place of the former one about that fact. Nothing is fetched.

    Raises:
        CommonwealError: ``evidence-invalid``, ``link-invalid``, ``state-wrong``, ``forbidden``.
    """
    row = _locked(user, pk, "openness.edit", State.DRAFT)
    if finding not in FINDINGS:
        raise CommonwealError("evidence-invalid", f"{finding!r} is no finding.", f"Use one of: {', '.join(FINDINGS)}.")
    url = web_address(link)
    if link.strip() and url is None:
        raise CommonwealError("link-invalid", f"{link[:200]} is no web address.", "It begins with https:// or http://.")
    how = "self-assessed" if row.role == Assessment.Role.SELF else "third-party"
    today = timezone.now().date().isoformat()
    said = Evidence(
        fact, finding, licence=clean(licence).strip() or None if licence else None, quote=clean(quote), url=url,
        who=row.name or row.assessor, when=today, how=how,
    )  # fmt: skip
    kept = [one for one in queries.answers(row) if one.fact != fact]
    row.answers = orjson.dumps([one.to_json() for one in (*kept, said)]).decode()
    row.changed = timezone.now()
    row.save(update_fields=["answers", "changed"])
    return row


def submit(user: Any, pk: int) -> Assessment:
    """Hand a draft to the reviewers. Raises ``assessment-empty`` for one without answers."""
    with transaction.atomic():
        row = _locked(user, pk, "openness.edit", State.DRAFT)
        if not queries.answers(row):
            raise CommonwealError("assessment-empty", "Nothing is answered yet.", "Answer at least one question.")
        return _moved(user, row, State.SUBMITTED, "openness.submitted")


def withdraw(user: Any, pk: int) -> Assessment:
    """Take one's own unfinished assessment back."""
    with transaction.atomic():
        row = _locked(user, pk, "openness.edit", State.DRAFT, State.SUBMITTED, State.REVIEWED)
        return _moved(user, row, State.WITHDRAWN, "openness.withdrawn")


def review(user: Any, pk: int, *, accept: bool, dissent: str = "") -> Assessment:
    """A second person's look: accepted, with a dissent to be shown where there is one, or back to the assessor."""
    with transaction.atomic():
        row = _locked(user, pk, "openness.review", State.SUBMITTED)
        row.dissent, row.reviewer = clean(dissent)[:MOST_WORDS], actor_of(user)
        return _moved(user, row, State.REVIEWED if accept else State.DRAFT, "openness.reviewed", accept=accept)


@transaction.atomic
def publish_reviewed(user: Any, pk: int) -> Assessment:
    """Publish a reviewed assessment: its answers become evidence, its verdicts stand beside the others, its former version
    is superseded, and this node's own verdicts are computed again."""
    row = _locked(user, pk, "openness.review", State.REVIEWED)
    now = timezone.now()
    view = queries.find(row.subject)
    mine = queries.answers(row)
    former = Assessment.objects.filter(subject=row.subject, assessor=row.assessor, state=State.PUBLISHED)
    supersede(list(former.values_list("pk", flat=True)), now)
    types = queries.KINDS.get(view["kind"])
    data = {"types": [types] if types else [], "native": None, "evidence": [one.to_json() for one in mine], "problems": []}
    _state(row.subject, row.assessor, data, actor_of(user))
    row.published = now
    _moved(user, row, State.PUBLISHED, "openness.published")
    subject = queries.subject_of(view).knowing(mine, instead=True)
    for found in computed(subject, now, COMPUTED):
        verdict_row(row, found).save()
    publish([view], actor=actor_of(user))
    feed.append([feed.Change(TOPIC, view["id"], "published", {"by": row.role, "assessment": row.pk})])
    return row


@transaction.atomic
def bring_in(user: Any, entity: str, content: bytes, file: str) -> int:
    """Take a document about an entry (MOT, EOSAI, FMTI, DPG, a card …) in as evidence. How many findings it holds.

    Raises:
        CommonwealError: ``entity-unknown``, ``forbidden``, and what ``read_subject`` raises.
    """
    require(user, "openness.reassess")
    view = queries.find(entity)
    subject = read_subject(content, file)
    _state(view["id"], f"import:{file}"[:200], records.statement(subject), actor_of(user))
    record_event(actor_of(user), "openness.imported", f"entity:{view['id']}", {"file": file, "findings": len(subject.evidence)})
    publish([view], actor=actor_of(user))
    return len(subject.evidence)


@transaction.atomic
def reply(user: Any, entity: str, words: str, *, name: str, url: str = "") -> Reply:
    """Reply to the verdicts about an entry. It is shown as unproved until a curator confirms who speaks.

    Raises:
        CommonwealError: ``reply-empty``, ``entity-unknown``, ``forbidden``.
    """
    require(user, "openness.reply")
    view = queries.find(entity)
    said = clean(words).strip()[:MOST_WORDS]
    if not said:
        raise CommonwealError("reply-empty", "The reply has no words.", "Say what is wrong or missing.")
    link = web_address(url) or ""
    row = Reply.objects.create(
        subject=view["id"], author=actor_of(user), name=clean(name).strip()[:200], words=said, url=link[:500], at=timezone.now()
    )
    record_event(actor_of(user), "openness.replied", f"reply:{row.pk}", {"subject": view["id"]})
    feed.append([feed.Change(TOPIC, view["id"], "replied", {"reply": row.pk})])
    return row


@transaction.atomic
def confirm_reply(user: Any, pk: int, proof: str) -> None:
    """Say how it is known that a reply comes from those who make the thing. Raises ``reply-unknown``."""
    require(user, "openness.confirm_reply")
    row = Reply.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise CommonwealError("reply-unknown", f"There is no reply {pk}.", status=404)
    row.proof = clean(proof).strip()[:300]
    row.save(update_fields=["proof"])
    record_event(actor_of(user), "openness.reply_confirmed", f"reply:{pk}", {"proof": bool(row.proof)})
    feed.append([feed.Change(TOPIC, row.subject, "replied", {"reply": pk})])


def preview(row: Assessment) -> Sequence[Any]:
    """The verdicts that an unfinished assessment would give now."""
    view = queries.find(row.subject)
    subject = queries.subject_of(view).knowing(queries.answers(row), instead=True)
    return list(computed(replace(subject, native=None), timezone.now(), COMPUTED))


def _locked(user: Any, pk: int, action: str, *states: str) -> Assessment:
    """The assessment, held until the transaction ends. Raises ``assessment-unknown``, ``forbidden``, ``state-wrong``."""
    row = Assessment.objects.select_for_update().filter(pk=pk).first() or queries.assessment(pk)
    require(user, action, row)
    if row.state not in states:
        words = f"This assessment is {row.state}."
        raise CommonwealError("state-wrong", words, f"It would have to be {' or '.join(states)}.", status=409)
    return row


def _moved(user: Any, row: Assessment, state: str, action: str, **data: Any) -> Assessment:
    row.state, row.changed = state, timezone.now()
    row.save()
    record_event(actor_of(user), action, f"assessment:{row.pk}", {"subject": row.subject, **data})
    return row


def _state(record: str, voice: str, data: dict[str, Any], actor: str) -> None:
    """Keep what a voice says of a record."""
    Statement.objects.create(
        record=record, voice=voice, digest=records.statement_digest(data), data=orjson.dumps(data).decode(), actor=actor,
        at=timezone.now(),
    )  # fmt: skip
