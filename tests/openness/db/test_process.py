"""From records to verdicts, and from a person's answers to a published assessment."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from commonweal.base import feed
from commonweal.kernel.errors import CommonwealError
from commonweal.openness import computing, queries, services
from commonweal.openness.core.framework import load_framework
from commonweal.openness.models import Assessment, Statement

pytestmark = pytest.mark.django_db

ENTRY = [item.title for item in load_framework("mof").items if item.level == "3" and item.required]


def parts(*names, licence="Apache-2.0"):
    return [{"name": name, "licence": licence, "url": "https://example.org/x"} for name in names]


def mof(view, mode="strict"):
    return [v for v in queries.verdicts(queries.record_ids(view)) if v["framework"] == "mof" and v["mode"] == mode]


def test_evidence_in_records_becomes_verdicts_with_their_basis(harvest, view):
    harvest({"key": "a", "title": "Whole", "parts": parts(*ENTRY)}, {"key": "b", "title": "Silent"})
    [verdict] = mof(view("a"))
    assert (verdict["score"], verdict["role"], verdict["level"]) == (3.0, "node", 1)
    assert verdict["rules"] == load_framework("mof").digest
    assert mof(view("b")) == [], "silence is not a finding"
    [said] = queries.statements(queries.record_ids(view("a")))[view("a")["id"]]
    assert {one["who"] for one in said.data["evidence"]} == {"parts"}


def test_the_same_harvest_again_writes_nothing_and_a_change_makes_a_new_version(harvest, view):
    harvest({"key": "a", "title": "Whole", "parts": parts(*ENTRY)})
    rows, end = Statement.objects.count(), feed.head()
    computing.read_all(actor="command:test")
    assert (Statement.objects.count(), feed.head()) == (rows, end)
    harvest({"key": "a", "title": "Whole", "parts": parts(*ENTRY[1:])})
    [verdict] = mof(view("a"))
    assert verdict["score"] == 0
    newest, first = queries.history(queries.record_ids(view("a")))
    assert (newest["version"], newest["state"], first["state"]) == (2, "published", "superseded")
    changed = next(one for one in newest["changes"] if one["framework"] == "mof" and one["mode"] == "strict")
    assert [item["after"] for item in changed["items"]] == ["missing"]


def test_reassessing_by_other_rules_publishes_what_changed(harvest, view, monkeypatch):
    harvest({"key": "a", "title": "Whole", "parts": parts(*ENTRY)})
    assert computing.reassess(actor="command:test").assessments == 0
    monkeypatch.setattr(computing, "_rules", lambda: {"mof": "another version"})
    before = feed.head()
    assert computing.reassess(actor="command:test").assessments == 1
    assert [(change.topic, change.id) for change in feed.read(before)] == [("assessment", view("a")["id"])]


def test_statements_cannot_be_changed(harvest, view):
    harvest({"key": "a", "title": "Whole", "parts": parts(*ENTRY)})
    with pytest.raises(TypeError):
        Statement.objects.update(voice="x")
    with pytest.raises(TypeError):
        Statement.objects.first().save()


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_to_change_statements(harvest):
    from importlib import import_module

    guard = import_module("commonweal.openness.migrations.0002_append_only_statements")
    harvest({"key": "a", "title": "Whole", "parts": parts(*ENTRY)})
    guard.install(connection)
    try:
        for sql in ("UPDATE openness_statement SET voice = 'x'", "DELETE FROM openness_statement"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
    finally:
        guard.remove(connection)


def test_an_assessment_goes_from_draft_to_published_and_is_superseded_by_the_next(harvest, view, asha, bo):
    harvest({"key": "a", "title": "Whole", "parts": parts(*ENTRY[1:])})
    subject = view("a")["id"]
    row = services.begin(asha, subject, role="self", interest="I work for its maker.", name="Asha")
    assert services.begin(asha, subject, role="self", interest="").pk == row.pk, "one unfinished assessment a person"
    fact = next(item.fact for item in load_framework("mof").items if item.title == ENTRY[0])
    services.answer(asha, row.pk, fact, finding="yes", licence="MIT", link="https://example.org/code", quote="Here it is.")
    with pytest.raises(CommonwealError, match="submitted"):
        services.review(bo, row.pk, accept=True)
    services.submit(asha, row.pk)
    with pytest.raises(CommonwealError) as refused:
        services.review(asha, row.pk, accept=True)
    assert refused.value.code == "forbidden"
    services.review(bo, row.pk, accept=True, dissent="The link is thin.")
    services.publish_reviewed(bo, row.pk)
    hers, nodes = sorted(mof(view("a")), key=lambda one: one["role"], reverse=True)
    assert (hers["role"], hers["score"], hers["interest"], hers["dissent"]) == (
        "self",
        3.0,
        "I work for its maker.",
        "The link is thin.",
    )
    assert nodes["score"] == 3.0, "what she stated is evidence for everybody"
    again = services.begin(asha, subject, role="self", interest="")
    assert (again.pk != row.pk, again.version) == (True, 2)
    services.answer(asha, again.pk, fact, finding="no")
    services.submit(asha, again.pk)
    services.review(bo, again.pk, accept=True)
    services.publish_reviewed(bo, again.pk)
    row.refresh_from_db()
    assert row.state == Assessment.State.SUPERSEDED
    mine = [one for one in queries.history([subject]) if one["role"] == "self"]
    assert [(one["version"], one["state"]) for one in mine] == [(2, "published"), (1, "superseded")]


def test_visitors_and_strangers_may_not(harvest, view, asha, bo):
    harvest({"key": "a", "title": "Whole"})
    with pytest.raises(CommonwealError, match="Signing in"):
        services.begin(None, view("a")["id"], role="self", interest="")
    row = services.begin(asha, view("a")["id"], role="self", interest="")
    with pytest.raises(CommonwealError, match="may not"):
        services.answer(bo, row.pk, "datasets", finding="yes")


@pytest.mark.parametrize(
    ("given", "code"), [({"finding": "maybe"}, "evidence-invalid"), ({"finding": "yes", "link": "javascript:x"}, "link-invalid")]
)
def test_answers_that_cannot_be_kept_say_why(harvest, view, asha, given, code):
    harvest({"key": "a", "title": "Whole"})
    row = services.begin(asha, view("a")["id"], role="self", interest="")
    with pytest.raises(CommonwealError) as refused:
        services.answer(asha, row.pk, "datasets", **given)
    assert refused.value.code == code


def test_replies_are_unproved_until_a_curator_says_how_it_is_known(harvest, view, asha, bo):
    harvest({"key": "a", "title": "Whole"})
    row = services.reply(asha, view("a")["id"], "The data set is public.", name="Maker")
    assert queries.replies([view("a")["id"]])[0]["proof"] == ""
    services.confirm_reply(bo, row.pk, "Wrote from the maker's own domain.")
    assert queries.replies([view("a")["id"]])[0]["proof"].startswith("Wrote")


def test_a_version_inherits_downwards_only_and_its_own_verdict_wins(harvest, view):
    harvest(
        {"key": "family", "title": "Family", "parts": parts(*ENTRY)},
        {"key": "v1", "title": "Version one", "base": "family"},
        {"key": "v2", "title": "Version two", "base": "family", "parts": parts(*ENTRY[:2])},
    )
    inherited = {one["framework"]: one for one in queries.inherited(view("v1"), ())}
    assert inherited["mof"]["inherited_from"]["id"] == view("family")["id"]
    own = {one["framework"] for one in queries.verdicts(queries.record_ids(view("v2")))}
    assert "mof" in own
    assert "mof" not in {one["framework"] for one in queries.inherited(view("v2"), own)}
    assert queries.inherited(view("family"), ()) == []


def test_a_document_brought_in_is_evidence(harvest, view):
    from commonweal.base.permissions import SYSTEM

    harvest({"key": "a", "title": "Whole"})
    listed = "\n".join(f"    - {{name: {name!r}, license: MIT}}" for name in ENTRY)
    document = f"framework: {{name: MOF, version: '1.0'}}\nrelease:\n  name: Whole\n  components:\n{listed}\n"
    assert services.bring_in(SYSTEM, view("a")["id"], document.encode(), "whole.yml") == len(ENTRY)
    assert mof(view("a"))[0]["score"] == 3.0


def test_expired_evidence_changes_the_verdict_when_it_is_computed_again(harvest, view, monkeypatch):
    from datetime import UTC, datetime

    harvest({"key": "a", "title": "Whole", "parts": parts(*ENTRY)})
    assert computing.reassess(actor="command:test").assessments == 0
    said = {"fact": "datasets", "finding": "yes", "licence": "MIT", "expires": "2030-01-01"}
    services._state(
        view("a")["id"], "import:x", {"types": [], "native": None, "evidence": [said], "problems": []}, "command:test"
    )
    assert computing.reassess(actor="command:test").assessments == 1
    assert computing.reassess(actor="command:test").assessments == 0
    monkeypatch.setattr(computing.timezone, "now", lambda: datetime(2031, 1, 1, tzinfo=UTC))
    assert computing.reassess(actor="command:test").assessments == 1
