"""CSV records one by one, with recovery: a broken record is refused alone.

What a broken record costs. A record is read from its first physical line on. If that fails, only this
first line is refused and reading resumes with the line after it, so an opened quote does not swallow what
follows. Promised:

- whatever bytes stand elsewhere after the header, a physical line that is by itself a whole record of the
  header's number of cells is yielded as that record, if the header has at least `TELLING_WIDTH` cells;
- so is a record of several lines, if the last cell opened in its first line does not begin with a quote,
  a separator or a line break, and no line inside it looks like a whole record;
- in a narrower file the same holds unless an opened quote before the record is closed by another damaged
  line after it, which nothing tells from a cell of several lines.

Quoting follows RFC 4180, §2: a quote stands only around a whole cell, or doubled inside a quoted one.
"""

import csv
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from typing import BinaryIO

from services.intake.importing.lines import LONGEST_RECORD, Lines
from services.intake.importing.refusals import Reason, UnreadableFile

MOST_LINES = 100
"""Physical lines of one record."""

TELLING_WIDTH = 8
"""With this many cells, prose inside a cell does not look like a whole record by accident."""

SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it stands.

    `row` is what a spreadsheet shows: the header of an ordinary file is row 1, empty lines count. `line`
    is the physical line it begins with, from 1. `cells` are unstripped. A byte that is not UTF-8 stays as
    a lone surrogate (PEP 383); `broken` holds the indices of the cells with such a byte.
    """

    row: int
    line: int
    cells: list[str] = field(repr=False)
    broken: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A line from which no record can be read; `digest` is the SHA-256 of that line without its line end."""

    row: int
    line: int
    reason: Reason
    digest: bytes = field(repr=False)


def split_records(
    stream: BinaryIO, on_progress: Callable[[int], None] | None = None
) -> Iterator[Record | BrokenRecord]:
    """The header and then all records of a CSV file in UTF-8, in order.

    The separator (comma, semicolon or tab) is taken from the header; line ends are LF or CRLF, and CRLF
    inside a cell becomes LF; a byte order mark is dropped. Empty lines and rows of nothing but empty
    cells are left out. Memory is bounded by a few times `LONGEST_RECORD`, whatever the file. `stream`
    should be buffered.

    `on_progress` receives the bytes consumed so far, now and then and at the end. Raises UnreadableFile
    at the call if there is no header or the file is not such a text.
    """
    lines = Lines(stream, on_progress)
    row, header = _read_header(lines)
    separator = _separator_of(header)
    shape = _Shape(separator, width=0)
    cells = shape.cells_of(header)
    if isinstance(cells, str):
        raise UnreadableFile("broken_header", _BROKEN_HEADER)
    shape.width = len(cells)
    return chain([Record(row, row, cells)], _read_rows(lines, shape, row))


class _Shape:
    """How a record of this file looks: its separator and its number of cells (0: not known yet)."""

    def __init__(self, separator: str, width: int) -> None:
        self.width = width
        self._dialect = csv.reader((), delimiter=separator, strict=True).dialect
        quoted = rf'(?<![^{separator}])"(?:[^"]++|"")*+"(?![^{separator}])'
        self._is_well_quoted = re.compile(rf'(?:[^"]++|{quoted})*+').fullmatch

    def cells_of(self, text: str) -> list[str] | Reason:
        """The cells of this text if it is exactly one record, else the reason why not."""
        if '"' in text and not self._is_well_quoted(text.rstrip("\r\n")):
            return "malformed_quotes"  # csv takes a quote in the middle of an unquoted cell for a letter
        try:
            return next(csv.reader((text,), self._dialect))
        except csv.Error as error:
            return "too_large_record" if "field limit" in str(error) else "stray_line_break"

    def is_whole_record(self, line: bytes) -> bool:
        """Whether this line could stand as a record of its own, and hardly as a line inside a cell."""
        if self.width < TELLING_WIDTH or line.count(b'"') % 2:
            return False
        cells = self.cells_of(_decoded(line))
        return not isinstance(cells, str) and len(cells) == self.width


