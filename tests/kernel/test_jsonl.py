import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.jsonl import read_jsonl, write_jsonl

rows_of_json = st.lists(
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 9) | st.none()), max_size=8
)


@given(rows_of_json)
def test_reads_what_was_written(rows):
    stream = io.BytesIO()
    assert write_jsonl(rows, stream) == len(rows)
    stream.seek(0)
    assert [value for _, value in read_jsonl(stream)] == rows


def test_faults_come_with_their_line_and_reading_goes_on():
    data = (
        b'\xef\xbb\xbf{"a":1}\n\nnot json\n{"b":"'
        + b"x" * 50
        + b'"}\n\xff\xfe\n{"c":NaN}\n['
        + b"[" * 5000
        + b"\r\n"
        + b'{"d":4}'
    )
    found = list(read_jsonl(io.BytesIO(data), max_line_bytes=40))
    assert [(line, row.code if isinstance(row, CommonwealError) else row) for line, row in found] == [
        (1, {"a": 1}),
        (3, "line-not-json"),
        (4, "line-too-long"),
        (5, "line-not-json"),
        (6, "line-not-json"),
        (7, "line-too-long"),
        (8, {"d": 4}),
    ]


def test_a_line_of_exactly_the_limit_is_read():
    line = b'"' + b"x" * 8 + b'"'
    assert list(read_jsonl(io.BytesIO(line), max_line_bytes=10)) == [(1, "x" * 8)]


def test_a_row_that_is_not_json_is_refused_with_its_number():
    with pytest.raises(CommonwealError, match="Row 2"):
        write_jsonl([1, {1, 2}], io.BytesIO())
