"""What only one protocol can do, or get wrong."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commonweal.base.outbound import Limits, Outbound
from commonweal.catalogue.core.documents import Unreadable
from commonweal.catalogue.core.source import Page, Reach, from_yaml
from commonweal.catalogue.sources import connector_of, elements
from commonweal.catalogue.sources.dpga import slug
from commonweal.catalogue.sources.graph import read_graph
from commonweal.catalogue.sources.web import Answer
from commonweal.kernel.errors import CommonwealError
from registries import Ckan, Dpga, Hub, Node, Oai, Registry, Reply, Rest, serving, things


def outbound() -> Outbound:
    return Outbound(allow_hosts=["127.0.0.1"], limits=Limits(total_seconds=20), sleep=lambda seconds: None)


def walk(registry: Registry, work: Path, state: dict[str, Any] | None = None, **reach: Any) -> Iterator[Page]:
    spec = from_yaml(registry.source)
    return connector_of(spec).pages(spec, state or {}, Reach(work=work, **({"http": outbound()} | reach)))


def ids(pages: list[Page]) -> list[str]:
    return [item.native_id for page in pages for item in page.items]


# -- lists of JSON -----------------------------------------------------------------------------------------------------


def test_a_list_that_leads_back_to_itself_ends(tmp_path: Path) -> None:
    class Circle(Rest):
        address = "{url: '%s/list', items: items, next: next}"

        def answer(self, path: str, query: dict[str, str]) -> Reply:
            return Reply({"items": things(3), "next": f"?n={(int(query.get('n', 0)) + 1) % 3}"})

    with serving(Circle([])) as registry, pytest.raises(CommonwealError) as caught:
        list(walk(registry, tmp_path))
    assert caught.value.code == "source-endless"
    assert len(registry.asked) <= 4


def test_a_list_that_hands_out_ever_new_addresses_of_the_same_ends(tmp_path: Path) -> None:
    class Endless(Rest):
        address = "{url: '%s/list', items: items, next: next}"

        def answer(self, path: str, query: dict[str, str]) -> Reply:
            return Reply({"items": things(3), "next": f"?n={int(query.get('n', 0)) + 1}"})

    with serving(Endless([])) as registry:
        found: list[Page] = []
        with pytest.raises(CommonwealError, match="same records"):
            for page in walk(registry, tmp_path):
                found.append(page)
    assert set(ids(found)) == {"t000", "t001", "t002"}


def test_a_status_that_means_nothing_more(tmp_path: Path) -> None:
    class Ending(Rest):
        address = "{url: '%s/list/{page}', items: '', limit: 4, ends: 412}"

        def answer(self, path: str, query: dict[str, str]) -> Reply:
            start = int(path.rpartition("/")[2]) * 4
            return Reply(self.things[start : start + 4]) if start < len(self.things) else Reply({"error": "none"}, status=412)

    with serving(Ending(things(8))) as registry:
        found = list(walk(registry, tmp_path))
    assert len(ids(found)) == 8
    assert found[-1].complete


def test_a_long_answer_is_cut_and_taken_up_where_it_was_left(tmp_path: Path) -> None:
    class Long(Rest):
        address = "{url: '%s/list', items: items}"

        def answer(self, path: str, query: dict[str, str]) -> Reply:
            return Reply({"items": self.things})

    with serving(Long([{"id": f"t{n}", "name": "x"} for n in range(2_300)])) as registry:
        whole = list(walk(registry, tmp_path))
        assert [len(page.items) for page in whole] == [1_000, 1_000, 300]
        for stopped in range(2):
            rest = list(walk(registry, tmp_path, whole[stopped].cursor))
            assert ids(whole[: stopped + 1]) + ids(rest) == ids(whole)
        registry.things.insert(0, {"id": "new", "name": "x"})
        assert len(ids(list(walk(registry, tmp_path, whole[0].cursor)))) == 2_301


def test_what_the_registry_says_instead_of_a_list_is_told(tmp_path: Path) -> None:
    with serving(Rest(things(3))) as registry:
        registry.fault = lambda number, path: Reply({"error": "the key is missing"})
        found = []
        with pytest.raises(CommonwealError):
            for page in walk(registry, tmp_path):
                found.append(page)
    assert "the key is missing" in found[0].errors[0].problem


def test_words_in_the_charset_the_server_names() -> None:
    data = '{"name": "Café"}'.encode("latin-1")
    assert Answer("x", data, {"content-type": "application/json; charset=iso-8859-1"}).json() == {"name": "Café"}
    assert Answer("x", '{"name": "Café"}'.encode(), {"content-type": "application/json; charset=latin-1"}).json() == {
        "name": "Café"
    }
    for claimed in ("utf-8", "no-such-charset"):
        with pytest.raises(Unreadable, match="UTF-8"):
            Answer("x", data, {"content-type": f"application/json; charset={claimed}"}).json()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<https://a.example/2>; rel="next"', "https://a.example/2"),
        ('</1>; rel="prev", </3?a=1,2>; title="x, y"; rel=next', "https://a.example/3?a=1,2"),
        ("<https://a.example/2>; rel=last", None),
        ("nonsense; rel=next", None),
        ("", None),
    ],
)
def test_link_headers(header: str, expected: str | None) -> None:
    assert Answer("https://a.example/1", b"", {"link": header}).next_link == expected


# -- the Hub -----------------------------------------------------------------------------------------------------------


def test_a_later_run_of_the_hub_stops_at_what_it_knows(tmp_path: Path) -> None:
    with serving(Hub(things(20))) as registry:
        last = list(walk(registry, tmp_path))[-1].cursor
        registry.asked.clear()
        registry.things[3]["modified"] = "2024-02-01T00:00:00"
        found = list(walk(registry, tmp_path, last))
    assert ids(found) == ["t003", "t019"]
    assert len(registry.asked) == 1
    assert not found[-1].complete
    assert found[-1].cursor is not None and found[-1].cursor["newest"] == "2024-02-01T00:00:00.000Z"


def test_a_hub_that_forgets_its_order_is_read_to_the_end(tmp_path: Path) -> None:
    class Disordered(Hub):
        def answer(self, path: str, query: dict[str, str]) -> Reply:
            reply = super().answer(path, query)
            assert isinstance(reply.body, list)
            reply.body.reverse()
            return reply

    with serving(Disordered(things(12))) as registry:
        last = list(walk(registry, tmp_path))[-1].cursor
        registry.asked.clear()
        registry.things[0]["modified"] = "2024-02-01T00:00:00"
        found = list(walk(registry, tmp_path, last))
    assert "t000" in ids(found)
    assert len(registry.asked) == 3


# -- CKAN --------------------------------------------------------------------------------------------------------------


def test_a_dataset_that_changes_in_mid_run_pushes_none_out_of_sight(tmp_path: Path) -> None:
    with serving(Ckan(things(12))) as registry:

        def touch(number: int, path: str) -> None:
            if number == 1:
                registry.things[0]["modified"] = "2024-03-01T00:00:00"

        registry.fault = touch  # type: ignore[assignment]
        found = list(walk(registry, tmp_path))
    assert set(ids(found)) == {thing["id"] for thing in registry.things}


def test_many_datasets_of_one_time(tmp_path: Path) -> None:
    with serving(Ckan([{**thing, "modified": "2024-01-01T00:00:00"} for thing in things(11)])) as registry:
        found = list(walk(registry, tmp_path))
    assert sorted(ids(found)) == sorted(thing["id"] for thing in registry.things)
    assert found[-1].complete


def test_absence_is_proven_by_the_list_of_names(tmp_path: Path) -> None:
    with serving(Ckan(things(9))) as registry:
        last = list(walk(registry, tmp_path))[-1].cursor
        registry.things.append({"id": "t100", "name": "New", "modified": "2024-04-01T00:00:00", "created": "2024-04-01T00:00:00"})
        added = list(walk(registry, tmp_path, last))
        assert ids(added)[-1] == "t100"
        assert len(ids(added)) == 2  # the newest of before, and the new one
        assert not added[-1].complete
        del registry.things[2]
        after = list(walk(registry, tmp_path, added[-1].cursor))
    assert after[-1].complete
    assert set(ids(after)) == {thing["id"] for thing in registry.things}


def test_a_name_that_is_listed_and_never_shown_leaves_a_hole(tmp_path: Path) -> None:
    class Hiding(Ckan):
        def answer(self, path: str, query: dict[str, str]) -> Reply:
            if path.endswith("/package_list"):
                return Reply({"success": True, "result": ["private", *(thing["id"] for thing in self.things)]})
            return super().answer(path, query)

    with serving(Hiding(things(3))) as registry:
        found = list(walk(registry, tmp_path))
    assert not found[-1].complete
    assert found[-1].errors[0].problem == "the portal lists 4 names, 3 datasets were read"


def test_what_a_portal_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    with serving(Ckan(things(3))) as registry:
        registry.fault = lambda number, path: Reply({"success": False, "error": {"message": "Access denied"}}, status=403)
        with pytest.raises(CommonwealError, match="Access denied") as caught:
            list(walk(registry, tmp_path))
    assert caught.value.code == "source-refused"


def test_extras_are_opened(tmp_path: Path) -> None:
    with serving(Ckan(things(1))) as registry:
        [item] = [item for page in walk(registry, tmp_path) for item in page.items]
    assert item.payload["extras"] == {"k": ["v"]}


# -- OAI-PMH -----------------------------------------------------------------------------------------------------------


def test_an_expired_token_leads_back_to_the_last_datestamp(tmp_path: Path) -> None:
    with serving(Oai(things(11))) as registry:
        expired = registry.envelope('<error code="badResumptionToken">expired</error>')
        registry.fault = lambda number, path: expired if number == 3 else None
        found = list(walk(registry, tmp_path))
    assert set(ids(found)) == {thing["id"] for thing in registry.things}
    assert "from=2024-01-01T00%3A07%3A00Z" in registry.asked[4]
    assert not found[-1].complete


def test_a_token_that_always_expires_ends_the_run(tmp_path: Path) -> None:
    class Forgetful(Oai):
        def answer(self, path: str, query: dict[str, str]) -> Reply:
            if "resumptionToken" in query:
                return self.envelope('<error code="badResumptionToken">expired</error>')
            return super().answer(path, query)

    shelf = [{**thing, "modified": "2024-01-01T00:00:00"} for thing in things(11)]
    with serving(Forgetful(shelf)) as registry, pytest.raises(CommonwealError, match="badResumptionToken"):
        list(walk(registry, tmp_path))
    assert len(registry.asked) < 12


def test_a_token_that_never_ends(tmp_path: Path) -> None:
    class Endless(Oai):
        def answer(self, path: str, query: dict[str, str]) -> Reply:
            if query["verb"] == "Identify":
                return super().answer(path, query)
            return self.envelope(
                f"<ListRecords>{self.record(self.things[0])}<resumptionToken>same</resumptionToken></ListRecords>"
            )

    with serving(Endless(things(1))) as registry, pytest.raises(CommonwealError) as caught:
        list(walk(registry, tmp_path))
    assert caught.value.code == "source-endless"


def test_the_last_answer_may_have_no_token(tmp_path: Path) -> None:
    with serving(Oai(things(7))) as registry:
        registry.last_token = False  # type: ignore[attr-defined]
        found = list(walk(registry, tmp_path))
    assert found[-1].complete


def test_fewer_records_than_declared_are_not_the_whole(tmp_path: Path) -> None:
    with serving(Oai(things(2))) as registry:
        body = registry.envelope(
            f'<ListRecords>{registry.record(registry.things[0])}<resumptionToken completeListSize="9"/></ListRecords>'
        )
        registry.fault = lambda number, path: body if number == 1 else None
        found = list(walk(registry, tmp_path))
    assert not found[-1].complete
    assert found[-1].errors[0].problem == "9 records were declared, 1 came"


def test_deleted_records_are_told_and_nothing_new_is_no_change(tmp_path: Path) -> None:
    with serving(Oai(things(5))) as registry:
        last = list(walk(registry, tmp_path))[-1].cursor
        registry.deleted = frozenset({"t001"})  # type: ignore[attr-defined]
        registry.things[1]["modified"] = "2024-05-01T00:00:00"
        found = list(walk(registry, tmp_path, last))
        assert [key for page in found for key in page.gone] == ["t001"]
        assert not found[-1].complete
        registry.things.clear()
        nothing = list(walk(registry, tmp_path, found[-1].cursor))
    assert nothing[-1].unchanged


def test_one_stray_character_does_not_cost_the_page(tmp_path: Path) -> None:
    with serving(Oai(things(3))) as registry:
        body = registry.answer("/oai", {"verb": "ListRecords"}).data.replace(b"Thing 1", b"Thing \x01 & 1")
        registry.fault = lambda number, path: Reply(body) if number >= 1 else None
        found = list(walk(registry, tmp_path))
    assert set(ids(found)) == {"t000", "t001", "t002"}
    assert not found[-1].complete


# -- XML and RDF ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bomb",
    [
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>',
        b'<?xml version="1.0"?><!doctype html><a/>',
    ],
)
def test_entities_are_never_opened(bomb: bytes) -> None:
    with pytest.raises(Unreadable, match="document type"):
        elements.parse(bomb)
    with pytest.raises(Unreadable):
        read_graph(
            bomb.replace(b"<a>", b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'), "https://x.example/"
        )


def test_elements_as_json() -> None:
    root, mended = elements.parse(b'<a xmlns:n="u" k="v"><n:b xml:lang="en"> words </n:b><b/><k>w</k></a>')
    assert mended is None
    assert elements.as_json(root) == {"k": [{"text": "v"}, {"text": "w"}], "b": [{"lang": "en", "text": "words"}, {}]}


def test_deep_xml_is_refused() -> None:
    root, _ = elements.parse(b"<a>" * 90 + b"</a>" * 90)
    with pytest.raises(Unreadable, match="deeply"):
        elements.as_json(root)


def one(
    data: bytes, base: str = "https://shelf.example/list", kind: str = "dcat:Dataset", **options: Any
) -> list[dict[str, Any]]:
    return list(read_graph(data, base, **options).of_class(kind))


TITLE = {"en": "T"}


@pytest.mark.parametrize(
    "data",
    [
        b'@prefix dcat: <http://www.w3.org/ns/dcat#> . <x> a dcat:Dataset ; <http://purl.org/dc/terms/title> "T"@en .',
        b'<https://shelf.example/x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n'
        b'<https://shelf.example/x> <http://purl.org/dc/terms/title> "T"@en .\n',
        b'<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="http://www.w3.org/ns/dcat#"'
        b' xmlns:t="http://purl.org/dc/terms/"><d:Dataset rdf:about="x"><t:title xml:lang="en">T</t:title></d:Dataset></rdf:RDF>',
        b'{"@context": {"@vocab": "http://www.w3.org/ns/dcat#", "t": "http://purl.org/dc/terms/title"}, "@id": "x",'
        b' "@type": "Dataset",'
        b' "t": {"@value": "T", "@language": "en"}}',
        b'{"@context": "https://semiceu.github.io/DCAT-AP/releases/3.0.0/context/dcat-ap.jsonld", "@id": "x", "@type": "Dataset",'
        b' "title": {"@value": "T", "@language": "en"}}',
        # prefixes that nobody declared, and the namespace without its #
        b'<x> a dcat:Dataset ; dct:title "T"@en ; odd:thing 1 .',
        b'<x> a <http://www.w3.org/ns/dcatDataset> ; <http://purl.org/dc/terms/title> "T"@en .',
        b'<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><dcat:Dataset rdf:about="x">'
        b'<dct:title xml:lang="en">T</dct:title></dcat:Dataset></rdf:RDF>',
    ],
)  # fmt: skip
def test_the_same_dataset_in_every_syntax(data: bytes) -> None:
    [found] = one(data)
    assert found["id"] == "https://shelf.example/x"
    assert found["dct:title"] == TITLE


def test_a_broken_statement_costs_itself() -> None:
    graph = read_graph(b"<a> a dcat:Dataset .\n<b> a dcat:Dataset ; dct:title ] .\n<c> a dcat:Dataset .", "https://x.example/")
    assert [found["id"][-1] for found in graph.of_class("dcat:Dataset")] == ["a", "b", "c"]
    assert len(graph.problems) == 1
    assert "line 2" in graph.problems[0]


def test_circles_of_blank_nodes_end() -> None:
    data = b"<x> a dcat:Dataset ; dct:relation _:a . _:a dct:relation _:b . _:b dct:relation _:a, <x> ."
    [found] = one(data)
    assert found["dct:relation"] == [{"dct:relation": [{"dct:relation": [{"@id": "https://shelf.example/x"}]}]}]


def test_a_graph_that_points_everywhere_stays_small() -> None:
    lines = [f"_:n{a} dct:relation " + ", ".join(f"_:n{b}" for b in range(40)) + " ." for a in range(40)]
    [found] = one(("<x> a dcat:Dataset ; dct:relation _:n0 .\n" + "\n".join(lines)).encode())
    assert str(found).count("dct:relation") < 2_100


def test_structured_data_inside_a_web_page() -> None:
    page = b"""<!doctype html><html><head><title>x</title>
      <script type="application/ld+json">{"@context": "http://schema.org", "@type": "Dataset", "name": "N", "url": "https://d.example"}</script>
      <script type="application/ld+json">{broken</script></head><body></body></html>"""
    graph = read_graph(page, "https://d.example/page")
    [found] = graph.of_class("schema:Dataset")
    assert found["schema:name"] == ["N"]
    assert len(graph.problems) == 1
    with pytest.raises(Unreadable, match="no JSON-LD"):
        read_graph(b"<html><body>Hello</body></html>", "https://d.example/")


def test_a_context_nobody_knows_is_said_and_one_beside_the_file_is_read() -> None:
    document = b'{"@context": "https://odd.example/odd.jsonld", "id": "x", "type": "Dataset", "title": "T"}'
    graph = read_graph(document, "https://shelf.example/list")
    assert "odd.jsonld" in graph.mended[0]
    assert [found["dct:title"] for found in graph.of_class("dcat:Dataset")] == [["T"]]
    beside = {
        "odd.jsonld": b'{"@context": {"title": "http://schema.org/name", "type": "@type", "Dataset": "http://schema.org/Dataset"}}'
    }
    [read] = one(document, kind="schema:Dataset", beside=beside.get)
    assert read["schema:name"] == ["T"]


def test_contexts_that_build_on_each_other_for_ever_are_refused() -> None:
    beside = {"a.jsonld": b'{"@context": "https://x.example/a.jsonld"}'}
    with pytest.raises(Unreadable, match="without end"):
        read_graph(b'{"@context": "https://x.example/a.jsonld", "@id": "x"}', "https://x.example/", beside=beside.get)


@pytest.mark.parametrize("version", ["http://mlcommons.org/schema/", "http://mlcommons.org/croissant/"])
def test_croissant_of_every_version_reads_alike(version: str) -> None:
    data = f'{{"@context": {{"@vocab": "https://schema.org/", "x": "{version}"}}, "@type": "Dataset", "x:recordSet": "r"}}'
    [found] = one(data.encode(), kind="schema:Dataset")
    assert found["cr:recordSet"] == ["r"]


@pytest.mark.parametrize("data", [b"", b"just words", b"{", b"<a>", b"\xff\xfe\x00", b"[]", b"PK\x03\x04"])
def test_what_is_no_rdf_is_said(data: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        read_graph(data, "https://x.example/")
    assert str(caught.value)


# -- registries with ways of their own ------------------------------------------------------------------------------------


def test_words_and_numbers_as_ids_are_one_good(tmp_path: Path) -> None:
    words = [{"id": "open-crvs", "name": "Open CRVS"}, {"id": "mosip", "name": "MOSIP"}]
    with serving(Dpga(words)) as registry:
        before = ids(list(walk(registry, tmp_path)))
        registry.things = [{"id": 1021, "name": "Open CRVS"}, {"id": "1022", "name": "MOSIP"}]
        found = list(walk(registry, tmp_path))
    assert ids(found) == before
    assert [item.payload["number"] for page in found for item in page.items] == ["1021", "1022"]
    assert slug("Água & Saúde (v2)") == "agua-saude-v2"


def test_what_a_node_has_from_another_is_not_taken_from_it(tmp_path: Path) -> None:
    with serving(Node(things(5))) as registry:
        registry.echoes = frozenset({"t001", "t003"})  # type: ignore[attr-defined]
        found = list(walk(registry, tmp_path))
        assert ids(found) == ["t000", "t002", "t004"]
        origin = found[0].items[0].payload["origin"]
        assert origin["node"] == f"{registry.host}/" and origin["source"] == "registry" and origin["native_id"] == "n-t000"
        registry.removed = frozenset({"t002"})  # type: ignore[attr-defined]
        later = list(walk(registry, tmp_path, found[-1].cursor))
    assert [key for page in later for key in page.gone] == ["t002"]
    assert not later[-1].complete


# -- git ----------------------------------------------------------------------------------------------------------------

GIT = """
id: reefs
title: Reefs
connector: tree
address: {{git: "{url}"}}
licence: CC0-1.0
homepage: https://reefs.example
streams:
  - {{name: reefs, files: "data/*.json", format: json, native_id: $path, kind: dataset, fields: {{title: name}}}}
"""


class GitServer(http.server.SimpleHTTPRequestHandler):
    """git's own server program behind a loopback port."""

    def do_GET(self) -> None:
        self.run_git(b"")

    def do_POST(self) -> None:
        self.run_git(self.rfile.read(int(self.headers["Content-Length"])))

    def run_git(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": self.directory, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
        }  # fmt: skip
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=True)
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(rest)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A working copy, and the address its commits are served at."""
    if shutil.which("git") is None:
        pytest.skip("no git on the path")
    folder = tmp_path / "served" / "reefs"
    (folder / "data").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(GitServer, directory=str(tmp_path / "served")))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}/reefs/.git"
    server.shutdown()
    server.server_close()
    thread.join()


def git(folder: Path, *arguments: str) -> None:
    settings = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, env=environment)


def commit(folder: Path, **files: str | None) -> None:
    for name, text in files.items():
        path = folder / "data" / f"{name}.json"
        path.unlink() if text is None else path.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "change")


def harvest(url: str, work: Path, state: dict[str, Any] | None = None) -> list[Page]:
    spec = from_yaml(GIT.format(url=url))
    return list(connector_of(spec).pages(spec, state or {}, Reach(work=work, http=outbound())))


def test_a_git_repository_by_its_newest_commit(repository: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = repository
    (folder / "data" / "out.json").symlink_to("/etc/passwd")
    commit(folder, a='{"name": "A"}', b='{"name": "B"}')
    first = harvest(url, tmp_path / "w")
    assert ids(first) == ["data/a.json", "data/b.json"]
    assert [error.path for page in first for error in page.errors] == ["data/out.json"]
    [again] = harvest(url, tmp_path / "w", first[-1].cursor)
    assert again.unchanged
    (folder / "data" / "out.json").unlink()
    commit(folder, a=None, b='{"name": "B2"}', c='{"name": "C"}')
    later = harvest(url, tmp_path / "w", first[-1].cursor)
    assert [(item.native_id, item.payload["name"]) for page in later for item in page.items] == [
        ("data/b.json", "B2"),
        ("data/c.json", "C"),
    ]
    assert later[-1].complete
    assert later[-1].version != first[-1].version


def test_git_goes_nowhere_it_may_not(repository: tuple[Path, str], tmp_path: Path) -> None:
    _, url = repository
    spec = from_yaml(GIT.format(url=url))
    with pytest.raises(CommonwealError) as caught:
        list(connector_of(spec).pages(spec, {}, Reach(work=tmp_path / "w", http=Outbound(allow_hosts=[]))))
    assert caught.value.code == "address-refused"
    for address in ("file:///etc", "ssh://git@x.example/y", "ext::sh -c id", "--upload-pack=id"):
        with pytest.raises(CommonwealError) as caught:
            harvest(address, tmp_path / "w2")
        assert caught.value.code == "address-refused"
    with pytest.raises(CommonwealError) as caught:
        harvest(url.replace("reefs", "nothing"), tmp_path / "w3")
    assert caught.value.code == "source-unreachable"


def test_a_snapshot_of_a_tree(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text(
        '{"path": "data/a.json", "blob": "1", "text": "{\\"name\\": \\"A\\"}"}\n'
        '{"path": "../b.json", "text": "{}"}\nrubbish\n[1]\n'
    )
    spec = from_yaml(GIT.format(url="https://gone.example/x"))
    [page] = connector_of(spec).pages(spec, {}, Reach(work=tmp_path, replay=tmp_path / "s.jsonl"))
    assert [item.native_id for item in page.items] == ["data/a.json"]
    assert len(page.errors) == 3
