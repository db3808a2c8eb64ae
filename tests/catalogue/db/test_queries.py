"""Reads of the catalogue: right, and with as many queries for ten rows as for a thousand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from commonweal.base import feed
from commonweal.catalogue import queries, services
from commonweal.catalogue.core.record import record_id
from commonweal.catalogue.models import Record
from commonweal.kernel.errors import CommonwealError

Make = Callable[..., Any]


def item(key: int | str, title: str = "", **said: Any) -> dict[str, Any]:
    return {"key": str(key), "title": title or f"Model {key}", **said}


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [10, 1_000])
def test_every_read_asks_the_same_number_of_queries(registry: Make, rows: int, django_assert_num_queries: Any) -> None:
    base = "https://huggingface.co/o/base"
    source = registry()
    source.harvest(item("base", page=base), *(item(n, base=base) for n in range(rows)))
    feed.drain()
    queries.specs()  # read the source files once
    key = record_id(source.id, "base")
    reads: list[tuple[int, Callable[[], Any]]] = [
        (1, lambda: queries.entity(key)),
        (3, lambda: queries.sources()),
        (3, lambda: queries.source(source.id)),
        (3, lambda: queries.counts()),
        (1, lambda: queries.runs(source.id)),
        (1, lambda: queries.rejected(source.id)),
        (2, lambda: queries.record(key)),
        (2, lambda: queries.record_versions(key)),
        (2, lambda: queries.resolve_targets(["hf:o/base", f"record:{key}"])),
        (2, lambda: queries.links_to(view)),
    ]
    view = queries.entity(key)[0]  # type: ignore[index]
    for count, read in reads:
        with django_assert_num_queries(count):
            read()
    assert len(queries.links_to(view)) == min(rows, queries.LINKS_SHOWN)


@pytest.mark.django_db
def test_links_lead_both_ways(registry: Make) -> None:
    source = registry()
    source.harvest(item("base", page="https://huggingface.co/o/base"), item("child", base="https://huggingface.co/o/base"))
    feed.drain()
    base, child = (record_id(source.id, key) for key in ("base", "child"))
    view = queries.entity(child)[0]  # type: ignore[index]
    assert queries.resolve_targets(link["target"] for link in view["links"]) == {"hf:o/base": base}
    (link,) = queries.links_to(queries.entity(base)[0])  # type: ignore[index]
    assert (link.type, link.entity, link.card["title"]) == ("derived_from", child, {"und": "Model child"})


@pytest.mark.django_db
def test_an_identifier_of_two_entities_leads_to_neither(registry: Make) -> None:
    source = registry()
    source.harvest(item(1, page="https://huggingface.co/o/m"), item(2, page="https://huggingface.co/o/m"))
    feed.drain()
    assert queries.resolve_targets(["hf:o/m"]) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["hf:o/m", "https://huggingface.co/o/m", "id"])
def test_an_entity_is_found_by_id_and_by_identifier(registry: Make, name: str) -> None:
    source = registry()
    source.harvest(item(1, page="https://huggingface.co/o/m"))
    feed.drain()
    key = record_id(source.id, "1")
    assert queries.find(key if name == "id" else name) == key
    assert queries.find("hf:o/other") is None


@pytest.mark.django_db
def test_headline_counts_leave_offers_out(registry: Make) -> None:
    source = registry()
    source.harvest(item(1), item(2), {"key": "3"})
    feed.drain()
    figures = queries.counts()
    assert (figures["records"], figures["rejected"], figures["entities"], figures["offers"]) == (2, 1, 2, 0)
    assert figures["by_source"] == {source.id: 2}
    assert {card["id"] for card in figures["newest"]} == {record_id(source.id, key) for key in "12"}


@pytest.mark.django_db
def test_contacts_are_masked_wherever_a_record_is_shown(registry: Make) -> None:
    source = registry()
    source.harvest(item(1, note="write to someone@example.org"))
    key = record_id(source.id, "1")
    Record.objects.filter(pk=key).update(
        data='{"source":"s","native_id":"1","kind":"model","title":{},"contact":"x@example.org"}'
    )
    assert "contact" not in queries.record(key)["record"]
    assert "contact" not in queries.record_versions(key)[0]["record"]
    assert "someone@" not in (queries.record_raw(key) or "")


@pytest.mark.django_db
def test_the_crosswalk_names_every_shown_record_once(registry: Make) -> None:
    one, two = registry("one"), registry("two")
    one.harvest(item(1, maker="P"), item(2), {"key": "3"})
    two.harvest(item(9, "Model 1", maker="P"))
    feed.drain()
    rows = list(queries.iter_records())
    assert [(row["source"], row["native_id"]) for row in rows] == [("one", "1"), ("one", "2"), ("two", "9")]
    assert rows[0]["entity"] == rows[2]["entity"] != rows[1]["entity"]
    assert list(queries.iter_records(kind="dataset")) == []


@pytest.mark.django_db
def test_entities_stream_in_the_order_of_their_ids(registry: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "CHUNK", 3)
    source = registry()
    source.harvest(*map(item, range(10)))
    feed.drain()
    ids = [view["id"] for view in queries.iter_entities()]
    assert ids == sorted(record_id(source.id, str(n)) for n in range(10))
    assert [view["id"] for view in queries.iter_entities(after=ids[4], limit=4)] == ids[5:9]


@pytest.mark.django_db
def test_a_source_of_ones_own_is_checked_before_it_is_kept() -> None:
    with pytest.raises(CommonwealError) as caught:
        services.add_source("id: x\ntitle: X", actor="command:test")
    assert caught.value.code == "source-invalid"
    assert "x" not in queries.specs()


@pytest.mark.django_db
def test_a_source_file_that_cannot_be_read_is_passed_over(registry: Make) -> None:
    registry()
    broken = queries.own_sources() / "broken.yaml"
    broken.write_text("id: [")
    try:
        assert "registry-a" in queries.specs()
    finally:
        broken.unlink()


@pytest.mark.django_db
def test_a_source_that_is_switched_off_is_never_due(registry: Make) -> None:
    assert "mteb" in queries.due()
    services.set_enabled("mteb", False, actor="command:test")
    assert "mteb" not in queries.due()
