"""The resolver's pages and API: everybody reads, curators answer, all of it without a script."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from commonweal.base.models import User
from commonweal.catalogue.core.record import Record
from commonweal.resolve import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(say, resolve) -> tuple[str, str]:
    about = {"en": "questions in many languages <script>alert(1)</script>"}
    records = [
        Record(source, title, "dataset", {"en": title}, description=about)
        for source, title in (("a", "tydiqa"), ("b", "tydiqa-x"))
    ]
    say(*records)
    resolve()
    (question,) = queries.queue()
    return question.left, question.right


@pytest.fixture
def curator(client: Client) -> Client:
    client.force_login(User.objects.create_user("curator", role=User.Role.CURATOR))
    return client


def test_everybody_sees_the_question_and_why(client: Client, asked) -> None:
    page = client.get("/resolve/queue").content.decode()
    assert "tydiqa-x" in page
    assert "the names are" in page
    assert 'action="/resolve/judge"' not in page
    assert "<script>alert" not in page
    assert client.get("/resolve/queue.json").json()["waiting"] == 1


def test_a_curator_answers_and_takes_it_back(curator: Client, asked) -> None:
    page = curator.get("/resolve/queue").content.decode()
    assert page.count("accesskey=") >= 6
    answer = curator.post("/resolve/judge", {"left": asked[0], "right": asked[1], "verdict": "same", "reason": "one corpus"})
    assert (answer.status_code, answer["Location"]) == (302, "/resolve/queue")
    assert queries.waiting() == 0
    entry = curator.get(f"/catalogue/{min(asked)}").content.decode()
    assert "one corpus" in entry
    (line,) = queries.recent(5)
    assert line.actor.startswith("person:")
    assert (
        curator.post("/resolve/undo", {"judgement": line.digest, "next": "//elsewhere.example"})["Location"] == "/resolve/queue"
    )
    assert queries.waiting() == 1


@pytest.mark.parametrize("path", ["/resolve/judge", "/resolve/undo"])
def test_answers_need_the_right_and_a_post(client: Client, asked, path: str) -> None:
    assert client.get(path).status_code == 405
    said = {"left": asked[0], "right": asked[1], "verdict": "same", "judgement": "0" * 64}
    assert client.post(path, said).status_code == 403
    assert queries.recent(1) == []


def test_forms_are_protected_from_other_sites(asked) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_user("curator", role=User.Role.CURATOR))
    assert client.post("/resolve/judge", {"left": asked[0], "right": asked[1], "verdict": "same"}).status_code == 403


def test_the_api_explains_asks_and_compares(client: Client, asked) -> None:
    (question,) = client.get("/api/v1/resolve/queue").json()
    assert {question["left"], question["right"]} == set(asked)
    why = client.get(f"/api/v1/resolve/explain/{asked[0]}/{asked[1]}").json()
    assert why["weight"] == pytest.approx(why["prior"] + sum(step["bits"] for step in why["steps"]), abs=1e-5)
    found = client.post("/api/v1/overlap", json.dumps({"title": "tydiqa"}), content_type="application/json").json()
    assert found[0]["card"]["title"] == {"en": "tydiqa"}
    said = json.dumps({"left": asked[0], "right": asked[1], "verdict": "same"})
    assert client.post("/api/v1/resolve/judge", said, content_type="application/json").status_code == 401


@pytest.mark.parametrize("lang", ["en", "fr", "ar"])
def test_an_idea_is_compared_in_every_language_of_the_interface(client: Client, asked, lang: str) -> None:
    page = client.post(f"/resolve/overlap?lang={lang}", {"title": "tydiqa", "languages": "sw"})
    assert page.status_code == 200
    assert "tydiqa-x" in page.content.decode()
