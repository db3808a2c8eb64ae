"""The search by API and by command."""

from __future__ import annotations

import html
import json
import time

import pytest
from typer.testing import CliRunner

from commonweal.base.terminal import terminal
from commonweal.search import services
from commonweal.search.builder import documents
from commonweal.search.commands import app

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(make_index, view):
    licence = {"expression": "Apache-2.0", "category": "open", "raw": "apache", "rule": "spdx"}
    make_index(
        view(
            "a", {"en": "Water models", "fr": "Modèles de l’eau"}, "model", licence=licence, languages=["en", "fr"], issued="2024"
        ),
        view("b", {"fr": "Données sur l’eau <b>"}, "dataset", languages=["fr"], countries=["KEN"], publisher="Institut, X"),
        view("c", {"en": "Water offer"}, "offer"),
    )


@pytest.fixture
def api(client, world):
    def get(path, **parameters):
        answer = client.get(f"/api/v1/{path}", parameters)
        assert answer.status_code == 200, answer.content
        assert answer["Content-Type"].startswith("application/json")
        return answer.json()

    return get


def test_everything(api):
    answer = api("search")
    assert answer["count"] == 2
    assert [card["kind"] for card in answer["results"]] == ["model", "dataset"]
    assert set(answer) == {"count", "results", "facets", "next", "query", "notes"}
    assert answer["facets"]["language"] == [
        {"value": "fr", "label": "French", "count": 2},
        {"value": "en", "label": "English", "count": 1},
    ]
    assert list(answer["facets"]) == services.facet_names()
    assert answer["next"] is None


def test_cards_are_whole(api):
    card = api("search", q="kind:model")["results"][0]
    assert card["title"] == {"en": "Water models", "fr": "Modèles de l’eau"}
    assert (card["licence"], card["licence_category"]) == ("Apache-2.0", "open")
    assert set(card) == {
        *("id", "kind", "title", "description", "licence", "licence_category", "languages", "countries"),
        *("publisher", "issued", "modified", "sources"),
    }


@pytest.mark.parametrize(
    ("parameters", "kinds"),
    [
        ({"q": "eau"}, {"model", "dataset"}),
        ({"q": "eau", "kind": "model"}, {"model"}),
        ({"kind": "model,dataset"}, {"model", "dataset"}),
        ({"kind": ["model", "dataset"]}, {"model", "dataset"}),
        ({"licence": "open"}, {"model"}),
        ({"licence": "apache-2.0"}, {"model"}),
        ({"language": "français", "country": "Kenya"}, {"dataset"}),
        ({"publisher": "Institut, X"}, {"dataset"}),
        ({"year": "2024"}, {"model"}),
        ({"q": "water", "offers": "true"}, {"model", "offer"}),
        ({"kind": ""}, {"model", "dataset"}),
        ({"kind": "nonsense"}, set()),
        ({"language": "Klingonese"}, set()),
    ],
)
def test_filters(api, parameters, kinds):
    assert {card["kind"] for card in api("search", **parameters)["results"]} == kinds


def test_pages(api):
    first = api("search", limit=1, sort="title")
    second = api("search", limit=1, sort="title", after=first["next"])
    assert [first["results"][0]["kind"], second["results"][0]["kind"]] == ["dataset", "model"]
    assert second["next"] is None


def test_labels_and_highlights_in_a_language(api):
    answer = api("search", q="eau", lang="fr", highlight="true")
    assert answer["facets"]["country"][0]["label"] == "Kenya"
    assert {value["label"] for value in answer["facets"]["language"]} == {"anglais", "français"}
    titles = {marked["title"] for marked in answer["highlights"].values()}
    assert "Données sur l’<mark>eau</mark> &lt;b&gt;" in titles
    assert all("<b>" not in html.escape(title) for title in titles)


def test_a_broken_query_has_an_answer_with_notes(api):
    answer = api("search", q='"water models')
    assert answer["count"] == 1
    assert answer["notes"][0]["code"] == "open-quote"
    assert answer["notes"][0]["message"]


@pytest.mark.parametrize("parameters", [{"after": "xx"}, {"sort": "price"}, {"limit": 101}, {"limit": "many"}, {"limit": 0}])
def test_wrong_parameters_are_problems(client, world, parameters):
    answer = client.get("/api/v1/search", parameters)
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"]


def test_suggest(api):
    assert api("suggest", q="wat") == [
        {"id": api("search", q="kind:model")["results"][0]["id"], "kind": "model", "title": "Water models"}
    ]
    assert api("suggest", q="mod", lang="fr")[0]["title"] == "Modèles de l’eau"


def test_a_list_needs_no_sql(api, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):  # the token that says whether anything has changed
        api("search", q="eau")


def test_a_change_comes_into_the_answers(api, view):
    assert api("search", q="fleuve")["count"] == 0
    services.index().update([], documents([view("d", {"fr": "Le fleuve"})]), 1)
    for _ in range(20):  # answers to anonymous readers are kept for a moment
        if api("search", q="fleuve")["count"]:
            return
        time.sleep(0.1)
    pytest.fail("the change was not seen")


@pytest.fixture
def run(world, monkeypatch):
    def command(*arguments, json=True, lang="en"):
        monkeypatch.setattr(terminal, "json", json)
        monkeypatch.setattr(terminal, "lang", lang)
        result = CliRunner().invoke(app, ["search", *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    return command


def test_command_prints_json_lines(run):
    rows = [json.loads(line) for line in run("eau", "--kind", "model", lang="fr").splitlines()]
    assert [list(row) for row in rows] == [["id", "kind", "title", "licence", "sources"]]
    assert rows[0] | {"id": ""} == {
        "id": "",
        "kind": "model",
        "title": "Modèles de l’eau",
        "licence": "Apache-2.0",
        "sources": ["mteb"],
    }


def test_command_reads_on_beyond_a_page(run, monkeypatch):
    monkeypatch.setattr(services, "MAX_LIMIT", 1)
    assert len(run("--limit", "2").splitlines()) == 2


def test_command_for_people(run):
    printed = run("water", json=False)
    assert "Water models" in printed
    assert "Nothing found." in run("xyzzy", json=False)
    assert "maternal health" in run("--syntax", json=False)
    assert "2" in run("--limit", "1", json=False)


def test_command_makes_the_index(run):
    assert json.loads(run("--rebuild")) == {"indexed": 0}
    services.index().discard()
    assert run("water") == ""
    assert services.index().snapshot() is not None
