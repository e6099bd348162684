"""The facts that a figure stands on, for an authorised auditor: their ids and where they are in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select, true
from sqlalchemy.orm import Session

from services.reporting.domain import CaseFact, CaseTurn, IncidentFact, PassedFact, ReleaseFact, ServedFact
from services.reporting.indicators.indicator import Cases, Incidents, Indicator, Referrals, Services, Told
from services.reporting.queries.figures import cases, passing
from services.reporting.queries.figures.scope import FactRef, Scope
from services.reporting.queries.figures.services import paid_by
from services.reporting.settings import LISTENS_TO
from shared.errors import Conflict

(SOURCE,) = LISTENS_TO
Refs = Iterable[tuple[Any, Any, Any]]
"""(partition, position, event id); a part that there is none of is None."""


def refs_behind(session: Session, scope: Scope, first: date, last: date, indicator: Indicator) -> list[FactRef]:
    """In the order of the log. Raises `Conflict` for facts that were counted before their places were kept."""
    refs = _READERS[type(indicator.measure)](session, scope, first, last, indicator.measure)
    found = set()
    for partition, position, event_id in refs:
        if position is None or event_id is None:
            raise Conflict(
                "Some of these facts were counted before their places in the log were kept: run `kinbridge rebuild "
                "reporting` once, and ask again."
            )
        found.add(FactRef(SOURCE, partition, position, event_id))
    return sorted(found)


def _services(session: Session, scope: Scope, first: date, last: date, measure: Services) -> Refs:
    fact = ServedFact
    rows = session.execute(
        select(fact.partition, fact.position, fact.event_id, fact.corrected_position, fact.corrected_event_id).where(
            fact.organisation_id == scope.organisation_id,
            fact.delivered_on.between(first, last),
            fact.category.in_(sorted(measure.categories)) if measure.categories else true(),
            paid_by(session, fact.shares, scope.grant),
        )
    )
    return _with_later(rows)


def _with_later(rows: Iterable[Any]) -> Refs:
    """Each fact, and the later one that the row names, where there is one."""
    for partition, position, event_id, later, later_id in rows:
        yield partition, position, event_id
        if later is not None:
            yield partition, later, later_id


def _cases(session: Session, scope: Scope, first: date, last: date, measure: Cases) -> Refs:
    if measure.what == "opened":
        refs = select(CaseFact.partition, CaseFact.position, CaseFact.event_id)
        which = cases.opened(scope, first, last)
        return _plain(session, refs.where(which, _of_type(measure)))
    which = {
        "open_at_end": cases.open_at_end(CaseTurn, scope, last),
        "closure_rate": or_(
            cases.closed(CaseTurn, scope, first, last),
            and_(
                CaseTurn.organisation_id == scope.organisation_id,
                CaseTurn.state == "open",
                cases.lived_in(CaseTurn, scope, first, last),
            ),
        ),
    }.get(measure.what, cases.closed(CaseTurn, scope, first, last))
    return _plain(
        session,
        select(CaseTurn.partition, CaseTurn.position, CaseTurn.event_id)
        .join(CaseFact, CaseFact.case_id == CaseTurn.case_id)
        .where(which, _of_type(measure), _for_reason(measure), scope.covers(CaseFact.place)),
    )


def _of_type(measure: Cases) -> Any:
    return CaseFact.case_type.in_(sorted(measure.types)) if measure.types else true()


def _for_reason(measure: Cases) -> Any:
    if measure.what not in ("closed", "days_to_close") or not measure.reasons:
        return true()
    named = CaseTurn.reason.in_(sorted(measure.reasons))
    return or_(~named, CaseTurn.reason.is_(None)) if measure.other_reasons else named


def _incidents(session: Session, scope: Scope, first: date, last: date, _measure: Incidents) -> Refs:
    refs = select(IncidentFact.partition, IncidentFact.position, IncidentFact.event_id)
    return _plain(session, refs.where(passing.happened(scope, first, last)))


def _referrals(session: Session, scope: Scope, first: date, last: date, measure: Referrals) -> Refs:
    fact = PassedFact
    columns = fact.partition, fact.position, fact.event_id, fact.answered_position, fact.answered_event_id
    rows = session.execute(select(*columns).where(passing.referred(scope, first, last, measure))).all()
    if measure.what in ("sent", "received"):
        return [(row.partition, row.position, row.event_id) for row in rows]
    return _with_later(rows)


def _told(session: Session, scope: Scope, first: date, last: date, measure: Told) -> Refs:
    fact = ReleaseFact
    columns = fact.partition, fact.position, fact.event_id, fact.told_position, fact.told_event_id
    rows = session.execute(
        select(*columns, fact.told_on, fact.released_at)
        .join(CaseFact, CaseFact.case_id == fact.case_id, isouter=True)
        .where(passing.released(scope, first, last))
    ).all()
    counted = [row for row in rows if measure.what != "told_in_time" or passing.is_in_time(scope, row)]
    if measure.what == "released":
        return [(row.partition, row.position, row.event_id) for row in counted]
    return _with_later(row[:5] for row in counted)


def _plain(session: Session, statement: Any) -> Refs:
    return [(partition, position, event_id) for partition, position, event_id in session.execute(statement)]


_READERS: Mapping[type[Any], Callable[..., Refs]] = {
    Services: _services,
    Cases: _cases,
    Incidents: _incidents,
    Referrals: _referrals,
    Told: _told,
}
