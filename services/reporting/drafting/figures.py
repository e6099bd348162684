"""The figures of one draft: of its period and since the grant began, beside those that others publish of the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.reporting.disclosure import threshold
from services.reporting.domain import Grant
from services.reporting.drafting.issues import other_rhythms
from services.reporting.indicators import INDICATORS, PEOPLE_REACHED, Indicator
from services.reporting.indicators.declared.incidents import INCIDENTS
from services.reporting.indicators.indicator import Cases, Referrals, Services, Told
from services.reporting.queries import figures
from services.reporting.queries.figures import Cells, Scope

Figures = Mapping[str, Cells]
"""By code. Beside an indicator that counts services stand the people they were for, under `served_by` its code; beside
one that counts what is open at the end, what was open on the day before, under `begun_with` its code."""
OPENED, CLOSED = "case.opened", "case.closed"
LOADS = ("case.open", "rfl.tracing_open")
"""Cases that are open: what was opened and closed makes the one of two days of the other, of whichever type."""
ONE_DAY = timedelta(days=1)
SHOWN_BY_DIMENSION = frozenset({PEOPLE_REACHED.code, *(one.code for one in INCIDENTS)})
"""Of the others, a report shows totals alone."""
SENSITIVE = Services(
    "services",
    frozenset().union(
        *(one.measure.categories for one in INDICATORS.values() if one.sensitive and isinstance(one.measure, Services))
    ),
)
_SENSITIVE = Indicator("sensitive", "", "", "services", "sum", SENSITIVE, "", "")


@dataclass(frozen=True)
class Sharing:
    """Another grant that paid for a part of the same services."""

    age_scheme: str
    period: Figures
    to_date: Figures


@dataclass(frozen=True)
class Parts:
    """Cases by where they are, in parts that the grants of an organisation put together differently. `ours`: the parts
    of this grant; `others`: those of each other one."""

    ours: frozenset[str]
    others: tuple[frozenset[str], ...]
    figures: Mapping[str, Figures]


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
    parts: Parts
    earlier: Figures
    """Services since the grant began, before this period."""
    least: int
    """The smallest figure about people that is shown, beside 0."""
    alone: bool
    """No other grant of the organisation reports on this time, or each begins with this one and cuts it in the same
    way: else the difference of two figures since two grants began is a figure of cases, too."""
    other_rhythm: bool
    """Another grant's donor has a report over a different period that has days in common with this one: differences
    of cases between the two would be figures too."""
    sharing_rhythm: bool
    """It is one that paid for a part of the same services: so would those of people served."""


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
    services = list(filter(counts_services, indicators))
    served = list(map(_served, services))
    indicators += served
    totals = [*(replace(one, dimensions=()) for one in indicators), _SENSITIVE]
    others = _others(session, grant)
    sharing = {
        number: Sharing(
            others[number].age_scheme if number in others else scope.age_scheme,
            figures.count(session, replace(scope, grant=number), first, last, indicators),
            figures.count(
                session,
                replace(scope, grant=number),
                _begin(others.get(number), since, last),
                last,
                totals,
            ),
        )
        for number in figures.shared_with(session, scope, since, last)
    }
    of_cases = [one for one in indicators if isinstance(one.measure, Cases | Referrals | Told)]
    scopes = [scope_of(one) for one in others.values() if one.starts_on <= last and one.ends_on >= first]
    differing = [one for one in scopes if _cut(one) != _cut(scope)]
    found = figures.count(session, scope, since, last, totals)
    rhythms = other_rhythms(session, grant, first, last)
    return Counted(
        scope,
        figures.count(session, scope, first, last, indicators) | _begun_with(session, scope, first),
        found | _begun_with(session, scope, since),
        sharing,
        tuple(figures.count(session, one, first, last, of_cases) for one in differing),
        _parts(session, scope, differing, (first, last), of_cases),
        figures.count(session, scope, since, first - ONE_DAY, [*services, *served]) if since < first else {},
        threshold(sensitive=any(_is_sensitive(one) for one in (found, *(other.to_date for other in sharing.values())))),
        all((_cut(one), one.starts_on) == (_cut(scope), since) for one in scopes),
        bool(rhythms),
        any(others[number].id in rhythms for number in sharing if number in others),
    )


def _others(session: Session, grant: Grant) -> dict[str, Grant]:
    others = select(Grant).where(Grant.organisation_id == grant.organisation_id, Grant.id != grant.id)
    return {one.number: one for one in session.scalars(others)}


def _is_sensitive(found: Figures) -> bool:
    return bool(found[_SENSITIVE.code].total)


def _begun_with(session: Session, scope: Scope, first: date) -> dict[str, Cells]:
    eve = first - ONE_DAY
    loads = [replace(INDICATORS[code], code=begun_with(code), dimensions=()) for code in LOADS]
    return figures.count(session, scope, eve, eve, loads)


def begun_with(code: str) -> str:
    """The code of what was open on the day before."""
    return f"{code}/before"


def _parts(
    session: Session, scope: Scope, differing: Sequence[Scope], period: tuple[date, date], indicators: list[Indicator]
) -> Parts:
    """Countries that each grant has or has not stand together; what no grant names is one part more."""
    named = sorted(frozenset().union(*(one.countries for one in (scope, *differing))))
    together: dict[tuple[bool, ...], list[str]] = {}
    for country in named:
        together.setdefault(tuple(_has(one, country) for one in (scope, *differing)), []).append(country)
    of_places = [one for one in indicators if not isinstance(one.measure, Referrals)]
    found = {
        some[0]: figures.count(session, replace(scope, countries=tuple(some)), *period, of_places)
        for some in (together.values() if differing else ())
    }
    if differing and not all(one.countries for one in (scope, *differing)):
        everywhere = figures.count(session, replace(scope, countries=()), *period, of_places)
        found[""] = {code: _elsewhere(cells, [of[code] for of in found.values()]) for code, cells in everywhere.items()}
    ours, *others = (frozenset(part for part in found if _has(one, part)) for one in (scope, *differing))
    return Parts(ours, tuple(others), found)


def _has(scope: Scope, country: str) -> bool:
    return not scope.countries or country in scope.countries


def _elsewhere(everywhere: Cells, parts: Iterable[Cells]) -> Cells:
    return replace(everywhere, facts=everywhere.facts - sum(one.facts for one in parts))


def _cut(scope: Scope) -> tuple[frozenset[str], str]:
    return frozenset(scope.countries), scope.time_zone


def _begin(grant: Grant | None, since: date, last: date) -> date:
    """Where the figures begin that a sharing grant's report gives since its own begin."""
    return since if grant is None else min(grant.starts_on, last)


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