def _read_rows(lines: Lines, shape: _Shape, row: int) -> Iterator[Record | BrokenRecord]:
    while True:
        number = lines.number + 1
        taken, reason = _take_record(lines)
        if not taken:
            return
        row += 1
        if taken[0].isspace():
            continue
        cells = reason or _cells_of_lines(taken, shape)
        if isinstance(cells, str):
            lines.give_back(taken[1:])
            yield BrokenRecord(row, number, cells, sha256(taken[0].rstrip(b"\r\n")).digest())
        elif not _are_empty(cells):
            yield Record(row, number, cells, _broken_cells(taken, cells))


def _take_record(lines: Lines) -> tuple[list[bytes], Reason | None]:
    """Lines up to where the quotes are even again (none at the end of the file), or the reason to stop
    before.

    Counting is enough: in a well-formed record every quote changes between inside and outside, a doubled
    one twice. So a line that is a whole record by itself never closes what a line before it opened.
    """
    first = lines.next()
    if not first:
        return [], None
    taken, size, quotes = [first], len(first), first.count(b'"')
    if size > LONGEST_RECORD:
        return taken, "too_large_record"
    while quotes % 2:
        line = lines.next()
        if not line:
            return taken, "unclosed_quote"
        taken.append(line)
        size += len(line)
        quotes += line.count(b'"')
        if size > LONGEST_RECORD or len(taken) > MOST_LINES:
            return taken, "unclosed_quote" if quotes % 2 else "too_large_record"
    return taken, None


def _cells_of_lines(taken: list[bytes], shape: _Shape) -> list[str] | Reason:
    several = len(taken) > 1
    if several and any(map(shape.is_whole_record, taken[1:-1])):
        return "unclosed_quote"
    cells = shape.cells_of(_decoded(b"".join(taken).replace(b"\r\n", b"\n") if several else taken[0]))
    if isinstance(cells, str) or len(cells) == shape.width or _are_empty(cells):
        return cells
    return "unclosed_quote" if several else "wrong_number_of_cells"


def _are_empty(cells: list[str]) -> bool:
    return not any(map(str.strip, cells))


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _broken_cells(taken: list[bytes], cells: list[str]) -> tuple[int, ...]:
    if all(map(_is_utf8, taken)):
        return ()
    return tuple(index for index, cell in enumerate(cells) if _NOT_UTF8.search(cell))


def _read_header(lines: Lines) -> tuple[int, str]:
    """The number of the first row that is not empty, and its text."""
    row = 1
    taken, reason = _take_record(lines)
    if not taken:
        raise UnreadableFile("empty_file", _EMPTY)
    _refuse_what_is_no_text(taken[0])
    taken[0] = taken[0].removeprefix(BOM_UTF8)
    while taken and (not taken[0] or taken[0].isspace()):
        row += 1
        taken, reason = _take_record(lines)
    if not taken:
        raise UnreadableFile("empty_file", _EMPTY)
    header = b"".join(taken)
    if b"\0" in header:
        raise UnreadableFile("not_text", _NOT_TEXT)
    if reason is not None or not _is_utf8(header):
        raise UnreadableFile("broken_header", _BROKEN_HEADER)
    return row, header.decode("utf-8").replace("\r\n", "\n")


def _refuse_what_is_no_text(start: bytes) -> None:
    nuls = start.count(b"\0")
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or nuls * 3 > len(start):
        raise UnreadableFile("utf_16", _UTF_16)
    if nuls or start.startswith(_MAGIC):
        raise UnreadableFile("not_text", _NOT_TEXT)


def _separator_of(header: str) -> str:
    """The separator that stands most often outside quotes; the comma where none does."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(SEPARATORS, key=bare.count)


_NOT_UTF8 = re.compile("[\udc80-\udcff]")

_MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")
"""XLSX and ODS workbooks, XLS workbooks, PDF."""

_EMPTY = "The file is empty. Its first row must hold the names of the columns."
_NOT_TEXT = (
    "This is not a text file but perhaps a workbook. Open it in your spreadsheet program and save it as "
    "CSV ('CSV UTF-8')."
)
_UTF_16 = "The file is written in UTF-16 ('Unicode text'). Save it as 'CSV UTF-8' instead."
_BROKEN_HEADER = (
    "The first row cannot be read. It must hold the names of the columns, with every quotation mark "
    "closed. Save the file as 'CSV UTF-8' from your spreadsheet program."
)
