"""Periods as people name them: 2026, 2026-H1, 2026-Q3, 2026-07."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from shared.errors import InvalidInput

_NAMED = re.compile(r"(?P<year>[12][0-9]{3})(-(H(?P<half>[12])|Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


def period_named(name: str) -> tuple[date, date]:
    """Its first and last day. Raises `InvalidInput`."""
    found = _NAMED.fullmatch(name.strip().upper())
    if found is None:
        raise InvalidInput("--period is a year, half-year, quarter or month: 2026, 2026-H1, 2026-Q3, 2026-07.")
    year = int(found["year"])
    for part, months in (("half", 6), ("quarter", 3), ("month", 1)):
        if found[part]:
            last = int(found[part]) * months
            return date(year, last - months + 1, 1), date(year, last, monthrange(year, last)[1])
    return date(year, 1, 1), date(year, 12, 31)
