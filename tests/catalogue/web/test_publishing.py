"""Doors for other catalogues: OAI-PMH walked to its end with deletions, the sitemap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from commonweal.base import feed
from commonweal.catalogue import services
from commonweal.catalogue.exports import oai
from commonweal.catalogue.models import Entity, Plan, Retired
from fixture_node import populate

pytestmark = pytest.mark.django_db

NS = {"o": oai.OAI, "dc": oai.DC}


@pytest.fixture
def source(registry: Callable[..., Any]) -> Any:
    made = registry()
    made.harvest(*({"key": str(n), "title": f"Model <{n}> a@example.org"} for n in range(250)))
    feed.drain()
    return made


def ask(client: Client, **arguments: str) -> ElementTree.Element:
    page = client.get("/oai", arguments)
    assert page.status_code == 200
    return ElementTree.fromstring(page.content)


def fault(client: Client, **arguments: str) -> str:
    error = ask(client, **arguments).find("o:error", NS)
    return "" if error is None else error.attrib["code"]


def walk(client: Client, verb: str = "ListRecords", **arguments: str) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    asked = {"verb": verb, "metadataPrefix": "oai_dc", **arguments}
    while True:
        root = ask(client, **asked)
        headers = root.findall(".//o:header", NS)
        assert headers
        found += [(header.findtext("o:identifier", "", NS), header.get("status") == "deleted") for header in headers]
        token = root.findtext(".//o:resumptionToken", "", NS)
        if not token:
            return found
        asked = {"verb": verb, "resumptionToken": token}


def test_a_harvester_meets_every_entry_once_and_every_deletion(client: Client, source: Any) -> None:
    assert len(set(walk(client))) == len(walk(client)) == 250
    source.harvest(*({"key": str(n), "title": f"Model {n}"} for n in range(100)))
    services.apply_plan(Plan.objects.get(state="open").pk, actor="person:1", reason="Gone.")
    feed.drain()
    assert (Entity.objects.count(), Retired.objects.count()) == (100, 150)
    found = walk(client, "ListIdentifiers")
    assert len(set(found)) == 250 and sum(gone for _, gone in found) == 150
    deleted = next(identifier for identifier, gone in found if gone)
    one = ask(client, verb="GetRecord", identifier=deleted, metadataPrefix="oai_dc")
    assert one.find(".//o:header", NS).get("status") == "deleted"  # type: ignore[union-attr]
    assert one.find(".//o:metadata", NS) is None


def test_a_record_is_dublin_core_without_contacts(client: Client, source: Any) -> None:
    root = ask(client, verb="ListRecords", metadataPrefix="oai_dc", set="model")
    title = root.findtext(".//dc:title", "", NS)
    assert title.startswith("Model <") and title.endswith("[e-mail]")
    assert ask(client, verb="Identify").findtext(".//o:deletedRecord", "", NS) == "persistent"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "badVerb"),
        ({"verb": "Dance"}, "badVerb"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "marc"}, "cannotDisseminateFormat"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "yesterday"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2030-01-01", "until": "2020-01-01"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "until": "1999-01-01"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "resumptionToken": "bm9uc2Vuc2U"}, "badResumptionToken"),
        ({"verb": "ListRecords", "resumptionToken": "é\ud7ff"}, "badResumptionToken"),
        ({"verb": "GetRecord", "identifier": "oai:x:y", "metadataPrefix": "oai_dc"}, "idDoesNotExist"),
        ({"verb": "Identify", "colour": "red"}, "badArgument"),
        ({"verb": "ListSets"}, ""),
        ({"verb": "ListMetadataFormats"}, ""),
    ],
)
def test_errors_are_those_of_the_protocol(client: Client, source: Any, arguments: dict[str, str], code: str) -> None:
    assert fault(client, **arguments) == code


def test_the_sitemap_names_every_entry(client: Client, source: Any) -> None:
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    parts = [loc.text or "" for loc in index.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    found = [
        loc.text
        for part in parts
        for loc in ElementTree.fromstring(b"".join(client.get("/" + part.rpartition("/")[2]).streaming_content)).iter(
            "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
        )
    ]
    assert len(found) == len(set(found)) == 250
    assert client.get("/sitemap-zz.xml").status_code == 404


def test_ckan_readers_page_through_and_find(client: Client) -> None:
    populate()
    ask_ckan = lambda action, **given: client.get(f"/api/3/action/{action}", given).json()  # noqa: E731
    names = ask_ckan("package_list")["result"]
    found = ask_ckan("package_search", rows="1000")["result"]
    assert found["count"] == len(found["results"]) and {one["id"] for one in found["results"]} <= set(names)
    parts = [ask_ckan("package_search", rows="1", start=str(n))["result"]["results"][0]["id"] for n in range(found["count"])]
    assert parts == [one["id"] for one in found["results"]]
    assert ask_ckan("package_show", id=names[0])["result"]["name"] == names[0]
    assert ask_ckan("package_show", id="nope")["success"] is False
    assert ask_ckan("package_search", rows="many")["success"] is False
    assert ask_ckan("dance")["error"]["__type"] == "Not Found Error"


def test_any_search_is_a_feed(client: Client) -> None:
    populate()
    atom = "{http://www.w3.org/2005/Atom}"
    root = ElementTree.fromstring(client.get("/search.atom", {"kind": "dataset"}).content)
    entries = root.findall(f"{atom}entry")
    assert entries and all(entry.find(f"{atom}category").get("term") == "dataset" for entry in entries)  # type: ignore[union-attr]
    assert all(entry.findtext(f"{atom}updated", "").endswith("Z") for entry in entries)
