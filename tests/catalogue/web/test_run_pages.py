"""Pages that explain: a run, a plan that a steward decides, the fix list."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.test import Client

from commonweal.base.models import User
from commonweal.catalogue import queries
from commonweal.catalogue.core.record import record_id
from commonweal.catalogue.models import Plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(registry: Callable[..., Any]) -> Plan:
    source = registry("registry-p")
    item = lambda n, title="": {"key": str(n), "title": title or f"<b>Model {n}", "modified": "circa 2019"}  # noqa: E731
    source.harvest(*(item(n) for n in range(40)))
    source.harvest(*(item(n, "Changed" if n == 1 else "") for n in range(30)))
    return Plan.objects.get(state="open")


def steward(client: Client) -> Client:
    client.force_login(User.objects.create(username="s", role="steward"))
    return client


@pytest.mark.parametrize("lang", ["en", "fr", "ar"])
def test_a_run_says_what_changed_and_what_is_lacking(client: Client, plan: Plan, lang: str) -> None:
    page = client.get(f"/catalogue/runs/{plan.run}", headers={"Accept-Language": lang})
    html = page.content.decode()
    assert page.status_code == 200
    assert "Changed" in html and "<b>Model" not in html and "circa 2019" in html
    assert f"/catalogue/plans/{plan.pk}" in html
    said = orjson.loads(client.get(f"/catalogue/runs/{plan.run}.json").content)
    assert (said["counts"]["absent"], said["differences"]["properties"], said["report"]["records"]) == (10, {"title": 1}, 40)


def test_a_plan_is_a_page_a_table_and_json(client: Client, plan: Plan) -> None:
    html = client.get(f"/catalogue/plans/{plan.pk}").content.decode()
    assert "Model 35" in html and "<b>" not in html and "<form method" not in html
    rows = list(csv.DictReader(io.StringIO(client.get(f"/catalogue/plans/{plan.pk}.csv").content.decode())))
    assert {row["fate"] for row in rows} == {"gone"} and len(rows) == 10
    assert len(orjson.loads(client.get(f"/catalogue/plans/{plan.pk}.json").content)["entries"]) == 10
    assert f"/catalogue/plans/{plan.pk}" in client.get("/catalogue/sources/registry-p").content.decode()


def test_a_steward_applies_a_plan_with_a_reason(client: Client, plan: Plan) -> None:
    address = f"/catalogue/plans/{plan.pk}/decide"
    assert client.post(address, {"decision": "apply", "reason": "x"}).status_code == 403
    assert client.get(address).status_code == 405
    assert "<form method" in steward(client).get(f"/catalogue/plans/{plan.pk}").content.decode()
    assert client.post(address, {"decision": "apply", "reason": " "}).status_code == 422
    assert client.post(address, {"decision": "apply", "reason": "The shelf was closed."}).status_code == 303
    assert queries.record(record_id("registry-p", "35"))["state"] == "gone"
    assert "The shelf was closed." in client.get(f"/catalogue/plans/{plan.pk}").content.decode()
    assert client.post(address, {"decision": "refuse", "reason": "Late"}).status_code == 409


def test_a_refused_plan_keeps_everything(client: Client, plan: Plan) -> None:
    assert steward(client).post(f"/catalogue/plans/{plan.pk}/decide", {"decision": "refuse", "reason": "No."}).status_code == 303
    assert queries.source("registry-p")["records"] == 40


def test_the_fix_list_is_a_download(client: Client, plan: Plan) -> None:
    page = client.get("/catalogue/sources/registry-p/fixes.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(page.streaming_content).decode())))
    assert {row["check"] for row in rows} >= {"licence", "description"}
    assert all(0 <= int(row["score"]) <= 100 and row["fix"] for row in rows)
    lines = b"".join(client.get("/catalogue/sources/registry-p/fixes.jsonl").streaming_content).splitlines()
    assert len(lines) == len(rows)


def test_nothing_answers_for_what_is_not_there(client: Client) -> None:
    for address in ("/catalogue/runs/999999", "/catalogue/plans/999999", "/catalogue/sources/nope/fixes.csv"):
        assert client.get(address).status_code == 404
