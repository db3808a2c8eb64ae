"""Where the home is found, and what is made in it."""

from __future__ import annotations

import multiprocessing
import stat

import pytest

from commonweal.base import home as module
from commonweal.base.home import Home, choose_home, home


@pytest.fixture(autouse=True)
def _fresh(monkeypatch, tmp_path):
    monkeypatch.setenv("COMMONWEAL_HOME", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    module._resolve.cache_clear()
    yield
    module._resolve.cache_clear()


def test_the_variable_counts_most(tmp_path, monkeypatch):
    (tmp_path / ".commonweal").mkdir()
    monkeypatch.setenv("COMMONWEAL_HOME", str(tmp_path / "elsewhere"))
    assert home().root == tmp_path / "elsewhere"


def test_then_the_nearest_folder_upward(tmp_path, monkeypatch):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / ".commonweal").mkdir()
    monkeypatch.chdir(inner)
    assert home().root == tmp_path / ".commonweal"


def test_else_the_users_data_folder(tmp_path):
    assert home().root == tmp_path / "data" / "commonweal"


def test_a_chosen_home_is_absolute_and_inherited(tmp_path, monkeypatch):
    choose_home("here")
    monkeypatch.chdir("/")
    assert home().root == tmp_path / "here"
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(home).root == tmp_path / "here"


def test_only_its_owner_reads_the_secret(tmp_path):
    made = Home(tmp_path / "home")
    made.create()
    key = made.read_secret_key()
    assert len(key) > 50
    assert stat.S_IMODE(made.secret_key.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.root.stat().st_mode) == 0o700
    made.create()
    assert made.read_secret_key() == key
    assert [path.name for path in made.root.iterdir() if path.name.startswith(".")] == []
