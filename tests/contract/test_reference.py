"""docs/reference.md says what the code does: every setting, command, route, event and error code is in it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from commonweal.base.home import home

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.django_db
def test_the_reference_is_up_to_date() -> None:
    home().database.touch()  # the verbs of a node are described, none is run
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec and spec.loader
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    written, now = (DOCS / "reference.md").read_text(encoding="utf-8").splitlines(), generate.generate().splitlines()
    missing = [line for line in now if line not in written]
    outdated = [line for line in written if line not in now]
    assert (missing, outdated) == ([], []), "run `make docs`"
