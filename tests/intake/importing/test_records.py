"""Splitting a CSV file into records, and what a broken one costs."""

import csv
import io
import tracemalloc
from pathlib import Path

import pytest

from services.intake.importing.lines import LONGEST_RECORD, PROGRESS_EVERY, Lines
from services.intake.importing.records import BrokenRecord, Record, split_records
from services.intake.importing.refusals import UnreadableFile

WIDE = "a,b,c,d,e,f,g,h"
GOOD = "1,2,3,4,5,6,7,8"


def read(text: str | bytes) -> list[Record | BrokenRecord]:
    """All records after the header."""
    raw = text.encode() if isinstance(text, str) else text
    return list(split_records(io.BytesIO(raw)))[1:]


def brief(records: list[Record | BrokenRecord]) -> list[tuple[int, object]]:
    return [(each.row, each.cells if isinstance(each, Record) else each.reason) for each in records]


def test_the_header_is_the_first_record() -> None:
    assert list(split_records(io.BytesIO(b"a,b\n1,2\n"))) == [
        Record(1, 1, ["a", "b"]),
        Record(2, 2, ["1", "2"]),
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separator_line_ends_and_bom_are_recognised(separator: str, ending: str, mark: str) -> None:
    rows = [["a", "b", "c,;"], ["1", "", 'x"y'], ["2", "é", f"{separator}z"], ["", "", "two\nlines"]]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=ending).writerows(rows)
    raw = (mark + text.getvalue()).encode()
    assert [each.cells for each in split_records(io.BytesIO(raw)) if isinstance(each, Record)] == rows


def test_a_separator_inside_a_quoted_column_name_does_not_count() -> None:
    assert brief(read('"a,b,c";d\n1;2\n')) == [(2, ["1", "2"])]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    records = read('a,b\n1,"x\ny"\n\n  \n,\n,,,\n2,z')
    assert [(each.row, each.line) for each in records] == [(2, 2), (7, 8)]


def test_a_line_break_in_a_cell_is_lf_whatever_the_file_uses() -> None:
    assert brief(read('a,b\r\n1,"x\r\ny"\r\n')) == [(2, ["1", "x\ny"])]


def test_an_unclosed_quote_costs_its_own_row_only() -> None:
    assert brief(read('a,b\n1,2\n3,"x\n5,6\n7,8\n')) == [
        (2, ["1", "2"]),
        (3, "unclosed_quote"),
        (4, ["5", "6"]),
        (5, ["7", "8"]),
    ]


def test_an_unclosed_quote_that_another_one_closes_does_not_swallow_the_rows_between() -> None:
    opened, closed = '1,2,3,4,5,6,7,"x', 'y"'
    assert brief(read("\n".join([WIDE, opened, GOOD, closed, GOOD]))) == [
        (2, "unclosed_quote"),
        (3, GOOD.split(",")),
        (4, "unclosed_quote"),
        (5, GOOD.split(",")),
    ]


def test_an_unclosed_quote_is_given_up_after_a_hundred_lines() -> None:
    records = read('a,b\n1,"x\n' + "3,4\n" * 250)
    assert isinstance(records[0], BrokenRecord)
    assert [each.row for each in records] == [each.line for each in records] == list(range(2, 253))


def test_a_cell_of_a_hundred_lines_is_read_and_a_longer_one_refused() -> None:
    assert len(read('a,b\n1,"' + "x\n" * 99 + '"\n')) == 1
    assert brief(read('a,b\n1,"' + "x\n" * 100 + '"\n'))[0] == (2, "too_large_record")


@pytest.mark.parametrize(
    "line",
    ['1,x"y', '1,"x"y', '1, "x"', '1,"x" ', '"1"",2"', '1,x""y', '""x,2'],
)
def test_quotes_stand_around_whole_cells_or_doubled(line: str) -> None:
    assert [each for _, each in brief(read(f"a,b\n{line}\n3,4\n"))][-1] == ["3", "4"]
    assert isinstance(read(f"a,b\n{line}\n3,4\n")[0], BrokenRecord)


def test_doubled_quotes_are_one() -> None:
    assert brief(read('a,b\n"""x""",""\n"",""""\n')) == [(2, ['"x"', ""]), (3, ["", '"'])]


@pytest.mark.parametrize("line", ["1", "1,2,3", "1,2,"])
def test_a_wrong_number_of_cells_is_refused(line: str) -> None:
    assert brief(read(f"a,b\n{line}\n3,4\n")) == [(2, "wrong_number_of_cells"), (3, ["3", "4"])]


