"""What people said of hard pairs, and of the edges that were made without asking.

``pairs.csv``: hard pairs from public knowledge; rows with `use` = tune were looked at while the rules were written.
``automatic_edges.csv``: every automatic edge of a run over the real registries, read without its score.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from scipy.stats import beta

from commonweal.catalogue.core.record import Record
from commonweal.resolve.core import assets
from commonweal.resolve.core.profile import profile

HERE = Path(__file__).parent
FAMILY = "an open resource whose description is the same for every member of the family and for every copy of it"


def read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def record(row: dict[str, str], side: str, source: str) -> Record:
    identifier = row[f"{side}_identifier"]
    strangers = "strangers" in row["reason"]
    return Record(
        source,
        row[side],
        row["kind"],
        {"und": row[side]},
        publisher=row[f"{side}_developer"] or None,
        identifiers=[identifier] if identifier else [],
        description={} if strangers else {"en": FAMILY},
    )


def joined_unasked(row: dict[str, str]) -> bool:
    one, other = (profile(said.id, said.to_json()) for said in (record(row, "left", "s"), record(row, "right", "t")))
    resolver = assets.load().resolver(row["kind"])
    resolver.take({one.id: one, other.id: other})
    return any(edge.rule for edge in resolver.edges.values())


@pytest.mark.parametrize("use", ["tune", "report"])
def test_hard_pairs(use: str) -> None:
    rows = [row for row in read("pairs.csv") if row["use"] == use]
    joined = {n: joined_unasked(row) for n, row in enumerate(rows)}
    wrong = [row for n, row in enumerate(rows) if joined[n] and row["verdict"] != "same"]
    assert not wrong
    same = [n for n, row in enumerate(rows) if row["verdict"] == "same"]
    assert sum(joined[n] for n in same) / len(same) >= 0.7  # the rest is asked about


def test_there_are_enough_hard_pairs_with_reasons() -> None:
    rows = read("pairs.csv")
    assert len(rows) >= 300
    assert all(row["reason"] for row in rows)
    assert {row["verdict"] for row in rows} == {"same", "not_same", "part_of", "version_of", "derived_from"}


def test_automatic_edges_are_right_often_enough() -> None:
    """One-sided 95 % Clopper-Pearson lower bound of their precision."""
    rows = read("automatic_edges.csv")
    right = sum(row["verdict"] == "same" for row in rows)
    assert len(rows) >= 300
    assert beta.ppf(0.05, right, len(rows) - right + 1) >= 0.99
