"""A period as whole months, which rollups know, and the days at its edges, which facts know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

Span = tuple[date, date]
"""First and last day, both included."""


class Parts(NamedTuple):
    """The months by their first days, first and last; None where no month lies wholly in the period."""

    months: Span | None
    edges: tuple[Span, ...]


def parts_of(first: date, last: date) -> Parts:
    """Split a period; nothing of it is left out, or in twice."""
    begin = first if first.day == 1 else next_month(first)
    end = next_month(last) if _is_last(last) else last.replace(day=1)
    if begin >= end:
        return Parts(None, ((first, last),))
    one_day = timedelta(days=1)
    edges = [(first, begin - one_day)] if first < begin else []
    edges += [(end, last)] if end <= last else []
    return Parts((begin, (end - one_day).replace(day=1)), tuple(edges))


def slices(first: date, last: date) -> Iterator[Span]:
    """The period month by month; the first and the last as far as they lie in it."""
    while first <= last:
        end = min(last, next_month(first) - timedelta(days=1))
        yield first, end
        first = end + timedelta(days=1)


def next_month(day: date) -> date:
    """The first day of the month after the day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _is_last(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1
