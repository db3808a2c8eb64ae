import csv
import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.errors import CommonwealError
from commonweal.kernel.tables import read_csv, write_csv


def read(data, **options):
    notices = []
    rows = [
        (line, row.code if isinstance(row, CommonwealError) else row)
        for line, row in read_csv(io.BytesIO(data), notice=lambda line, what: notices.append((line, what)), **options)
    ]
    return rows, notices


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).filter(
    lambda text: not text.lstrip(" \n").startswith(tuple("=+-@\t\r＝＋－＠"))
)


@given(st.lists(st.fixed_dictionaries({"a": cells, "b c": cells}), max_size=6))
def test_reads_what_was_written(rows):
    stream = io.BytesIO()
    assert write_csv(rows, stream, ["a", "b c"]) == len(rows)
    found, notices = read(stream.getvalue())
    assert [row for _, row in found] == rows
    assert notices == []


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1+1", "'=1+1"),
     ("+cmd", "'+cmd"), ("-cmd", "'-cmd"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), (" =1", "' =1"),
     ("＝1", "'＝1"), ("-3.5", "-3.5"), ("+44", "+44"), ("-1,234.5", "-1,234.5"), ("-2e-3", "-2e-3"),
     (-3.5, "-3.5"), ("a=1", "a=1"),
     ("-1+1", "'-1+1"), (None, ""), (True, "true"), (["=x"], '["=x"]')],
)  # fmt: skip
def test_formulas_are_defused_and_numbers_kept(cell, written):
    stream = io.BytesIO()
    write_csv([{"x": cell}], stream, ["x"])
    assert list(csv.reader(io.StringIO(stream.getvalue().decode(), newline="")))[1] == [written]


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_finds_the_delimiter(delimiter):
    data = delimiter.join(['"a, b; c"', "d"]) + "\n" + delimiter.join(["1", "2"]) + "\n"
    assert read(data.encode())[0] == [(2, {"a, b; c": "1", "d": "2"})]


def test_mends_and_says_so():
    data = b"\xef\xbb\xbfa,a,\r\n1,2,3\r\n\r\n4\r\n5,6,7,,\r\n\xff,8\0,9\r\n"
    rows, notices = read(data)
    assert rows == [
        (2, {"a": "1", "a 2": "2", "column 3": "3"}),
        (4, {"a": "4", "a 2": "", "column 3": ""}),
        (5, {"a": "5", "a 2": "6", "column 3": "7"}),
        (6, {"a": "�", "a 2": "8", "column 3": "9"}),
    ]
    assert [line for line, _ in notices] == [1, 1, 4, 6, 6]


def test_faults_come_with_their_line_and_reading_goes_on():
    data = b'a,b\n1,2,3\n"line\nbreak",8\n' + b"x" * 400 + b'\n9,10\n"never closed\n11,12\n13,14\n'
    rows, _ = read(data, max_record_bytes=300)
    assert rows == [
        (2, "table-row-ragged"),
        (3, {"a": "line\nbreak", "b": "8"}),
        (5, "table-row-too-long"),
        (6, {"a": "9", "b": "10"}),
        (7, "table-quote-open"),
        (8, {"a": "11", "b": "12"}),
        (9, {"a": "13", "b": "14"}),
    ]


def test_a_file_made_of_open_quotes_is_given_up():
    rows, _ = read(b"x,y\n" + b'a","b\n' * 2_000, max_record_bytes=600)
    assert rows[-1][1] == "table-broken"
    assert len(rows) < 2_000


@pytest.mark.parametrize("data", [b"", b"a,b\n"])
def test_no_rows(data):
    assert read(data)[0] == []


def test_a_header_that_is_no_header():
    assert read("a,b\n1,2\n".encode("utf-16"))[0] == [(1, "table-header")]
    assert read(b",".join(b"c%d" % n for n in range(11)) + b"\n", max_columns=10)[0] == [(1, "table-header")]


def test_a_cell_over_the_limit_costs_its_row_only():
    data = b"a\n" + b"x" * (csv.field_size_limit() + 1) + b"\n1\n"
    assert read(data)[0] == [(2, "table-cell-too-long"), (3, {"a": "1"})]


def test_a_stray_quote_in_a_large_file_costs_its_own_line_only():
    data = b'a,b\n"stray,1\n' + b"1,2\n" * 100_000
    rows, _ = read(data)
    assert rows[0] == (2, "table-quote-open")
    assert len(rows) == 100_001


def test_reads_one_record_at_a_time():
    class Endless(io.RawIOBase):
        lines = itertools.chain([b"a,b\n"], itertools.repeat(b"1,2\n"))

        def readline(self, limit=-1):
            return next(self.lines)

    assert len(list(itertools.islice(read_csv(Endless()), 1000))) == 1000


@given(st.binary(max_size=300))
def test_never_raises(data):
    for _, row in read_csv(io.BytesIO(b"a,b\n" + data), max_record_bytes=50):
        assert isinstance(row, dict | CommonwealError)
