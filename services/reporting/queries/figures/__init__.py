"""What is counted for a grant and a period: services from rollups, people once, cases, referrals, news, incidents.

To be read in one snapshot: figures of one report come from one moment. Nothing is withheld here: see `disclosure`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from services.reporting.indicators.indicator import Cases, Incidents, Indicator, Referrals, Services, Told
from services.reporting.queries.figures.behind import Narrowed, refs_behind
from services.reporting.queries.figures.cases import case_cells
from services.reporting.queries.figures.months import slices
from services.reporting.queries.figures.passing import incident_cells, referral_cells, told_cells
from services.reporting.queries.figures.people import unique_cells
from services.reporting.queries.figures.scope import Cells, FactRef, Scope
from services.reporting.queries.figures.services import grants_beside, service_cells

__all__ = ["Cells", "FactRef", "Narrowed", "Scope", "count", "facts_behind", "shared_with", "slices", "trend"]

Reader = Callable[..., dict[str, Cells]]
_WHOLE: Narrowed = {}


def count(session: Session, scope: Scope, first: date, last: date, indicators: Iterable[Indicator]) -> dict[str, Cells]:
    """The figures of a period (both days included), by the indicators' codes, in their order.

    A service counts on its local day of delivery; moments (referrals, releases, reopenings) on their day in the
    grant's zone. With the formula `max` a figure is that of its highest month.
    """
    asked = list(indicators)
    by_reader: dict[Reader, list[Indicator]] = {}
    found: dict[str, Cells] = {}
    for indicator in asked:
        if indicator.formula == "max":
            found[indicator.code] = _highest(session, scope, first, last, indicator)[0]
        else:
            by_reader.setdefault(_reader_of(indicator), []).append(indicator)
    for reader, some in by_reader.items():
        found |= reader(session, scope, first, last, some)
    return {indicator.code: found[indicator.code] for indicator in asked}


def trend(
    session: Session, scope: Scope, first: date, last: date, indicators: Iterable[Indicator]
) -> dict[str, dict[str, Decimal]]:
    """Code → month (2026-07) → figure, in the months' order; the first and the last month as far as they lie in the
    period, months in which nothing was measured left out. Months of people counted once do not add up."""
    plain = [replace(indicator, dimensions=()) for indicator in indicators]
    months: dict[str, dict[str, Decimal]] = {indicator.code: {} for indicator in plain}
    for begin, end in slices(first, last):
        for code, cells in count(session, scope, begin, end, plain).items():
            if cells.total is not None:
                months[code][f"{begin:%Y-%m}"] = cells.total
    return months


def facts_behind(
    session: Session, scope: Scope, first: date, last: date, indicator: Indicator, narrowed: Narrowed = _WHOLE
) -> list[FactRef]:
    """Where the facts behind a figure are in the log, and those that corrected or answered them, in its order.

    `narrowed` asks for those of one cell: of services for somebody of these categories, of incidents of this route or
    quality of source. Whoever is counted once in the period stands in the category of the latest of these services.

    Raises `Conflict` for facts that were counted before their places were kept: a rebuild finds them; and
    `InvalidInput` where the indicator's facts are not told apart so.
    """
    if indicator.formula == "max":
        first, last = _highest(session, scope, first, last, indicator)[1]
    return refs_behind(session, scope, first, last, indicator, narrowed)


def shared_with(session: Session, scope: Scope, first: date, last: date) -> tuple[str, ...]:
    """The other grants that paid for a part of the services that this one paid for a part of."""
    return grants_beside(session, scope, (first, last)) if scope.grant is not None else ()


def _highest(
    session: Session, scope: Scope, first: date, last: date, indicator: Indicator
) -> tuple[Cells, tuple[date, date]]:
    """The figures of the month with the highest total, the first of several, and its days in the period."""
    plain = replace(indicator, formula="sum")
    months = [(count(session, scope, *days, [plain])[indicator.code], days) for days in slices(first, last)]
    return max(months, key=lambda month: month[0].total or Decimal(0))


def _reader_of(indicator: Indicator) -> Reader:
    if indicator.formula == "unique" and isinstance(indicator.measure, Services):
        return unique_cells
    return _READERS[type(indicator.measure)]


_READERS: Mapping[type[Any], Reader] = {
    Services: service_cells,
    Cases: case_cells,
    Incidents: incident_cells,
    Referrals: referral_cells,
    Told: told_cells,
}
