"""The figures of one draft: of its period and from the grant's begin on, of the grant and of those that share services
with it; and which of them stand for too few people to be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from services.reporting.disclosure import is_small, threshold
from services.reporting.domain import Grant
from services.reporting.indicators import Indicator
from services.reporting.indicators.indicator import Services
from services.reporting.queries import figures
from services.reporting.queries.figures import Cells, Scope

RATES = ("per_cent", "hours", "days")


@dataclass(frozen=True)
class Counted:
    """What was counted, by code. `others`: the same period, of each grant that paid for a part of the same services.
    Beside an indicator that counts services stand the people they were for, under `served_by` its code."""

    scope: Scope
    period: Mapping[str, Cells]
    to_date: Mapping[str, Cells]
    others: Mapping[str, Mapping[str, Cells]]


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
    scope = scope_of(grant)
    indicators = [*indicators, *map(_served, filter(_counts_services, indicators))]
    others = {
        number: figures.count(session, replace(scope, grant=number), first, last, indicators)
        for number in figures.shared_with(session, scope, first, last)
    }
    return Counted(
        scope,
        figures.count(session, scope, first, last, indicators),
        figures.count(session, scope, grant.starts_on, last, indicators),
        others,
    )


def least_of(indicator: Indicator) -> int:
    """The smallest figure of it that is shown, beside 0."""
    return threshold(sensitive=indicator.sensitive)


def served_by(code: str) -> str:
    """The code of how many people the services of an indicator were for."""
    return f"{code}/people"


def _counts_services(indicator: Indicator) -> bool:
    return indicator.unit == "services" and isinstance(indicator.measure, Services)


def _served(indicator: Indicator) -> Indicator:
    assert isinstance(indicator.measure, Services)
    people = replace(indicator.measure, what="people")
    return replace(indicator, code=served_by(indicator.code), unit="people", measure=people, dimensions=())


def few(indicator: Indicator, cells: Mapping[str, Cells]) -> bool:
    """Whether the figure stands for too few people: a rate or a mean for its facts, services for the people they were
    for, or for as many as they are where that was not recorded."""
    own = cells[indicator.code]
    if not indicator.of_people or own.total is None:
        return False
    stands_for = own.facts if indicator.unit in RATES else whole(own.total)
    if _counts_services(indicator):
        stands_for = whole(cells[served_by(indicator.code)].total or Decimal(0)) or stands_for
    return is_small(stands_for, least_of(indicator))


def whole(figure: Decimal) -> int:
    """A count as the integer that it is. Raises ValueError for one that is none."""
    made = int(figure)
    if made != figure:
        raise ValueError("a count of people is not whole")
    return made


def too_few(found: Counted, indicators: Sequence[Indicator], hidden: Iterable[str]) -> frozenset[str]:
    """The codes whose figure of the period is withheld: for its size, or because it tells of a few people together with
    the figure of which it is a part or with that of another grant; and those in `hidden`."""
    asked = {one.code: one for one in indicators}
    shut = set(hidden) & asked.keys()
    for code, one in asked.items():
        beside = [of[code] for of in found.others.values()]
        whole_of = asked.get(one.part_of)
        if whole_of is not None:
            beside.append(found.period[whole_of.code])
        if few(one, found.period) or any(_near(one, found.period[code], other) for other in beside):
            shut.add(code)
    return frozenset(shut)


def _near(indicator: Indicator, one: Cells, other: Cells) -> bool:
    if indicator.unit not in ("people", "cases") or one.total is None or other.total is None or not indicator.of_people:
        return False
    return is_small(abs(whole(one.total - other.total)), least_of(indicator))
