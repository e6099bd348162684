"""Which figures of a draft are withheld: small ones, and those that tell of a few people together with another figure
of this issue, of one that a donor has already, or of another grant's report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations

from services.reporting.disclosure import is_small, tells_of_few
from services.reporting.drafting.cells import decimal
from services.reporting.drafting.figures import CLOSED, OPENED, Counted, Figures, counts_services, whole
from services.reporting.drafting.relations import (
    RATES,
    Asked,
    adds_up,
    balances,
    gives_away,
    loads_that_tell,
    rests,
    stands_for,
)
from services.reporting.drafting.told import Told, ToldBeside
from services.reporting.indicators import DELIVERED, INDICATORS, PEOPLE_REACHED, Indicator
from services.reporting.indicators.indicator import Cases, Referrals, Services
from services.reporting.indicators.indicator import Told as NewsTold
from services.reporting.queries.figures import Cells
from services.reporting.rendering.issue import Cell

ALWAYS = (PEOPLE_REACHED.code, OPENED, CLOSED)
"""What tables other than that of indicators may say."""


_AT_ONCE = 6
"""So many grants are added up: of more, hardly any sum is without a few by chance."""


@dataclass(frozen=True)
class Hidden:
    """Codes of indicators whose figure is withheld: of the period, and since the grant began."""

    period: frozenset[str]
    to_date: frozenset[str]


def withheld_codes(found: Counted, asked: Asked, hidden: Iterable[str], told: Told) -> Hidden:
    """What is withheld of the indicators asked for. `hidden`: what another table cannot show; `told`: what donors have
    of other periods and grants."""
    every = {**{code: INDICATORS[code] for code in ALWAYS}, **asked}
    views = [found.period, *(one.period for one in found.sharing.values()), *found.beside]
    shut = set(hidden) & every.keys()
    shut |= {code for code, one in every.items() if _tells_of_another(one, found, told)}
    period = _shut(every, views, found, shut)
    since = period | {code for code, one in every.items() if _tells_of_a_period(one, every, found, told)}
    of_all = [found.to_date, *(one.to_date for one in found.sharing.values())]
    since = _shut(every, of_all, found, since)
    period |= loads_that_tell(every, since, found.period, found.to_date, found.least)
    since |= period | _means_of_hidden(every, since - period)
    if not found.alone:
        since |= {code for code, one in every.items() if _is_the_organisations(one)}
    return Hidden(frozenset(period), frozenset(since))


def few(indicator: Indicator, found: Figures, least: int) -> bool:
    """Whether the figure stands for too few people: a mean for its facts, a share also for those it leaves out,
    services for the people they were for."""
    own = found[indicator.code]
    if not indicator.of_people or own.total is None:
        return False
    if indicator.unit in RATES:
        return any(is_small(one, least) for one in _facts(indicator, own))
    return is_small(stands_for(indicator, found), least)


def _facts(indicator: Indicator, own: Cells) -> tuple[int, ...]:
    """How many facts a rate or a mean stands on; of a share also how many of them it takes, and how many it leaves."""
    if indicator.unit != "per_cent" or own.total is None:
        return (own.facts,)
    part = int((own.total * own.facts / 100).quantize(Decimal(1), ROUND_HALF_UP))
    return own.facts, part, own.facts - part


def _is_the_organisations(one: Indicator) -> bool:
    """Whether it counts what belongs to the organisation, and not to one grant."""
    return isinstance(one.measure, Cases | Referrals | NewsTold)


def _shut(every: Asked, views: Sequence[Figures], found: Counted, shut: set[str]) -> set[str]:
    ours, others, least = views[0], views[1:], found.least
    for code, one in every.items():
        near = any(_near(one, every, ours, other, least) for other in others if code in other)
        near = near or _adds_up_nearly(one, views, least)
        if near or few(one, ours, least) or any(is_small(rest, least) for rest in rests(one, every, ours)):
            shut.add(code)
    shut |= set(balances(every, ours, found.to_date, least))
    more = shut
    while more:
        hidden = [every[code] for code in shut]
        more = {code for code, one in every.items() if code not in shut and gives_away(one, hidden, ours)}
        shut |= more
    return shut | ({DELIVERED.code} if adds_up(every, shut, ours, least) else set())


def _near(one: Indicator, every: Asked, ours: Figures, other: Figures, least: int) -> bool:
    """Whether the figure of another grant, or what it leaves of a whole, differs by a few."""
    if not one.of_people:
        return False
    mine, theirs = ours[one.code], other[one.code]
    if one.unit in RATES:
        pairs = list(zip(_facts(one, mine), _facts(one, theirs), strict=False))
    else:
        people = stands_for(one, ours), stands_for(one, other)
        if people[0] == people[1] and mine.total != theirs.total:
            return (
                True  # what one of them has more was for people whom the other served, too: for how many, is not known
            )
        both = {code: known for code, known in every.items() if code in other}
        pairs = [people, *zip(rests(one, both, ours), rests(one, both, other), strict=True)]
    return any(is_small(abs(figure - their), least) for figure, their in pairs)


def _adds_up_nearly(one: Indicator, views: Sequence[Figures], least: int) -> bool:
    """Whether several grants that paid for parts of the same services come to a few more or less than another: that is
    whom it paid for alone, where those had nobody in common. Whether they had, counts do not tell."""
    if not isinstance(one.measure, Services) or not one.of_people or one.unit in RATES:
        return False
    figures = [stands_for(one, view) for view in views[:_AT_ONCE] if one.code in view]
    return any(
        is_small(abs(figure - sum(some)), least)
        for at, figure in enumerate(figures)
        for size in range(2, len(figures))
        for places in combinations([other for other in range(len(figures)) if other != at], size)
        if all(some := [figures[place] for place in places]) and (at == 0 or 0 in places)
    )


def _tells_of_another(one: Indicator, found: Counted, told: Told) -> bool:
    """Whether the figure of the period tells of a few people together with what is told, or will be, of other grants
    or of the periods around."""
    if not one.of_people:
        return False
    if found.other_rhythm and _is_the_organisations(one):
        return True
    if found.sharing_rhythm and isinstance(one.measure, Services):
        return True
    period = found.period[one.code]
    if any(_differs_by_few(one, period, beside, actual=True, least=found.least) for beside in told.beside):
        return True
    return _in_parts(one, found) or _in_between(one, found, told)


def _differs_by_few(one: Indicator, own: Cells, beside: ToldBeside, *, actual: bool, least: int) -> bool:
    """Whether it differs by a few from what another grant's issue tells: of facts that came between the two."""
    of = beside.of.get(one.code)
    theirs = None if of is None else of.actual if actual else of.cumulative
    if theirs is None or theirs.value is None or own.total is None:
        return False
    if isinstance(one.measure, Services) and not beside.shares:
        return False
    if one.unit in RATES:
        return beside.alike and decimal(own.total) != theirs
    return is_small(abs(whole(own.total) - whole(Decimal(theirs.value))), least)


