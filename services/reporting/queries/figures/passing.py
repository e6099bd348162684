"""Referrals, released news and incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.reporting.domain import CaseFact, IncidentFact, PassedFact, ReleaseFact
from services.reporting.domain.rollup import UNKNOWN
from services.reporting.indicators.indicator import Dimension, Incidents, Indicator, Referrals, Told
from services.reporting.queries.figures.scope import Cells, Scope, average, folded, per_cent

MICROSECOND = timedelta(microseconds=1)
MICROSECONDS_OF_HOUR = timedelta(hours=1) // MICROSECOND


def referral_cells(
    session: Session, scope: Scope, first: date, last: date, indicators: Sequence[Indicator]
) -> dict[str, Cells]:
    """Figures of `Referrals` measures, by code. They say nothing of whom they are about: all categories are unknown."""
    return {
        indicator.code: _referrals(session, scope, first, last, indicator, indicator.measure)
        for indicator in indicators
        if isinstance(indicator.measure, Referrals)
    }


def referred(scope: Scope, first: date, last: date, measure: Referrals) -> Any:
    """Conditions on `PassedFact`: sent or received in the period, or answered in it."""
    whose = PassedFact.organisation_id if measure.what == "sent" else PassedFact.receiver_id
    moment: InstrumentedAttribute[Any] = (
        PassedFact.offered_at if measure.what in ("sent", "received") else PassedFact.answered_at
    )
    conditions = [
        PassedFact.family == "referral",
        whose == scope.organisation_id,
        moment >= scope.begin_of(first),
        moment < scope.end_of(last),
    ]
    if measure.what == "accepted":
        conditions.append(PassedFact.answer == "accepted")
    return and_(*conditions)


def _referrals(
    session: Session, scope: Scope, first: date, last: date, indicator: Indicator, measure: Referrals
) -> Cells:
    conditions = referred(scope, first, last, measure)
    if measure.what != "answer_hours":
        found = int(session.scalar(select(func.count()).select_from(PassedFact).where(conditions)) or 0)
        return Cells(Decimal(found), None, _unknown(Decimal(found), indicator), found)
    times = session.execute(select(PassedFact.offered_at, PassedFact.answered_at).where(conditions)).all()
    took = sum((answered - offered for offered, answered in times if answered is not None), timedelta())
    hours = average(Decimal(took // MICROSECOND) / MICROSECONDS_OF_HOUR, len(times))
    return Cells(hours, None, _unknown(hours, indicator), len(times))


def _unknown(figure: Decimal | None, indicator: Indicator) -> dict[Dimension, dict[str, Decimal]]:
    return {dimension: {UNKNOWN: figure} if figure else {} for dimension in indicator.dimensions}


def told_cells(
    session: Session, scope: Scope, first: date, last: date, indicators: Sequence[Indicator]
) -> dict[str, Cells]:
    """Figures of `Told` measures, by code: in time is by the end of the day after the release, in the grant's zone."""
    rows = session.execute(
        select(ReleaseFact.released_at, ReleaseFact.told_on, CaseFact.place)
        .join(CaseFact, CaseFact.case_id == ReleaseFact.case_id, isouter=True)
        .where(released(scope, first, last))
    ).all()
    in_time = [row for row in rows if is_in_time(scope, row)]
    return {
        indicator.code: _told(rows, in_time, indicator, indicator.measure)
        for indicator in indicators
        if isinstance(indicator.measure, Told)
    }


def released(scope: Scope, first: date, last: date) -> Any:
    """Conditions on `ReleaseFact`, joined with its case: the organisation's news of the period."""
    return and_(
        ReleaseFact.organisation_id == scope.organisation_id,
        ReleaseFact.released_at >= scope.begin_of(first),
        ReleaseFact.released_at < scope.end_of(last),
        scope.covers(CaseFact.place),
    )


def is_in_time(scope: Scope, release: Any) -> bool:
    """Whether the family was told on the day of the release or the one after."""
    if release.told_on is None:
        return False
    return bool(release.told_on <= scope.day_of(release.released_at) + timedelta(days=1))


def _told(rows: Sequence[Any], in_time: Sequence[Any], indicator: Indicator, measure: Told) -> Cells:
    if measure.what == "share_told_in_time":
        every, some = (_counted(of, indicator.dimensions) for of in (rows, in_time))
        by = {dimension: _shares(some[dimension], of) for dimension, of in every.items()}
        return Cells(per_cent(len(in_time), len(rows)), None, by, len(rows))
    counted = rows if measure.what == "released" else in_time
    return Cells(Decimal(len(counted)), None, _counted(counted, indicator.dimensions), len(counted))


def _shares(some: Mapping[str, Decimal], every: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {key: per_cent(int(some.get(key, 0)), int(of)) or Decimal(0) for key, of in every.items()}


def _counted(rows: Sequence[Any], dimensions: tuple[Dimension, ...]) -> dict[Dimension, dict[str, Decimal]]:
    return folded([(row, Decimal(1)) for row in rows], dimensions, _category)


def _category(row: Any, dimension: Dimension) -> str:
    return getattr(row, dimension, None) or UNKNOWN


def incident_cells(
    session: Session, scope: Scope, first: date, last: date, indicators: Sequence[Indicator]
) -> dict[str, Cells]:
    """Figures of `Incidents` measures, by code. A blank figure is unknown and adds 0."""
    figures = IncidentFact.dead, IncidentFact.missing, IncidentFact.survivors
    rows = session.execute(
        select(
            IncidentFact.route,
            IncidentFact.source_quality,
            func.count().label("incidents"),
            *(func.coalesce(func.sum(one), 0).label(one.key) for one in figures),
        )
        .where(happened(scope, first, last))
        .group_by(IncidentFact.route, IncidentFact.source_quality)
    ).all()
    return {
        indicator.code: _incidents(rows, indicator, indicator.measure)
        for indicator in indicators
        if isinstance(indicator.measure, Incidents)
    }


def happened(scope: Scope, first: date, last: date) -> Any:
    """Conditions on `IncidentFact`: it lies wholly in the period."""
    return and_(
        IncidentFact.organisation_id == scope.organisation_id,
        IncidentFact.occurred_from >= first,
        IncidentFact.occurred_to <= last,
    )


def _incidents(rows: Sequence[Any], indicator: Indicator, measure: Incidents) -> Cells:
    figures = [(row, Decimal(int(getattr(row, measure.what)))) for row in rows]
    by = folded(figures, indicator.dimensions, _category)
    return Cells(sum((figure for _, figure in figures), Decimal(0)), None, by, sum(row.incidents for row in rows))
