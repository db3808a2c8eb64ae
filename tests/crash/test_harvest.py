"""A harvest killed in mid-run and run again ends where an undisturbed one does."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

RECORDS = 6_000
SOURCE = """
id: crash
title: A registry
connector: table
address: {file}
licence: CC0-1.0
homepage: https://example.org
streams:
  - {{name: items, format: jsonl, native_id: key, kind: dataset, fields: {{title: title, keywords: words, identifiers: page}}}}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("registry") / "items.jsonl"
    with path.open("wb") as stream:
        for n in range(RECORDS):
            page = f"https://huggingface.co/datasets/owner/set-{n}"
            stream.write(orjson.dumps({"key": f"k{n}", "title": f"Set {n}", "words": [f"w{n % 7}"], "page": page}) + b"\n")
    return path


def commonweal(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "commonweal", "--home", str(home), *arguments]


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("COMMONWEAL_")}


def make(home: Path, file: Path) -> None:
    (home / "sources").mkdir(parents=True)
    (home / "sources" / "crash.yaml").write_text(SOURCE.format(file=file))


def export(home: Path) -> list[bytes]:
    run = lambda what: subprocess.run(commonweal(home, "export", what), env=environment(), check=True, capture_output=True).stdout  # noqa: E731
    return [run("records"), run("entities")]


def stored(home: Path) -> int:
    """Records committed so far, read beside the running harvest."""
    try:
        with sqlite3.connect(f"file:{home / 'node.db'}?mode=ro", uri=True) as connection:
            return int(connection.execute("SELECT count(*) FROM catalogue_record").fetchone()[0])
    except sqlite3.OperationalError:  # not there yet
        return 0


@pytest.mark.slow
def test_a_killed_harvest_goes_on_and_exports_the_same(tmp_path: Path, file: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for home in (whole, broken):
        make(home, file)
    subprocess.run(commonweal(whole, "harvest", "crash"), env=environment(), check=True, capture_output=True)
    for limit in (1, RECORDS // 2):
        process = subprocess.Popen(commonweal(broken, "harvest", "crash"), env=environment(), stderr=subprocess.PIPE)
        deadline = time.monotonic() + 120
        while stored(broken) < limit and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        _, said = process.communicate()
        assert process.returncode == -signal.SIGKILL, said.decode()
    assert stored(broken) > 0
    done = subprocess.run(commonweal(broken, "harvest", "crash", "--json"), env=environment(), check=True, capture_output=True)
    outcome = orjson.loads(done.stdout)
    assert (outcome["state"], outcome["seen"]) == ("done", RECORDS)
    assert export(broken) == export(whole)
    assert export(whole)[0].count(b"\n") == RECORDS
