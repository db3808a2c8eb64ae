"""Files as found in the world, and files made to do harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.catalogue.core import documents
from commonweal.catalogue.core.documents import MAX_DEPTH, NOTES, Unreadable, read_document, too_deep


def test_yaml_keeps_what_was_written() -> None:
    text = b"""
country: no
answer: yes
version: 1.10
build: 010
day: 2024-01-01
time: 12:30:45
huge: 1e400
count: 42
share: 0.5
said: true
empty:
nothing: ~
"""
    assert read_document("yaml", text)[0] == {
        "country": "no",
        "answer": "yes",
        "version": "1.10",
        "build": "010",
        "day": "2024-01-01",
        "time": "12:30:45",
        "huge": "1e400",
        "count": 42,
        "share": 0.5,
        "said": True,
        "empty": None,
        "nothing": None,
    }


def test_yaml_anchors_and_merges() -> None:
    text = b"base: &base {a: 1, b: 2}\nmore: {<<: *base, b: 3}\nlist: [*base, *base]"
    assert read_document("yaml", text) == (
        {"base": {"a": 1, "b": 2}, "more": {"a": 1, "b": 3}, "list": [{"a": 1, "b": 2}, {"a": 1, "b": 2}]},
        [],
    )


@pytest.mark.parametrize(("format", "data"), [("json", b'{"a": 1, "a": 2, "b": 3}'), ("yaml", b"a: 1\na: 2\nb: 3")])
def test_a_key_twice_is_noticed(format: str, data: bytes) -> None:
    document, problems = read_document(format, data)
    assert document == {"a": 2, "b": 3, NOTES: problems}
    assert [(problem["field"], problem["problem"]) for problem in problems] == [
        ("a", "the key occurs twice; the last value counts")
    ]


@pytest.mark.parametrize("format", ["json", "yaml", "text"])
def test_a_byte_order_mark_is_no_content(format: str) -> None:
    expected = {"text": '{"a": "é"}'} if format == "text" else {"a": "é"}
    assert read_document(format, '{"a": "é"}'.encode("utf-8-sig"))[0] == expected
    assert read_document(format, '{"a": "é"}'.encode("utf-16"))[0] == expected


def test_toml() -> None:
    assert read_document("toml", b"day = 2024-01-01\n[a]\nb = [1]") == ({"day": "2024-01-01", "a": {"b": [1]}}, [])


LAUGHS = b"a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("format", "data", "said"),
    [
        ("json", b"", "not JSON"),
        ("json", b"{", "not JSON"),
        ("json", b"[NaN]", "NaN"),
        ("json", b"[1e999]", "too large"),
        ("json", b"[" + b"9" * 5000 + b"]", "not JSON"),
        ("json", b"\xff\xfe\x00", "not UTF-8"),
        ("json", b'{"a": "\xff"}', "not UTF-8 at byte 7"),
        ("json", b"[" * 200 + b"]" * 200, "nested"),
        ("json", b"[" * 100_000, "nested"),
        ("yaml", b"- " * 5_000 + b"x", "nested"),
        ("yaml", b"[" * 100_000, "nested"),
        ("yaml", b"a: !!python/object/apply:os.system [id]", "tag"),
        ("yaml", b"a: !!binary aGk=", "tag"),
        ("yaml", b"a: !mine x", "tag"),
        ("yaml", b"a: &a [*a]", "itself"),
        ("yaml", b"? [a]\n: b", "plain text"),
        ("yaml", b"a: [", "not YAML"),
        ("yaml", b"a: \x00", "not YAML"),
        ("yaml", LAUGHS, "unfold"),
        ("toml", b"a = ", "not TOML"),
        ("toml", b"a = inf", "no JSON form"),
    ],
)
def test_what_is_refused_and_why(format: str, data: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_document(format, data)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_document_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_DOCUMENT_BYTES", 10)
    with pytest.raises(Unreadable, match="11 bytes"):
        read_document("json", b"[1,2,3,4,5]")


def test_depth_is_counted_without_recursion() -> None:
    document: object = 1
    for _ in range(MAX_DEPTH):
        document = [document]
    assert not too_deep(document)
    for _ in range(100_000):
        document = {"a": document}
    assert too_deep(document)
    while isinstance(document, dict):  # taken apart by hand: freeing it in one go would recurse
        document = document.pop("a")


@given(st.sampled_from(["json", "yaml", "toml"]), st.binary(max_size=60))
def test_any_bytes_are_a_document_or_a_reason(format: str, data: bytes) -> None:
    try:
        read_document(format, data)
    except Unreadable as reason:
        assert str(reason)
