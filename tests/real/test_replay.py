"""Real answers, served as their registries serve them: paging, tokens, links, and the faults of a bad day."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from commonweal.base.outbound import Outbound
from commonweal.catalogue.core.mapping import compile_mapping
from commonweal.catalogue.core.record import Record
from commonweal.catalogue.core.source import Page, Reach, load_builtin
from commonweal.catalogue.sources import connector_of
from registries import Registry, Reply, serving

pytestmark = pytest.mark.real

RESOURCES = "data/catalogue/aiod/src/tests/resources/connectors"


def walk(source: str, registry: Registry, path: str, work: Path, state: dict[str, Any] | None = None) -> list[Page]:
    """The built-in source, its address on loopback."""
    spec = load_builtin()[source]
    options = dict(spec.address) if not isinstance(spec.address, str) else {}
    spec = replace(spec, address={**options, "url": registry.host + path})
    http = Outbound(allow_hosts=["127.0.0.1"], sleep=lambda seconds: None)
    return list(connector_of(spec).pages(spec, state or {}, Reach(work=work, http=http)))


def records(source: str, found: list[Page]) -> list[Record]:
    to_record = compile_mapping(load_builtin()[source])
    return [to_record(item) for page in found for item in page.items]


def bad_day(number: int, path: str) -> Reply | None:
    """Every second request fails once with one of the passing failures."""
    faults = (Reply(status=503, headers={"Retry-After": "1"}), Reply(status=429), Reply(b"{", cut=0), Reply(status=500))
    return faults[number // 2 % len(faults)] if number % 2 == 0 else None


def test_zenodo_by_oai(shared: Path, tmp_path: Path) -> None:
    pages = [(shared / RESOURCES / "zenodo" / f"list_records_{number}.xml").read_bytes() for number in (1, 2)]

    class Zenodo(Registry):
        def answer(self, path: str, query: dict[str, str]) -> Reply:
            if query["verb"] == "Identify":
                said = "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity><deletedRecord>no</deletedRecord>"
                return Reply(f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><Identify>{said}</Identify></OAI-PMH>')
            assert "resumptionToken" in query or query["metadataPrefix"] == "oai_datacite"
            return Reply(pages["resumptionToken" in query])

    with serving(Zenodo([])) as registry:
        registry.fault = bad_day
        found = walk("zenodo", registry, "/oai2d", tmp_path)
    made = records("zenodo", found)
    assert len({record.id for record in made}) == 51
    assert found[-1].complete  # 26 + 25 = completeListSize, and no token at the end
    assert all(record.identifiers for record in made)


def test_the_hub_by_links(shared: Path, tmp_path: Path) -> None:
    shelf = json.loads((shared / RESOURCES / "huggingface" / "data_list.json").read_bytes())
    shelf.sort(key=lambda one: str(one["lastModified"]), reverse=True)

    class Hub(Registry):
        def answer(self, path: str, query: dict[str, str]) -> Reply:
            start = int(query.get("cursor", 0))
            link = {"Link": f'<{self.host}{path}?cursor={start + 2}>; rel="next"'} if start + 2 < len(shelf) else {}
            return Reply(shelf[start : start + 2], headers=link)

    with serving(Hub([])) as registry:
        registry.fault = bad_day
        found = walk("hugging-face-datasets", registry, "/api/datasets", tmp_path)
        registry.fault = lambda number, path: None
        again = walk("hugging-face-datasets", registry, "/api/datasets", tmp_path, found[-1].cursor)
    assert [record.identifiers for record in records("hugging-face-datasets", found)] == [
        [f"hf:datasets/{one['id'].lower()}"] for one in shelf
    ]
    assert found[-1].complete
    assert [item.native_id for page in again for item in page.items] == [shelf[0]["id"]]


def test_openml_by_number(shared: Path, tmp_path: Path) -> None:
    folder = shared / RESOURCES / "openml"
    listed = [json.loads((folder / f"list_offset_{n}.json").read_bytes())["data"]["dataset"] for n in (0, 2)]
    shelf = [one for part in listed for one in part]

    class OpenMl(Registry):
        def answer(self, path: str, query: dict[str, str]) -> Reply:
            start = int(path.rpartition("/")[2])
            shown = shelf[start : start + 1000]
            return Reply({"data": {"dataset": shown}}) if shown else Reply({"error": {"code": "372"}}, status=412)

    with serving(OpenMl([])) as registry:
        found = walk("openml", registry, "/api/v1/json/data/list/limit/{limit}/offset/{offset}", tmp_path)
    assert [record.identifiers for record in records("openml", found)] == [[f"openml:{one['did']}"] for one in shelf]
    assert found[-1].complete


def test_publiccode_files_by_a_catalogue(shared: Path, tmp_path: Path) -> None:
    files = sorted((shared / "data/catalogue/publiccode/testdata/v0").rglob("*.yml"))
    texts = [(file.stem, file.read_bytes().decode("utf-8", "replace")) for file in files]
    shelf = [{"id": f"{number}-{name}", "publiccodeYml": text} for number, (name, text) in enumerate(texts)]

    class Catalogue(Registry):
        def answer(self, path: str, query: dict[str, str]) -> Reply:
            start = int(query.get("after", 0))
            there = f"?after={start + 25}" if start + 25 < len(shelf) else None
            return Reply({"data": shelf[start : start + 25], "links": {"next": there}})

    with serving(Catalogue([])) as registry:
        found = walk("developers-italia", registry, "/v1/software", tmp_path)
    assert sum(len(page.items) + len(page.errors) for page in found) == len(shelf)
    assert all(error.native_id and error.problem for page in found for error in page.errors)
    assert found[-1].complete  # what cannot be read is there all the same


def test_aws_histories_are_streams_of_changes(shared: Path, tmp_path: Path) -> None:
    spec = load_builtin()["aws-open-data"]
    years = {}
    for year in (2024, 2025, 2026):
        replay = shared / "data/catalogue/history" / f"aws_rodr_{year}-01-01.jsonl"
        found = list(connector_of(spec).pages(spec, {}, Reach(work=tmp_path, replay=replay)))
        assert found[-1].complete
        years[year] = {item.native_id: item.payload for page in found for item in page.items}
    assert [len(one) for one in years.values()] == [514, 623, 869]
    assert len(years[2025].keys() - years[2024].keys()) == 109 and not years[2024].keys() - years[2025].keys()
    assert len(years[2026].keys() - years[2025].keys()) == 249 and len(years[2025].keys() - years[2026].keys()) == 3
