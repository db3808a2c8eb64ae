"""Pages of an empty node, and of one with many entries: paging, number of queries, weight."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fixture_node import addresses, populate


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": "localhost"})


def html(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_an_empty_node_says_what_to_do(home, db, client):
    assert "commonweal harvest" in html(client, "/")
    assert "commonweal harvest" in html(client, "/search")


def test_paging_shows_every_entry_once(home, db, client):
    populate(more=45)
    address: str | None = "/search?sort=title"
    seen: list[str] = []
    while address:
        shown = html(client, address)
        seen += re.findall(r'<h3><a href="/catalogue/([a-z2-7]{20})"', shown)
        following = re.search(r'<link rel="next" href="([^"]+)"', shown)
        address = following[1].replace("&amp;", "&") if following else None
    assert len(seen) == len(set(seen)) == json.loads(client.get("/search.json").content)["count"]
    assert len(client.get("/search.csv").content.splitlines()) == len(seen) + 1


def query_count(client: Client, address: str) -> int:
    """How often a page asks the database, its caches empty. The feed's number is left out: it is asked by the clock."""
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return sum("base_head" not in query["sql"] for query in queries)


def test_pages_ask_few_queries_whatever_the_number_of_rows(home, db, client):
    populate(more=10)
    asked = addresses()
    few = {address: query_count(client, address) for address in asked}
    populate(more=200)
    many = {address: query_count(client, address) for address in asked}
    assert many == few
    assert max(many.values()) <= 11, many


def test_the_list_is_light(home, db, client):
    populate(more=45)
    assert len(gzip.compress(html(client, "/search").encode())) <= 15_000
