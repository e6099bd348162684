"""What one issue of a report says: a frozen, hashed snapshot, from which every rendering is made.

An issue is complete: whoever holds one needs no database to render it, and equal issues give equal bytes. What may be
published was decided before it was made (`services.reporting.disclosure`): a cell that is withheld has no value here.
Every table has the columns and rows that people see; programs read the same cells by `key`.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$", max_length=120)]
Text = Annotated[str, Field(min_length=1)]
UtcDatetime = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
Kind = Literal["text", "whole", "decimal", "per_cent", "money", "date"]
"""How the values of a column are read. `whole` counts; `money` has two decimals, in the currency of the column's unit;
`per_cent` is a number of hundredths: 12.5 is 12.5 %."""
Mark = Literal["withheld", "unknown", "not_applicable"]
MARKS: dict[Mark, str] = {"withheld": "[c]", "unknown": "[x]", "not_applicable": "[z]"}
"""What stands for a figure that is not given: the Government Statistical Service's symbols for confidential, not
available and not applicable (*Using symbols in tables*, 2017)."""
Value = date | Decimal | int | str


class Frozen(BaseModel):
    """Never changes once made, knows its fields, and never repeats a value in an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, ignored_types=(cached_property,))


class Cell(Frozen):
    """One figure or word, or the mark that says why there is none."""

    value: Annotated[int, Field(strict=True)] | Annotated[str, Field(strict=True)] | None = None
    """Counts are integers; decimals, money, per cent and dates are text as ISO and programs write them: 12.50."""
    mark: Mark | None = None

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if (self.value is None) == (self.mark is None):
            raise ValueError("a cell has a value or a mark")
        return self


class Column(Frozen):
    """One column: `key` for programs, `label` for people."""

    key: Key
    label: Text
    kind: Kind = "whole"
    unit: str = ""
    """people, services, places, hours …, or a currency."""


class TableRow(Frozen):
    """One row; `total` where it sums the others."""

    key: Key
    cells: tuple[Cell, ...]
    total: bool = False


class Table(Frozen):
    """The first column names the row, as text. Raises ValueError where rows and columns do not fit."""

    key: Key
    title: Text
    about: Literal["people", "services", "cases", "incidents", "money", "words"]
    """`people`: people who were served; its small figures are withheld."""
    columns: Annotated[tuple[Column, ...], Field(min_length=2)]
    rows: tuple[TableRow, ...]
    notes: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _only_once(f"columns of {self.key}", (column.key for column in self.columns))
        _only_once(f"rows of {self.key}", (row.key for row in self.rows))
        if self.columns[0].kind != "text":
            raise ValueError(f"the first column of {self.key} names the rows: it is text")
        for row in self.rows:
            if len(row.cells) != len(self.columns):
                raise ValueError(f"a row of {self.key} has {len(row.cells)} cells for {len(self.columns)} columns")
            for column, cell in zip(self.columns, row.cells, strict=True):
                if cell.value is not None:
                    read(column.kind, cell.value)
        return self

    def cell(self, row: str, column: str) -> Cell:
        """Raises KeyError."""
        at = [one.key for one in self.columns].index(column)
        return {one.key: one for one in self.rows}[row].cells[at]


def read(kind: Kind, value: int | str) -> Value:
    """The value as its column's kind says. Raises ValueError where it is none of that kind."""
    if kind == "whole":
        if not isinstance(value, int):
            raise ValueError("a count is an integer")
        return value
    if not isinstance(value, str):
        raise ValueError(f"a {kind} is written as text")  # noqa: TRY004 - pydantic takes ValueError alone
    if kind == "text":
        return value
    if kind == "date":
        return date.fromisoformat(value)
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?" if kind != "money" else r"-?[0-9]+\.[0-9]{2}", value):
        raise ValueError(f"not written as {kind}")
    return Decimal(value)


class KeyFigure(Frozen):
    """One of the few figures that stand at the top."""

    key: Key
    label: Text
    cell: Cell
    kind: Kind = "whole"
    unit: str = ""


class MapPoint(Frozen):
    """Where a row of the chart's table lies, in degrees."""

    row: Key
    longitude: Annotated[float, Field(ge=-180, le=180)]
    latitude: Annotated[float, Field(ge=-90, le=90)]


class Chart(Frozen):
    """A picture of one table: never anything that the table does not say."""

    key: Key
    title: Text
    kind: Literal["trend", "bars", "pyramid", "map"]
    """`trend`: rows are months; `pyramid`: rows are ages, the series are female and male; `map`: a circle a point."""
    table: Key
    series: Annotated[tuple[Key, ...], Field(min_length=1)]
    """Columns of the table."""
    points: tuple[MapPoint, ...] = ()
    alternative: Text
    """What the picture shows, in a sentence; made of cells that are not withheld."""


