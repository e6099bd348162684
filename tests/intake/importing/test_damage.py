"""Whatever happens to a file: nothing but UnreadableFile is raised, and no untouched record is lost.

Untouched means that the record's bytes and the line end before it are as they were. What is promised about
such a record stands in `services.intake.importing.records`. The header is left alone where a record is looked
for.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.importing.incidents import GoodRow, RefusedRow, read_incidents
from services.intake.importing.records import Record, split_records
from services.intake.importing.refusals import UnreadableFile

WIDE_HEADER = b"occurred_from,dead,missing,survivors,females,males,children,place,note"
NARROW_HEADER = b"occurred_from,dead,place"

unhurried = settings(deadline=None)

one_line = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=8)
telling = st.text(st.sampled_from('",;a\u00e9 \t'), max_size=6)
fields = one_line | telling
tokens = st.sampled_from(
    [b'"', b'""', b",", b"\n", b"\r\n", b"\r", b"\x00", b"\xff", b"\xc3", b'"\n', b'\n"', b',"', b'",']
)
garbage = st.lists(tokens | st.binary(max_size=6), max_size=8).map(b"".join)


def line_of(cells: Sequence[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def a_line(width: int) -> st.SearchStrategy[bytes]:
    """A whole record on one physical line; its first cell is never blank, so that it is not left out."""
    rows = st.lists(fields, min_size=width, max_size=width)
    return rows.map(lambda cells: line_of(["x" + cells[0], *cells[1:]]))


def several_lines(width: int) -> st.SearchStrategy[bytes]:
    """A whole record of cells that may go over several lines, each beginning with a letter."""
    cell = st.lists(st.text(st.sampled_from('"ab '), max_size=4), min_size=1, max_size=3).map("\nz".join)
    rows = st.lists(cell, min_size=width, max_size=width)
    return rows.map(lambda cells: line_of(["z" + each for each in cells]))


@st.composite
def damaged(draw: st.DrawFn, lines: st.SearchStrategy[bytes]) -> bytes:
    """A line with bytes put in, taken out or exchanged, perhaps all of them; it still ends in a line end."""
    line = draw(lines).removesuffix(b"\n")
    begin = draw(st.integers(0, len(line)))
    end = draw(st.integers(begin, len(line)))
    return line[:begin] + draw(garbage) + line[end:] + b"\n"


def cells_in(line: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(line.decode(), newline="")))


def is_subsequence(wanted: Iterable[object], found: Iterable[object]) -> bool:
    rest = iter(found)
    return all(any(each == other for other in rest) for each in wanted)


def records_of(header: bytes, lines: Iterable[bytes]) -> list[list[str]]:
    records = split_records(io.BytesIO(header + b"\n" + b"".join(lines)))
    return [each.cells for each in records if isinstance(each, Record)][1:]


def kept_and_all(width: int, good: st.SearchStrategy[bytes]) -> st.SearchStrategy[list[tuple[bool, bytes]]]:
    kept = good.map(lambda line: (True, line))
    lost = damaged(good | a_line(width)).map(lambda line: (False, line))
    return st.lists(kept | lost, max_size=12)


@unhurried
@given(kept_and_all(9, a_line(9)))
def test_in_a_wide_file_no_whole_line_is_lost_whatever_the_others_hold(
    lines: list[tuple[bool, bytes]],
) -> None:
    found = records_of(WIDE_HEADER, (line for _, line in lines))
    assert is_subsequence((cells_in(line) for kept, line in lines if kept), found)


@unhurried
@given(kept_and_all(9, a_line(9) | several_lines(9)))
def test_in_a_wide_file_no_ordinary_record_of_several_lines_is_lost(lines: list[tuple[bool, bytes]]) -> None:
    found = records_of(WIDE_HEADER, (line for _, line in lines))
    assert is_subsequence((cells_in(line) for kept, line in lines if kept), found)


narrow = st.lists(a_line(3), max_size=5)


@unhurried
@given(narrow, st.lists(damaged(a_line(3)), max_size=3), narrow)
def test_in_a_narrow_file_damage_in_one_place_costs_nothing_around_it(
    before: list[bytes], between: list[bytes], after: list[bytes]
) -> None:
    found = records_of(NARROW_HEADER, [*before, *between, *after])
    wanted = [cells_in(line) for line in [*before, *after]]
    assert is_subsequence(wanted, found)


@unhurried
@given(st.lists(a_line(9) | several_lines(9), max_size=8), st.sampled_from([b"\n", b"\r\n"]))
def test_an_undamaged_file_is_read_as_the_csv_module_reads_it(lines: list[bytes], ending: bytes) -> None:
    raw = [line.replace(b"\n", ending) for line in lines]
    assert records_of(WIDE_HEADER, raw) == [cells_in(line) for line in lines]


def outcome(raw: bytes) -> list[GoodRow | RefusedRow] | UnreadableFile:
    try:
        return list(read_incidents(io.BytesIO(raw)))
    except UnreadableFile as unreadable:
        return unreadable


@unhurried
@given(garbage, st.lists(garbage, max_size=5).map(b"\n".join))
def test_garbage_raises_nothing_but_unreadable_file(first: bytes, rest: bytes) -> None:
    outcome(first + rest)
    outcome(WIDE_HEADER + first + b"\n" + rest)
    rows = outcome(WIDE_HEADER + b"\n" + rest)
    assert isinstance(rows, list)
    assert len({row.row for row in rows}) == len({row.identity for row in rows}) == len(rows)


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_row_of_the_published_file_is_lost_when_others_are_damaged(
    published_incidents: Path, data: st.DataObject
) -> None:
    header, *lines = published_incidents.read_bytes().splitlines(keepends=True)[:60]
    hurt = data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=10))
    mutated = [data.draw(damaged(st.just(line))) if at in hurt else line for at, line in enumerate(lines)]
    whole, left = outcome(b"".join([header, *lines])), outcome(b"".join([header, *mutated]))
    assert isinstance(whole, list)
    assert isinstance(left, list)
    assert len(whole) == len(lines)
    wanted = [row.incident for at, row in enumerate(whole) if at not in hurt and isinstance(row, GoodRow)]
    assert is_subsequence(wanted, [row.incident for row in left if isinstance(row, GoodRow)])


# nothing of a cell gets out

SECRET = "Qxv7Jz"
secret_cells = st.tuples(
    st.sampled_from(["", "-", "9" * 30, "\x00", "\x07", '"', "x" * 3000, "2018-", "\n", ",", "\ud800"]),
    st.sampled_from(["", " ", '"', "\n", "x" * 300, ",,"]),
).map(SECRET.join)


def everything_said_by(error: BaseException | None) -> str:
    said = ""
    while error is not None:
        said += f"{error} {error!r} {error.args} {vars(error)}"
        error = error.__cause__ or error.__context__
    return said


@unhurried
@given(st.lists(st.lists(secret_cells, min_size=8, max_size=10), max_size=3), st.booleans(), st.booleans())
def test_no_message_repeats_a_cell(rows: list[list[str]], has_header: bool, quoted: bool) -> None:
    text = io.StringIO(newline="")
    if has_header:
        text.write(WIDE_HEADER.decode() + "\n")
    if quoted:
        csv.writer(text).writerows(rows)
    else:
        text.writelines(",".join(cells) + "\n" for cells in rows)
    found = outcome(text.getvalue().encode("utf-8", "surrogatepass"))
    if isinstance(found, UnreadableFile):
        assert SECRET not in everything_said_by(found)
    else:
        assert SECRET not in repr(found)
        assert not any(isinstance(row, GoodRow) for row in found)


def test_the_error_of_an_unreadable_header_carries_no_bytes_of_it() -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_incidents(io.BytesIO(SECRET.encode() + b"\xff,b\n"))
    assert SECRET not in everything_said_by(refused.value)