def test_a_stray_carriage_return_is_refused() -> None:
    assert brief(read("a,b\n1\r,2\n3,4\n")) == [(2, "stray_line_break"), (3, ["3", "4"])]


def test_bytes_that_are_no_utf8_are_found_with_their_cells() -> None:
    good, bad, _ = read(b"a,b,c\n1,\xc3\xa9,3\n1,\xe9,\xe9\n4,5,6\n")
    assert isinstance(good, Record)
    assert isinstance(bad, Record)
    assert (good.broken, bad.broken) == ((), (1, 2))


@pytest.mark.parametrize("size", [LONGEST_RECORD - 3, LONGEST_RECORD, LONGEST_RECORD + 1, 3 * LONGEST_RECORD])
def test_a_line_that_is_too_long_costs_itself_only(size: int) -> None:
    assert brief(read("a,b\n1," + "x" * size + "\n3,4\n")) == [(2, "too_large_record"), (3, ["3", "4"])]


def test_a_record_of_several_lines_that_is_too_long_costs_its_lines_only() -> None:
    records = brief(read('a,b\n1,"' + ("x" * 9_999 + "\n") * 50 + '"\n3,4\n'))
    assert records[0] == (2, "unclosed_quote")
    assert records[-1] == (53, ["3", "4"])


def test_the_same_broken_line_has_the_same_digest() -> None:
    first, second, third = read('a,b\n1,"x"y\n1,"x"y\r\n2,"x"y')
    assert isinstance(first, BrokenRecord)
    assert isinstance(second, BrokenRecord)
    assert isinstance(third, BrokenRecord)
    assert first.digest == second.digest != third.digest


def test_lines_given_back_come_again_in_their_order() -> None:
    lines = Lines(io.BytesIO(b"1\n2\n3\n4"))
    first = [lines.next() for _ in range(3)]
    lines.give_back(first[1:])
    assert (lines.next(), lines.number) == (b"2\n", 2)
    lines.give_back([b"2\n"])
    assert [lines.next() for _ in range(4)] == [b"2\n", b"3\n", b"4", b""]
    assert lines.number == 4


def test_progress_grows_and_ends_at_the_size_of_the_file() -> None:
    seen: list[int] = []
    raw = b"a,b\n" + b"1,2\n" * 100_000 + b"1," + b"x" * 400_000
    for _ in split_records(io.BytesIO(raw), seen.append):
        pass
    assert seen == sorted(set(seen))
    assert seen[-1] == len(raw)
    assert 2 < len(seen) <= len(raw) / PROGRESS_EVERY + 1


class Endless(io.RawIOBase):
    """A header and then one line of 40 MB, never held in memory."""

    def __init__(self) -> None:
        self._pieces = iter([b"a,b\n", b'1,"', *[b"x" * 8_000] * 5_000, b"\n3,4\n"])

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer will do
        piece = next(self._pieces, b"")
        buffer[: len(piece)] = piece
        return len(piece)


def test_memory_does_not_grow_with_the_line() -> None:
    tracemalloc.start()
    try:
        records = list(split_records(io.BufferedReader(Endless())))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert brief(records)[1:] == [(2, "too_large_record"), (3, ["3", "4"])]
    assert peak < 10 * LONGEST_RECORD


@pytest.mark.parametrize(
    ("raw", "reason", "says"),
    [
        (b"", "empty_file", "empty"),
        (b"\xef\xbb\xbf\n \r\n", "empty_file", "empty"),
        (b"PK\x03\x04rest of a workbook", "not_text", "save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "not_text", "save it as CSV"),
        (b"a,b\x00\n1,2\n", "not_text", "save it as CSV"),
        ("a,b\n1,2\n".encode("utf-16"), "utf_16", "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-be"), "utf_16", "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "utf_16", "UTF-16"),
        (b"a,caf\xe9\n1,2\n", "broken_header", "CSV UTF-8"),
        (b'a,"b\n1,2\n', "broken_header", "first row"),
        (b"a,b\r1,2\r", "broken_header", "first row"),
        (b"a," + b"b" * LONGEST_RECORD + b"\n1,2\n", "broken_header", "first row"),
    ],
)
def test_a_file_that_is_no_csv_in_utf8_is_refused_as_a_whole(raw: bytes, reason: str, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says) as refused:
        split_records(io.BytesIO(raw))
    assert refused.value.reason == reason


def test_the_published_file_is_split_as_the_csv_module_does(published_incidents: Path) -> None:
    raw = published_incidents.read_bytes()
    expected = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    found = list(split_records(io.BytesIO(raw)))
    assert [each.cells for each in found if isinstance(each, Record)] == expected
    assert len(found) == 5337
