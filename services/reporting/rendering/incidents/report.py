"""What one published incident report says: a frozen snapshot, from which every rendering is made.

A snapshot is complete and proved: whoever holds one needs no database to render it, and none of its breakdowns
disagrees with its totals. Figures of incidents are published as they are; people who were *served* are counted
elsewhere, with suppression.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from services.reporting.rendering.issue import Covered, Frozen, Text, UtcDatetime

Dimension = Literal["year", "month", "route", "region", "cause"]

Count = Annotated[int, Field(ge=0, strict=True)]


class Figures(Frozen):
    """Counts of incidents and of people. What a source left blank is unknown and adds 0.

    `females`, `males` and `children` count people whose sex or age the source gave; a child may be counted as
    female or male too, so the three need not add up to anything.
    """

    incidents: Count = 0
    dead: Count = 0
    missing: Count = 0
    survivors: Count = 0
    females: Count = 0
    males: Count = 0
    children: Count = 0

    @property
    def dead_or_missing(self) -> int:
        """People who died or went missing: the figure by which places and causes are ordered."""
        return self.dead + self.missing

    def __add__(self, other: Figures) -> Figures:
        return Figures.sum((self, other))

    @classmethod
    def sum(cls, parts: Iterable[Figures]) -> Figures:
        """Add up any number of figures, field by field; of none, all are 0."""
        rows = tuple(parts)
        return cls(**{name: sum(getattr(row, name) for row in rows) for name in cls.model_fields})


class Line(Frozen):
    """The figures of one year, month, route, region or cause. `key` is for programs, `label` for people."""

    key: Text
    label: Text
    figures: Figures


class Breakdown(Frozen):
    """All incidents of the report, split by one dimension. Years have keys like 2014, months like 2014-01.

    The lines are kept in one canonical order, so that the order in which they were gathered shows nowhere:
    years and months by time; routes, regions and causes by people dead or missing, most first.
    """

    dimension: Dimension
    lines: tuple[Line, ...]

    @field_validator("lines")
    @classmethod
    def _in_canonical_order(cls, lines: tuple[Line, ...], info: ValidationInfo) -> tuple[Line, ...]:
        order = _by_time if info.data.get("dimension") in _TIME_KEYS else _most_first
        return tuple(sorted(lines, key=order))

    @model_validator(mode="after")
    def _keys_are_unique_and_well_formed(self) -> Self:
        repeated = [key for key, times in Counter(line.key for line in self.lines).items() if times > 1]
        if repeated:
            raise ValueError(f"breakdown by {self.dimension} has {len(repeated)} keys more than once")
        pattern = _TIME_KEYS.get(self.dimension)
        if pattern and not all(pattern.fullmatch(line.key) for line in self.lines):
            raise ValueError(f"breakdown by {self.dimension} has a key that is no {self.dimension}")
        return self


class IncidentReport(Frozen):
    """One incident report over a period, both days included. Raises ValueError when its parts disagree."""

    title: Text
    organisation: Text
    grant: Text | None = None
    date_from: date
    date_to: date
    generated_at: UtcDatetime
    totals: Figures
    breakdowns: tuple[Breakdown, ...] = ()
    covers: tuple[Covered, ...] = ()
    notes: tuple[Text, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no incident was recorded in the period."""
        return self.totals == Figures()

    def breakdown(self, dimension: Dimension) -> Breakdown | None:
        """The breakdown by this dimension, or None if the report has none."""
        return next((found for found in self.breakdowns if found.dimension == dimension), None)

    @model_validator(mode="after")
    def _period_runs_forward(self) -> Self:
        if self.date_from > self.date_to:
            raise ValueError("date_from is after date_to")
        return self

    @model_validator(mode="after")
    def _breakdowns_add_up(self) -> Self:
        for dimension, times in Counter(split.dimension for split in self.breakdowns).items():
            if times > 1:
                raise ValueError(f"breakdown by {dimension} appears {times} times")
        for split in self.breakdowns:
            _prove_sum(split, self.totals)
            _prove_period(split, self.date_from, self.date_to)
        return self


def _prove_sum(split: Breakdown, totals: Figures) -> None:
    found = Figures.sum(line.figures for line in split.lines)
    wrong = [
        f"{name} {getattr(found, name)} instead of {getattr(totals, name)}"
        for name in Figures.model_fields
        if getattr(found, name) != getattr(totals, name)
    ]
    if wrong:
        raise ValueError(f"breakdown by {split.dimension} does not add up to the totals: {', '.join(wrong)}")


def _prove_period(split: Breakdown, first: date, last: date) -> None:
    if split.dimension not in _TIME_KEYS:
        return
    length = len("2014") if split.dimension == "year" else len("2014-01")
    start, end = first.isoformat()[:length], last.isoformat()[:length]
    if not all(start <= line.key <= end for line in split.lines):
        raise ValueError(f"breakdown by {split.dimension} has a {split.dimension} outside the report's period")


def _by_time(line: Line) -> tuple[int, str]:
    return 0, line.key


def _most_first(line: Line) -> tuple[int, str]:
    return -line.figures.dead_or_missing, line.key


_TIME_KEYS = {"year": re.compile(r"[0-9]{4}"), "month": re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")}
