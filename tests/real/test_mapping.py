"""The registries' own native files: nearly all are accepted, every refusal has its reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from commonweal.catalogue.core.mapping import compile_mapping
from commonweal.catalogue.core.rejection import Rejected
from commonweal.catalogue.core.source import Reach, load_builtin
from commonweal.catalogue.sources import connector_of
from commonweal.kernel.text import clean_tree

pytestmark = pytest.mark.real

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "catalogue"
ACCEPTED = 0.98

#: source id → (recording, records, at least this share has the property)
REGISTRIES = {
    "mot": ("mot", 273, {"publisher": 0.95, "issued": 0.95, "extras": 0.99, "identifiers": 0.5}),
    "openingup": ("openingup", 47, {"licence": 0.9, "publisher": 0.95, "url": 0.99, "evidence": 0.95}),
    "ost": ("ost", 1192, {"identifiers": 0.99, "url": 0.99, "sectors": 0.95, "countries": 0.4}),
    "hf_cards_2022": ("hf_cards_2022", 759, {"description": 0.95, "languages": 0.9, "licence": 0.5}),
    "litellm": ("litellm", 4552, {"publisher": 0.99, "extras": 0.99, "links": 0.99}),
    "otdi": ("otdi", 25_900, {"licence": 0.99, "languages": 0.9, "identifiers": 0.99, "publisher": 0.99}),
    "dpga": ("dpga", 921, {"grounds": 0.95, "status": 0.99, "evidence": 0.95, "sdgs": 0.75}),
    "tensorflow-datasets": ("tfds", 186, {"description": 0.99, "extras": 0.95, "url": 0.99}),
    "aws-open-data": ("history/aws_rodr_2026-01-01.jsonl", 869, {"description": 0.99, "publisher": 0.99, "keywords": 0.99}),
    "data-provenance": ("dpi", 2_511, {"languages": 0.9, "licence": 0.7, "identifiers": 0.9, "evidence": 0.99}),
    "us-federal-ai": ("us_federal_ai_use_cases_2025", 4_510, {"publisher": 0.99, "status": 0.9, "grounds": 0.99}),
    "croissant-examples": ("croissant", 68, {"licence": 0.7, "description": 0.95, "identifiers": 0.6}),
    "publiccode": ("publiccode", 333, {"languages": 0.9, "licence": 0.9, "status": 0.9}),
    "zenodo": ("aiod", 51, {"identifiers": 0.99, "licence": 0.9, "issued": 0.99, "publisher": 0.99}),
    "hugging-face-datasets": ("aiod", 7, {"identifiers": 0.99, "modified": 0.99, "languages": 0.5}),
    "openml": ("aiod", 3, {"identifiers": 0.99, "status": 0.99}),
    "mldcat-eosc": ("mldcat_eosc", 3, {"licence": 0.99, "identifiers": 0.99, "issued": 0.99}),
}


@pytest.mark.parametrize("source", REGISTRIES)
def test_registry(source: str, tmp_path: Path) -> None:
    name, count, shares = REGISTRIES[source]
    folder = DATA / name
    if not folder.exists():
        pytest.skip(f"{folder} is absent: put the shared data beside the repository")
    spec = load_builtin()[source]
    assert spec.replay == name
    to_record = compile_mapping(spec)
    found: Counter[str] = Counter()
    refused: list[str] = []
    ids: set[str] = set()
    items = rejections = 0
    for page in connector_of(spec).pages(spec, {}, Reach(work=tmp_path, replay=folder)):
        refused += [f"{error.path}: {error.problem}" for error in page.errors]
        for item in page.items:
            ids.add(item.native_id)
            items += 1
            item.payload, _ = clean_tree(item.payload)
            try:
                record = to_record(item)
            except Rejected as rejected:
                refused.append(str(rejected))
                rejections += 1
            else:
                found.update(["", *record.to_json()])
    accepted = found[""]
    print(f"\n{source}: {accepted} accepted, {len(refused)} refused, {dict(found)}")
    assert accepted >= count * ACCEPTED
    assert accepted >= ACCEPTED * (accepted + len(refused))
    assert items == accepted + rejections
    assert len(ids) >= 0.997 * items  # registries without ids of their own hold a few rows twice
    assert all(refused)
    for property, share in shares.items():
        assert found[property] >= share * accepted, property
