"""Metadata quality: every check can be passed and failed, reasons are given, nothing is rejected."""

from __future__ import annotations

import pytest

from commonweal.catalogue.core import quality
from commonweal.catalogue.core.kinds import EXTRAS, KINDS
from commonweal.catalogue.core.normalise import FIELDS
from commonweal.catalogue.core.report import report

FULL = {
    "title": {"en": "A corpus"},
    "description": {"en": "Sentences from public broadcasts, checked by two speakers each."},
    "publisher": "Ministry",
    "licence": {"raw": "MIT", "expression": "MIT", "category": "open", "rule": "r"},
    "url": "https://example.org",
    "identifiers": ["doi:10.5072/x"],
    "languages": ["sw"],
    "countries": ["KEN"],
    "keywords": ["speech"],
    "sdgs": [3],
    "status": "active",
    "issued": "2024",
    "extras": {"platforms": ["web"]},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_record_has_all_points_and_an_empty_one_few(kind: str) -> None:
    assert (quality.failed({"kind": kind, **FULL}), quality.score({"kind": kind, **FULL})) == ([], 100)
    assert quality.score({"kind": kind, "title": {"und": "x"}}) < 50


@pytest.mark.parametrize("check", quality.every(), ids=lambda check: check.id)
def test_every_check_can_fail_and_names_what_exists(check: quality.Check) -> None:
    kind = min(check.kinds)
    known = {*FIELDS, *(name for extras in EXTRAS.values() for name in extras)}
    assert {*check.needs, check.property} - {""} <= known
    assert check.level in quality.WEIGHTS
    values = {**FULL, "extras": {}} if "platforms" in check.needs else FULL
    bad = {"tagged": {"und": "x"}, "sentence": {"en": "x"}, "spdx": {"expression": None}, "web": "www.example.org"}
    worse = {name: value for name, value in values.items() if name not in check.needs}
    if check.shape:
        worse[check.property] = bad[check.shape]
    found = quality.failed({"kind": kind, **worse})
    assert check in found and check.fix
    assert quality.score({"kind": kind, **worse}) < 100


def test_a_report_counts_what_is_said_and_what_is_lacking() -> None:
    poor = {
        "kind": "dataset",
        "title": {"und": "x"},
        "problems": [{"field": "issued", "value": "circa 2019", "problem": "is no date"}],
    }
    said = report([("1", {"kind": "dataset", **FULL}), ("2", poor), ("3", poor)])
    assert (said["records"], said["coverage"]["licence"], said["checks"]["licence"]) == (3, 1, 2)
    assert 30 < said["score"] < 100
    assert said["problems"] == [
        {
            "field": "issued",
            "problem": "is no date",
            "count": 2,
            "examples": [{"native_id": key, "value": "circa 2019"} for key in ("2", "3")],
        }
    ]
    assert report([])["score"] is None
