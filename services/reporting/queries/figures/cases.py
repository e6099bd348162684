"""Cases as they stood on the last day of a period: reopened ones are open, merged ones count no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from services.reporting.domain import CaseFact, CaseTurn
from services.reporting.domain.rollup import UNKNOWN
from services.reporting.indicators.indicator import Cases, Dimension, Indicator
from services.reporting.queries.figures.scope import Cells, Scope, average, folded, per_cent

COUNTED_BY = CaseFact.case_type, CaseFact.place, CaseFact.sex, CaseFact.age_band, CaseFact.nationality
Read = Callable[[Session, Scope, date, date], Sequence[Any]]


def case_cells(
    session: Session, scope: Scope, first: date, last: date, indicators: Sequence[Indicator]
) -> dict[str, Cells]:
    """Figures of `Cases` measures, by code; what several ask for is read once."""
    read: dict[Read, Sequence[Any]] = {}
    found = {}
    for indicator in indicators:
        measure = indicator.measure
        assert isinstance(measure, Cases)
        reader, told = _MEASURES[measure.what]
        if reader not in read:
            read[reader] = reader(session, scope, first, last)
        rows = [row for row in read[reader] if _is_of(row, measure)]
        found[indicator.code] = told(rows, indicator.dimensions)
    return found


def is_begun(turn: Any, scope: Scope, day: date) -> ColumnElement[bool]:
    """Whether a turn began by the end of a day."""
    return or_(turn.begun_on <= day, turn.begun_at < scope.end_of(day))


def counts_on(turn: Any, scope: Scope, day: date) -> ColumnElement[bool]:
    """Whether a turn says how its case stands at the end of a day."""
    goes_on = and_(
        or_(turn.ended_on.is_(None), turn.ended_on > day),
        or_(turn.ended_at.is_(None), turn.ended_at >= scope.end_of(day)),
    )
    return and_(is_begun(turn, scope, day), goes_on)


def lived_in(turn: Any, scope: Scope, first: date, last: date) -> ColumnElement[bool]:
    """Whether a turn counted on some day of the period, or began and ended in it."""
    not_before = and_(
        or_(turn.ended_on.is_(None), turn.ended_on >= first),
        or_(turn.ended_at.is_(None), turn.ended_at >= scope.begin_of(first)),
    )
    return and_(is_begun(turn, scope, last), not_before)


def opened(scope: Scope, first: date, last: date) -> Any:
    """Conditions on `CaseFact`: taken in by the organisation in the period, and not merged by its end."""
    return and_(
        CaseFact.organisation_id == scope.organisation_id,
        CaseFact.submitted_on.between(first, last),
        scope.covers(CaseFact.place),
        ~_merged(scope, last),
    )


def closed(turn: Any, scope: Scope, first: date, last: date) -> Any:
    """Conditions on a turn: closed by the organisation in the period, and not opened again or merged by its end."""
    return and_(
        turn.organisation_id == scope.organisation_id,
        turn.closed_on.between(first, last),
        turn.state == "closed",
        counts_on(turn, scope, last),
    )


def open_at_end(turn: Any, scope: Scope, last: date) -> Any:
    """Conditions on a turn: the organisation's, and open at the end of the day."""
    return and_(turn.organisation_id == scope.organisation_id, turn.state == "open", counts_on(turn, scope, last))


def _merged(scope: Scope, last: date) -> ColumnElement[bool]:
    turn = aliased(CaseTurn)
    return exists().where(turn.case_id == CaseFact.case_id, turn.state == "merged", counts_on(turn, scope, last))


def _opened(session: Session, scope: Scope, first: date, last: date) -> Sequence[Any]:
    statement = select(*COUNTED_BY, func.count().label("cases")).where(opened(scope, first, last))
    return session.execute(statement.group_by(*COUNTED_BY)).all()


