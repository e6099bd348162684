"""What one issue of a report says: a frozen, hashed snapshot, from which every rendering is made.

An issue is complete: whoever holds one needs no database to render it, and equal issues give equal bytes. What may be
published was decided before it was made (`services.reporting.disclosure`): a cell that is withheld has no value here.
Every table has the columns and rows that people see; programs read the same cells by `key`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from services.reporting.rendering.issue.table import (
    MARKS,
    Cell,
    Column,
    Frozen,
    Key,
    Kind,
    Mark,
    Table,
    TableRow,
    Text,
    only_once,
    read,
)

__all__ = [
    "MARKS",
    "Cell",
    "Change",
    "Chart",
    "Column",
    "Covered",
    "Definition",
    "Frozen",
    "GrantHeading",
    "Issue",
    "KeyFigure",
    "Kind",
    "MapPoint",
    "Mark",
    "Revision",
    "Section",
    "Signature",
    "Table",
    "TableRow",
    "Text",
    "UtcDatetime",
    "read",
]

UtcDatetime = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


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
    themes: tuple[Text, ...] = ()
    frameworks: tuple[Text, ...] = ()
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
            only_once(what, (part.key for part in getattr(self, what)))
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

    @classmethod
    def frozen(cls, canonical: bytes) -> Self:
        """The issue of these bytes. They stay its own, so that it has the same hash and gives the same files when a
        later version of these models would write them otherwise."""
        issue = cls.model_validate_json(canonical)
        issue.__dict__["canonical"] = canonical
        return issue

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


def _all_known(what: str, asked: Iterable[str], known: Iterable[str]) -> None:
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise ValueError(f"no such {what}: {', '.join(unknown)}")
