"""The figures of one draft: of its period and since the grant began, beside those that others publish of the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.reporting.disclosure import threshold
from services.reporting.domain import Grant, ReportIssue
from services.reporting.indicators import INDICATORS, PEOPLE_REACHED, Indicator
from services.reporting.indicators.declared.incidents import INCIDENTS
from services.reporting.indicators.indicator import Cases, Referrals, Services, Told
from services.reporting.queries import figures
from services.reporting.queries.figures import Cells, Scope

Figures = Mapping[str, Cells]
"""By code. Beside an indicator that counts services stand the people they were for, under `served_by` its code."""
SHOWN_BY_DIMENSION = frozenset({PEOPLE_REACHED.code, *(one.code for one in INCIDENTS)})
"""Of the others, a report shows totals alone."""
SENSITIVE = Services(
    "services",
    frozenset().union(
        *(one.measure.categories for one in INDICATORS.values() if one.sensitive and isinstance(one.measure, Services))
    ),
)


@dataclass(frozen=True)
class Sharing:
    """Another grant that paid for a part of the same services."""

    age_scheme: str
    period: Figures
    to_date: Figures


@dataclass(frozen=True)
class Counted:
    """What was counted for a grant."""

    scope: Scope
    period: Figures
    to_date: Figures
    sharing: Mapping[str, Sharing]
    beside: tuple[Figures, ...]
    """Cases, referrals and news belong to the organisation, not to one grant: the figures of the same period as the
    reports of its other grants cut them, where they cut them otherwise."""
    least: int
    """The smallest figure about people that is shown, beside 0."""
    alone: bool
    """No other grant of the organisation reports on this time, or each begins with this one and cuts it in the same
    way: else the difference of two figures since two grants began is a figure of cases, too."""
    other_rhythm: bool
    """Another grant's donor has a report over a different period that has days in common with this one: differences
    of cases between the two would be figures too."""


def scope_of(grant: Grant) -> Scope:
    """What the grant's figures are cut from."""
    return Scope(
        organisation_id=grant.organisation_id,
        grant=grant.number,
        countries=tuple(grant.countries),
        time_zone=grant.time_zone,
        age_scheme=grant.age_scheme,
        starts_on=grant.starts_on,
    )


def counted(session: Session, grant: Grant, first: date, last: date, indicators: Sequence[Indicator]) -> Counted:
    """Count the indicators over the period, and from the grant's first day on."""
    scope, since = scope_of(grant), grant.starts_on
    indicators = [one if one.code in SHOWN_BY_DIMENSION else replace(one, dimensions=()) for one in indicators]
    indicators += map(_served, filter(counts_services, tuple(indicators)))
    others = {
        one.number: one
        for one in session.scalars(
            select(Grant).where(Grant.organisation_id == grant.organisation_id, Grant.id != grant.id)
        )
    }
    sharing = {
        number: Sharing(
            others[number].age_scheme if number in others else scope.age_scheme,
            figures.count(session, replace(scope, grant=number), first, last, indicators),
            figures.count(
                session, replace(scope, grant=number), _begin(others.get(number), since, last), last, indicators
            ),
        )
        for number in figures.shared_with(session, scope, since, last)
    }
    of_cases = [one for one in indicators if isinstance(one.measure, Cases | Referrals | Told)]
    scopes = [scope_of(one) for one in others.values() if one.starts_on <= last and one.ends_on >= first]
    differing = [one for one in scopes if _cut(one) != _cut(scope)]
    sensitive = Indicator("sensitive", "", "", "services", "sum", SENSITIVE, "", "")
    found = figures.count(session, scope, since, last, [*indicators, sensitive])
    return Counted(
        scope,
        figures.count(session, scope, first, last, indicators),
        found,
        sharing,
        tuple(figures.count(session, one, first, last, of_cases) for one in differing),
        threshold(sensitive=bool(found["sensitive"].total)),
        all((_cut(one), one.starts_on) == (_cut(scope), since) for one in scopes),
        _has_other_rhythm(session, grant, first, last),
    )


def _cut(scope: Scope) -> tuple[frozenset[str], str]:
    return frozenset(scope.countries), scope.time_zone


def _begin(grant: Grant | None, since: date, last: date) -> date:
    """Where the figures begin that a sharing grant's report gives since its own begin."""
    return since if grant is None else min(grant.starts_on, last)


def _has_other_rhythm(session: Session, grant: Grant, first: date, last: date) -> bool:
    overlapping = (
        select(ReportIssue.number)
        .where(
            ReportIssue.organisation_id == grant.organisation_id,
            ReportIssue.grant_id != grant.id,
            ReportIssue.audience == "donor",
            ReportIssue.first <= last,
            ReportIssue.last >= first,
            (ReportIssue.first != first) | (ReportIssue.last != last),
        )
        .limit(1)
    )
    return session.scalar(overlapping) is not None


def served_by(code: str) -> str:
    """The code of how many people the services of an indicator were for."""
    return f"{code}/people"


def counts_services(indicator: Indicator) -> bool:
    """Whether it counts services, and not people."""
    return indicator.unit == "services" and isinstance(indicator.measure, Services)


def _served(indicator: Indicator) -> Indicator:
    assert isinstance(indicator.measure, Services)
    people = replace(indicator.measure, what="people")
    code = served_by(indicator.code)
    return replace(indicator, code=code, unit="people", formula="unique", measure=people, dimensions=())


def whole(figure: Decimal | None) -> int:
    """A count as the integer that it is; of nothing, 0. Raises ValueError for one that is none."""
    made = int(figure or 0)
    if made != (figure or 0):
        raise ValueError("a count of people is not whole")
    return made
