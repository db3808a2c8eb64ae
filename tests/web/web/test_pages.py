"""What the pages show, in which forms, and what they never let through."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from django.test import Client

from commonweal.catalogue.core.record import record_id
from fixture_node import addresses, entity_of


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": "localhost"})


def html(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize("lang", ["en", "fr", "ar"])
def test_every_page_renders_in_every_language(node, client, lang):
    for address in addresses():
        shown = html(client, address, **{"accept-language": lang})
        assert f'<html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}"' in shown, address
        assert shown.count("<h1") == 1, address


def test_pages_hold_no_inline_style_or_script(node, client):
    for address in addresses():
        shown = html(client, address)
        assert not re.search(r"\sstyle=|<style|\son\w+=", shown), address
        assert set(re.findall(r"<script[^>]*>", shown)) <= {'<script type="application/ld+json">'}, address
        assert not re.search(r'(?:src|<link[^>]*href)="(?:https?:)?//', shown.replace('rel="canonical" href="http', "")), address


def test_every_page_is_also_json(node, client):
    for address in addresses():
        path, _, query = address.partition("?")
        answer = client.get(("/index" if path == "/" else path) + ".json" + (f"?{query}" if query else ""))
        assert answer.status_code == 200, address
        assert isinstance(json.loads(answer.content), dict), address


def test_hostile_words_stay_words(node, client):
    for address in (
        f"/catalogue/{entity_of('script')}",
        "/search?q=script",
        "/search",
        f"/catalogue/record/{record_id('alpha', 'script')}",
    ):
        shown = html(client, address)
        for hostile in ("<script>alert", "<img src=x", 'href="javascript:', "<b>bold", "<i>x"):
            assert hostile not in shown, (address, hostile)


def test_hostile_query_stays_words(node, client):
    shown = html(client, '/search?q="><script>alert(1)</script>&topic=<b>&sort=title')
    assert "<script>alert" not in shown
    assert "<b>" not in shown


def test_tables_run_no_formula(node, client):
    answer = client.get("/search.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    hostile = next(row for row in rows if "alert" in row["title"])
    assert hostile["publisher"].startswith("'=cmd")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="search.csv"'


def test_sources_that_differ_stand_side_by_side(node, client):
    assert entity_of("speech") == entity_of("b1", "beta")
    shown = html(client, f"/catalogue/{entity_of('speech')}")
    facts = shown[shown.index('id="facts"') :]
    assert "The sources differ" in facts
    assert facts.index("CC-BY-4.0") < facts.index("Apache-2.0"), "the more trusted source comes first"
    for words in ("Tumaini Foundation", "Alpha registry", "Beta index", "1 May 2024", "12,345"):
        assert words in facts, words


def test_an_old_id_leads_to_the_entry(node, client):
    entity = entity_of("speech")
    other = next(r for r in (record_id("alpha", "speech"), record_id("beta", "b1")) if r != entity)
    answer = client.get(f"/catalogue/{other}?lang=fr")
    assert answer.status_code == 301
    assert answer.headers["Location"].endswith(f"/catalogue/{entity}?lang=fr")


def test_links_are_shown_from_both_ends(node, client):
    speech, leaf = entity_of("speech"), entity_of("leaf")
    forth = html(client, f"/catalogue/{leaf}")
    assert "Derived from" in forth
    assert "Kiswahili Speech Commons" in forth[forth.index('id="links"') :]
    back = html(client, f"/catalogue/{speech}")
    assert "Source of" in back
    assert f'href="/catalogue/{leaf}"' in back[back.index('id="links"') :]


def test_contacts_are_masked(node, client):
    for address in (f"/catalogue/{entity_of('speech')}", f"/catalogue/record/{record_id('alpha', 'speech')}"):
        assert "amina@example.org" not in html(client, address)
    assert b"amina@example.org" not in client.get(f"/catalogue/record/{record_id('alpha', 'speech')}/raw").content
    assert b"amina@example.org" not in client.get(f"/catalogue/record/{record_id('alpha', 'speech')}.json").content


def test_the_entry_describes_itself_to_search_engines(node, client):
    shown = html(client, f"/catalogue/{entity_of('speech')}")
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', shown)[1])
    assert data["@type"] == "Dataset"
    assert data["license"] == "https://spdx.org/licenses/CC-BY-4.0.html"
    assert data["inLanguage"] == ["sw"]


def test_what_was_set_aside_is_shown_with_the_reason(node, client):
    shown = html(client, "/catalogue/sources/alpha")
    assert "broken" in shown[shown.index('id="set-aside"') :]


def test_words_of_other_languages_are_marked(node, client):
    assert '<span lang="sw" dir="auto">Saa mia nane za sauti.</span>' in html(client, f"/catalogue/{entity_of('speech')}")
    assert '<span lang="ar" dir="auto">مدونة عربية</span>' in html(client, f"/catalogue/{entity_of('quran')}")


def test_a_filter_is_a_link_and_a_chip_takes_it_off(node, client):
    shown = html(client, "/search")
    assert 'href="/search?kind=model"' in shown
    narrowed = html(client, "/search?kind=model")
    assert "AgriLeaf" in narrowed
    assert "Court records" not in narrowed
    assert '<a class="chip on" href="/search">' in narrowed


def test_a_chosen_value_is_marked_however_rare(node, client):
    shown = html(client, "/search?language=zu")
    assert 'aria-current="true" rel="nofollow"' in shown
    assert "Language: <bdi>Zulu</bdi>" in shown


def test_a_language_s_name_leads_to_everything_in_it(node, client):
    assert 'href="/search?language=sw"' in html(client, "/search?q=Swahili")


def test_a_broken_query_gets_a_note_not_an_error(node, client):
    assert "quotation mark" in html(client, '/search?q="kiswahili')
    assert "Nothing matches" in html(client, "/search?q=zzzzqqqq")


@pytest.mark.parametrize(
    "address", ["/nope", "/catalogue/aaaaaaaaaaaaaaaaaaaa", "/catalogue/sources/nope", "/catalogue/record/aaaaaaaaaaaaaaaaaaaa"]
)
def test_missing_things_are_said_in_the_form_asked_for(node, client, address):
    shown = client.get(address)
    assert shown.status_code == 404
    assert b"<h1>" in shown.content
    problem = client.get(f"{address}.json")
    assert problem.status_code == 404
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert json.loads(problem.content)["status"] == 404


def test_a_wrong_order_is_told_with_what_is_allowed(node, client):
    answer = client.get("/search?sort=price")
    assert answer.status_code == 400
    assert "price" in answer.content.decode()


def test_language_and_theme_are_kept_without_a_script(node, client):
    answer = client.get("/search?q=leaf&lang=ar&theme=dark")
    assert 'dir="rtl" data-theme="dark"' in answer.content.decode()
    assert 'href="?q=leaf&amp;theme=dark&amp;lang=fr"' in answer.content.decode()
    assert 'lang="ar" dir="rtl" data-theme="dark"' in html(client, "/about")
    assert 'lang="fr"' in html(client, "/about?lang=fr")
    assert "data-theme" not in html(client, "/about?theme=auto")
    assert 'lang="fr"' in html(client, "/about?lang=klingon&theme=pink")


def test_the_accent_colour_is_a_setting(node, client, monkeypatch):
    monkeypatch.setenv("COMMONWEAL_NODE_ACCENT_COLOUR", "#7a1fa2")
    assert '<link rel="stylesheet" href="/accent/7a1fa2.css">' in html(client, "/about")
    css = client.get("/accent/7a1fa2.css")
    assert css.headers["Content-Type"].startswith("text/css")
    assert b"--accent: #7a1fa2" in css.content
    assert client.get("/accent/zzz.css").status_code == 404


def test_offers_are_in_no_headline(node, client):
    figures = json.loads(client.get("/index.json").content)["sources"]
    assert "offer" not in figures["by_kind"]


def test_a_curator_may_ask_for_an_update(node, client):
    from commonweal.base.models import User

    address = "/catalogue/sources/alpha/update"
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 403
    assert "<button>" not in html(client, "/catalogue/sources/alpha").partition("<main")[2].partition("</main>")[0]
    client.force_login(User.objects.create(username="amina", role=User.Role.CURATOR))
    assert f'action="{address}"' in html(client, "/catalogue/sources/alpha")
    answer = client.post(address)
    assert answer.status_code == 303
    assert "Asked for" in html(client, answer.headers["Location"])
    from commonweal.base.models import Job

    assert Job.objects.filter(task__endswith="harvest").count() == 1


def test_whoever_says_something_says_it_on_a_day(node, client):
    """The source's own date, or else the day on which the node read it."""
    dated = read = 0
    for name in ("script", "speech"):
        shown = html(client, f"/catalogue/{entity_of(name)}")
        for line in re.findall(r'<p class="says"><span class="visually-hidden">.*?</p>', shown, re.S):
            for voice in re.findall(r"<span><svg.*?</a>(.*?)</span>", line, re.S):
                assert re.search(r"\b20\d\d\b", voice), voice
                read, dated = read + ("read " in voice), dated + 1
    assert dated > read > 0
