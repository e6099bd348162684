"""Services that no issue of a grant has told of yet: of days between two issues, or brought in after the last one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from services.reporting.domain import ServedFact, ServedPerson
from services.reporting.indicators import Indicator
from services.reporting.indicators.indicator import Services
from services.reporting.queries.figures import Scope
from services.reporting.queries.figures.services import paid_by
from services.reporting.rendering.issue import Covered, Issue


def served_untold(
    session: Session, scope: Scope, last: Issue, first: date, services: Iterable[Indicator]
) -> dict[str, int]:
    """By code: the people of services before a period that the last issue before it does not count, or how many these
    services are where people were not recorded. Corrections of what it counts are in none."""
    return {
        one.code: _people(session, _untold(session, scope, last, first, one.measure))
        for one in services
        if isinstance(one.measure, Services)
    }


def _people(session: Session, which: ColumnElement[bool]) -> int:
    fact, person = ServedFact, ServedPerson
    sums = func.coalesce(func.sum(fact.people), 0), func.coalesce(func.sum(fact.unlinked), 0)
    people, unlinked, quantity = session.execute(
        select(*sums, func.coalesce(func.sum(fact.quantity), 0)).where(which)
    ).one()
    if not people:
        return int(quantity)
    known, dropped = session.execute(
        select(func.count(person.token.distinct()), func.count() - func.count(person.token))
        .join(fact, and_(fact.partition == person.partition, fact.position == person.position))
        .where(which)
    ).one()
    return int(unlinked) + int(known) + int(dropped)


def _untold(session: Session, scope: Scope, last: Issue, first: date, measure: Services) -> ColumnElement[bool]:
    fact = ServedFact
    return and_(
        fact.organisation_id == scope.organisation_id,
        fact.delivered_on.between(scope.starts_on, first - timedelta(days=1)),
        *([fact.category.in_(sorted(measure.categories))] if measure.categories else ()),
        paid_by(session, fact.shares, scope.grant),
        or_(fact.delivered_on > last.date_to, *(_is_behind(one) for one in last.covers)),
    )


def _is_behind(covered: Covered) -> ColumnElement[bool]:
    return and_(ServedFact.partition == covered.partition, ServedFact.position > covered.position)
