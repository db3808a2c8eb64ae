"""The verbs that ask a node, and what they print."""

from __future__ import annotations

import json

import pytest
import yaml
from typer.testing import CliRunner

from commonweal.base.terminal import terminal
from commonweal.kernel.errors import CommonwealError
from commonweal.openness.commands import FORMS, app
from commonweal.openness.core.framework import load_framework

pytestmark = pytest.mark.django_db

ENTRY = [item.title for item in load_framework("mof").items if item.level == "3" and item.required]


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr(terminal, "json", True)

    def act(*arguments):
        answer = CliRunner().invoke(app, arguments, catch_exceptions=True)
        if answer.exception and not isinstance(answer.exception, SystemExit):
            raise answer.exception
        return answer.stdout

    return act


@pytest.fixture
def model(harvest, view):
    harvest({"key": "a", "title": "Whole", "parts": [{"name": name, "licence": "MIT"} for name in ENTRY]})
    return view("a")["id"]


def test_an_entry_is_assessed_like_a_file(run, model):
    answer = json.loads(run("assess", model, "--framework", "mof"))
    assert (answer["verdict"], answer["progress"]["3"]) == ("Class III - Open Model", 100.0)


def test_reading_and_reassessing_again_change_nothing(run, model):
    assert json.loads(run("reassess")) == json.loads(run("read")) == {"statements": 0, "assessments": 0}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_written(run, model, form):
    assert run("export", model, "--as", form).strip()


def test_what_is_exported_as_a_mot_file_is_read_again(run, model, tmp_path):
    file = tmp_path / "whole.yml"
    file.write_text(run("export", model, "--as", "mot"))
    assert len(yaml.safe_load(file.read_text())["release"]["components"]) == len(ENTRY)
    assert json.loads(run("assess", str(file)))["verdict"] == "Class III - Open Model"
    assert json.loads(run("import", model, str(file)))["findings"] >= len(ENTRY)


def test_a_name_nobody_knows_says_so(run, model):
    with pytest.raises(CommonwealError, match="Nothing here answers"):
        run("assess", "nobody")
