"""Rows of a file of incidents: each one an `IncidentIn`, or everything that is wrong with it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO, TypeVar

from pydantic import ValidationError

from services.intake.casework.forms import FIRST_YEAR, LAST_YEAR, LONG_TEXT, SHORT_TEXT
from services.intake.importing.cells import (
    BadCell,
    count_in,
    day_in,
    degrees_in,
    kind_in,
    month_in,
    whole_month,
    year_in,
)
from services.intake.importing.columns import COUNTS, TEXTS, Columns, find_columns, simplified
from services.intake.importing.identities import Identities
from services.intake.importing.records import BrokenRecord, Record, split_records
from services.intake.importing.refusals import Reason, Refusal, refuse
from services.intake.schemas import LARGEST_COUNT, IncidentIn

_Value = TypeVar("_Value")
_Step = tuple[str, int, Callable[[str], object]]
"""A field, the index of its column, and what understands a cell there."""


@dataclass(frozen=True, slots=True)
class GoodRow:
    """A row that can be recorded. `row` is what a spreadsheet shows, `identity` lasts (see `Identities`)."""

    row: int
    identity: str
    incident: IncidentIn = field(repr=False)


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be recorded, with all its problems, in the order of the columns."""

    row: int
    identity: str
    refusals: tuple[Refusal, ...]


def read_incidents(
    stream: BinaryIO, on_progress: Callable[[int], None] | None = None
) -> Iterator[GoodRow | RefusedRow]:
    """Read a CSV file of incidents in IOM's layout or our own (`columns.ACCEPTED_NAMES`), in the file's
    order.

    A blank figure is unknown. A year and a month mean the whole month; a date column gives the day, and
    must not contradict them. In our own layout a blank `occurred_to` means that the day is known:
    `occurred_from`. Rows that are entirely empty are left out; every other row comes back once, good or
    refused.

    `stream` is binary and buffered; `on_progress` receives the bytes consumed so far, now and then and at
    the end. Raises UnreadableFile at the call if the header is not that of a file of incidents.
    """
    records = split_records(stream, on_progress)
    header = next(records)
    assert isinstance(header, Record)  # split_records refuses the file otherwise
    reader = _Reader(header.cells)
    return map(reader.read, records)


class _Reader:
    """Reads the rows of one file, whose header it knows."""

    def __init__(self, header: list[str]) -> None:
        self._columns = find_columns(header)
        self._identities = Identities([simplified(name) for name in header])
        at = self._columns.at
        self._plan = [(name, at[name], understand) for name, understand in _UNDERSTAND if name in at]

    def read(self, record: Record | BrokenRecord) -> GoodRow | RefusedRow:
        if isinstance(record, BrokenRecord):
            identity = self._identities.of_broken(record.digest)
            return RefusedRow(record.row, identity, (refuse("", record.reason),))
        cells = [cell.strip() for cell in record.cells]
        identity = self._identities.of_cells(cells)
        row = _Row(self._columns, cells, record.broken)
        incident = row.incident(self._plan)
        if incident is None:
            return RefusedRow(record.row, identity, row.refusals())
        return GoodRow(record.row, identity, incident)


