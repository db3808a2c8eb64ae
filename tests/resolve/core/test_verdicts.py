"""What may be joined without asking, and what is suggested where a person is asked."""

from __future__ import annotations

import pytest

from commonweal.catalogue.core.record import Record
from commonweal.resolve.core.profile import Profile, developer_key, profile
from commonweal.resolve.core.verdicts import RULES, apart, rule, suggestion

PROOF = {"identifiers": 0, "developer": 0, "about": 0}


def made(source: str, title: str, *, kind: str = "model", publisher: str | None = "Meta") -> Profile:
    record = Record(source, title, kind, {"en": title}, publisher=publisher)
    return profile(record.id, record.to_json())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Llama 3 8B", "meta-llama/Meta-Llama-3-8B"),
        ("Yi Chat (34B)", "Yi 34B Chat"),
        ("gpt-4.1-mini-2025-04-14", "GPT-4.1 mini (2025-04-14)"),
        ("librispeech_lm", "LibriSpeech-LM"),
    ],
)
def test_one_name_however_written(one, other):
    assert rule(made("s", one), made("t", other), PROOF) == "identifier"


@pytest.mark.parametrize(
    ("one", "other", "suggested"),
    [
        ("Llama-2-7B", "Llama-2-70B", "version_of"),
        ("Llama 3.1", "Llama 3.1 405B", "version_of"),
        ("Mistral-7B-v0.1", "Mistral-7B-v0.2", "version_of"),
        ("Qwen2-7B", "Qwen2-7B-Instruct", "version_of"),
        ("Command R", "Command R+", "version_of"),
        ("gemma-1.1-2b", "codegemma-1.1-2b", "same"),
        ("klue", "KLUE-STS", "part_of"),
        ("coil100", "Coil100-Augmented", "part_of"),
    ],
)
def test_members_of_a_family_are_never_joined_however_alike(one, other, suggested):
    assert rule(made("s", one), made("t", other), PROOF) == ""
    assert suggestion(made("s", one), made("t", other))[0] in (suggested, "not_same")


def test_the_member_is_a_version_of_the_family():
    family, member = made("s", "Llama 3.1"), made("t", "Llama 3.1 405B")
    assert suggestion(member, family) == ("version_of", False)
    assert suggestion(family, member) == ("version_of", True)


def test_a_name_alone_joins_nothing():
    one, other = made("s", "BLOOM", publisher=None), made("t", "bloom")
    assert rule(one, other, {"identifiers": 2, "developer": 1, "about": 3}) == ""
    assert [rule(one, other, {name: 0}) for name in ("identifiers", "developer", "about")] == list(RULES)


def test_who_republishes_is_asked_about():
    original, copy = made("s", "scielo", publisher=None), made("t", "scielo", publisher="bigbio")
    assert rule(original, copy, {"about": 0}) == ""


def test_records_of_one_source_and_conflicting_names_stay_apart():
    assert apart(made("s", "X"), made("s", "X"))
    assert apart(made("s", "X 7B"), made("t", "X 70B"))
    assert not apart(made("s", "X 7B"), made("t", "x-7b"))


def test_developers_have_many_names():
    assert developer_key("meta-llama") == developer_key("Facebook AI") == developer_key("META")
    assert developer_key("Acme") != developer_key("Acme Labs")
