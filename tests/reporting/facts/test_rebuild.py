"""A rebuild gives the same figures; of facts whose payload was erased since, too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select, update

from services.reporting.domain import ServedPerson, ServiceRollup
from services.reporting.indicators.indicator import Services
from services.reporting.subscribers import PROJECTED
from shared.database import reading, transaction
from shared.messaging.tables import event_log
from tests.reporting.facts.world import (
    CASES,
    FACTORY,
    SERVICES,
    Counting,
    closed,
    erased,
    merged,
    released,
    served,
    submitted,
    told,
    women,
)

EDGES = {"first": date(2026, 7, 3), "last": date(2026, 9, 12)}


def work(counting: Counting) -> tuple[UUID, UUID]:
    """Some of everything; returns a case and a person of it."""
    case, person, other = (FACTORY.id() for _ in range(3))
    counting.tell(
        submitted(case, date(2026, 7, 2)),
        served(women(2, person, other), women(1, sex="male"), case=case, place="ETH1", grants={"g1": "60", "g2": "40"}),
        served(women(1, person), case=case, on=date(2026, 8, 30), category="water"),
        released(case),
        told(case, date(2026, 7, 30)),
        closed(case, date(2026, 9, 1)),
    )
    counting.tell(served(women(1, other)), submitted(FACTORY.id(), date(2026, 7, 9)))
    return case, person


def every_figure(counting: Counting) -> list[Any]:
    found = [counting.count(*SERVICES, *CASES), counting.count(*SERVICES, *CASES, **EDGES)]
    return [*found, counting.count(*SERVICES, grant="g1"), counting.shared_with(grant="g1")]


def rows_of(counting: Counting) -> dict[str, list[Any]]:
    with reading(counting.engine) as session:
        return {table.name: sorted(map(repr, session.execute(select(table)))) for table in PROJECTED}


def erase_payloads(counting: Counting, kind: str) -> None:
    with transaction(counting.source) as session:
        session.execute(update(event_log).where(event_log.c.type == kind).values(nonce=None, payload=None))


def test_a_rebuild_makes_every_row_anew_as_it_was(counting: Counting) -> None:
    case, _ = work(counting)
    counting.tell(merged(case))
    before, figures = rows_of(counting), every_figure(counting)
    with transaction(counting.engine) as session:
        session.execute(update(ServiceRollup).values(people=999))
    counting.rebuild()
    assert rows_of(counting) == before
    assert every_figure(counting) == figures


def test_what_was_counted_survives_a_rebuild_although_its_payload_was_erased(counting: Counting) -> None:
    work(counting)
    before, figures = rows_of(counting), every_figure(counting)
    erase_payloads(counting, "service.delivered")
    erase_payloads(counting, "case.submitted")
    counting.rebuild()
    assert rows_of(counting) == before
    assert every_figure(counting) == figures
    counting.tell(served(women(1)))
    assert counting.total(Services("people")) == 6


def test_a_rebuild_gives_no_erased_person_a_token_back(counting: Counting) -> None:
    case, person = work(counting)
    counting.tell(erased(case, person))
    before, figures = rows_of(counting), every_figure(counting)
    counting.rebuild()
    assert rows_of(counting) == before
    assert every_figure(counting) == figures
    with reading(counting.engine) as session:
        assert [token is None for token in session.scalars(select(ServedPerson.token))].count(True) == 2


def test_a_delivery_that_was_erased_before_it_came_here_keeps_its_totals(counting: Counting) -> None:
    counting.record(served(women(3), quantity=4))
    erase_payloads(counting, "service.delivered")
    counting.catch_up()
    found = counting.count(*SERVICES[:2], first=date(2026, 1, 1), last=date(2100, 1, 1))
    assert [cells.total for cells in found] == [4, 3]
    assert counting.total(Services("people", frozenset({"food"}))) == 0, "of which service is not known any more"


def test_a_new_reporting_behind_the_same_log_counts_the_same(
    counting: Counting, database: Callable[[str], Engine]
) -> None:
    work(counting)
    figures = every_figure(counting)
    counting.engine = database("reporting")
    counting.catch_up(counting.consumer_of(counting.engine))
    assert every_figure(counting) == figures
