"""Whoever adds and subtracts all figures of cases that two reports show is left with no few cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import product
from random import Random

import pytest

from services.reporting.disclosure import THRESHOLD, worked_out
from services.reporting.indicators import INDICATORS
from services.reporting.indicators.indicator import Cases
from services.reporting.rendering.issue import Issue
from shared.crypto import KeyRing
from shared.events import Event
from tests.databases import Databases
from tests.reporting.drafting.test_drafting import desk_of, published
from tests.reporting.facts.world import FACTORY, closed, submitted

MONTHS = range(4, 10)
SPRING, SUMMER = (4, 6), (7, 9)
TYPES, REASONS = ("tracing_request", "child"), ("located", "withdrawn")
Life = tuple[str, int, int | None, str]
"""Type, month of opening, month of closing or None, reason."""
LIVES: tuple[Life, ...] = tuple(
    life
    for life in product(TYPES, MONTHS, (None, *MONTHS), REASONS)
    if (life[2] is None and life[3] == "located") or (life[2] is not None and life[2] >= life[1])
)
Figure = Callable[[Life], bool]
"""Whether a figure counts a case of this life."""


def of_measure(measure: Cases, first: int, last: int) -> Figure:
    def counts(life: Life) -> bool:
        kind, begun, ended, reason = life
        if measure.types and kind not in measure.types:
            return False
        if measure.what == "opened":
            return first <= begun <= last
        if measure.what == "open_at_end":
            return begun <= last and (ended is None or ended > last)
        if measure.what == "closure_rate":
            return begun <= last and (ended is None or ended >= first)
        by_reason = not measure.reasons or (reason in measure.reasons) != measure.other_reasons
        return ended is not None and first <= ended <= last and by_reason

    return counts


def shown(issue: Issue, first: int, last: int) -> Iterator[Figure]:
    """The figures that an issue shows."""
    tables = {table.key: table for table in issue.tables}
    for row in tables["indicators"].rows:
        measure = INDICATORS[row.key].measure
        assert isinstance(measure, Cases)
        for column, begin in (("actual", first), ("cumulative", MONTHS[0])):
            if tables["indicators"].cell(row.key, column).mark is None and measure.what != "days_to_close":
                yield of_measure(measure, begin, last)
    for what in ("opened", "closed"):
        for row in tables["trend"].rows if "trend" in tables else ():
            if tables["trend"].cell(row.key, what).mark is None:
                months = (first, last) if row.total else (int(row.key[5:]),) * 2
                yield of_measure(Cases(what), *months)


def few(lives: Mapping[Life, int]) -> Iterator[tuple[str, Figure]]:
    """What nobody may know: figures of whichever time, type and reason that are small."""
    spans = [(month, month) for month in MONTHS] + [SPRING, SUMMER, (MONTHS[0], MONTHS[-1])]
    for types, span in product(((), *((one,) for one in TYPES)), spans):
        for what in ("opened", "open_at_end"):
            yield from small(f"{what} {types} {span}", Cases(what, frozenset(types)), span, lives)
        for reasons in ((), *((one,) for one in REASONS)):
            measure = Cases("closed", frozenset(types), frozenset(reasons))
            yield from small(f"closed {types} {reasons} {span}", measure, span, lives)


def small(name: str, measure: Cases, span: tuple[int, int], lives: Mapping[Life, int]) -> Iterator[tuple[str, Figure]]:
    counts = of_measure(measure, *span)
    if 0 < sum(number for life, number in lives.items() if counts(life)) < THRESHOLD:
        yield name, counts


@pytest.mark.parametrize("seed", [*range(10), 11, 50, 55, 178])
def test_no_few_cases_are_worked_out_of_two_reports(sqlite: Databases, keys: KeyRing, seed: int) -> None:
    random = Random(seed)
    known = [code for code, one in INDICATORS.items() if isinstance(one.measure, Cases)]
    desk = desk_of(sqlite, keys, *random.sample(known, random.randint(3, len(known))), starts_on=date(2026, 4, 1))
    lives: Counter[Life] = Counter()
    for _ in range(random.randint(2, 9)):
        lives[random.choice(LIVES)] += random.choice((1, 2, 3, 4, 6, 12, 20))
    desk.counting.tell(*(one for life, number in lives.items() for _ in range(number) for one in events_of(life)))
    spring = desk.draft(date(2026, 4, 1), date(2026, 6, 30))
    published(desk, spring)
    summer = desk.draft()
    told = [[Fraction(counts(life)) for life in LIVES] for counts in (*shown(spring, *SPRING), *shown(summer, *SUMMER))]
    is_known = worked_out(told)
    assert not [name for name, counts in few(lives) if is_known([Fraction(counts(life)) for life in LIVES])]


def events_of(life: Life) -> Iterator[Event]:
    kind, begun, ended, reason = life
    case = FACTORY.id()
    yield submitted(case, date(2026, begun, 5), case_type=kind)
    if ended is not None:
        yield closed(case, date(2026, ended, 9), reason, case_type=kind)