def _in_parts(one: Indicator, found: Counted) -> bool:
    """Whether the reports of several grants tell together of a few cases somewhere."""
    parts = found.parts
    if not all(one.code in of for of in parts.figures.values()):
        return False
    figures = {part: of[one.code].facts for part, of in parts.figures.items()}
    shown = [of for of in parts.others if not is_small(sum(figures[part] for part in of), found.least)]
    return tells_of_few(parts.ours, shown, figures, found.least)


def _in_between(one: Indicator, found: Counted, told: Told) -> bool:
    """Whether it differs by a few from what is left for it between the issues before it and one behind it."""
    later, before = told.later.get(one.code), told.before.get(one.code, Cell(value=0))
    if one.unit in RATES or later is None or later.cumulative is None:
        return False
    figures = [cell.value for cell in (later.cumulative, later.actual, before)]
    if any(figure is None for figure in figures):
        return False
    since, behind, until = (whole(Decimal(figure or 0)) for figure in figures)
    return is_small(abs(since - behind - until - whole(found.period[one.code].total)), found.least)


def _tells_of_a_period(one: Indicator, every: Asked, found: Counted, told: Told) -> bool:
    """Whether the figure since the grant began, less this period's or less the one published last, is a few people: of
    the periods before, or of facts that came late. Once withheld, it stays so; and where a later one is told already,
    an earlier one would only be subtracted from it."""
    if not one.of_people:
        return False
    before = told.before.get(one.code)
    if told.is_late or (before is not None and before.mark == "withheld"):
        return True
    so_far, actual = found.to_date[one.code], found.period[one.code]
    if any(_differs_by_few(one, so_far, beside, actual=False, least=found.least) for beside in told.beside):
        return True
    if one.unit in RATES:
        pairs = zip(_facts(one, so_far), _facts(one, actual), strict=False)
        return any(is_small(since - of_period, found.least) for since, of_period in pairs)
    of_services = counts_services(one)
    if of_services and (
        is_small(told.untold.get(one.code, 0), found.least) or (found.earlier and few(one, found.earlier, found.least))
    ):
        return True
    differences = []
    if not of_services:
        whole_and_rests = (
            (whole(view[one.code].total), *rests(one, every, view)) for view in (found.to_date, found.period)
        )
        differences += [since - of_period for since, of_period in zip(*whole_and_rests, strict=True)]
    if before is not None and before.value is not None:
        since_then = whole(so_far.total) - whole(Decimal(before.value))
        differences += [since_then - whole(actual.total), *(() if of_services else (since_then,))]
    return any(is_small(abs(difference), found.least) for difference in differences)


def _means_of_hidden(every: Asked, hidden: Iterable[str]) -> set[str]:
    """Means of the cases of which the number is withheld since the grant began: two of them tell of the difference."""
    closings = [
        measure for code in hidden if isinstance(measure := every[code].measure, Cases) and measure.what == "closed"
    ]
    return {
        code
        for code, one in every.items()
        if isinstance(one.measure, Cases) and one.measure.what == "days_to_close" and closings
    }
