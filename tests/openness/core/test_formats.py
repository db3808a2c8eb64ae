"""Every format in and out again; documents that are none say so."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
import yaml

from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.tables import write_csv
from commonweal.openness import Evidence, Subject, assess, load_framework, read_subject
from commonweal.openness.core.exporters import card, croissant, dataprov, dpg, fmti, graded, mot, svg
from commonweal.openness.core.importers import dataprov as audits
from commonweal.openness.core.importers.dpg import join, read_review

MOT = {
    "framework": {"name": "Model Openness Framework", "version": "1.0", "date": "2024-12-15"},
    "release": {
        "name": "M",
        "producer": "Acme",
        "license": {"distribution": {"name": "MIT", "path": "LICENSE"}, "data": {"name": None, "path": "x"}},
        "components": [
            {"name": "Model architecture", "description": "d", "component_path": "https://example.org/a", "note": "kept"},
            {"name": "Datasets", "license": "", "license_path": "/l"},
        ],
    },
}
EOSAI = {
    "system": {"name": "S", "type": "text", "endmodellicense": "Apache-2.0", "releasedate": "2024-05"},
    "org": {"name": "O"},
    **{
        item.id: {
            "class": ["open", "partial", "closed", None][at % 4],
            "link": ["https://a.example", "https://b.example"],
            "notes": "n",
        }
        for at, item in enumerate(load_framework("eosai").items)
    },
}


def same(before: Subject, after: Subject) -> bool:
    return (before.name, before.types, set(before.evidence)) == (after.name, after.types, set(after.evidence))


def test_mot_goes_out_as_it_came_in() -> None:
    subject = read_subject(MOT)
    text = yaml.safe_dump(mot.write(subject))
    assert same(subject, read_subject(text))
    assert mot.write(subject)["release"]["components"][0]["note"] == "kept"
    assert mot.write(subject)["release"]["producer"] == "Acme"


def test_what_cannot_be_read_in_a_model_file_is_told() -> None:
    document = {"release": {"name": "M\u0000", "license": "MIT", "components": [{"name": "Datasets"}]}}
    found = assess(document)
    assert found.subject == "M"
    assert found.result("datasets").status == "unlicensed"
    assert {problem["field"] for problem in found.problems} == {"release.license", "release.name"}


def test_eosai_goes_out_as_it_came_in() -> None:
    subject = read_subject(EOSAI)
    assert graded.write(subject) == EOSAI
    assert same(subject, read_subject(yaml.safe_dump(graded.write(subject))))


def test_a_grade_that_is_none_is_told() -> None:
    found = assess({**EOSAI, "paper": {"class": "openish"}})
    assert found.result("paper").status == "not assessed"
    assert found.problems[0]["value"] == "openish"


def test_the_empty_form_is_refused() -> None:
    with pytest.raises(CommonwealError) as failure:
        read_subject("---\nsystem:\n  name:\n  link:\npaper:\n  class: closed\n")
    assert failure.value.code == "document-template"


def report(**scores: str) -> bytes:
    stream = io.BytesIO(b"")
    items = load_framework("fmti").items
    rows = [
        {
            "Indicator": item.title,
            "Disclosure": f"we, say {at}",
            "Justification": "j",
            "References": "",
            "Score": scores.get(item.id, "1"),
        }
        for at, item in enumerate(items)
    ]
    write_csv(rows, stream, list(fmti.COLUMNS))
    return b"\xef\xbb\xbf" + stream.getvalue()


def test_fmti_reports_in_and_out() -> None:
    subject = read_subject(report(crawling="0"), "Acme_Labs_fmtransparencyreport_Dec2025.csv")
    assert subject.name == "Acme Labs"
    assert assess(subject).score == 99
    stream = io.BytesIO()
    write_csv(fmti.write(subject), stream, list(fmti.COLUMNS))
    again = read_subject(stream.getvalue(), "Acme_Labs_fmtransparencyreport_Dec2025.csv")
    assert assess(again).score == 99
    assert [one.quote for one in again.evidence] == [one.quote for one in subject.evidence]


def test_a_score_that_is_none_is_told_and_unknown() -> None:
    found = assess(report(crawling="maybe"))
    assert found.score == 99
    assert found.result("crawling").status == "not assessed"
    assert found.problems[0]["value"] == "maybe"


def test_another_edition_of_the_index_is_refused() -> None:
    with pytest.raises(CommonwealError) as failure:
        read_subject(b"Indicator,Score\nData size,1\nData sources,0\nTotals,1\n", "x.csv")
    assert failure.value.code == "framework-version-unknown"


NOMINEE = {
    "name": "P",
    "license": [{"spdx": "MIT", "licenseURL": "https://example.org/LICENSE"}],
    "SDGs": [{"SDGNumber": 4, "evidenceText": "schools"}],
    "type": ["software"],
    "organizations": [],
    "stage": "DPG",
}
SCREENING: dict[str, Any] = {
    "name": "P",
    "clearOwnership": {"isOwnershipExplicit": "Yes", "copyrightURL": "https://example.org"},
    "platformIndependence": {"mandatoryDepsCreateMoreRestrictions": "Yes", "isSoftwarePltIndependent": "Yes"},
    "documentation": {"isDocumentationAvailable": "Yes", "documentationURL": ["guide - https://example.org/guide"]},
    "NonPII": {"collectsNonPII": "No"},
    "privacy": {"isPrivacyCompliant": "Yes", "adherenceSteps": ["consent"]},
    "standards": {"supportStandards": "Yes", "implementBestPractices": "Yes", "standardsList": ["HTML"]},
    "doNoHarm": {
        "dataPrivacySecurity": {"collectsPII": "No"},
        "inappropriateIllegalContent": {"collectStoreDistribute": "No"},
        "protectionFromHarassment": {"userInteraction": "Yes", "griefAbuseHarassmentProtection": "Yes"},
    },
}


def test_a_digital_public_good_from_its_nomination_and_answers() -> None:
    parts = [read_subject(NOMINEE), read_subject(SCREENING)]
    assert assess(parts[0]).verdict == "undetermined"
    whole = join(parts)
    assert assess(whole).verdict == "meets the standard"
    assert dpg.write(whole) == NOMINEE
    harmful = json.loads(
        json.dumps(SCREENING).replace('"griefAbuseHarassmentProtection": "Yes"', '"griefAbuseHarassmentProtection": "No"')
    )
    assert assess(join([parts[0], read_subject(harmful)])).result("9c").status == "does not meet"


def test_reviews_are_the_word_of_third_parties() -> None:
    review = {
        "ownership": {"answer": False, "comment": "no notice", "confidence": "4"},
        "SDG[0]": {"answer": True, "comment": "", "confidence": "5"},
        "user": "reviewer",
        "timestamp": 1609037244,
    }
    subject = read_subject(review, "reviews/P_reviewer.json")
    assert subject.name == "P"
    assert {(one.fact, one.finding, one.how, one.when) for one in subject.evidence} == {
        ("dpg.3", "no", "third-party", "2020-12-27"),
        ("dpg.1", "yes", "third-party", "2020-12-27"),
    }
    disputed = assess(join([read_subject(NOMINEE), read_subject(SCREENING), subject])).result("3")
    assert disputed.met is True  # the answer with a link is stronger than a word without
    assert len(disputed.evidence) == 2
    with pytest.raises(CommonwealError, match="not the time"):
        read_review({**review, "timestamp": "then"}, "P")
    with pytest.raises(CommonwealError, match="not about one project"):
        join([read_subject(NOMINEE), read_review(review, "Q")])


def test_licence_audits_stand_beside_the_own_reading() -> None:
    table = {"CC BY-NC 4.0": ["NC", "1", "0"], "MIT License": ["All", "1", "0"], "https://x.example/terms": ["?", "?", "?"]}
    found = list(audits.read(table, {"MIT License": ["expat"]}))
    assert dataprov.write(found) == table
    assert [one.disagrees for one in found] == [False, False, False]
    assert found[1].paraphrases == ("expat",)
    assert next(audits.read({"Apache License 2.0": ["NC", "1", "0"]})).disagrees
    with pytest.raises(CommonwealError, match="no table of licence audits"):
        list(audits.read({"a": ["All"]}))


def test_croissant_keeps_what_it_came_from_and_fills_what_is_empty() -> None:
    it = Subject(
        "D", frozenset({"data"}), (Evidence("croissant-rai.dataBiases", "yes", quote="few"),), details={"document": {"x": 1}}
    )
    document = croissant.write(it)
    assert (document["x"], document["rai:dataBiases"]) == (1, "few")
    assert assess(document).score == 1


def test_front_matter_is_what_hubs_read() -> None:
    it = Subject(
        "M",
        evidence=(Evidence("licence.distribution", "yes", licence="Apache 2.0"), Evidence("languages", "yes", value="sw, en")),
    )
    text = card.write(it)
    assert yaml.safe_load(text.strip("-\n")) == {"license": "apache-2.0", "language": ["sw", "en"]}
    assert read_subject(text + "# M\n", "m.md").about("languages")[0].value == "sw, en"
    closed = Subject("M", evidence=(Evidence("licence.distribution", "yes", licence="Llama 3 Community"),))
    assert "license_name: Llama 3 Community" in card.write(closed)


@pytest.mark.parametrize("draw", [svg.badge, svg.dots])
def test_pictures_are_sound_accessible_and_inert(draw: object) -> None:
    found = assess(read_subject({**EOSAI, "system": {"name": '<script>alert("1")</script> & co', "type": "text"}}))
    picture = draw(found)  # type: ignore[operator]
    root = ET.fromstring(picture)
    titles = [node.text for node in root if node.tag.endswith(("title", "desc"))]
    assert len(titles) == 2 and all(titles)
    assert root.attrib["role"] == "img"
    assert "<script" not in picture
    if draw is svg.dots:
        assert len([node for node in root if not node.tag.endswith(("title", "desc"))]) == 12


@pytest.mark.parametrize(
    ("content", "file", "code"),
    [
        (b"", None, "document-unknown"),
        (b"{}", "x.json", "document-unknown"),
        (b"{", "x.json", "document-invalid"),
        (b"a: [1", "x.yml", "document-invalid"),
        (b"\xff\xfe\xfd", "x.yaml", "document-invalid"),
        (b"a,b\n1,2\n", "x.csv", "document-unknown"),
        (b"release:\n  components: 5\n", "x.yml", "document-invalid"),
        (b"- " * 200_000, "x.yml", "document-invalid"),
    ],
)
def test_documents_that_cannot_be_assessed_say_so(content: bytes, file: str | None, code: str) -> None:
    with pytest.raises(CommonwealError) as failure:
        read_subject(content, file)
    assert failure.value.code == code
    assert failure.value.hint


def test_a_format_is_known_without_a_file_name() -> None:
    assert read_subject(yaml.safe_dump(MOT)).native == "mof"
    assert read_subject(json.dumps(EOSAI)).native == "eosai"
    assert read_subject(json.dumps(MOT)[:-1] + ",}").native == "mof"  # the trailing comma that some tools write
    assert read_subject("---\n# a comment\n" + yaml.safe_dump(EOSAI)).native == "eosai"
    assert read_subject("---\nlicense: mit\n---\n# M\n\nproject: none\n").native is None
    assert read_subject(report()).native == "fmti"
