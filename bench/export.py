"""Exports: every entry of a home in every form, one after the other, in this process.

    python bench/export.py --home HOME            # a node that was harvested before
    python bench/export.py --synthetic 42000      # as many made-up entries, no node

Rates per second of wall time; the peak of memory is that of the process, so it says whether writing is streamed.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FORMS = (("dcat", ".ttl"), ("dcat", ".jsonld"), ("dcat", ".rdf"), ("croissant", ""), ("ckan", ""), ("csv", ""), ("jsonl", ""))


def synthetic(count: int) -> Iterator[dict[str, Any]]:
    from commonweal.catalogue.core.entity import StoredRecord, build_view
    from commonweal.catalogue.core.record import record_id

    for n in range(count):
        said = {
            "source": "synthetic",
            "native_id": str(n),
            "kind": ("dataset", "model", "software")[n % 3],
            "title": {"en": f"A corpus of sentences, part {n}"},
            "description": {"en": "Sentences from public broadcasts, checked by two speakers each. " * 8},
            "identifiers": [f"hf:datasets/owner-{n % 997}/set-{n}"],
            "url": f"https://huggingface.co/datasets/owner-{n % 997}/set-{n}",
            "licence": {"raw": "mit", "expression": "MIT", "category": "open", "rule": "spdx-id"},
            "languages": ["sw", "ha"],
            "countries": ["KEN"],
            "keywords": ["speech", "text", "health"],
            "publisher": f"Ministry {n % 97}",
            "issued": "2024-05-01",
        }
        yield build_view([StoredRecord(record_id("synthetic", str(n)), said)], {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--synthetic", type=int, default=42_000)
    given = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
    if given.home:
        from commonweal.node.boot import boot

        boot(given.home)
    from commonweal.catalogue import exports
    from commonweal.catalogue.exports.site import Site

    site = Site("https://node.example.org", "A node")
    print(f"{'form':<18}{'entries':>9}{'seconds':>9}{'entries/s':>11}{'MB':>8}{'peak MB':>9}")
    for form, suffix in FORMS:
        count = 0

        def views() -> Iterator[dict[str, Any]]:
            nonlocal count
            if given.home:
                from commonweal.catalogue import queries

                found = queries.iter_entities()
            else:
                found = synthetic(given.synthetic)
            for count, view in enumerate(found, 1):  # noqa: B007
                yield view

        with tempfile.TemporaryFile() as stream:
            start = time.perf_counter()
            exports.write(form, views(), stream, site, suffix=suffix)
            seconds = time.perf_counter() - start
            size = stream.tell() / 1e6
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{form + suffix:<18}{count:>9,}{seconds:>9.1f}{count / seconds:>11,.0f}{size:>8.1f}{peak:>9.0f}")


if __name__ == "__main__":
    main()
