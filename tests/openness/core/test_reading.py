"""File lists, licence files, Croissant and records: presence is not quality, a headline is not a licence."""

from __future__ import annotations

import pytest

from commonweal.openness import Subject, assess, read_subject
from commonweal.openness.core.reading.files import read_files
from commonweal.openness.core.reading.licence_file import read_licence_file
from commonweal.openness.core.reading.record import read_record

MIT = """MIT License

Copyright (c) 2026 Acme

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.
"""


def test_a_file_list_shows_presence_and_says_what_is_not_there() -> None:
    found = {
        one.fact: one
        for one in read_files(
            [
                "LICENSE",
                "src/train.py",
                "model-00001-of-00002.safetensors",
                "tests/eval.py",
                "scripts/evaluate_all.sh",
                "README.md",
            ]
        )
    }
    assert found["training-code"].value == "src/train.py"
    assert found["model-parameters-final"].finding == "yes"
    assert found["evaluation-code"].value == "scripts/evaluate_all.sh"  # not the one among the tests
    assert found["inference-code"].finding == "unknown"
    assert "not found among the names of 6 files" in found["inference-code"].note
    assert all(one.licence is None for one in found.values())


def test_files_alone_open_nothing() -> None:
    it = Subject(
        "r", frozenset({"aimodel"}), tuple(read_files(["train.py", "model.safetensors", "modeling_x.py"], "https://x.example"))
    )
    assert assess(it, "mof").result("training-code").status == "unlicensed"
    assert assess(it, "osaid").verdict == "undetermined"


def test_the_whole_text_of_a_licence_is_read() -> None:
    found = read_licence_file(MIT.encode())
    assert (found.finding, found.licence, found.quote, found.line) == ("yes", "MIT", "MIT License", 1)
    assert read_licence_file(MIT.replace("\n", "\r\n").encode()).licence == "MIT"


@pytest.mark.parametrize(
    "text",
    [
        "MIT License\n\nFor research purposes only.",
        MIT + "\nYou may not use the Software for military purposes.",
        MIT + "\nThe Software may be used for non-commercial purposes.",
        MIT + "\n" + "Further conditions apply. " * 60,
        MIT + '\n"Commons Clause" License Condition v1.0',
        MIT.replace("without restriction, ", ""),
        "",
        "\x00\xff binary",
    ],
)
def test_a_headline_above_another_text_is_not_open(text: str) -> None:
    found = read_licence_file(text.encode("utf-8", "surrogateescape") if "\xff" not in text else b"\x00\xff")
    assert found.finding == "unknown"
    assert found.licence is None
    assert found.note


def test_a_closed_licence_is_named_by_its_headline_and_a_tag_is_read() -> None:
    assert read_licence_file(b"Creative Commons Attribution-NonCommercial 4.0 International\n\nlong text").licence
    assert read_licence_file(b"SPDX-License-Identifier: Apache-2.0\n").licence == "Apache-2.0"


CROISSANT = {
    "@context": {"rai": "http://mlcommons.org/croissant/RAI/"},
    "@type": "sc:Dataset",
    "conformsTo": "http://mlcommons.org/croissant/1.0",
    "name": "Titanic",
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "distribution": [{"@type": "cr:FileObject", "contentUrl": "x.csv"}],
    "rai:dataCollection": "Passenger lists.",
    "rai:dataBiases": ["First class is better documented.", "Few crew."],
    "rai:dataLimitations": "",
}


def test_croissant_metadata() -> None:
    subject = read_subject(CROISSANT)
    found = assess(subject)
    assert (found.framework, found.score) == ("croissant-rai", 2)
    assert found.result("dataBiases").reason == "First class is better documented.; Few crew."
    assert found.result("dataLimitations").met is None
    assert assess(subject, "mof", "normalised").result("datasets").status == "included"


def test_a_record_says_what_its_source_says() -> None:
    subject = read_record(
        {
            "source": "mot",
            "native_id": "m",
            "kind": "model",
            "title": {"en": "M"},
            "url": "https://example.org/m",
            "licence": {"raw": "Apache 2.0"},
            "languages": ["sw"],
            "publisher": None,
            "links": [{"type": "trained_on", "target": "hf:datasets/a/b", "title": ""}],
            "extras": {"components": [{"name": "Datasets", "licence": "CC-BY-4.0"}, {"name": "Shoes"}]},
        }
    )
    facts = {one.fact: one for one in subject.evidence}
    assert facts["licence.distribution"].licence == "Apache 2.0"
    assert facts["training-data"].value == "hf:datasets/a/b"
    assert "provider" not in facts
    assert assess(subject, "mof").result("datasets").status == "included"
