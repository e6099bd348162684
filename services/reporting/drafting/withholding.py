"""Which figures of a draft are withheld: small ones, and those that tell of a few people together with another figure
of this issue, of an earlier one, or of another grant's report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from services.reporting.disclosure import is_small
from services.reporting.drafting.figures import Counted, Figures, counts_services, served_by, whole
from services.reporting.indicators import INDICATORS, PEOPLE_REACHED, Indicator
from services.reporting.indicators.indicator import Cases, Referrals, Services, Told
from services.reporting.rendering.issue import Cell

RATES = ("per_cent", "hours", "days")
OPENED, CLOSED = "case.opened", "case.closed"
ALWAYS = (PEOPLE_REACHED.code, OPENED, CLOSED)
"""What tables other than that of indicators may say."""
_TIED: Mapping[str, tuple[str, ...]] = {
    "closed": ("closed", "open_at_end", "closure_rate"),
    "opened": ("open_at_end", "closure_rate"),
    "open_at_end": ("closed", "closure_rate"),
}
"""A figure of cases that is withheld → those that would give it away."""


@dataclass(frozen=True)
class Hidden:
    """Codes of indicators whose figure is withheld: of the period, and since the grant began."""

    period: frozenset[str]
    to_date: frozenset[str]


def withheld_codes(
    found: Counted, asked: Mapping[str, Indicator], hidden: Iterable[str], before: Mapping[str, Cell]
) -> Hidden:
    """What is withheld of the indicators asked for. `hidden`: what another table cannot show; `before`: the figures
    since the grant began that its donor has from the last published issue."""
    every = {**{code: INDICATORS[code] for code in ALWAYS}, **asked}
    of_period = [found.period, *(one.period for one in found.sharing.values()), *found.beside]
    period = _shut(every, of_period, found, set(hidden) & every.keys())
    since = period | {code for code, one in every.items() if _tells_of_a_period(one, found, before.get(code))}
    if not found.alone:
        since |= {code for code, one in every.items() if isinstance(one.measure, Cases | Referrals | Told)}
    of_all = [found.to_date, *(one.to_date for one in found.sharing.values())]
    return Hidden(frozenset(period), frozenset(_shut(every, of_all, found, since)))


def _shut(every: Mapping[str, Indicator], views: Sequence[Figures], found: Counted, shut: set[str]) -> set[str]:
    ours, others = views[0], views[1:]
    for code, one in every.items():
        near = any(_near(one, ours, other, found.least) for other in others if code in other)
        of_others = found.other_rhythm and isinstance(one.measure, Cases | Referrals | Told)
        if few(one, ours, found.least) or near or of_others or _rest_is_small(one, every, ours, found.least):
            shut.add(code)
    tied = shut
    while tied:
        tied = {
            code for code, one in every.items() if code not in shut and _balances(one, [every[other] for other in shut])
        }
        shut |= tied
    return shut


def few(indicator: Indicator, found: Figures, least: int) -> bool:
    """Whether the figure stands for too few people: a mean for its facts, a share also for those it leaves out,
    services for the people they were for, or for as many as they are where that was not recorded."""
    own = found[indicator.code]
    if not indicator.of_people or own.total is None:
        return False
    if indicator.unit == "per_cent":
        part = int((own.total * own.facts / 100).quantize(Decimal(1), ROUND_HALF_UP))
        return any(is_small(one, least) for one in (part, own.facts - part, own.facts))
    if indicator.unit in RATES:
        return is_small(own.facts, least)
    return is_small(_stands_for(indicator, found), least)


def _stands_for(indicator: Indicator, found: Figures) -> int:
    if counts_services(indicator) and (people := whole(found[served_by(indicator.code)].total)):
        return people
    return whole(found[indicator.code].total)


def _near(indicator: Indicator, ours: Figures, other: Figures, least: int) -> bool:
    if not indicator.of_people or indicator.unit in RATES:
        return False
    return is_small(abs(_stands_for(indicator, ours) - _stands_for(indicator, other)), least)


def _rest_is_small(one: Indicator, every: Mapping[str, Indicator], ours: Figures, least: int) -> bool:
    """Whether another figure counts the same and a few more: the rest is a figure too."""
    if not one.of_people or one.unit in RATES:
        return False
    figure = _stands_for(one, ours)
    return any(
        is_small(_stands_for(whole_of, ours) - figure, least)
        for whole_of in every.values()
        if whole_of.code != one.code and is_part(one, whole_of)
    )


def is_part(one: Indicator, of: Indicator) -> bool:
    """Whether everything that the one counts is counted by the other, too."""
    if one.part_of == of.code:
        return True
    mine, theirs = one.measure, of.measure
    if isinstance(mine, Services) and isinstance(theirs, Services):
        return of.unit == "people" and _within(mine.categories, theirs.categories)
    if isinstance(mine, Cases) and isinstance(theirs, Cases) and mine.what == theirs.what:
        narrower = _within(mine.types, theirs.types)
        return narrower and (
            not theirs.reasons or (mine.reasons, mine.other_reasons) == (theirs.reasons, theirs.other_reasons)
        )
    return False


def _within(one: frozenset[str], other: frozenset[str]) -> bool:
    """Empty stands for all."""
    return not other or (bool(one) and one <= other)


def _balances(one: Indicator, shut: Iterable[Indicator]) -> bool:
    """Whether a figure of cases that is withheld could be worked out from this one: what was open before, what was
    opened, closed for each reason, and is open still, make one sum."""
    mine = one.measure
    return isinstance(mine, Cases) and any(
        isinstance(other.measure, Cases)
        and other.code != one.code
        and mine.what in _TIED.get(other.measure.what, ())
        and _overlap(mine.types, other.measure.types)
        for other in shut
    )


def _overlap(one: frozenset[str], other: frozenset[str]) -> bool:
    return not one or not other or not one.isdisjoint(other)


def _tells_of_a_period(one: Indicator, found: Counted, before: Cell | None) -> bool:
    """Whether the figure since the grant began, less this period's or less the one published last, is a few people: of
    the periods before, or of facts that came late. Once withheld, it stays so."""
    if not one.of_people:
        return False
    if before is not None and before.mark == "withheld":
        return True
    if one.unit in RATES:
        return False
    so_far, actual = _stands_for(one, found.to_date), _stands_for(one, found.period)
    differences = [so_far - actual]
    if before is not None and before.value is not None and not counts_services(one):
        last = whole(Decimal(before.value))
        differences += [so_far - last, so_far - last - actual]
    return any(is_small(abs(difference), found.least) for difference in differences)
