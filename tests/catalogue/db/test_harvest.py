"""Harvests: what is new is taken in, what cannot be read is kept with its reason, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from commonweal.base import feed
from commonweal.base.models import Event
from commonweal.catalogue import harvesting, queries, services
from commonweal.catalogue.core.record import record_id
from commonweal.catalogue.core.source import Item, ItemError, Page
from commonweal.catalogue.models import Alias, Link, Record, RecordVersion, Run
from commonweal.kernel.errors import CommonwealError

pytestmark = pytest.mark.django_db

Make = Callable[..., Any]


def item(key: int | str, title: str = "", **said: Any) -> dict[str, Any]:
    return {"key": str(key), "title": title or f"Model {key}", **said}


def counts(run: Run) -> dict[str, int]:
    return {name: count for name, count in orjson.loads(run.counts).items() if count}


def changes(after: int = 0) -> list[tuple[str, str]]:
    return [(change.id, change.op) for change in feed.read(after, topics=("record",))]


def test_a_first_harvest_takes_everything_in(registry: Make) -> None:
    source = registry()
    run = source.harvest(item(1, languages=["sw"], page="https://huggingface.co/o/one"), item(2))
    assert (run.state, counts(run)) == ("done", {"seen": 2, "added": 2})
    first = queries.record(record_id(source.id, "1"))
    assert (first["state"], first["record"]["languages"]) == ("live", ["sw"])
    assert orjson.loads(queries.record_raw(first["id"]) or "")["title"] == "Model 1"
    assert Alias.objects.get(printed="hf:o/one").record_id == first["id"]
    assert sorted(changes()) == sorted((record_id(source.id, key), "added") for key in "12")
    assert Event.objects.filter(obj=f"source:{source.id}", action="source.harvested").exists()


def test_what_is_unchanged_is_not_written(registry: Make) -> None:
    source = registry()
    source.harvest(item(1), item(2))
    before, rows = feed.head(), list(Record.objects.order_by("id").values())
    run = source.harvest(force=False, replay=str(source.file))
    assert counts(run) == {"seen": 2, "unchanged": 2}
    assert changes(before) == []
    assert list(Record.objects.order_by("id").values()) == rows
    assert queries.record(rows[0]["id"])["last_seen"] >= run.started


def test_a_changed_record_keeps_its_former_version(registry: Make) -> None:
    source = registry()
    source.harvest(item(1, page="https://huggingface.co/o/old", base="https://huggingface.co/o/base"), item(2))
    head = feed.head()
    run = source.harvest(item(1, "Renamed", page="https://huggingface.co/o/new"), item(2))
    key = record_id(source.id, "1")
    assert counts(run) == {"seen": 2, "changed": 1, "unchanged": 1}
    assert [version["record"]["title"] for version in queries.record_versions(key)] == [{"und": "Renamed"}, {"und": "Model 1"}]
    assert changes(head) == [(key, "changed")]
    assert not Link.objects.filter(record=key).exists()
    open_aliases = Alias.objects.filter(record=key, valid_to=None).values_list("printed", flat=True)
    assert list(open_aliases) == ["hf:o/new"]
    assert Alias.objects.filter(printed="hf:o/old", valid_to__isnull=False).exists()


def test_what_cannot_be_read_is_kept_with_its_reason_and_the_rest_goes_on(registry: Make) -> None:
    source = registry()
    source.file.write_bytes(b'{"key": "1", "title": "One"}\n{"key": "2"}\n{broken\n' + orjson.dumps(item(3)) + b"\n")
    run = source.harvest()
    assert run.state == "done"
    assert counts(run)["added"] == 2
    (rejected,) = queries.rejected(source.id)
    assert rejected["native_id"] == "2"
    assert "title" in rejected["reason"]
    said = queries.run(run.pk)["errors"]
    assert sum(error["count"] for error in said) == 2
    assert {key for key, _ in changes()} == {record_id(source.id, key) for key in "13"}


def test_a_record_that_became_unreadable_leaves_and_comes_back(registry: Make) -> None:
    source = registry()
    source.harvest(item(1, page="https://huggingface.co/o/m"))
    key, head = record_id(source.id, "1"), feed.head()
    source.harvest({"key": "1", "title": ""})
    assert changes(head) == [(key, "removed")]
    assert not Alias.objects.filter(record=key, valid_to=None).exists()
    head = feed.head()
    source.harvest(item(1, page="https://huggingface.co/o/m"))
    assert changes(head) == [(key, "added")]
    assert Alias.objects.filter(record=key, valid_to=None).count() == 1
    assert RecordVersion.objects.filter(record=key).count() == 2


def test_of_two_items_with_one_id_the_first_stands(registry: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    source = registry()
    serve(monkeypatch, [Page([fake("1", "First"), fake("1", "Second")]), Page([fake("1", "Third")], complete=True)])
    run = source.harvest()
    assert counts(run) == {"seen": 3, "added": 1, "duplicate": 2}
    assert queries.record(record_id(source.id, "1"))["record"]["title"] == {"und": "First"}


def test_one_absent_record_of_a_complete_listing_is_missing_and_revived_when_it_comes_back(registry: Make) -> None:
    source = registry()
    source.harvest(*map(item, range(30)))
    head, key = feed.head(), record_id(source.id, "7")
    run = source.harvest(*(item(n) for n in range(30) if n != 7))
    assert (run.state, counts(run)["missing"]) == ("done", 1)
    assert (queries.record(key)["state"], changes(head)) == ("missing", [(key, "changed")])
    head = feed.head()
    source.harvest(*map(item, range(30)))
    assert (queries.record(key)["state"], changes(head)) == ("live", [(key, "changed")])


def test_a_listing_that_lacks_many_is_doubted_and_changes_nothing(registry: Make) -> None:
    source = registry()
    source.harvest(*map(item, range(100)))
    run = source.harvest(*map(item, range(94)))
    assert run.state == "partial"
    assert "6 of 100" in run.note
    assert not Record.objects.exclude(state="live").exists()


def test_an_empty_listing_is_a_finding(registry: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    source = registry()
    source.harvest(item(1))
    serve(monkeypatch, [Page(complete=True)])
    run = source.harvest()
    assert (run.state, queries.source(source.id)["records"]) == ("partial", 1)
    assert queries.source(source.id)["error"] == run.note != ""


def test_absence_is_not_trusted_when_an_entry_has_no_readable_id(registry: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    source = registry()
    source.harvest(*map(item, range(30)))
    items = [fake(str(n)) for n in range(29)]
    serve(monkeypatch, [Page(items, [ItemError(None, "f.jsonl", "is no JSON", b"{")], complete=True)])
    run = source.harvest()
    assert (run.state, Record.objects.filter(state="missing").count()) == ("done", 0)
    assert "absent" in run.note.lower()


def test_a_new_mapping_maps_the_stored_payloads_anew_without_reading(registry: Make) -> None:
    source = registry()
    source.harvest(item(1, maker="P"), item(2, maker="P"))
    source.describe(publisher="title")
    source.file.unlink()
    run = source.harvest()
    assert (run.state, counts(run)) == ("partial", {"remapped": 2})
    assert queries.record(record_id(source.id, "1"))["record"]["publisher"] == "Model 1"


def test_force_maps_everything_anew_and_changes_nothing_that_is_equal(registry: Make) -> None:
    source = registry()
    source.harvest(item(1))
    head = feed.head()
    assert counts(source.harvest(force=True)) == {"seen": 1, "changed": 1}
    assert changes(head) == []


def test_a_source_that_cannot_be_read_fails_its_run_and_says_why(registry: Make) -> None:
    source = registry()
    run = source.harvest()
    assert run.state == "failed"
    assert str(source.file) in run.note
    assert queries.source(source.id)["error"] == run.note


def test_a_source_that_breaks_off_keeps_what_came(registry: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    source = registry()
    serve(monkeypatch, [Page([fake("1")]), CommonwealError("outbound-failed", "The server said 500.")])
    run = source.harvest()
    assert (run.state, run.note, queries.source(source.id)["records"]) == ("partial", "The server said 500.", 1)


def test_hostile_text_is_taken_in_clean(registry: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    source = registry()
    items = [fake("nul", "a\0b"), fake("half", "x\ud800y"), fake("long", "z" * 2_000_000), fake("i", "t", languages=2**70)]
    bad = [fake("", "no id"), fake("n" * 501, "long id"), fake("odd", 7), Item("items", "list", [1, 2])]
    serve(monkeypatch, [Page(items + bad, complete=True)])
    run = source.harvest()
    assert run.state == "done"
    titles = {row.native_id: orjson.loads(row.data)["title"]["und"] for row in Record.objects.filter(state="live") if row.data}
    assert (titles["nul"], titles["half"]) == ("ab", "xy")
    assert "list" in {row["native_id"] for row in queries.rejected(source.id)}


def test_a_mapping_that_fails_on_one_item_costs_that_item(registry: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    source = registry()
    real = harvesting.compile_mapping

    def compiled(spec: Any) -> Callable[[Item], Any]:
        mapped = real(spec)

        def to_record(one: Item) -> Any:
            if one.native_id == "2":
                raise ZeroDivisionError
            return mapped(one)

        return to_record

    monkeypatch.setattr(harvesting, "compile_mapping", compiled)
    run = source.harvest(item(1), item(2))
    assert counts(run) == {"seen": 2, "added": 1, "rejected": 1}
    assert "ZeroDivisionError" in queries.rejected(source.id)[0]["reason"]


@pytest.mark.parametrize("cut", range(4))
def test_a_run_that_was_broken_off_is_resumed(registry: Make, monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    whole, broken = registry("whole"), registry("broken")
    pages = [Page([fake(f"{page}-{n}") for n in range(5)], cursor={"page": page}, complete=page == 3) for page in range(4)]
    serve(monkeypatch, pages)
    assert whole.harvest().state == "done"
    serve(monkeypatch, [*pages[:cut], KeyboardInterrupt()])
    with pytest.raises(KeyboardInterrupt):
        broken.harvest()
    serve(monkeypatch, pages)
    run = broken.harvest()
    assert (run.state, counts(run)["seen"]) == ("done", 20)
    assert Run.objects.filter(source="broken").count() == (1 if cut else 2)
    rows = [
        [(row["native_id"], row["title"]) for row in queries.iter_records() if row["source"] == name]
        for name in ("whole", "broken")
    ]
    assert rows[0] == rows[1]


def test_a_source_is_harvested_by_one_process_at_a_time(registry: Make) -> None:
    source = registry()
    going = harvesting.Harvest.begin(queries.spec(source.id), actor="command:test")
    try:
        with pytest.raises(CommonwealError) as caught:
            source.harvest(item(1))
        assert caught.value.code == "source-busy"
    finally:
        going.release()
    assert source.harvest(item(1)).state == "done"


def test_several_sources_are_read_in_threads_and_one_that_fails_stops_no_other(registry: Make) -> None:
    good, _, large = registry("good"), registry("gone"), registry("large")
    good.write(item(1))
    large.write(*map(item, range(2_500)))
    runs = {run.source_id: run for run in services.harvest_several(["good", "gone", "large"], actor="command:test")}
    assert {name: run.state for name, run in runs.items()} == {"good": "done", "gone": "failed", "large": "done"}
    assert counts(runs["large"])["added"] == 2_500


def test_an_unknown_source_names_the_nearest(registry: Make) -> None:
    registry("registry-a")
    with pytest.raises(CommonwealError) as caught:
        services.harvest("registry-b", actor="command:test")
    assert (caught.value.code, "registry-a" in caught.value.hint) == ("source-unknown", True)


def fake(key: str, title: Any = "", **said: Any) -> Item:
    return Item("items", key, {"key": key, "title": title or f"Model {key}", **said}, "f.jsonl")


def serve(monkeypatch: pytest.MonkeyPatch, pages: list[Page | BaseException]) -> None:
    """Let every source bring these pages, from after the one its cursor names; an exception is raised in its place."""

    class Connector:
        def pages(self, spec: Any, state: dict[str, Any], reach: Any) -> Iterator[Page]:
            for page in pages[state.get("page", -1) + 1 :]:
                if isinstance(page, BaseException):
                    raise page
                yield Page(list(map(copied, page.items)), page.errors, page.cursor, page.complete)

    monkeypatch.setattr(services, "connector_of", lambda spec: Connector())


def copied(one: Item) -> Item:
    return Item(one.stream, one.native_id, one.payload, one.path)
