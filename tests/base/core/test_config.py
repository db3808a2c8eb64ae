"""Settings: where a value comes from, what is refused, and a file that survives editing."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.base import config
from commonweal.base.config import Setting, all_settings, check_names, set_value, setting
from commonweal.base.home import Home
from commonweal.kernel.errors import CommonwealError


@pytest.fixture
def home(empty_home, monkeypatch):
    for name in [name for name in os.environ if name.startswith("COMMONWEAL_") and name != "COMMONWEAL_HOME"]:
        monkeypatch.delenv(name)
    empty_home.mkdir()
    return Home(empty_home)


def refused(call, *args):
    with pytest.raises(CommonwealError) as caught:
        call(*args)
    return caught.value


def origin(name):
    return next(resolved.origin for resolved in all_settings() if resolved.setting.name == name)


def test_environment_beats_file_beats_default(home, monkeypatch):
    assert (setting("server.port"), origin("server.port")) == (8000, "default")
    home.config.write_text("[server]\nport = 8001\n")
    assert (setting("server.port"), origin("server.port")) == (8001, str(home.config))
    monkeypatch.setenv("COMMONWEAL_SERVER_PORT", "8002")
    assert (setting("server.port"), origin("server.port")) == (8002, "COMMONWEAL_SERVER_PORT")


@pytest.mark.parametrize(
    ("written", "suggested"),
    [
        ("[node]\nnmae = 'x'", "node.name"),
        ("[sever]\nport = 1", "server.port"),
        ("port = 8000", "[section]"),
        ("[x]\ny = 1", "config show"),
    ],
)
def test_an_unknown_key_is_an_error_with_a_suggestion(home, written, suggested):
    home.config.write_text(written)
    error = refused(check_names)
    assert error.code == "setting-unknown"
    assert suggested in error.hint


def test_an_unknown_variable_is_an_error_with_a_suggestion(home, monkeypatch):
    monkeypatch.setenv("COMMONWEAL_TEST_ANYTHING", "1")
    check_names()
    monkeypatch.setenv("COMMONWEAL_SERVER_PROT", "1")
    assert refused(check_names).hint == "Did you mean COMMONWEAL_SERVER_PORT?"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("server.port", "0"),
        ("server.port", "eight"),
        ("server.https", "maybe"),
        ("node.accent_colour", "red; } body { display: none"),
        ("node.accent_colour", "#0b6e4f\n"),
        ("node.name", " "),
        ("node.languages", ""),
        ("node.time_zone", "Mars/Olympus"),
        ("database.url", "mysql://x"),
    ],
)
def test_an_unusable_value_is_refused_wherever_it_stands(home, monkeypatch, name, value):
    assert refused(set_value, name, value).code == "setting-invalid"
    assert not home.config.exists()
    monkeypatch.setenv("COMMONWEAL_" + name.replace(".", "_").upper(), value)
    assert refused(setting, name).code == "setting-invalid"


def test_a_value_of_another_type_in_the_file_is_refused(home):
    for line in ('port = "8000"', "port = true", "port = 80.5"):
        home.config.write_text(f"[server]\n{line}\n")
        if line == 'port = "8000"':
            assert setting("server.port") == 8000  # a number in quotes is still that number
        else:
            assert refused(setting, "server.port").code == "setting-invalid"


def test_a_secret_is_masked_everywhere(home, monkeypatch):
    monkeypatch.setenv("COMMONWEAL_DATABASE_URL", "postgres://u:hunter2@db/x")
    assert "hunter2" not in str([resolved.shown for resolved in all_settings()])
    monkeypatch.setenv("COMMONWEAL_DATABASE_URL", "hunter2")
    assert "hunter2" not in str(refused(setting, "database.url"))


def test_a_file_that_is_not_toml_is_reported_and_left_alone(home):
    home.config.write_text("[node\n")
    assert refused(setting, "node.name").code == "config-unreadable"
    assert refused(set_value, "node.name", "x").code == "config-unreadable"
    assert home.config.read_text() == "[node\n"


def test_editing_keeps_comments_and_order(home):
    home.config.write_text('# ours\n[server]  # web\nport = 1 # old\nhost = "::"\n\n[node]\n# who\nname = "a"\n')
    set_value("server.port", "8080")
    set_value("node.languages", "sw, en")
    set_value("log.requests", "yes")
    assert home.config.read_text() == (
        '# ours\n[server]  # web\nport = 8080\nhost = "::"\n\n[node]\nlanguages = ["sw", "en"]\n# who\nname = "a"\n\n'
        "[log]\nrequests = true\n"
    )
    assert home.config.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "before", ["server = {port = 1}\n", '[server]\n"port" = 1\n', "server.port = 1\n", "[server]\nport = [\n1]\n", "server = 3\n"]
)
def test_a_form_that_is_not_edited_is_left_alone(home, before):
    home.config.write_text(before)
    assert refused(set_value, "server.port", "8080").code == "config-unwritable"
    assert home.config.read_text() == before


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50))
@settings(deadline=None)
def test_any_text_survives_the_file(text):
    assert tomllib.loads(config._with_line("", "node", "name", config._toml(text))) == {"node": {"name": text}}


@pytest.mark.parametrize("name", ["port", "Server.port", "server.port.x", "server.p-t"])
def test_a_setting_is_named_section_and_key(name):
    with pytest.raises(ValueError, match="is not section"):
        config.declare(Setting(name, int, 1, "x"))


def test_two_settings_do_not_share_a_name_or_variable():
    with pytest.raises(ValueError, match="twice"):
        config.declare(Setting("server.port", int, 9, "x"))


def test_reading_settings_needs_no_django(home):
    code = "import sys, commonweal.base.config as c; c.setting('node.name'); sys.exit('django' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
