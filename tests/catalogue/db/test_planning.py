"""Guarded deletes: what a listing lacks waits for a person, who applies or refuses it; what returns bears its old id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from commonweal.base import feed
from commonweal.base.models import Event
from commonweal.catalogue import planning, queries, services
from commonweal.catalogue.core.record import record_id
from commonweal.catalogue.models import Alias, Link, Plan, PlanEntry, Record, Retired
from commonweal.kernel.errors import CommonwealError

pytestmark = pytest.mark.django_db

Make = Callable[..., Any]


def item(key: int | str, title: str = "", **said: Any) -> dict[str, Any]:
    return {"key": str(key), "title": title or f"Model {key}", **said}


def fates(plan: Plan) -> dict[str, tuple[str, str]]:
    rows = PlanEntry.objects.filter(plan=plan).values_list("record__native_id", "fate", "basis")
    return {key: (fate, basis) for key, fate, basis in rows}


@pytest.fixture
def shrunken(registry: Make) -> Any:
    """A registry of 100 that lists 90 now."""
    source = registry()
    source.harvest(*map(item, range(100)))
    feed.drain()
    source.harvest(*map(item, range(90)))
    return source


def test_a_large_absence_waits_and_applying_it_leaves_tombstones(shrunken: Any) -> None:
    plan = Plan.objects.get(source=shrunken.id)
    assert (plan.state, orjson.loads(plan.counts)["vanished"], orjson.loads(plan.counts)["live"]) == ("open", 10, 100)
    assert not Record.objects.exclude(state="live").exists()
    key = record_id(shrunken.id, "95")
    assert services.apply_plan(plan.pk, actor="person:1", reason="The registry closed that shelf.") == 10
    feed.drain()
    row = queries.record(key)
    assert (row["state"], row["record"]["title"], row["entity"]) == ("gone", {"und": "Model 95"}, None)
    assert queries.entity(key) is None
    assert orjson.loads(Retired.objects.get(pk=key).title) == {"und": "Model 95"}
    assert Event.objects.filter(action="plan.applied", actor="person:1").exists()


def test_a_record_that_returns_bears_its_old_id(shrunken: Any) -> None:
    services.apply_plan(Plan.objects.get(source=shrunken.id).pk, actor="person:1", reason="Gone.")
    feed.drain()
    run = shrunken.harvest(*map(item, range(100)))
    feed.drain()
    key = record_id(shrunken.id, "95")
    assert run.state == "done"
    assert (queries.record(key)["state"], queries.record(key)["entity"]) == ("live", key)
    assert queries.entity(key) is not None
    assert not Retired.objects.exists()


def test_a_refused_plan_is_not_asked_again_until_other_records_are_absent(shrunken: Any) -> None:
    services.refuse_plan(Plan.objects.get(source=shrunken.id).pk, actor="person:1", reason="Their server is broken.")
    run = shrunken.harvest(force=True)
    assert (run.state, Record.objects.exclude(state="live").count()) == ("done", 0)
    assert not Plan.objects.filter(state="open").exists()
    assert shrunken.harvest(*map(item, range(80))).state == "partial"
    assert Plan.objects.get(state="open").entries.count() == 20


def test_a_newer_listing_closes_an_open_plan(shrunken: Any) -> None:
    plan = Plan.objects.get(source=shrunken.id)
    shrunken.harvest(*map(item, range(100)))
    with pytest.raises(CommonwealError) as caught:
        services.apply_plan(plan.pk, actor="person:1", reason="Late.")
    assert caught.value.code == "plan-decided"


def test_what_a_broken_run_met_again_stays(shrunken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan.objects.get(source=shrunken.id)
    monkeypatch.setattr(planning.rules, "explain", lambda *_: pytest.fail("a run that broke off makes no plan"))
    shrunken.file.write_bytes(b"".join(orjson.dumps(item(n)) + b"\n" for n in (95, 96)) + b"{broken\n")
    shrunken.harvest()
    assert services.apply_plan(plan.pk, actor="person:1", reason="Gone.") == 8
    assert queries.record(record_id(shrunken.id, "95"))["state"] == "live"


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_decision_needs_a_reason(shrunken: Any, reason: str) -> None:
    plan = Plan.objects.get(source=shrunken.id)
    for decide in (services.apply_plan, services.refuse_plan):
        with pytest.raises(CommonwealError) as caught:
            decide(plan.pk, actor="person:1", reason=reason)
        assert caught.value.code == "reason-missing"


def test_a_new_scheme_of_ids_is_recognised_and_old_addresses_lead_on(registry: Make) -> None:
    source = registry()
    slugs = [item(f"slug-{n}", f"Model {n}", page=f"https://huggingface.co/o/m{n}") for n in range(30)]
    source.harvest(*slugs)
    feed.drain()
    numbers = [{**slug, "key": str(1000 + n), "title": f"Renamed {n}"} for n, slug in enumerate(slugs)]
    assert source.harvest(*numbers).state == "partial"
    plan = Plan.objects.get(state="open")
    assert set(fates(plan).values()) == {("renumbered", "identifier")}
    assert orjson.loads(plan.findings) == ["keys-changed"]
    services.apply_plan(plan.pk, actor="person:1", reason="They number now.")
    feed.drain()
    old, new = record_id(source.id, "slug-7"), record_id(source.id, "1007")
    found = queries.entity(old)
    assert found is not None and found[1] == queries.record(new)["entity"]
    assert (queries.record(old)["state"], queries.record(old)["successor"]) == ("moved", new)
    assert queries.find("hf:o/m7") == found[1]
    assert not Alias.objects.filter(record=old, valid_to=None).exists()
    assert not Link.objects.filter(record=old).exists()


def test_an_old_identifier_leads_to_the_record_that_bore_it(registry: Make) -> None:
    source = registry()
    source.harvest(item(1, page="https://huggingface.co/datasets/squad"))
    source.harvest(item(1, page="https://huggingface.co/datasets/rajpurkar/squad"))
    feed.drain()
    assert queries.find("hf:datasets/squad") == queries.find("hf:datasets/rajpurkar/squad") == record_id(source.id, "1")


def test_a_proven_move_within_the_guard_is_made_by_the_run_and_a_name_is_not(registry: Make) -> None:
    source = registry()
    source.harvest(*map(item, range(60)), item("n/a", "A", page="https://huggingface.co/o/a"), item("n/b", "B"))
    run = source.harvest(*map(item, range(60)), item("x/a", "A2", page="https://huggingface.co/o/a"), item("x/b", "B2"))
    plan = Plan.objects.get()
    assert (run.state, plan.state) == ("done", "applied")
    assert fates(plan) == {"n/a": ("moved", "identifier"), "n/b": ("moved", "name")}
    states = [queries.record(record_id(source.id, key))["state"] for key in ("n/a", "n/b")]
    assert states == ["moved", "missing"]


def test_a_source_sets_its_own_guard(registry: Make) -> None:
    source = registry()
    source.harvest(*map(item, range(100)))
    file = queries.own_sources() / f"{source.id}.yaml"
    file.write_text(file.read_text() + "guard: {share: 1.0, records: 50}\n")
    run = source.harvest(*map(item, range(60)))
    assert (run.state, Record.objects.filter(state="missing").count()) == ("done", 40)


def test_a_change_of_form_is_told_from_a_change_of_values(registry: Make) -> None:
    source = registry()
    source.harvest(*map(item, range(8)))
    same = source.harvest(*(item(n, unmapped="noise") for n in range(8)))
    assert orjson.loads(same.counts)["same_values"] == 8
    other = source.harvest(*(item(n, "Other") for n in range(8)))
    assert orjson.loads(other.differences)["properties"] == {"title": 8}
    assert orjson.loads(other.differences)["examples"][0]["changes"][0]["after"] == {"und": "Other"}
