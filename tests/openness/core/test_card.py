"""Reading cards: every finding with its words and line, nothing guessed, nothing fetched, any card survived."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.openness import Subject, assess, read_subject
from commonweal.openness.core.reading import card
from commonweal.openness.core.reading.front_matter import read_front_matter
from commonweal.openness.core.reading.markdown import read_page

CARD = """---
license: apache-2.0
language: [sw, en]
base_model: acme/base-7b
datasets:
- acme/corpus
---
# Model M

M was developed by Acme Labs & Friends for farmers.

## Intended uses

- Answering questions about seeds

## Characteristics

| Attribute        | Details         |
|------------------|-----------------|
| **Architecture** | Mamba           |
| **Cutoff date**  | Not disclosed   |
| Input modalities | -               |

## Bias, risks and limitations

It may be wrong.

## Evaluation

| Benchmark | Score |
|-----------|-------|
| AfriMMLU  | 51.2  |

See the [Technical report](https://arxiv.org/abs/2401.00001) and [code](https://github.com/acme/m).
"""


def one(subject: Subject, fact: str) -> card.Evidence:
    (found,) = subject.about(fact)
    return found


def read(text: str) -> Subject:
    return card.read(text.encode(), "card.md")


@pytest.mark.parametrize(
    ("fact", "value", "line"),
    [
        ("licence.distribution", "apache-2.0", 2),
        ("languages", "sw, en", 3),
        ("base-model", "acme/base-7b", 4),
        ("training-data", "acme/corpus", 5),
        ("provider", "Acme Labs & Friends", 10),
        ("intended-use", "Answering questions about seeds", 14),
        ("architecture", "Mamba", 20),
        ("limitations", "It may be wrong.", 26),
        ("evaluation-results", "AfriMMLU | 51.2", 32),
        ("technical-report", "https://arxiv.org/abs/2401.00001", 34),
        ("code-repository", "https://github.com/acme/m", 34),
    ],
)
def test_finds_what_stands_there(fact: str, value: str, line: int) -> None:
    found = one(read(CARD), fact)
    assert (found.finding, found.value, found.line) == ("yes", value, line)
    assert value.split("|")[0].strip() in found.quote
    assert (found.how, found.file, found.level) == ("read", "card.md", 2)


def test_what_is_withheld_is_a_no_and_what_is_empty_is_not_found() -> None:
    subject = read(CARD)
    assert one(subject, "training-cutoff").finding == "no"
    empty = one(subject, "input-modalities")
    assert empty.finding == "unknown"
    assert "Characteristics" in empty.note
    assert "front matter" in empty.note


def test_windows_line_ends_change_nothing() -> None:
    plain, windows = read(CARD), card.read(CARD.replace("\n", "\r\n").encode(), "card.md")
    assert [(e.fact, e.value, e.line) for e in plain.evidence] == [(e.fact, e.value, e.line) for e in windows.evidence]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("---\nlicense: mit\n# M\n", "does not end"),
        ("---\n- a\n---\n# M\n", "no list of keys"),
        ("---\na: [1\n---\n# M\n", "cannot be read"),
        ("---\na: !!python/object:os.system x\n---\n# M\n", "refused"),
        ("---\nlicense: mit\nlicense: gpl-3.0\n---\n# M\n", "twice"),
    ],
)
def test_a_broken_front_matter_is_told_and_the_text_still_read(head: str, words: str) -> None:
    subject = read(head + "\nLicensed under the MIT license.\n")
    assert words in " ".join(problem["problem"] for problem in subject.problems)
    assert one(subject, "licence.distribution").finding == "yes"


def test_other_is_no_licence_but_its_name_is() -> None:
    assert one(read("---\nlicense: other\n---\n"), "licence.distribution").licence == "other"
    named = read("---\nlicense: other\nlicense_name: gemma\n---\n")
    assert one(named, "licence.distribution").licence == "gemma"
    assert assess(read("---\nlicense: other\n---\n# M\n"), "mof", "normalised").score == 0


def test_scripts_comments_tags_and_code_are_not_read() -> None:
    subject = read(
        "# M\n<script>\n- License: MIT\n</script>\n<!--\nLicense: MIT\n-->\n```\nLicense: MIT\n```\n"
        "License: <b onclick=alert(1)>CC-BY-4.0</b> ![License: MIT](https://x.example/y.png)\n"
    )
    found = one(subject, "licence.distribution")
    assert found.value.startswith("CC-BY-4.0")
    assert found.line == 11
    assert "<" not in found.quote


def test_an_unclosed_script_or_fence_ends_nothing_badly() -> None:
    assert read("# M\n<script>" * 3).evidence
    assert one(read("# M\n```\nLicense: MIT\n"), "licence.distribution").finding == "unknown"


def test_a_data_set_card_is_one() -> None:
    subject = read("---\nsize_categories: [n<1K]\nannotations_creators: [crowdsourced]\n---\n# Dataset Card for D\n")
    assert subject.types == {"data"}
    assert one(subject, "data-card").finding == "yes"
    assert assess(subject, "croissant-rai").result("dataAnnotationProtocol").status == "documented"


def test_a_link_to_a_private_address_is_only_text() -> None:  # reading has no network: pytest forbids sockets
    subject = read("# M\n[code](http://169.254.169.254/latest) [report](http://127.0.0.1/report.pdf) [x](javascript:alert)\n")
    assert {e.url for e in subject.evidence} <= {None, "http://127.0.0.1/report.pdf"}


def test_work_that_is_cited_is_not_its_own() -> None:
    subject = read("# M\nAs in [earlier work](https://arxiv.org/abs/1706.03762) and https://github.com/other/thing.\n")
    assert one(subject, "research-paper").finding == one(subject, "code-repository").finding == "unknown"
    linked = read("# M\n## Links\n- https://arxiv.org/abs/2401.00001\n")
    assert one(linked, "research-paper").finding == "yes"


def test_a_number_of_parameters_has_a_number() -> None:
    assert one(read("# M\n- Parameters: as given below\n"), "parameter-count").finding == "unknown"


def test_a_card_of_five_megabytes_is_read_and_one_beyond_the_limit_refused() -> None:
    long = CARD + ("word <script " * 100_000) + "\n" + "| a | b |\n" * 200_000 + "x" * 2_000_000
    assert len(long) > 5_000_000
    assert one(read(long), "licence.distribution").value == "apache-2.0"
    with pytest.raises(Exception, match="At most"):
        read_subject(b"x" * (16 * 1024 * 1024 + 1))


@given(st.binary(max_size=400))
def test_any_bytes_give_a_subject(data: bytes) -> None:
    subject = card.read(data, "card.md")
    asked = [item for item in card.sought() if item.only in ("", *subject.types)]
    assert len(subject.evidence) == len(asked) + 1
    assert all(found.quote or found.note or found.fact.endswith("-card") for found in subject.evidence)


@given(st.text(st.sampled_from("#|-:`*_ \n<>[]()!abc.script/https1")))
def test_line_numbers_and_words_hold_for_any_text(text: str) -> None:
    lines = text.split("\n")
    page = read_page(text)
    for line in page.lines:
        assert 1 <= line.number <= len(lines)
    assert read_front_matter(lines).end <= len(lines)
