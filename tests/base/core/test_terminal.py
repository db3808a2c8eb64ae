"""What commands print, to people and to scripts."""

from __future__ import annotations

import json

import pytest

from commonweal.base.terminal import Terminal
from commonweal.kernel.errors import CommonwealError


@pytest.fixture
def people() -> Terminal:
    return Terminal()


@pytest.fixture
def script() -> Terminal:
    terminal = Terminal()
    terminal.json = True
    return terminal


def test_script_gets_json_lines_in_order_and_as_they_arrive(script: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    def rows():
        yield {"id": 1, "title": "مستشفى"}
        assert json.loads(capsys.readouterr().out)["id"] == 1
        yield {"id": 2}

    assert script.emit_lines(rows()) == 2
    assert capsys.readouterr().out == '{"id":2}\n'


def test_a_pipe_carries_answers_only(script: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    script.say("hello")
    with script.progress("reading") as update:
        update(1, 2)
    script.emit({"done": True})
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ('{"done":true}\n', "")


def test_progress_without_a_terminal_is_lines_on_standard_error(people: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    with people.steps() as update:
        for done in range(1000):
            update("mteb", done + 1, 1000)
            update("helm", done + 1, None, "models")
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert captured.out == ""
    assert lines[:2] == ["mteb: 1 of 1,000", "helm: 1 models"]
    assert lines[-2:] == ["mteb: 1,000 of 1,000", "helm: 1,000 models"]
    assert len(lines) < 20


def test_a_table_cannot_be_broken_by_data(people: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    people.emit_lines([{"title": "[red]not markup[/red] \x1b[31m", "languages": ["sw", "ha"]}, {"title": None}])
    out = capsys.readouterr().out
    assert "[red]not markup[/red]" in out
    assert "\x1b" not in out
    assert "sw, ha" in out


def test_an_empty_list_prints_nothing(people: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    assert people.emit_lines([]) == 0
    assert capsys.readouterr().out == ""


def test_failure_is_three_lines_for_people_and_a_problem_for_scripts(
    people: Terminal, script: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    error = CommonwealError("source-unknown", "There is no source 'mtebb'.", "Did you mean mteb?")
    people.fail(error)
    assert capsys.readouterr().err.splitlines() == [
        "Error: There is no source 'mtebb'.",
        "Did you mean mteb?",
        "(source-unknown)",
    ]
    script.fail(error)
    assert json.loads(capsys.readouterr().err)["code"] == "source-unknown"


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "–"), (True, "yes"), (2026, "2026"), (25918, "25,918"), (["a", 1], "a, 1"), ({"a": False}, "a: no"), ("x", "x")],
)
def test_words(people: Terminal, value: object, words: str) -> None:
    assert people.words(value) == words
