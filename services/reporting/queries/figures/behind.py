"""The facts that a figure stands on, for an authorised auditor: their ids and where they are in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from pydantic_core import from_json
from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.orm import Session

from services.reporting.domain import CaseFact, CaseTurn, IncidentFact, PassedFact, ReleaseFact, ServedFact
from services.reporting.domain.rollup import UNKNOWN
from services.reporting.indicators import ages
from services.reporting.indicators.indicator import Cases, Dimension, Incidents, Indicator, Referrals, Services, Told
from services.reporting.queries.figures import cases, passing
from services.reporting.queries.figures.scope import FactRef, Scope
from services.reporting.queries.figures.services import paid_by
from services.reporting.settings import LISTENS_TO
from shared.errors import Conflict, InvalidInput

(SOURCE,) = LISTENS_TO
Refs = Iterable[tuple[Any, Any, Any]]
"""(partition, position, event id); a part that there is none of is None."""
Narrowed = Mapping[Dimension, str]
"""Dimension → category, of one cell of a table; an age as an atomic bin, or as a band of the grant's or broad ones."""
OF_A_PERSON: tuple[Dimension, ...] = ("sex", "age", "disability", "nationality", "legal_status")
"""In the order in which a delivery tells of the people whom it served."""
_OF_A_DELIVERY: tuple[Dimension, ...] = ("place", "modality")
_TOLD_APART: Mapping[type[Any], frozenset[Dimension]] = {
    Services: frozenset({*OF_A_PERSON, *_OF_A_DELIVERY}),
    Incidents: frozenset({"route", "source_quality"}),
}


def refs_behind(
    session: Session, scope: Scope, first: date, last: date, indicator: Indicator, narrowed: Narrowed
) -> list[FactRef]:
    """In the order of the log. Raises `Conflict` for facts that were counted before their places were kept, and
    `InvalidInput` where the indicator's facts are not told apart by a dimension."""
    if not narrowed.keys() <= _TOLD_APART.get(type(indicator.measure), frozenset()):
        raise InvalidInput("The facts of this indicator are not told apart by this: ask for all of them.")
    refs = _READERS[type(indicator.measure)](session, scope, first, last, indicator.measure, narrowed)
    found = set()
    for partition, position, event_id in refs:
        if position is None or event_id is None:
            raise Conflict(
                "Some of these facts were counted before their places in the log were kept: run `kinbridge rebuild "
                "reporting` once, and ask again."
            )
        found.add(FactRef(SOURCE, partition, position, event_id))
    return sorted(found)


def _services(session: Session, scope: Scope, first: date, last: date, measure: Services, narrowed: Narrowed) -> Refs:
    fact = ServedFact
    columns = fact.partition, fact.position, fact.event_id, fact.corrected_position, fact.corrected_event_id
    asked = (fact.people, fact.cells, fact.place, fact.modality) if narrowed else ()
    rows = session.execute(
        select(*columns, *asked).where(
            fact.organisation_id == scope.organisation_id,
            fact.delivered_on.between(first, last),
            fact.category.in_(sorted(measure.categories)) if measure.categories else true(),
            paid_by(session, fact.shares, scope.grant),
        )
    )
    return _with_later(row[: len(columns)] for row in rows if not narrowed or _served(row, narrowed, scope))


def _served(row: Any, narrowed: Narrowed, scope: Scope) -> bool:
    """Whether a delivery of these categories served somebody of these; whom nothing is told of is unknown in all."""
    of_it = (narrowed.get(name) in (None, getattr(row, name) or UNKNOWN) for name in _OF_A_DELIVERY)
    cells = from_json(row.cells)
    people = [dict(zip(OF_A_PERSON, cell, strict=False)) for cell in cells]
    if not cells or row.people > sum(cell[len(OF_A_PERSON)] for cell in cells):
        people.append(dict.fromkeys(OF_A_PERSON, UNKNOWN))
    return all(of_it) and any(_is_one(one, narrowed, scope) for one in people)


def _is_one(person: Mapping[Dimension, str | None], narrowed: Narrowed, scope: Scope) -> bool:
    age = person["age"] or UNKNOWN
    bands = {age, ages.SCHEMES[scope.age_scheme].get(age, age), ages.BROAD.get(age, age)}
    return narrowed.get("age", age) in bands and all(
        narrowed.get(name) in (None, person[name] or UNKNOWN) for name in OF_A_PERSON if name != "age"
    )


def _with_later(rows: Iterable[Any]) -> Refs:
    """Each fact, and the later one that the row names, where there is one."""
    for partition, position, event_id, later, later_id in rows:
        yield partition, position, event_id
        if later is not None:
            yield partition, later, later_id


def _cases(session: Session, scope: Scope, first: date, last: date, measure: Cases, _narrowed: Narrowed) -> Refs:
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


def _incidents(
    session: Session, scope: Scope, first: date, last: date, _measure: Incidents, narrowed: Narrowed
) -> Refs:
    refs = select(IncidentFact.partition, IncidentFact.position, IncidentFact.event_id)
    of = (func.coalesce(getattr(IncidentFact, name), UNKNOWN) == category for name, category in narrowed.items())
    return _plain(session, refs.where(passing.happened(scope, first, last), *of))


def _referrals(
    session: Session, scope: Scope, first: date, last: date, measure: Referrals, _narrowed: Narrowed
) -> Refs:
    fact = PassedFact
    columns = fact.partition, fact.position, fact.event_id, fact.answered_position, fact.answered_event_id
    rows = session.execute(select(*columns).where(passing.referred(scope, first, last, measure))).all()
    if measure.what in ("sent", "received"):
        return [(row.partition, row.position, row.event_id) for row in rows]
    return _with_later(rows)


def _told(session: Session, scope: Scope, first: date, last: date, measure: Told, _narrowed: Narrowed) -> Refs:
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
