"""People counted once over the whole period: recomputed from tokens, never summed over shorter ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from services.reporting.domain import ServedPerson
from services.reporting.domain.rollup import LEGAL_STATUS, MODALITY, NATIONALITY, PERSON, PLACE, UNKNOWN, WHOLE, Sums
from services.reporting.indicators.indicator import Dimension, Indicator, Services
from services.reporting.queries.figures.scope import Cells, Scope
from services.reporting.queries.figures.services import (
    LETTERS,
    by_dimension,
    categories_of,
    merged,
    paid_by,
    read_sums,
)
from shared.database import is_sqlite

CELL = (
    ServedPerson.sex,
    ServedPerson.age_band,
    ServedPerson.disability,
    ServedPerson.nationality,
    ServedPerson.legal_status,
    ServedPerson.place,
    ServedPerson.modality,
)
CODES = {NATIONALITY: "nationality", LEGAL_STATUS: "legal_status", PLACE: "place", MODALITY: "modality"}


def unique_cells(
    session: Session, scope: Scope, first: date, last: date, indicators: Sequence[Indicator]
) -> dict[str, Cells]:
    """Figures of `Services` measures with formula `unique`, by code.

    A person who was served several times stands in the cell of the latest service (by day; on one day by case, then by
    the log). Whoever carries no token is counted once per delivery.
    """
    asked = {indicator: measure for indicator in indicators if isinstance(measure := indicator.measure, Services)}
    letters = {LETTERS[one] for indicator in asked for one in indicator.dimensions if one in LETTERS}
    read = read_sums(session, scope, (first, last), categories_of(asked.values()), letters)
    sums = {indicator: merged(read, measure.categories) for indicator, measure in asked.items()}
    among = {indicator: frozenset(measure.categories or read) for indicator, measure in asked.items()}
    span = scope, first, last
    totals = _totals(session, span, {among[indicator] for indicator in asked if not indicator.dimensions})
    return {
        indicator.code: _split(
            session, _served(session, *span, among[indicator]), sums[indicator], indicator.dimensions
        )
        if indicator.dimensions
        else _whole(*totals[among[indicator]], sums[indicator])
        for indicator in asked
    }


def _whole(people: int, dropped: int, read: Mapping[str, Sums]) -> Cells:
    never = read.get(WHOLE, Sums())
    without = never.unlinked + dropped
    return Cells(Decimal(people + without), None, {}, never.services, without)


def _split(
    session: Session, which: ColumnElement[bool], read: Mapping[str, Sums], dimensions: tuple[Dimension, ...]
) -> Cells:
    never = read.get(WHOLE, Sums())
    figures = Counter({cell: of.unlinked for cell, of in read.items() if cell})
    people = _add(figures, session.execute(_latest(session, which)))
    without = never.unlinked + _add(figures, session.execute(_dropped(which)))
    by = by_dimension(figures, people + without, dimensions)
    return Cells(Decimal(people + without), None, by, never.services, without)


def _add(figures: Counter[str], rows: Iterable[Any]) -> int:
    people = 0
    for row in rows:
        people += row.people
        for cell in _cells(row):
            figures[cell] += row.people
    return people


def _served(session: Session, scope: Scope, first: date, last: date, categories: Iterable[str]) -> ColumnElement[bool]:
    return and_(
        ServedPerson.organisation_id == scope.organisation_id,
        ServedPerson.category.in_(sorted(categories)),
        ServedPerson.delivered_on.between(first, last),
        paid_by(session, ServedPerson.shares, scope.grant),
    )


def _totals(
    session: Session, span: tuple[Scope, date, date], among: Collection[frozenset[str]]
) -> dict[frozenset[str], tuple[int, int]]:
    """Categories → people by token, and rows whose token was dropped. All in one look at the rows."""
    if not among:
        return {}
    token, asked = ServedPerson.token, sorted(among, key=sorted)
    columns: list[ColumnElement[int]] = []
    for categories in asked:
        own = ServedPerson.category.in_(sorted(categories))
        columns += func.count(token.distinct()).filter(own), func.count().filter(own, token.is_(None))
    every = frozenset[str]().union(*among)
    found = session.execute(select(*columns).where(_served(session, *span, every))).one()
    return {categories: (found[2 * at], found[2 * at + 1]) for at, categories in enumerate(asked)}


def _latest(session: Session, which: ColumnElement[bool]) -> Any:
    """Of each person the latest row, counted by cell. PostgreSQL's DISTINCT ON takes a quarter of a window's time."""
    row, linked = ServedPerson, and_(which, ServedPerson.token.is_not(None))
    newest_first = row.delivered_on.desc(), row.case_id.desc(), row.position.desc(), row.number.desc()
    if is_sqlite(session):
        rank = func.row_number().over(partition_by=row.token, order_by=newest_first).label("rank")
        ranked = select(*CELL, rank).where(linked).subquery()
        return _by_cell([ranked.c[one.key] for one in CELL]).where(ranked.c.rank == 1)
    latest = (
        select(*CELL).ext(postgresql.distinct_on(row.token)).where(linked).order_by(row.token, *newest_first).subquery()
    )
    return _by_cell([latest.c[one.key] for one in CELL])


def _dropped(which: ColumnElement[bool]) -> Any:
    """Rows of people who were erased since, by cell."""
    return _by_cell(CELL).where(which, ServedPerson.token.is_(None))


def _by_cell(columns: Sequence[Any]) -> Any:
    return select(*columns, func.count().label("people")).group_by(*columns)


def _cells(row: Any) -> list[str]:
    cells = [f"{letter}|{code}" for letter, name in CODES.items() if (code := getattr(row, name)) is not None]
    person = row.sex, row.age_band, row.disability
    return cells if set(person) == {UNKNOWN} else [*cells, f"{PERSON}|{'|'.join(person)}"]
