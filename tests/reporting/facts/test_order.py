"""The same facts in any order of their cases, doubled, late and read again give equal figures."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.indicators.indicator import Told
from services.reporting.queries.figures import Cells
from shared.crypto import KeyRing
from shared.events import Event, ServiceCorrected
from tests.databases import Databases
from tests.reporting.facts.world import (
    CASES,
    FACTORY,
    SERVICES,
    Counting,
    closed,
    erased,
    indicator,
    merged,
    parted,
    released,
    reopened,
    served,
    submitted,
    told,
    women,
)

PERSONS = [FACTORY.id() for _ in range(4)]
CASE_IDS = [FACTORY.id() for _ in range(5)]
FIRST, LAST = date(2026, 7, 1), date(2026, 9, 30)
PERIODS = ((FIRST, LAST), (date(2026, 7, 14), date(2026, 9, 3)), (date(2026, 8, 5), date(2026, 8, 6)))
ASKED = (*SERVICES, *CASES, *(indicator(Told(what), what) for what in ("released", "told_in_time")))
Step = tuple[Event, datetime]
Life = list[Step]
"""What happens in one case, in its order."""

days = st.dates(date(2026, 6, 20), date(2026, 10, 10))
cells = st.lists(
    st.builds(
        lambda count, persons, sex, age, nationality: women(
            max(count, len(persons)), *persons, sex=sex, age_band=age, nationality=nationality
        ),
        st.integers(0, 3),
        st.lists(st.sampled_from(PERSONS), max_size=2, unique=True),
        st.sampled_from(["female", "male", "unknown"]),
        st.sampled_from(["6-11", "18-49", "unknown"]),
        st.sampled_from([None, "SYR", "ETH"]),
    ),
    max_size=3,
)
grants = st.dictionaries(st.sampled_from(["g1", "g2"]), st.sampled_from(["50", "33.33", "12.5"]), max_size=2)


@st.composite
def lives(draw: Any) -> list[Life]:
    """What happened in up to five cases."""
    return [draw(life(case)) for case in CASE_IDS[: draw(st.integers(1, 5))]]


@st.composite
def life(draw: Any, case: UUID) -> Life:
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    told_of: Life = [(submitted(case, draw(days)), moment)]
    services: list[UUID] = []
    for kind in draw(st.lists(st.sampled_from("ssssccormpnft"), max_size=8)):
        moment += timedelta(hours=draw(st.integers(1, 400)))
        event = _event(draw, kind, case, services)
        if event is not None:
            told_of.append((event, moment))
    if draw(st.integers(0, 9)) == 0:
        told_of.append((erased(case, draw(st.sampled_from(PERSONS))), moment))
    return told_of


def _event(draw: Any, kind: str, case: UUID, services: list[UUID]) -> Event | None:
    simple: dict[str, Callable[[], Event]] = {
        "c": lambda: closed(case, draw(days), draw(st.sampled_from(["located", "withdrawn"]))),
        "o": lambda: reopened(case),
        "m": lambda: merged(case),
        "p": lambda: parted(case),
        "n": lambda: released(case),
        "t": lambda: told(case, draw(days)),
    }
    if kind in simple:
        return simple[kind]()
    correction = kind in "rf"
    if correction and not services:
        return None
    service = draw(st.sampled_from(services)) if correction else UUID(int=draw(st.integers(1, 2**64)))
    if service not in services:
        services.append(service)
    elif not correction:
        return None
    more: dict[str, Any] = {"kind": ServiceCorrected, "cancelled": False} if correction else {}
    event: Event = served(
        *draw(cells),
        case=case,
        on=draw(days),
        category=draw(st.sampled_from(["food", "water"])),
        quantity=draw(st.integers(0, 5)),
        grants=draw(grants),
        place=draw(st.sampled_from([None, "ETH1", "ETH2"])),
        service_id=service,
        **more,
    )
    return event


@settings(max_examples=8)
@given(lives(), st.randoms(use_true_random=False))
def test_figures_do_not_depend_on_the_order_of_cases_or_on_what_comes_twice_or_late(
    sqlite: Databases, keys: KeyRing, told_of: list[Life], chance: random.Random
) -> None:
    """On SQLite: what an order does, it does in our own code. That PostgreSQL keeps and counts the same is shown by the
    recount of a year, and by the rebuilds."""
    prompt, other = Counting(sqlite, keys), Counting(sqlite, keys)
    prompt.record_all((moment, [event]) for one in told_of for event, moment in one)
    prompt.catch_up()
    other.record_all((moment, [event]) for event, moment in shuffled(told_of, chance))
    other.receive_badly(chance)
    other.catch_up()
    figures = every_cell(prompt)
    assert every_cell(other) == figures
    other.rebuild()
    assert every_cell(other) == figures


def every_cell(counting: Counting) -> list[list[Cells]]:
    return [
        counting.count(*ASKED, first=first, last=last, grant=grant, time_zone="Africa/Addis_Ababa")
        for first, last in PERIODS
        for grant in (None, "g1")
    ]


def shuffled(told_of: list[Life], chance: random.Random) -> list[Step]:
    """The cases mixed, each one's facts in their order."""
    left = [list(one) for one in told_of]
    steps = []
    while any(left):
        steps.append(chance.choice([one for one in left if one]).pop(0))
    return steps
