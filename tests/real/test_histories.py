"""The registries' own histories: what disappeared from one state to the next, explained; nobody's record is lost by a rename."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import orjson
import pytest

from commonweal.base import feed
from commonweal.catalogue import queries, services
from commonweal.catalogue.core.plan import Guard, Standing, explain
from commonweal.catalogue.core.record import record_id
from commonweal.catalogue.models import Plan, PlanEntry, Record

pytestmark = pytest.mark.real

#: from → to: added, deleted, modified, unchanged, and the fates of the deleted. Counted by path and blob hash.
STEPS = {
    ("dpga_2020-07-01", "dpga_2021-01-01"): (104, 15, 387, 0, {"gone": 13, "respelled": 2}),
    ("dpga_2021-01-01", "dpga_2021-07-01"): (151, 16, 18, 457, {"gone": 16}),
    ("dpga_2021-07-01", "dpga_2022-01-01"): (128, 24, 540, 62, {"respelled": 12, "gone": 12}),
    ("aws_rodr_2024-01-01", "aws_rodr_2025-01-01"): (109, 0, 145, 369, {}),
    ("aws_rodr_2025-01-01", "aws_rodr_2026-01-01"): (249, 3, 267, 353, {"gone": 3}),
    ("mot_2025-01-01", "mot_2025-07-01"): (16, 0, 232, 0, {}),
    ("mot_2025-07-01", "mot_2026-01-01"): (34, 11, 0, 237, {"respelled": 11}),
}


@pytest.fixture
def history(shared: Path) -> Path:
    return shared / "data" / "catalogue" / "history"


def files(history: Path, name: str) -> dict[str, dict[str, str]]:
    lines = (history / f"{name}.jsonl").read_text("utf-8").splitlines()
    return {said["path"]: said for said in map(json.loads, lines)}


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_what_disappeared_is_explained(history: Path, before: str, after: str) -> None:
    old, new = files(history, before), files(history, after)
    stands = lambda paths, side: [Standing(path, path, (side[path]["blob"],)) for path in paths]  # noqa: E731
    found = explain(stands(old.keys() - new.keys(), old), stands(new.keys() - old.keys(), new))
    same = sum(old[path]["blob"] == new[path]["blob"] for path in old.keys() & new.keys())
    figures = (len(new.keys() - old.keys()), len(found), len(old.keys() & new.keys()) - same, same)
    assert (*figures, dict(Counter(one.fate for one in found))) == STEPS[before, after]


def test_the_guard_stops_the_largest_step_only() -> None:
    stopped = [
        after
        for (_, after), (_, deleted, modified, same, _) in STEPS.items()
        if not Guard().allows(deleted, deleted + modified + same)
    ]
    assert stopped == ["dpga_2022-01-01"]


@pytest.mark.django_db
def test_the_dpga_removals_wait_for_a_steward(history: Path, tmp_path: Path) -> None:
    assert replay("dpga", history, "dpga_2021-07-01", tmp_path).state == "done"
    feed.drain()
    run = replay("dpga", history, "dpga_2022-01-01", tmp_path)
    assert run.state == "partial", run.note
    plan = Plan.objects.get(state="open")
    # By names alone twelve are gone; the repositories of three of those are given by new files (OpenHIM, PRISM, AI-Agro).
    assert fates(plan) == {"respelled": 12, "renumbered": 3, "gone": 9}
    assert Record.objects.filter(state="missing").count() == 0
    services.apply_plan(plan.pk, actor="person:1", reason="Looked at each.")
    feed.drain()
    old, new = (record_id("dpga", f"nominees/{name}.json") for name in ("@firma", "firma"))
    found = queries.entity(old)
    assert found is not None and found[1] == queries.record(new)["entity"]


@pytest.mark.django_db
def test_the_mot_models_that_changed_case_keep_their_address(history: Path, tmp_path: Path) -> None:
    replay("mot", history, "mot_2025-07-01", tmp_path)
    feed.drain()
    run = replay("mot", history, "mot_2026-01-01", tmp_path)
    assert run.state == "done", run.note
    plan = Plan.objects.get()
    assert fates(plan) == {"respelled": 11}
    assert {"keys-changed"} <= set(orjson.loads(plan.findings))


@pytest.mark.django_db
def test_a_change_of_format_is_seen_in_bytes_and_values(history: Path, tmp_path: Path) -> None:
    replay("mot", history, "mot_2025-01-01", tmp_path)
    run = replay("mot", history, "mot_2025-07-01", tmp_path)
    counts = orjson.loads(run.counts)
    assert (counts["changed"], counts.get("unchanged", 0), counts["added"]) == (232, 0, 16)
    changed = orjson.loads(run.differences)["properties"]
    assert (counts.get("same_values", 0), changed["components"]) == (0, 232)
    assert changed["title"] < 5


def replay(source: str, history: Path, name: str, folder: Path):
    """Harvest a state of the registry's tree with the description that ships."""
    tree = folder / name
    for path, said in files(history, name).items():
        file = tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(said["text"], "utf-8")
    return services.harvest(source, actor="command:test", replay=str(tree))


def fates(plan: Plan) -> dict[str, int]:
    return dict(Counter(PlanEntry.objects.filter(plan=plan).values_list("fate", flat=True)))