class _Row:
    """One row being read: what was understood so far, and what was not."""

    def __init__(self, columns: Columns, cells: list[str], broken: tuple[int, ...]) -> None:
        self._columns = columns
        self._cells = cells
        self._values: dict[str, object] = {}
        self._refusals: dict[tuple[int, Reason], Refusal] = {}
        for index in broken:
            self._refuse_cell(index, "broken_text")
            cells[index] = ""

    def incident(self, plan: list[_Step]) -> IncidentIn | None:
        """The incident, or None if anything is wrong with the row; all of it is then in `refusals()`."""
        self._understand_days()
        for name, index, understand in plan:
            if cell := self._cells[index]:
                try:
                    self._values[name] = understand(cell)
                except BadCell as bad:
                    self._refuse(name, bad.reason)
        try:
            incident = IncidentIn.model_validate(self._values)
        except ValidationError as errors:
            self._refuse_values(errors)
            return None
        return None if self._refusals else incident

    def refusals(self) -> tuple[Refusal, ...]:
        return tuple(self._refusals[key] for key in sorted(self._refusals))

    def _understand_days(self) -> None:
        if "occurred_from" in self._columns.at:
            first = self._understand("occurred_from", day_in)
            last = self._understand("occurred_to", day_in) if self._cell("occurred_to") else first
            self._require("occurred_from")
        else:
            first, last = self._day_or_month()
        if first is not None:
            self._values["occurred_from"] = first
        if last is not None:
            self._values["occurred_to"] = last

    def _day_or_month(self) -> tuple[date | None, date | None]:
        day = self._understand("day", day_in)
        year, month = self._understand("year", year_in), self._understand("month", month_in)
        if day is not None:
            if day.year != (year or day.year) or day.month != (month or day.month):
                self._refuse("day", "dates_disagree")
            return day, day
        if year and month:
            return whole_month(year, month)
        if not self._cell("day"):
            self._require(*(("year", "month") if {"year", "month"} <= self._columns.at.keys() else ("day",)))
        return None, None

    def _cell(self, name: str) -> str:
        """The cell in the field's column, '' if there is no such column."""
        index = self._columns.at.get(name)
        return "" if index is None else self._cells[index]

    def _understand(self, name: str, understand: Callable[[str], _Value]) -> _Value | None:
        """What the cell in the field's column says; None for no column, an empty cell or a refused one."""
        cell = self._cell(name)
        try:
            return understand(cell) if cell else None
        except BadCell as bad:
            self._refuse(name, bad.reason)
            return None

    def _require(self, *names: str) -> None:
        for name in names:
            index = self._columns.at[name]
            if not self._cells[index] and (index, "broken_text") not in self._refusals:
                self._refuse(name, "missing_value")

    def _refuse_values(self, errors: ValidationError) -> None:
        """Refuse what the model refuses; what it merely misses was refused before."""
        for error in errors.errors(include_url=False, include_input=False, include_context=False):
            name = str(error["loc"][0])
            reasons = _COUNT_REASONS if name in COUNTS else _REASONS
            if error["type"] != "missing":
                origin = next(column for column in (name, *_STAND_IN.get(name, ())) if self._cell(column))
                self._refuse(origin, reasons[error["type"]])

    def _refuse(self, name: str, reason: Reason) -> None:
        self._refuse_cell(self._columns.at[name], reason, **_LIMITS.get(name, {}))

    def _refuse_cell(self, index: int, reason: Reason, **limits: object) -> None:
        self._refusals[index, reason] = refuse(self._columns.names[index], reason, **limits)


_UNDERSTAND: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("kind", kind_in),
    *((name, count_in) for name in COUNTS),
    *((name, str) for name in TEXTS),
    ("latitude", degrees_in),
    ("longitude", degrees_in),
)

_STAND_IN = {"occurred_from": ("day",), "occurred_to": ("occurred_from", "day")}
"""Where a field has no cell of its own: the columns its value may have come from."""

_REASONS: dict[str, Reason] = {
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "string_too_long": "too_long",
    "control_character": "control_character",
    "dates_reversed": "dates_reversed",
}
_COUNT_REASONS: dict[str, Reason] = {"greater_than_equal": "negative_count", "less_than_equal": "too_large"}

_DAYS = ("occurred_from", "occurred_to", "day", "year")
_LIMITS: dict[str, dict[str, object]] = {
    **{name: {"low": FIRST_YEAR, "high": LAST_YEAR} for name in _DAYS},
    **{name: {"high": f"{LARGEST_COUNT:,}"} for name in COUNTS},
    **{name: {"longest": SHORT_TEXT} for name in ("route", "region", "region_of_origin", "cause")},
    **{name: {"longest": LONG_TEXT} for name in ("countries_of_origin", "place", "source")},
    "latitude": {"low": -90, "high": 90},
    "longitude": {"low": -180, "high": 180},
}
"""What the sentences of refusals say about our own limits."""
