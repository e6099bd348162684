"""How numbers, days and months are written for people, in English, the same on every machine."""

from __future__ import annotations

from datetime import date, datetime

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def number(count: int) -> str:
    """12345 → 12,345."""
    return f"{count:,}"


def people(count: int) -> str:
    """1 → 1 person; 12345 → 12,345 people."""
    return f"{number(count)} {'person' if count == 1 else 'people'}"


def share(part: int, whole: int) -> str:
    """A whole percentage that never rounds something down to nothing, nor up to everything. `whole` is not 0."""
    percent = 100 * part / whole
    if 0 < percent < 1:
        return "less than 1%"
    if 99 < percent < 100:
        return "more than 99%"
    return f"{percent:.0f}%"


def day(when: date) -> str:
    """3 January 2019."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def minute(when: datetime) -> str:
    """3 January 2019, 08:05 UTC. `when` is in UTC."""
    return f"{day(when)}, {when:%H:%M} UTC"


def month(year: int, month_number: int) -> str:
    """April 2015."""
    return f"{MONTHS[month_number - 1]} {year}"
