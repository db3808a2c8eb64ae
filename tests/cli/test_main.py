"""The root command: options anywhere, exit codes, three-line errors, nothing loaded before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.cli.main import VERBS, hoist, main

WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "commonweal", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd)


@given(st.lists(WORDS, max_size=5), WORDS, WORDS, st.data())
def test_root_options_may_stand_anywhere(words: list[str], home: str, lang: str, data: st.DataObject) -> None:
    options = [["--json"], ["--home", home], [f"--lang={lang}"]]
    for option in options:
        at = data.draw(st.integers(0, len(words)))
        words = [*words[:at], *option, *words[at:]] if not _splits_a_pair(words, at) else [*option, *words]
    hoisted = hoist(words)
    assert sorted(hoisted) == sorted(words)
    assert set(hoisted[:4]) == {"--json", "--home", home, f"--lang={lang}"}


def _splits_a_pair(words: list[str], at: int) -> bool:
    return at > 0 and words[at - 1] == "--home"


def test_hoisting_stops_at_the_double_dash() -> None:
    assert hoist(["search", "--lang", "fr", "--", "--json"]) == ["--lang", "fr", "search", "--", "--json"]


def test_hoisting_leaves_a_missing_value_to_the_parser() -> None:
    assert hoist(["status", "--home"]) == ["--home", "status"]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_asking_for_help_loads_neither_django_nor_a_room(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom commonweal.cli.main import main\n"
        f"try: main({arguments!r})\nexcept SystemExit as end: assert not end.code\n"
        "heavy = {'django', 'tantivy', 'httpx', 'granian', 'babel', 'yaml'} & set(sys.modules)\n"
        "rooms = [name for name in sys.modules if name.startswith('commonweal.catalogue')]\n"
        "assert not heavy and not rooms, (heavy, rooms)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert not end.value.code
    printed = capsys.readouterr().out
    assert {name for name in VERBS if f" {name} " in printed} == {name for name, verb in VERBS.items() if not verb.hidden}


@pytest.mark.parametrize("arguments", [["--home", "HOME", "status"], ["status", "--home", "HOME"]])
def test_a_missing_node_is_told_in_three_lines(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMONWEAL_HOME", "unused")  # restored after main() has set it
    missing = str(tmp_path / "none")
    with pytest.raises(SystemExit) as end:
        main([missing if argument == "HOME" else argument for argument in arguments])
    lines = capsys.readouterr().err.splitlines()
    assert end.value.code == 1
    assert lines[0] == f"Error: There is no node at {missing}."
    assert lines[2] == "(home-missing)"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("arguments", [["serach"], ["--colour", "status"], ["up", "--port", "ninety"], ["status", "--home"]])
def test_wrong_usage_is_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2


def test_a_mistyped_verb_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serch"])
    assert "search" in capsys.readouterr().err


def test_settings_can_be_set_and_say_where_they_come_from(empty_home: Path) -> None:
    assert run("config", "set", "node.name", "Health AI Kenya").returncode == 0
    shown = run("config", "get", "node.name", "--json")
    assert json.loads(shown.stdout) == {
        "name": "node.name",
        "value": "Health AI Kenya",
        "origin": str(empty_home / "config.toml"),
    }
    wrong = run("config", "set", "node.nme", "x")
    assert wrong.returncode == 1
    assert wrong.stderr.splitlines()[1:] == ["Did you mean node.name?", "(setting-unknown)"]


def test_home_is_the_nearest_folder_upward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMMONWEAL_HOME")
    (tmp_path / ".commonweal").mkdir()
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert run("config", "set", "node.name", "Here", cwd=deep).returncode == 0
    assert (tmp_path / ".commonweal" / "config.toml").exists()


def test_a_reader_that_goes_away_is_no_failure(empty_home: Path) -> None:
    command = f"{sys.executable} -m commonweal config show --json | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_shells_can_complete_verbs_without_a_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMONWEAL_HOME", str(tmp_path / "none"))
    monkeypatch.setenv("_COMMONWEAL_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "commonweal har")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert run().stdout.split() == ["harvest"]