class Signature(Frozen):
    """Who answers for a narrative: staff appear as role and organisation."""

    role: Text
    organisation: Text
    on: date


class Section(Frozen):
    """One section of the template: what people wrote, beside the figures it is about."""

    key: Key
    title: Text
    paragraphs: tuple[Text, ...] = ()
    tables: tuple[Key, ...] = ()
    charts: tuple[Key, ...] = ()
    signed: Signature | None = None


class Definition(Frozen):
    """What an indicator counts, by whose rule, and for which frameworks."""

    key: Key
    label: Text
    unit: Text
    text: Text
    source: Text
    tags: tuple[Text, ...] = ()


class Change(Frozen):
    """A figure that differs from the issue before."""

    table: Key
    row: Key
    column: Key
    was: Cell
    now: Cell


class Revision(Frozen):
    """An issue before this one, and what this one changes of it."""

    number: Annotated[int, Field(ge=1)]
    digest: Text
    why: Text
    changes: tuple[Change, ...] = ()


class Covered(Frozen):
    """Every event of this partition of a source's log, up to and with this position, is in the report."""

    source: Text
    partition: Annotated[int, Field(ge=0)]
    position: Annotated[int, Field(ge=0)]


class GrantHeading(Frozen):
    """For whose money the report answers."""

    number: Text
    title: Text
    donor: Text
    donor_group: str = ""
    countries: tuple[Text, ...] = ()
    currency: Text
    starts_on: date
    ends_on: date
    time_zone: Text


class Issue(Frozen):
    """One issue of one report over a period, both days included. Raises ValueError when its parts do not fit."""

    format: Literal[1] = 1
    report: Literal["incidents", "grant"]
    number: Annotated[int, Field(ge=1)] = 1
    """1, and one more each time the report is restated."""
    draft: bool = True
    title: Text
    organisation: Text
    grant: GrantHeading | None = None
    date_from: date
    date_to: date
    language: Text = "en"
    made_at: UtcDatetime
    key_figures: tuple[KeyFigure, ...] = ()
    sections: tuple[Section, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    definitions: tuple[Definition, ...] = ()
    suppression: str = ""
    """What was withheld, by which rule."""
    quality: tuple[Text, ...] = ()
    """What is unknown or missing, in sentences."""
    revisions: tuple[Revision, ...] = ()
    covers: tuple[Covered, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.date_from > self.date_to:
            raise ValueError("date_from is after date_to")
        for what in ("key_figures", "sections", "tables", "charts", "definitions"):
            _only_once(what, (part.key for part in getattr(self, what)))
        tables, charts = {table.key: table for table in self.tables}, {chart.key for chart in self.charts}
        for section in self.sections:
            _all_known("tables", section.tables, tables)
            _all_known("charts", section.charts, charts)
        for chart in self.charts:
            _all_known("tables", (chart.table,), tables)
            table = tables[chart.table]
            _all_known("columns", chart.series, {column.key for column in table.columns})
            _all_known("rows", (point.row for point in chart.points), {row.key for row in table.rows})
        return self

    @cached_property
    def canonical(self) -> bytes:
        """The bytes that are frozen and hashed: compact JSON, keys in the models' order."""
        return self.model_dump_json().encode()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of `canonical`, in hexadecimal digits. Every rendering shows it."""
        return hashlib.sha256(self.canonical).hexdigest()

    def differences(self, before: Issue) -> Iterator[Change]:
        """The figures that differ from an earlier issue's, and those that only one of the two has."""
        was, now = before._figures(), self._figures()
        absent = Cell(mark="not_applicable")
        for at in sorted(was.keys() | now.keys()):
            if was.get(at, absent) != now.get(at, absent):
                table, row, column = at
                yield Change(table=table, row=row, column=column, was=was.get(at, absent), now=now.get(at, absent))

    def _figures(self) -> dict[tuple[str, str, str], Cell]:
        return {
            (table.key, row.key, column.key): cell
            for table in self.tables
            for row in table.rows
            for column, cell in zip(table.columns[1:], row.cells[1:], strict=True)
        }


def _only_once(what: str, keys: Iterable[str]) -> None:
    repeated = sorted(key for key, times in Counter(keys).items() if times > 1)
    if repeated:
        raise ValueError(f"{what}: {', '.join(repeated)} more than once")


def _all_known(what: str, asked: Iterable[str], known: Iterable[str]) -> None:
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise ValueError(f"no such {what}: {', '.join(unknown)}")
