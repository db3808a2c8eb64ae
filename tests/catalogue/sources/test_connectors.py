"""Whole sources, end to end: a YAML file, files as they come, records out."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commonweal.base.outbound import Outbound
from commonweal.catalogue.core.mapping import compile_mapping
from commonweal.catalogue.core.record import Record
from commonweal.catalogue.core.source import PAGE_SIZE, Page, Reach, SourceSpec, from_yaml
from commonweal.catalogue.sources import connector_of
from commonweal.kernel.errors import CommonwealError

NEVER_SEEN = """
id: reefs
title: Reefs
connector: {connector}
address: {address}
licence: CC0-1.0
homepage: https://reefs.example
streams:
  - name: reefs
    files: {files}
    format: {format}
    select: {select}
    native_id: {native_id}
    kind: dataset
    fields: {{title: name, languages: langs}}
"""


def source(**change: Any) -> SourceSpec:
    said = {"connector": "tree", "address": "/nowhere", "files": "'**'", "format": "json", "select": "null", "native_id": "$path"}
    return from_yaml(NEVER_SEEN.format(**{**said, **change}))


def pages(spec: SourceSpec, work: Path, state: dict[str, Any] | None = None, **reach: Any) -> list[Page]:
    return list(connector_of(spec).pages(spec, state or {}, Reach(work=work, **reach)))


def records(spec: SourceSpec, found: list[Page]) -> list[Record]:
    to_record = compile_mapping(spec)
    return [to_record(item) for page in found for item in page.items]


def problems(found: list[Page]) -> list[str]:
    return [error.problem for page in found for error in page.errors]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "more").mkdir(parents=True)
    (folder / "a.json").write_text('{"name": "A", "langs": ["sw"]}')
    (folder / "more" / "b.json").write_text('{"name": "B"}')
    return folder


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the loopback address that serves it with Last-Modified."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_never_seen_registry_needs_a_yaml_file_only(tree: Path, tmp_path: Path) -> None:
    spec = source(address=tree)
    found = pages(spec, tmp_path)
    assert [(record.native_id, record.title, record.languages) for record in records(spec, found)] == [
        ("a.json", {"und": "A"}, ["sw"]),
        ("more/b.json", {"und": "B"}, []),
    ]
    assert found[-1].complete
    assert not problems(found)


@pytest.mark.parametrize(
    ("format", "name", "select", "native_id", "text", "ids"),
    [
        (
            "json",
            "x.json",
            "data.items",
            "id",
            '{"data": {"items": [{"id": 1, "name": "A"}, {"id": 2, "name": "B"}]}}',
            ["1", "2"],
        ),
        ("json", "x.json", "$", "$key", '{"k1": {"name": "A"}, "k2": {"name": "B"}}', ["k1", "k2"]),
        ("yaml", "x.yml", "list", '"{o}/{n}"', "list:\n- {o: org, n: a, name: A}\n", ["org/a"]),
        ("toml", "x.toml", "$", "$key", '[k1]\nname = "A"', ["k1"]),
        ("csv", "x.csv", "null", "key", "key;name\n1;A\n2;B\n", ["1", "2"]),
        ("jsonl", "x.jsonl", "null", "id", '{"id": "a", "name": "A"}\n\n{"id": "b", "name": "B"}\n', ["a", "b"]),
    ],
)
def test_formats(tmp_path: Path, format: str, name: str, select: str, native_id: str, text: str, ids: list[str]) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / name).write_text(text)
    spec = source(address=tmp_path / "t", format=format, select=select, native_id=native_id)
    assert [record.native_id for record in records(spec, pages(spec, tmp_path))] == ids


def test_one_bad_file_costs_that_file(tree: Path, tmp_path: Path) -> None:
    (tree / "bad.json").write_text("{")
    (tree / "deep.json").write_text("[" * 5_000)
    (tree / "list.json").write_text("[1, 2]")
    (tree / "twice.json").write_text('{"name": "T", "name": "U"}')
    (tree / "round").symlink_to(tree, target_is_directory=True)
    spec = source(address=tree, files="'**/*.json'")
    found = pages(spec, tmp_path)
    assert found[0].errors.pop(0).problem == "is a symbolic link"
    assert {error.path: error.problem.split(":")[0] for page in found for error in page.errors} == {
        "bad.json": "not JSON",
        "deep.json": "nested more than 100 deep",
    }
    assert {error.native_id for page in found for error in page.errors} == {"bad.json", "deep.json"}
    assert found[-1].complete  # what cannot be read is there all the same
    items = {item.path: item for page in found for item in page.items}
    assert items["twice.json"].payload["$problems"][0]["field"] == "name"
    assert set(items) == {"a.json", "list.json", "more/b.json", "twice.json"}


def test_items_without_an_id_are_errors_with_their_raw_beginning(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(
        json.dumps([{"id": None}, {"id": {"a": 1}}, {"id": "x" * 501}, {"id": True}, 7, {"id": "ok"}])
    )
    spec = source(address=tmp_path, select="$", native_id="id")
    [page] = pages(spec, tmp_path)
    assert [item.native_id for item in page.items] == ["ok"]
    assert [error.problem.split(":")[0] for error in page.errors] == ["entry 0", "entry 1", "entry 2", "entry 3", "entry 4"]
    assert page.errors[4].raw == b"7"
    assert not page.complete


def test_bad_lines_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(
        b'{"id": "a", "name": "A"}\n{bad\n{"id": "b\\u0000", "name": "B"}\n' + b"[" * 200 + b"]" * 200
    )
    spec = source(connector="table", address=tmp_path / "x.jsonl", format="jsonl", native_id="id", files="x.jsonl")
    found = pages(spec, tmp_path)
    assert [item.native_id for page in found for item in page.items] == ["a", "b"]
    assert [problem[:6] for problem in problems(found)] == ["Line 2", "Line 4"]


def test_what_was_mended_is_said_with_the_record(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"key,name,langs\n1,A\n2,B\xff,sw\n3,C,sw\n")
    spec = source(connector="table", address=tmp_path / "x.csv", format="csv", native_id="key", files="x.csv")
    made = {record.native_id: record.problems for record in records(spec, pages(spec, tmp_path))}
    assert "2 cells for 3 columns" in made["1"][0]["problem"]
    assert "not utf-8" in made["2"][0]["problem"]
    assert made["3"] == []


def test_a_key_twice_is_said_with_the_entry_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(
        '{"a": {"name": "A", "name": "B"}, "b": {"name": "C"}, "b": {"name": "D"}, "c": {"name": "E"}}'
    )
    spec = source(address=tmp_path, select="$", native_id="$key")
    made = {record.native_id: [one["field"] for one in record.problems] for record in records(spec, pages(spec, tmp_path))}
    assert made == {"a": ["name"], "b": ["b"], "c": []}


def test_a_table_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b'{"id": "%d", "name": "x%d"}\n' % (n, n * 7919) for n in range(5_000)))
    (tmp_path / "x.jsonl").write_bytes(whole[: len(whole) // 2])
    spec = source(connector="table", address=tmp_path / "x.jsonl", format="jsonl", native_id="id", files="x.jsonl")
    found = pages(spec, tmp_path)
    assert 1_000 <= sum(len(page.items) for page in found) < 5_000
    assert len(problems(found)) == 1
    assert not found[-1].complete


def test_twenty_megabytes_in_one_value(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"name": "long " * 4_000_000}))
    spec = source(address=tmp_path)
    [record] = records(spec, pages(spec, tmp_path))
    assert len(record.title["und"]) == 500
    assert "20000" in record.problems[0]["problem"] or "19999" in record.problems[0]["problem"]


def test_a_run_goes_on_after_its_last_page(tmp_path: Path) -> None:
    for part in range(3):
        lines = "".join(json.dumps({"id": f"{part}-{n}", "name": "x"}) + "\n" for n in range(PAGE_SIZE - 100))
        (tmp_path / f"{part}.jsonl").write_text(lines)
    spec = source(address=tmp_path, format="jsonl", native_id="id")
    whole = pages(spec, tmp_path / "w")
    assert [len(page.items) for page in whole] == [1000, 1000, 700]
    assert [page.complete for page in whole] == [False, False, True]
    for stopped in range(2):
        rest = pages(spec, tmp_path / "w", whole[stopped].cursor)
        assert rest[-1].complete
        assert [item.native_id for page in rest for item in page.items] == [
            item.native_id for page in whole[stopped + 1 :] for item in page.items
        ]


def test_a_cursor_of_another_version_is_not_used(tree: Path, tmp_path: Path) -> None:
    spec = source(address=tree)
    cursor = {"version": "other", "mapping": spec.version, "stream": 0, "path": "a.json", "done": 1}
    assert len(pages(spec, tmp_path, cursor)[0].items) == 2


def test_unchanged_is_said_and_a_new_mapping_reads_again(tree: Path, tmp_path: Path) -> None:
    spec = source(address=tree)
    last = pages(spec, tmp_path)[-1].cursor
    [page] = pages(spec, tmp_path, last)
    assert page.unchanged
    assert not page.complete
    changed = from_yaml(NEVER_SEEN.format(
        connector="tree", address=tree, files="'**'", format="json", select="null", native_id="$stem"
    ))  # fmt: skip
    assert not pages(changed, tmp_path, last)[0].unchanged
    (tree / "c.json").write_text('{"name": "C"}')
    assert len(pages(spec, tmp_path, last)[0].items) == 3


def test_a_zip_by_url_with_news_only_when_there_are_any(site: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = site
    with zipfile.ZipFile(folder / "reefs.zip", "w") as archive:
        archive.writestr("reefs-main/a.json", '{"name": "A"}')
    spec = source(address=f"{{url: '{address}/reefs.zip', strip: 1}}")
    http = Outbound(allow_hosts=["127.0.0.1"])
    first = pages(spec, tmp_path / "w", http=http)
    assert [item.native_id for page in first for item in page.items] == ["a.json"]
    [again] = pages(spec, tmp_path / "w", first[-1].cursor, http=http)
    assert again.unchanged


def test_a_gzipped_table_by_url(site: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = site
    (folder / "download").write_bytes(gzip.compress(b"key,name\n1,A\n"))
    spec = source(connector="table", address=f"{address}/download", format="csv", native_id="key", files="reefs.csv")
    [page] = pages(spec, tmp_path, http=Outbound(allow_hosts=["127.0.0.1"]))
    assert [(item.native_id, item.path) for item in page.items] == [("1", "reefs.csv")]


def test_without_a_network_a_live_source_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommonwealError) as caught:
        pages(source(address="https://reefs.example/x.zip"), tmp_path)
    assert caught.value.code == "source-offline"
    with pytest.raises(CommonwealError) as caught:
        pages(source(address="/does/not/exist"), tmp_path)
    assert caught.value.code == "source-unreadable"


def test_a_replay_is_read_in_place_of_the_address(tree: Path, tmp_path: Path) -> None:
    spec = source(address="https://reefs.example/x.zip")
    assert len(pages(spec, tmp_path, replay=tree)[0].items) == 2


def test_a_stream_without_files_is_an_error_not_an_empty_success(tmp_path: Path) -> None:
    spec = source(address=tmp_path, files="'*.nothing'")
    [page] = pages(spec, tmp_path)
    assert "no file fits" in page.errors[0].problem


def test_the_facts_the_node_knows_from_the_start(tmp_path: Path) -> None:
    from commonweal.catalogue.core.source import load_builtin

    spec = load_builtin()["paris-statement"]
    found = records(spec, pages(spec, tmp_path))
    ids = {record.id for record in found}
    by_id = {record.native_id: record for record in found}
    assert {record.kind for record in found} == {"policy", "event", "organisation", "initiative"}
    for record in found:
        assert record.evidence, record.native_id
        assert record.problems == [], record.native_id
        assert record.description["en"]
        for link in record.links:
            assert link["target"].startswith("name:") or link["target"].removeprefix("record:") in ids, link
    assert by_id["paris-statement-2025"].title["ar"].startswith("بيان")
    assert by_id["paris-statement-2025"].extras["adopted"] == "2025-02-11"
    assert len([one for one in found if one.native_id.startswith("priority-")]) == 6
