"""``commonweal openness`` in a process of its own: needs no node, prints one object a line, tells what it cannot read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MODEL = "release:\n  name: M\n  license: {}\n  components:\n  - name: Datasets\n    license: MIT\n"


def run(*arguments: str) -> tuple[int, list[Any], str]:
    command = [sys.executable, "-m", "commonweal", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.fixture(autouse=True)
def no_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMMONWEAL_HOME", str(tmp_path / "absent"))


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "m.yml").write_text(MODEL)
    code, (answer,), _ = run("openness", "assess", str(tmp_path / "m.yml"), "--framework", "mof", "--mode", "strict", "--json")
    assert code == 0
    assert {"framework", "version", "verdict", "progress", "items"} <= set(answer)
    assert (answer["framework"], answer["version"], answer["verdict"]) == ("mof", "1.0", "Unclassified")
    assert set(answer["progress"]) == {"1", "2", "3"}
    assert not (tmp_path / "absent").exists()


def test_a_folder_with_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "m.yml").write_text(MODEL)
    (tmp_path / "card.md").write_text("# A card\n")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "picture.png").write_bytes(b"x")
    code, rows, _ = run("openness", "assess", str(tmp_path), "--json")
    assert code == 3
    assert [Path(row["path"]).name for row in rows] == ["m.yml", "broken.json", "card.md"]
    assert rows[1]["error"]["code"] == "document-invalid"


def test_a_licence_in_words() -> None:
    code, (answer,), _ = run("openness", "licence", "Apache 2.0", "--json")
    assert (code, answer["expression"], answer["category"]) == (0, "Apache-2.0", "open")
    assert answer["sentence"]


@pytest.mark.parametrize("arguments", [["assess", "/nowhere"], ["licence", " "]])
def test_failures_are_told_without_a_traceback(arguments: list[str]) -> None:
    code, rows, said = run("openness", *arguments, "--json")
    assert (code, rows) == (1, [])
    assert json.loads(said)["code"]
