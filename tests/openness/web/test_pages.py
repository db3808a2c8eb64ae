"""The room's pages as a browser without scripts meets them."""

from __future__ import annotations

import re

import pytest

from commonweal.openness import queries
from commonweal.openness.core.framework import load_framework
from commonweal.openness.questions import questions
from commonweal.search import services as search

pytestmark = pytest.mark.django_db

ENTRY = [item.title for item in load_framework("mof").items if item.level == "3" and item.required]


def part(name):
    return {"name": name, "licence": "Apache-2.0", "url": "https://example.org/x"}


@pytest.fixture
def whole(harvest, view):
    harvest(
        {"key": "a", "title": "<b>Whole</b>", "parts": [part(name) for name in ENTRY]},
        {"key": "b", "title": "Half", "parts": [part(name) for name in ENTRY[:3]]},
        {"key": "c", "title": "Silent"},
    )
    search.index().refresh()
    return {key: view(key)["id"] for key in "abc"}


def test_the_tab_shows_verdicts_items_and_evidence(client, whole):
    page = client.get(f"/catalogue/{whole['a']}").text
    assert 'id="openness"' in page
    assert "Class III - Open Model" in page
    assert "Evidence linked" in page
    assert "<b>Whole" not in page
    assert "Too little is known" in client.get(f"/catalogue/{whole['c']}").text


@pytest.mark.parametrize(
    "address",
    ["/openness", "/openness/league?framework=mof", "/openness/compare?ids={a},{b}", "/openness/{a}", "/openness/{a}/simulate"],
)
def test_every_page_is_also_data(client, whole, address):
    address = address.format(**whole)
    page = client.get(address)
    assert page.status_code == 200
    path, _, asked = address.partition("?")
    assert client.get(f"{path}.json?{asked}").json()


def test_the_league_is_ordered_and_a_table(client, whole):
    rows = client.get("/openness/league.json?framework=mof").json()["rows"]
    assert [row["entity"] for row in rows] == [whole["a"], whole["b"]]
    assert client.get("/openness/league.csv").content.count(b"\n") == 3


def test_comparing_marks_what_differs_and_refuses_seven(client, whole):
    page = client.get(f"/openness/compare?ids={whole['a']}&ids={whole['b']}").text
    assert "differs" in page
    assert client.get("/openness/compare?ids=" + ",".join([whole["a"], *"nobody"])).status_code == 404


def test_supposing_all_that_is_missing_gives_the_next_class(client, whole):
    steps = client.get(f"/openness/{whole['b']}/simulate.json").json()
    assert steps["then"] == "Class III - Open Model"
    asked = "&".join(f"yes={change['item']}" for change in steps["changes"])
    assert "Class III" in client.get(f"/openness/{whole['b']}/simulate.json?{asked}").json()["sentence"]


@pytest.mark.parametrize("name", ["badge", "dots"])
def test_pictures_are_svg_without_scripts(client, whole, name):
    answer = client.get(f"/openness/{whole['a']}/{name}.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.text.startswith("<svg")
    assert "&lt;b&gt;" in answer.text or name == "badge"


def test_search_filters_by_class_and_evidence(whole):
    found = search.search("", filters={"mof_class": ["3"]})
    assert [card["id"] for card in found.cards] == [whole["a"]]
    assert search.search("", filters={"assessed": ["mof"]}).count == 2
    assert search.search("", filters={"evidence_level": ["1"]}).count == 2


def test_the_form_asks_each_fact_once_and_keeps_every_answer(client, whole, asha, bo):
    every = questions()
    assert len({one.fact for one in every}) == len(every)
    assert any(len(one.uses) > 2 for one in every), "one answer feeds several frameworks"
    begin = f"/openness/{whole['c']}/assess"
    assert client.get(begin).status_code == 302, "visitors sign in first"
    client.force_login(asha)
    assert client.post(begin, {"name": "Asha"}).status_code == 400
    first = client.post(begin, {"name": "Asha", "role": "self", "interest": "I am paid."}).headers["Location"]
    kept = client.post(first, {"finding": "yes", "licence": "MIT", "link": "https://example.org", "quote": "<script>"})
    assert kept.status_code == 303
    assert client.post(kept.headers["Location"], {"finding": "no", "link": "javascript:alert(1)"}).status_code == 400
    again = client.get(first).text
    assert 'value="MIT"' in again
    assert re.search(r'value="yes"[^>]*checked', again)
    overview = first.rpartition("/")[0]
    page = client.get(overview).text
    assert "<script>" not in page.split("<main", 1)[1]
    assert client.post(f"{overview}/submit").status_code == 303
    client.force_login(bo)
    assert "Asha" in client.get("/openness/assessments").text or client.get(overview).status_code == 200
    for step in ("accept", "publish"):
        assert client.post(f"{overview}/{step}", {"dissent": "Thin."}).status_code == 303
    shown = client.get(f"/openness/{whole['c']}").text
    assert "Thin." in shown
    assert "I am paid." in shown


def test_a_reply_is_shown_as_unproved(client, whole, asha, bo):
    client.force_login(asha)
    client.post(f"/openness/{whole['a']}/reply", {"name": "Maker", "words": "The card is older."})
    page = client.get(f"/catalogue/{whole['a']}").text
    assert "unproved" in page
    client.force_login(bo)
    [reply] = queries.replies([whole["a"]])
    client.post(f"/openness/replies/{reply['id']}/confirm", {"proof": "By their own mail."})
    assert "unproved" not in client.get(f"/catalogue/{whole['a']}").text


def test_the_api_gives_the_same_answers(client, whole):
    got = client.get(f"/api/v1/openness/{whole['a']}").json()
    assert {one["verdict"] for one in got["verdicts"] if one["framework"] == "mof"} == {"Class III - Open Model"}
    assert got["evidence"][0]["assurance_words"]
    assert len(client.get("/api/v1/openness/frameworks").json()) >= 8
    refused = client.get(f"/api/v1/openness/compare?ids={whole['a']}&framework=gpai-form")
    assert (refused.status_code, refused.json()["code"]) == (403, "framework-restricted")
    card = {"content": "---\nlicense: mit\n---\n# A card\n", "file": "README.md"}
    answer = client.post("/api/v1/openness/assess", card, content_type="application/json")
    assert answer.json()["framework"] == "mof"
