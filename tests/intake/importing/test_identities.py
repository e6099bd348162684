"""The identity of a row: the same however the file is written, and another for every other row."""

import csv
import io
from pathlib import Path

import pytest

from tests.intake.importing.rows import A_ROW, read, read_one, written


def test_equal_rows_are_distinct_and_every_reading_gives_the_same_identities() -> None:
    raw = written(A_ROW, A_ROW | {"lat": "34"}, A_ROW, A_ROW)
    identities = [row.identity for row in read(raw)]
    assert len(set(identities)) == 4
    assert [row.identity for row in read(raw)] == identities


def test_the_identity_does_not_depend_on_how_the_file_is_written() -> None:
    backwards = {f" {name.upper()}": f" {cell} " for name, cell in reversed(A_ROW.items()) if name} | {"": ""}
    (first,) = read(written(A_ROW))
    (second,) = read(b"\xef\xbb\xbf" + written(backwards, separator=";"))
    assert first.identity != ""
    assert first.identity == second.identity


@pytest.mark.parametrize("column", ["Number of Dead", "extra", ""])
def test_every_column_counts_for_the_identity(column: str) -> None:
    assert read_one().identity != read_one(**{column: "5"}).identity


def test_a_value_in_the_next_column_is_another_row() -> None:
    header = "occurred_from,dead,missing,survivors\n"
    first, second = read(header + "2018-01-01,1,,0\n2018-01-01,,1,0\n")
    assert first.identity != second.identity


def test_refused_rows_have_lasting_identities_too() -> None:
    lines = [
        "occurred_from,dead,missing",
        '2018-01-02,"1,0',
        '2018-01-02,"1,0',
        "2018-01-03,-1,0",
        "2018-01-03,-1,0",
    ]
    identities = [row.identity for row in read("\n".join(lines))]
    assert len(set(identities)) == 4
    assert [row.identity for row in read("\r\n".join(lines))] == identities


def test_the_published_duplicates_are_distinct_and_last(published_incidents: Path) -> None:
    raw = published_incidents.read_bytes()
    identities = [row.identity for row in read(raw)]
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))[1:]
    assert len(lines) - len({tuple(line) for line in lines}) == 104
    assert len(set(identities)) == 5336
    assert [row.identity for row in read(raw)] == identities
