"""Real reporting behind intake's real log, and facts to tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Engine

from services.reporting.indicators.indicator import Cases, Indicator, Measure, Services
from services.reporting.queries.figures import FactRef, Scope, count, facts_behind, shared_with, trend
from services.reporting.subscribers import PROJECTED, PROJECTIONS, REACTIONS
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.events import (
    CaseClosed,
    CaseMerged,
    CaseMergeUndone,
    CaseStatusChanged,
    CaseSubmitted,
    Event,
    FamilyTold,
    GrantPart,
    NewsReleased,
    PersonErased,
    PersonFigures,
    ServedFigures,
    ServiceCorrected,
    ServiceCounts,
    ServiceDelivered,
)
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.feed import LocalFeed
from shared.messaging.log import record
from shared.messaging.rebuild import rebuild
from shared.messaging.sequencer import Sequencer
from tests.factories import ORGANISATION, Factory

FACTORY = Factory(seed=23)
SUBSCRIPTIONS = Subscriptions(PROJECTIONS, REACTIONS)
JULY, AUGUST, SEPTEMBER = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)
QUARTER = JULY, date(2026, 9, 30)
CASE_TYPE = "assistance"


class Counting:
    """Reporting, fed from a log."""

    def __init__(self, database: Callable[[str], Engine], keys: KeyRing) -> None:
        self.source, self.engine, self.keys = database("intake"), database("reporting"), keys
        self.consumer = self.consumer_of(self.engine)

    def consumer_of(self, engine: Engine) -> Consumer:
        feeds = {"intake": LocalFeed(self.source, "intake")}
        consumer = Consumer("reporting", engine, feeds, SUBSCRIPTIONS, self.keys)
        consumer.prepare()
        return consumer

    def tell(self, *events: Event, at: datetime | None = None) -> None:
        """Record, sequence and count."""
        self.record(*events, at=at)
        self.catch_up()

    def record(self, *events: Event, at: datetime | None = None) -> None:
        """Record; `at` a moment of the past, as the header would have said then."""
        self.record_all([(at or utc_now(), events)])

    def record_all(self, told: Iterable[tuple[datetime, Iterable[Event]]]) -> None:
        """Record what was told at each of these moments, all in one transaction: quicker than one for each."""
        with transaction(self.source) as session, patch("shared.messaging.log.utc_now") as clock:
            for clock.return_value, events in told:
                record(session, *events)
        sequencer = Sequencer(self.source)
        while sequencer.sequence():
            pass

    def catch_up(self, consumer: Consumer | None = None) -> None:
        for partition in range(8):
            (consumer or self.consumer).catch_up("intake", partition)

    def receive_badly(self, chance: Random) -> None:
        """What a broker may do: pieces in any order, twice, or not at all."""
        feed, pieces = self.consumer.feeds["intake"], []
        for partition in range(8):
            events = list(feed.page(partition, 0, 500))
            while events:
                size = chance.randint(1, 4)
                pieces += [(partition, events[:size])] * chance.choice([0, 1, 2])
                events = events[size:]
        chance.shuffle(pieces)
        for partition, piece in pieces:
            self.consumer.receive("intake", partition, piece)

    def count(self, *indicators: Indicator, first: date = QUARTER[0], last: date = QUARTER[1], **of: Any) -> list[Any]:
        """The `Cells` of each; figures are compared with plain numbers."""
        with reading(self.engine, snapshot=True) as session:
            return list(count(session, scope(**of), first, last, indicators).values())

    def total(self, measure: Measure, first: date = QUARTER[0], last: date = QUARTER[1], **of: Any) -> Decimal | None:
        total: Decimal | None = self.count(indicator(measure), first=first, last=last, **of)[0].total
        return total

    def trend(self, *indicators: Indicator, **of: Any) -> dict[str, dict[str, Decimal]]:
        with reading(self.engine, snapshot=True) as session:
            return trend(session, scope(**of), *QUARTER, indicators)

    def behind(self, measure: Measure, narrowed: Any = None, *, formula: Any = "sum", **of: Any) -> list[FactRef]:
        with reading(self.engine, snapshot=True) as session:
            asked = indicator(measure, formula=formula)
            return facts_behind(session, scope(**of), *QUARTER, asked, narrowed or {})

    def shared_with(self, **of: Any) -> tuple[str, ...]:
        with reading(self.engine, snapshot=True) as session:
            return shared_with(session, scope(**of), *QUARTER)

    def rebuild(self) -> None:
        rebuild(self.consumer, PROJECTED)


def scope(
    organisation_id: UUID = ORGANISATION,
    grant: str | None = None,
    countries: Iterable[str] = (),
    time_zone: str = "UTC",
) -> Scope:
    return Scope(organisation_id, grant, tuple(countries), time_zone, "unhcr", date(2026, 1, 1))


def indicator(
    measure: Measure, code: str = "x", *, formula: Any = "sum", dimensions: tuple[Any, ...] = ()
) -> Indicator:
    return Indicator(code, "Test", code, "people", formula, measure, code, "test", (), dimensions)


EVERY_DIMENSION: tuple[Any, ...] = (
    "sex",
    "age",
    "disability",
    "sex_age_disability",
    "nationality",
    "place",
    "legal_status",
    "modality",
)
SERVICES = (
    indicator(Services("quantity"), "quantity", dimensions=EVERY_DIMENSION),
    indicator(Services("people"), "people", dimensions=EVERY_DIMENSION),
    indicator(Services("services"), "services", dimensions=EVERY_DIMENSION),
    indicator(Services("places"), "places", dimensions=EVERY_DIMENSION),
    indicator(Services("people"), "unique", formula="unique", dimensions=EVERY_DIMENSION),
    indicator(Services("people", frozenset({"food"})), "fed", formula="unique", dimensions=EVERY_DIMENSION),
)
CASES = tuple(
    indicator(Cases(what), what, dimensions=("sex", "age", "nationality", "place", "sex_age_disability"))
    for what in ("opened", "closed", "open_at_end", "days_to_close", "closure_rate")
)


def served(
    *people: ServedFigures,
    case: UUID | None = None,
    on: date = date(2026, 7, 15),
    category: str = "food",
    quantity: int = 1,
    grants: dict[str, str] | None = None,
    kind: type[ServiceDelivered] | type[ServiceCorrected] = ServiceDelivered,
    **more: Any,
) -> Any:
    """A delivery, or what one is corrected to."""
    return kind(
        **{
            "organisation_id": ORGANISATION,
            "case_id": case or FACTORY.id(),
            "case_type": CASE_TYPE,
            "counts": ServiceCounts(quantity=quantity, people=sum(one.count for one in people)),
            "category": category,
            "delivered_on": on,
            "people": people,
            "grants": tuple(GrantPart(grant=name, per_cent=Decimal(part)) for name, part in (grants or {}).items()),
            **more,
        }
    )


def women(count: int, *persons: UUID, **more: Any) -> ServedFigures:
    fields = {"sex": "female", "age_band": "18-49", "disability": "without", "count": count, "persons": persons}
    return ServedFigures(**(fields | more))


def about(case: UUID, **more: Any) -> dict[str, Any]:
    return {"organisation_id": ORGANISATION, "case_id": case, "case_type": "tracing_request"} | more


def submitted(case: UUID, on: date, place: str | None = "ETH001", **more: Any) -> CaseSubmitted:
    people = (
        PersonFigures(role="enquirer"),
        PersonFigures(role="sought", sex="male", age_band="13-17", nationality="ETH"),
    )
    return CaseSubmitted(**about(case, status="open", submitted_on=on, place=place, people=people) | more)


def closed(case: UUID, on: date, reason: str = "located", **more: Any) -> CaseClosed:
    return CaseClosed(**about(case, reason=reason, closed_on=on) | more)


def reopened(case: UUID) -> CaseStatusChanged:
    return CaseStatusChanged(**about(case, move="reopen", was="closed", status="open", version=3))


def merged(case: UUID) -> CaseMerged:
    return CaseMerged(**about(case, into=FACTORY.id()))


def parted(case: UUID) -> CaseMergeUndone:
    return CaseMergeUndone(**about(case, out_of=FACTORY.id()))


def released(case: UUID) -> NewsReleased:
    return NewsReleased(organisation_id=ORGANISATION, case_id=case)


def told(case: UUID, on: date) -> FamilyTold:
    return FamilyTold(organisation_id=ORGANISATION, case_id=case, told_on=on)


def erased(case: UUID, person: UUID) -> PersonErased:
    return PersonErased(organisation_id=ORGANISATION, case_id=case, person_id=person)
