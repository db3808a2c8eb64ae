"""Ingest: read, map, store, resolve and compute the entity view of every record, in one process, on a fresh home.

    python bench/ingest.py                       # the OTDI file of ../shared, else as many synthetic records
    python bench/ingest.py --synthetic 1000000   # memory must stay flat
    python bench/ingest.py --rival               # a second process writes small transactions all the while

Rates are per second of wall time, and of this process's own CPU time: on a shared machine the latter says more.
The search index is not part of it (see search.py). `longest write` is the longest transaction, from BEGIN to COMMIT;
`rival waited` how long the other process was kept from a write at worst.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

OTDI = Path(__file__).resolve().parents[2] / "shared" / "data" / "catalogue" / "otdi"
SYNTHETIC = """
id: synthetic
title: Synthetic records
connector: table
address: {file}
licence: CC0-1.0
homepage: https://example.org
streams:
  - name: datasets
    format: jsonl
    native_id: url
    kind: dataset
    fields:
      title: name
      description: description
      identifiers: url
      url: url
      licence: license_url
      languages: language
      publisher: creator
      keywords: keywords
"""
RIVAL = """
import sqlite3, sys, threading, time
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
connection.execute("CREATE TABLE IF NOT EXISTS bench_rival (n INTEGER)")
longest = 0.0
print("ready", flush=True)
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
while not stop.wait(0.05):
    start = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO bench_rival VALUES (1)")
    connection.execute("COMMIT")
    longest = max(longest, time.perf_counter() - start)
connection.execute("DROP TABLE bench_rival")
print(longest, flush=True)
"""


def write_synthetic(file: Path, count: int) -> None:
    """Records about as large as those of OTDI (1.1 KB), from a seed."""
    chance = random.Random(7)
    words = [
        f"{a}{b}" for a in ("data", "text", "speech", "crop", "health", "law", "map") for b in ("set", "bank", "corpus", "net")
    ]
    with file.open("wb") as stream:
        for n in range(count):
            owner = f"owner-{n % 9973}"
            said = {
                "url": f"https://huggingface.co/datasets/{owner}/set-{n}",
                "name": f"{chance.choice(words)} {n}",
                "description": " ".join(chance.choices(words, k=90)),
                "license_url": chance.choice(["https://choosealicense.com/licenses/apache-2.0/", "mit", "cc-by-nc-4.0"]),
                "language": chance.choice(["en", "sw", "fr", "hi"]),
                "creator": owner,
                "keywords": chance.choices(words, k=5),
            }
            stream.write(orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE))


class Longest:
    """The longest outermost transaction."""

    def __init__(self) -> None:
        from django.db.transaction import Atomic

        self.seconds = 0.0
        entered, left = Atomic.__enter__, Atomic.__exit__
        began: list[float] = []

        def enter(atomic: Any) -> None:
            entered(atomic)
            began.append(time.perf_counter())  # the lock is held from here on

        def leave(atomic: Any, *error: Any) -> None:
            left(atomic, *error)
            since = began.pop()
            if not began:
                self.seconds = max(self.seconds, time.perf_counter() - since)

        Atomic.__enter__, Atomic.__exit__ = enter, leave  # type: ignore[method-assign]


def measured(title: str, count: int, work: Callable[[], Any], longest: Longest) -> tuple[float, float]:
    longest.seconds = 0.0
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    printed(title, count, wall, cpu, longest.seconds)
    return wall, cpu


def printed(title: str, count: int, wall: float, cpu: float, longest: float) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"| {title:<34} | {count:>9,} | {wall:>7.1f} | {count / wall:>9,.0f} | {count / cpu:>9,.0f} "
        f"| {longest * 1000:>7.0f} | {memory:>7.0f} |",
        flush=True,
    )


@contextmanager
def rival(database: Path, wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    other = subprocess.Popen([sys.executable, "-c", RIVAL, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout
    other.stdout.readline()
    yield
    said, _ = other.communicate("")
    print(f"\nrival waited {float(said) * 1000:,.0f} ms at most")


def bench(home: Path, synthetic: int | None, with_rival: bool) -> None:
    from commonweal.node.boot import boot, migrate

    boot(home, create=True)
    migrate()
    from commonweal.base import feed, registries
    from commonweal.catalogue import queries, services
    from commonweal.resolve.services import ResolveConsumer

    registries.consumers = [ResolveConsumer()]  # type: ignore[assignment]
    feed.consumers = registries.consumers
    if synthetic is None:
        source, replay = "otdi", str(OTDI)
    else:
        file = home / "synthetic.jsonl"
        write_synthetic(file, synthetic)
        services.add_source(SYNTHETIC.format(file=file), actor="command:bench")
        source, replay = "synthetic", str(file)

    def harvest() -> None:
        run = services.harvest(source, actor="command:bench", replay=replay)
        assert run.state == "done", run.note

    longest = Longest()
    count = synthetic or sum(file.read_bytes().count(b"\n") for file in OTDI.glob("*.jsonl"))
    print(f"SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("|                                    |   records |  wall s |  per wall |   per CPU | longest |    peak |")
    print("|                                    |           |         |  second   |   second  | write ms|      MB |")
    print("|------------------------------------|----------:|--------:|----------:|----------:|--------:|--------:|", flush=True)
    with rival(home / "node.db", with_rival):
        one = measured("map, validate, store", count, harvest, longest)
        longest_of_all = longest.seconds
        two = measured("resolve, entity view", count, feed.drain, longest)
        printed("both", count, one[0] + two[0], one[1] + two[1], max(longest_of_all, longest.seconds))
        measured("unchanged", count, harvest, longest)
    figures = queries.counts()
    print(f"\n{figures['records']:,} records, {figures['rejected']:,} rejected, {figures['entities']:,} entities")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthetic", type=int, metavar="N", help="this many synthetic records instead of the OTDI file")
    parser.add_argument("--rival", action="store_true", help="let a second process write meanwhile")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="commonweal-bench-") as folder:
        bench(Path(folder), asked.synthetic or (None if OTDI.is_dir() else 25_918), asked.rival)


if __name__ == "__main__":
    main()
