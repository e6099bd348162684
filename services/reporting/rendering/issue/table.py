"""Tables of an issue: cells with a value or a mark, in columns that say how to read them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$", max_length=120)]
Text = Annotated[str, Field(min_length=1)]
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
        only_once(f"columns of {self.key}", (column.key for column in self.columns))
        only_once(f"rows of {self.key}", (row.key for row in self.rows))
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


def only_once(what: str, keys: Iterable[str]) -> None:
    """Raises ValueError where a key is there twice."""
    repeated = sorted(key for key, times in Counter(keys).items() if times > 1)
    if repeated:
        raise ValueError(f"{what}: {', '.join(repeated)} more than once")
