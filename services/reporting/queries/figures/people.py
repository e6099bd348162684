"""People counted once over the whole period: recomputed from tokens, never summed over shorter ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select, true
from sqlalchemy.orm import Session

from services.reporting.domain import ServedPerson
from services.reporting.domain.rollup import LEGAL_STATUS, MODALITY, NATIONALITY, PERSON, PLACE, UNKNOWN, WHOLE, Sums
from services.reporting.indicators.indicator import Indicator, Services
from services.reporting.queries.figures.scope import Cells, Scope
from services.reporting.queries.figures.services import LETTERS, by_dimension, merged, paid_by, read_sums

CODES = {NATIONALITY: "nationality", LEGAL_STATUS: "legal_status", PLACE: "place", MODALITY: "modality"}


def unique_cells(
    session: Session, scope: Scope, first: date, last: date, indicators: Sequence[Indicator]
) -> dict[str, Cells]:
    """Figures of `Services` measures with formula `unique`, by code.

    A person who was served several times stands in the cell of the latest service (by day; on one day by case, then by
    the log). Whoever carries no token is counted once per delivery.
    """
    return {
        indicator.code: _unique(session, scope, first, last, indicator, indicator.measure)
        for indicator in indicators
        if isinstance(indicator.measure, Services)
    }


def _unique(session: Session, scope: Scope, first: date, last: date, indicator: Indicator, measure: Services) -> Cells:
    letters = {LETTERS[one] for one in indicator.dimensions if one in LETTERS}
    read = merged(read_sums(session, scope, (first, last), measure.categories or None, letters), measure.categories)
    whole = read.get(WHOLE, Sums())
    figures = Counter({cell: of.unlinked for cell, of in read.items() if cell})
    people, without = 0, whole.unlinked
    for row in session.execute(_latest(session, scope, first, last, measure.categories)):
        people += row.people
        without += row.people if row.dropped else 0
        for cell in _cells(row):
            figures[cell] += row.people
    total = people + whole.unlinked
    by = by_dimension(figures, total, indicator.dimensions)
    return Cells(Decimal(total), None, by, whole.services, without)


def _latest(session: Session, scope: Scope, first: date, last: date, categories: Iterable[str]) -> Any:
    row = ServedPerson
    cell = row.sex, row.age_band, row.disability, row.nationality, row.legal_status, row.place, row.modality
    newest_first = row.delivered_on.desc(), row.case_id.desc(), row.position.desc(), row.number.desc()
    ranked = (
        select(*cell, row.token, func.row_number().over(partition_by=row.token, order_by=newest_first).label("rank"))
        .where(
            row.organisation_id == scope.organisation_id,
            row.category.in_(sorted(categories)) if categories else true(),
            row.delivered_on.between(first, last),
            paid_by(session, row.shares, scope.grant),
        )
        .subquery()
    )
    columns = [ranked.c[one.key] for one in cell]
    dropped = ranked.c.token.is_(None)
    return (
        select(*columns, dropped.label("dropped"), func.count().label("people"))
        .where(or_(ranked.c.rank == 1, dropped))
        .group_by(*columns, dropped)
    )


def _cells(row: Any) -> list[str]:
    cells = [f"{letter}|{code}" for letter, name in CODES.items() if (code := getattr(row, name)) is not None]
    person = row.sex, row.age_band, row.disability
    return cells if set(person) == {UNKNOWN} else [*cells, f"{PERSON}|{'|'.join(person)}"]
