"""MOF strict against an independent reading of its rules; normalised mode and every trap of the upstream tool."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.errors import CommonwealError
from commonweal.openness import assess
from openness.mof_reading import CLASS_1, CLASS_2, CLASS_3, OPTIONAL, classify

OPEN = {
    "MIT",
    "Apache-2.0",
    "CC-BY-4.0",
    "CC0-1.0",
    "GPL-3.0",
    "OpenMDW-1.0",
    "CDLA-Permissive-2.0",
    "ODC-PDDL-1.0",
    "BSD-3-Clause",
}
CLOSED = {
    "CC-BY-NC-4.0",
    "PDDL-1.0",
    "C-UDA-1.0",
    "CC-PDDC",
    "MulanPSL-1.0",
    "Apache 2.0",
    "mit",
    "Llama 3",
    "bigscience-openrail-m",
}
LICENCES = st.sampled_from([*sorted(OPEN), *sorted(OPEN), *sorted(CLOSED), "", "unlicensed", None])


@st.composite
def releases(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(CLASS_3 + CLASS_2 + CLASS_1 + OPTIONAL), unique=True))
    if draw(st.booleans()):  # complete enough for the upper classes
        names = [*dict.fromkeys(names + CLASS_3 + draw(st.sampled_from([[], CLASS_2, CLASS_2 + CLASS_1])))]
    mostly_open = draw(st.booleans())
    components = []
    for name in names:
        component: dict[str, Any] = {"name": name}
        if not mostly_open or draw(st.integers(0, 12)) == 0:
            component["license"] = draw(LICENCES)
        components.append(component)
    drop = draw(st.sampled_from([None, "Technical report", "Research paper"]))
    kinds = draw(st.lists(st.sampled_from(["distribution", "code", "data", "document"]), unique=True))
    given_licences: Any = {kind: {"name": draw(LICENCES), "path": ""} for kind in kinds} or []
    if mostly_open and given_licences == []:
        given_licences = {"distribution": {"name": "MIT"}}
    return {
        "name": "model",
        "license": given_licences,
        "components": [row for row in components if row["name"] != drop],
    }


@given(releases())
def test_agrees_with_an_independent_reading(release: dict[str, Any]) -> None:
    expected, progress = classify(release, OPEN)
    found = assess({"framework": {"version": "1.0"}, "release": release}, "mof", "strict")
    assert found.score == expected
    assert found.progress == pytest.approx(progress, abs=1e-6)


def model(*names: str, license: str | None = "MIT", **changes: Any) -> dict[str, Any]:
    components = [{"name": name, "license": changes.get(name, license)} for name in names]
    return {"release": {"name": "m", "license": {}, "components": components}}


def test_the_paper_stands_in_for_the_report() -> None:
    without = [name for name in CLASS_3 if name != "Technical report"]
    assert assess(model(*without)).score == 0
    assert assess(model(*without, "Research paper")).verdict == "Class III - Open Model"
    complete = assess(model(*without, *CLASS_2, *CLASS_1))
    assert (complete.score, complete.progress["1"]) == (1, 100)


def test_a_paper_without_an_open_licence_does_not_stand_in() -> None:
    without = [name for name in CLASS_3 if name != "Technical report"]
    document = model(*without, "Research paper", **{"Research paper": "CC-BY-NC-4.0"})
    found = assess(document)
    assert found.score == 0
    assert found.outcome.missing == ("research-paper",)  # the report is dropped from the list, its deputy is asked for


def test_null_inherits_and_empty_does_not() -> None:
    document = {"release": {"name": "m", "license": {"data": {"name": "CC-BY-4.0"}}, "components": [{"name": "Datasets"}]}}
    components = document["release"]["components"]
    assert assess(document).result("datasets").status == "included"
    components[0]["license"] = None
    assert assess(document).result("datasets").status == "included"
    components[0]["license"] = ""
    assert assess(document).result("datasets").status == "unlicensed"


@pytest.mark.parametrize(
    ("licence", "strict", "normalised"),
    [
        ("Apache 2.0", "invalid", "included"),
        ("MIT license", "invalid", "included"),
        ("BSD-3", "invalid", "included"),
        ("PDDL-1.0", "invalid", "included"),
        ("MIT OR CC-BY-NC-4.0", "invalid", "included"),
        ("MIT AND CC-BY-NC-4.0", "invalid", "invalid"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "invalid", "included"),
        ("Component not included", "invalid", "missing"),
        ("unlicensed", "unlicensed", "unlicensed"),
        ("Undisclosed", "invalid", "invalid"),
        ("Other License", "invalid", "invalid"),
        ("other", "invalid", "invalid"),
        ("CC-BY-NC-4.0", "invalid", "invalid"),
        ("bigscience-bloom-rail-1.0", "invalid", "invalid"),
        ("Llama 3.1 Community License", "invalid", "invalid"),
        ("Gemma Terms of Use", "invalid", "invalid"),
        ("MIT, but not for military use", "invalid", "invalid"),
        ("Apache-2.0", "included", "included"),
        ("C-UDA-1.0", "invalid", "invalid"),
    ],
)
def test_modes(licence: str, strict: str, normalised: str) -> None:
    document = model("Datasets", license=licence)
    assert assess(document, "mof").result("datasets").status == strict
    found = assess(document, "mof", "normalised")
    assert found.result("datasets").status == normalised
    assert [change["item"] for change in found.changes] == (["datasets"] if strict != normalised else [])
    assert all(change["reason"] for change in found.changes)


def test_an_open_licence_for_another_kind_passes_with_a_warning() -> None:
    found = assess(model("Datasets", license="CC-BY-4.0")).result("datasets")
    assert found.status == "included"
    assert "conditional pass" in found.warnings[0]
    assert not assess(model("Datasets", license="OpenMDW-1.0")).result("datasets").warnings
    assert any(
        "replaced" in words for words in assess(model("Training code", license="GPL-3.0")).result("training-code").warnings
    )


def test_an_unknown_component_is_refused_with_a_suggestion() -> None:
    with pytest.raises(CommonwealError) as failure:
        assess(model("Training dataset"))
    assert failure.value.code == "item-unknown"
    assert "Did you mean 'Datasets'?" in failure.value.hint
    assert "Model architecture" in failure.value.hint


def test_a_component_listed_twice_is_told_and_the_lesser_counts() -> None:
    rows = [
        {"name": "Datasets", "license": "MIT", "component_path": "https://example.org/data"},
        {"name": "Datasets", "license": "CC-BY-NC-4.0"},
    ]
    found = assess({"release": {"name": "m", "license": {}, "components": rows}})
    assert found.problems[0]["problem"] == "listed more than once, differently"
    assert found.result("datasets").status == "invalid"
    assert len(found.result("datasets").evidence) == 2
    same = assess({"release": {"name": "m", "license": {}, "components": rows[:1] * 2}})
    assert same.result("datasets").status == "included"
    assert same.problems


def test_another_version_of_the_framework_is_refused() -> None:
    with pytest.raises(CommonwealError) as failure:
        assess({"framework": {"version": "2.0"}, "release": {"name": "m", "components": []}})
    assert failure.value.code == "framework-version-unknown"


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(CommonwealError, match="no mode"):
        assess(model("Datasets"), "mof", "lenient")