def _closed(session: Session, scope: Scope, first: date, last: date) -> Sequence[Any]:
    days = CaseTurn.reason, CaseFact.submitted_on, CaseTurn.closed_on
    return session.execute(
        select(*COUNTED_BY, *days, func.count().label("cases"))
        .join(CaseTurn, CaseTurn.case_id == CaseFact.case_id)
        .where(closed(CaseTurn, scope, first, last), scope.covers(CaseFact.place))
        .group_by(*COUNTED_BY, *days)
    ).all()


def _open_at_end(session: Session, scope: Scope, _first: date, last: date) -> Sequence[Any]:
    return session.execute(
        select(*COUNTED_BY, func.count().label("cases"))
        .join(CaseTurn, CaseTurn.case_id == CaseFact.case_id)
        .where(open_at_end(CaseTurn, scope, last), scope.covers(CaseFact.place))
        .group_by(*COUNTED_BY)
    ).all()


def _worked_on(session: Session, scope: Scope, first: date, last: date) -> Sequence[Any]:
    """Cases that were open at some time of the period, with how many of them are closed at its end."""
    turn, end = aliased(CaseTurn), aliased(CaseTurn)
    ended = exists().where(end.case_id == CaseFact.case_id, closed(end, scope, first, last))
    candidates = select(turn.case_id).where(
        turn.organisation_id == scope.organisation_id, turn.state == "open", lived_in(turn, scope, first, last)
    )
    count = func.count().label("cases"), func.sum(case((ended, 1), else_=0)).label("closed")
    return session.execute(
        select(*COUNTED_BY, *count)
        .where(CaseFact.case_id.in_(candidates), scope.covers(CaseFact.place), ~_merged(scope, last))
        .group_by(*COUNTED_BY)
    ).all()


def _is_of(row: Any, measure: Cases) -> bool:
    if measure.types and row.case_type not in measure.types:
        return False
    if measure.what not in ("closed", "days_to_close") or not measure.reasons:
        return True
    return (row.reason in measure.reasons) != measure.other_reasons


def _category(row: Any, dimension: Dimension) -> str:
    match dimension:
        case "sex" | "nationality" | "place":
            return getattr(row, dimension) or UNKNOWN
        case "age":
            return str(row.age_band)
        case "sex_age_disability":
            return f"{row.sex}|{row.age_band}|{UNKNOWN}"
    return UNKNOWN


def _counted(rows: Sequence[Any], dimensions: tuple[Dimension, ...]) -> Cells:
    cases = sum(row.cases for row in rows)
    by = folded([(row, Decimal(row.cases)) for row in rows], dimensions, _category)
    return Cells(Decimal(cases), None, by, cases)


def _days(rows: Sequence[Any], dimensions: tuple[Dimension, ...]) -> Cells:
    """Days from the submission to the closing that stands; on the same day: 0."""
    return _ratio(rows, dimensions, lambda row: (row.closed_on - row.submitted_on).days * row.cases, average)


def _rate(rows: Sequence[Any], dimensions: tuple[Dimension, ...]) -> Cells:
    return _ratio(rows, dimensions, lambda row: int(row.closed), per_cent)


def _ratio(
    rows: Sequence[Any],
    dimensions: tuple[Dimension, ...],
    part: Callable[[Any], int],
    ratio: Callable[[int, int], Decimal | None],
) -> Cells:
    cases = sum(row.cases for row in rows)
    parts: dict[Dimension, dict[str, list[int]]] = {dimension: {} for dimension in dimensions}
    for row in rows:
        for dimension in dimensions:
            of = parts[dimension].setdefault(_category(row, dimension), [0, 0])
            of[0], of[1] = of[0] + part(row), of[1] + row.cases
    by = {
        dimension: {key: found for key, of in sorted(each.items()) if (found := ratio(*of)) is not None}
        for dimension, each in parts.items()
    }
    return Cells(ratio(sum(map(part, rows)), cases), None, by, cases)


_MEASURES: Mapping[str, tuple[Read, Callable[[Sequence[Any], tuple[Dimension, ...]], Cells]]] = {
    "opened": (_opened, _counted),
    "closed": (_closed, _counted),
    "open_at_end": (_open_at_end, _counted),
    "days_to_close": (_closed, _days),
    "closure_rate": (_worked_on, _rate),
}
