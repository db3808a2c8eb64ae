"""What evidence says together, and the rules of the other frameworks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.errors import CommonwealError
from commonweal.openness import Evidence, Subject, assess, assess_all, load_framework, settle, versions
from commonweal.openness.core.evidence import FINDINGS, METHODS
from commonweal.openness.core.framework import build_framework

LINK = "https://example.org/there"


def subject(*evidence: Evidence, types: set[str] | None = None) -> Subject:
    return Subject("it", frozenset(types or ()), evidence)


def test_unknown_is_not_no() -> None:
    for name in versions():
        for result in assess(subject(types={"aimodel"}), name).items:
            assert result.met is None, (name, result.item.id)


def test_the_strongest_evidence_decides_and_nothing_is_dropped() -> None:
    claim = Evidence("f", "no")
    hashed = Evidence("f", "yes", url=LINK, sha256="0" * 64)
    settled = settle([claim, hashed])
    assert settled.finding == "yes"
    assert settled.evidence == (hashed, claim)
    assert not settled.contradicted


def test_contradictory_evidence_is_unknown_and_shown() -> None:
    found = assess(subject(Evidence("eosai.paper", "yes", url=LINK), Evidence("eosai.paper", "no", url=LINK)), "eosai")
    paper = found.result("paper")
    assert (paper.met, paper.contradicted, len(paper.evidence)) == (None, True, 2)
    assert "disagrees" in paper.warnings[0]


def test_expired_evidence_does_not_count_and_is_told() -> None:
    it = subject(Evidence("eosai.paper", "yes", expires="2026-01-01"))
    assert assess(it, "eosai", today="2025-12-31").result("paper").status == "open"
    expired = assess(it, "eosai", today="2026-06-01").result("paper")
    assert expired.status == "not assessed"
    assert "checked anew" in expired.warnings[0]
    assert expired.evidence


@given(st.lists(st.builds(Evidence, st.just("f"), st.sampled_from(FINDINGS), assurance=st.integers(0, 5)), max_size=6))
def test_settling_never_invents_and_ignores_order(evidence: list[Evidence]) -> None:
    settled = settle(evidence)
    assert settled.finding in {one.finding for one in evidence} | {"unknown"}
    assert set(settled.evidence) == set(evidence)
    assert settle(reversed(evidence)).finding == settled.finding


@given(st.builds(Evidence, st.text(min_size=1), st.sampled_from(FINDINGS), licence=st.none() | st.text(), quote=st.text()))
def test_evidence_survives_json(evidence: Evidence) -> None:
    assert Evidence.from_json(evidence.to_json()).to_json() == evidence.to_json()


@pytest.mark.parametrize(
    "wrong", [{"finding": "maybe"}, {"finding": "yes", "how": "guessed"}, {"finding": "yes", "assurance": 6}]
)
def test_evidence_outside_its_ranges_is_refused(wrong: dict) -> None:
    with pytest.raises(CommonwealError) as failure:
        Evidence.from_json({"fact": "f", **wrong})
    assert failure.value.code == "evidence-invalid"
    assert METHODS


def test_levels_of_assurance() -> None:
    assert [Evidence("f", "yes").level, Evidence("f", "yes", url=LINK).level, Evidence("f", "yes", sha256="0").level] == [0, 1, 2]


def test_eosai_is_the_mean_of_all_parameters_not_of_the_categories() -> None:
    evidence = [Evidence("eosai.licenses", "yes"), Evidence("eosai.code", "partial")]
    found = assess(subject(*evidence), "eosai")
    assert found.score == pytest.approx(1.5 / 12)
    assert found.progress == pytest.approx({"availability": 0, "documentation": 100 * 0.5 / 6, "access": 100})


def test_a_type_that_eosai_does_not_know_is_reported() -> None:
    found = assess({"system": {"name": "x", "link": LINK, "type": "smell"}, "paper": {"class": "open"}})
    assert found.score is None
    assert found.verdict == "not assessable"
    assert any(one["value"] == "smell" for one in found.problems)


OSAID_CODE = ["data-preprocessing-code", "training-code", "evaluation-code", "inference-code", "supporting-libraries-and-tools"]


def osaid(weights: str = "Apache-2.0", code: str = "MIT") -> list[Evidence]:
    parts = [Evidence(fact, "yes", licence=code) for fact in [*OSAID_CODE, "model-architecture"]]
    data = [Evidence(f"osaid.{name}", "yes") for name in ("data-provenance", "data-processing", "data-access")]
    return [*parts, *data, Evidence("model-parameters-final", "yes", licence=weights), Evidence("data-card", "yes")]


@pytest.mark.parametrize(
    ("weights", "code", "verdict"),
    [
        ("Apache-2.0", "MIT", "consistent with the definition"),
        ("bigscience-bloom-rail-1.0", "MIT", "not consistent with the definition"),
        ("Apache-2.0", "CC-BY-NC-4.0", "not consistent with the definition"),
        ("CC-BY-4.0", "MIT", "undetermined"),  # open, but OSI was never asked about it
        ("something of our own", "MIT", "undetermined"),
        ("Apache-2.0", "CC-BY-4.0", "not consistent with the definition"),  # open, but no licence that OSI approves
        ("Apache-2.0", "CC-BY", "undetermined"),
    ],
)
def test_osaid_has_three_outcomes(weights: str, code: str, verdict: str) -> None:
    assert assess(subject(*osaid(weights, code)), "osaid").verdict == verdict


def test_osaid_is_undetermined_while_an_answer_is_missing() -> None:
    complete = osaid()
    for at, one in enumerate(complete):
        rest = complete[:at] + complete[at + 1 :]
        assert assess(subject(*rest), "osaid").verdict == "undetermined", one.fact


DPG = ["dpg.1", "dpg.3", "dpg.4", "dpg.5", "dpg.6", "dpg.7", "dpg.8", "dpg.9a", "dpg.9b", "dpg.9c"]


def dpg(*licences: str) -> list[Evidence]:
    answers = [Evidence(fact, "yes", how="self-assessed") for fact in DPG]
    return answers + [Evidence("licence.distribution", "yes", licence=licence) for licence in licences]


@pytest.mark.parametrize(
    ("licences", "before", "after"),
    [
        (["MIT"], "meets", "meets"),
        (["CC-BY-SA-4.0"], "meets", "meets"),
        (["CC-BY-NC-4.0"], "meets", "does not meet"),
        (["CC-BY-ND-4.0"], "does not meet", "does not meet"),
        (["GPL-3.0", "CC-BY-NC-SA-4.0"], "meets", "in part"),
        (["other"], "not known", "not known"),
        (["CC-BY"], "meets", "meets"),
        (["CC-BY-SA-3.0-IGO"], "not known", "not known"),
        ([], "not known", "not known"),
    ],
)
def test_dpg_licences_before_and_after_the_change(licences: list[str], before: str, after: str) -> None:
    it = subject(*dpg(*licences), types={"content"})
    assert assess(it, "dpg@1.1.6").result("2").status == before
    new = assess(it, "dpg")
    assert new.result("2").status == after
    assert (new.verdict == "meets the standard") == (after == "meets")
    if after == "in part":
        assert "CC-BY-NC-SA-4.0" in new.result("2").reason
        assert "the part under GPL-3.0 is" in new.result("2").reason


@given(st.sets(st.sampled_from(["datasets", "training-code", "model-parameters-final"])), st.booleans())
def test_an_ai_system_passes_only_with_evidence_of_data_code_and_model(facts: set[str], linked: bool) -> None:
    parts = [Evidence(fact, "yes", licence="MIT", url=LINK if linked else None) for fact in facts]
    found = assess(subject(*dpg("MIT"), *parts, types={"aimodel"}), "dpg")
    assert (found.verdict == "meets the standard") == (linked and len(facts) == 3)


def test_only_the_project_itself_answers_for_privacy() -> None:
    others = [Evidence(one.fact, one.finding, licence=one.licence, how="third-party") for one in dpg("MIT")]
    found = assess(subject(*others), "dpg")
    assert found.verdict == "undetermined"
    assert found.result("7").met is None
    assert found.result("7").evidence  # shown, although it does not count
    assert "may answer" in found.result("7").warnings[0]
    assert found.result("5").met is True


def test_one_piece_of_evidence_feeds_every_framework() -> None:
    it = subject(Evidence("eosai.weights_endmodel", "yes", licence="Apache-2.0", url=LINK), types={"aimodel"})
    assert assess(it, "mof").result("model-parameters-final").status == "included"
    assert assess(it, "osaid").result("model-parameters-final").met is True
    assert assess(it, "dpg").result("2-model").met is True
    assert len(assess_all(it)) == len(versions())


def test_fields_are_shown_to_their_audience_only() -> None:
    secret = Evidence("gpai-form.model-authenticity", "yes", quote="sha256 …")
    found = assess(subject(secret), "gpai-form")
    assert "model-authenticity" not in {row["item"] for row in found.to_json("downstream")["items"]}
    assert "sha256" not in str(found.to_json("public"))
    assert "model-authenticity" in {row["item"] for row in found.to_json("ai-office")["items"]}


def test_every_framework_names_source_credit_and_digest() -> None:
    for name, known in versions().items():
        for version in known:
            framework = load_framework(name, version)
            assert len(framework.digest) == 64
            assert framework.spec["credit"]
            found = assess(subject(), f"{name}@{version}")
            assert found.rule and found.sentence and found.source.startswith("http")


def test_another_rule_gives_another_digest() -> None:
    assert load_framework("dpg", "1.1.6").digest != load_framework("dpg", "1.1.7").digest


@pytest.mark.parametrize("name", ["mfo", "dpg@9.9", "mof@2.0"])
def test_unknown_frameworks_and_versions_are_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(CommonwealError) as failure:
        assess(subject(), name)
    assert failure.value.code.startswith("framework-")
    assert failure.value.hint


@pytest.mark.parametrize(
    "change",
    [
        {"rule": {"kind": "average"}},
        {"items": [{"id": "a", "title": "A"}, {"id": "a", "title": "B"}]},
        {"items": [{"id": "a"}]},
        {"items": [{"id": "a", "title": "A", "test": "feeling"}]},
        {"items": [{"id": "a", "title": "A", "accept": ["nobody"]}]},
        {"items": [{"id": "a", "title": "A", "audience": ["friends"]}]},
        {"modes": ["loose"]},
    ],
)
def test_a_framework_with_faults_is_refused(change: dict) -> None:
    sound = {
        "id": "x",
        "version": "1",
        "title": "X",
        "source": LINK,
        "text_licence": "CC0-1.0",
        "credit": "us",
        "rule": {"kind": "sum", "words": "count"},
        "items": [{"id": "a", "title": "A"}],
    }
    build_framework(sound)
    with pytest.raises(CommonwealError) as failure:
        build_framework({**sound, **change})
    assert failure.value.code == "framework-invalid"
