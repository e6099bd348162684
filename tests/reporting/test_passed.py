"""How referrals and transfers went, in figures: counted once, for the two organisations alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from services.reporting.domain import PassedFact
from services.reporting.queries import Period
from services.reporting.queries.passed import referral_report
from services.reporting.schemas import PassedFigures, ReferralReport
from services.reporting.subscribers import PROJECTED, PROJECTIONS, REACTIONS
from shared.access import Actor
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.events import CATALOGUE, Event, ReferralOffered, TransferOffered
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.feed import LocalFeed
from shared.messaging.log import record
from shared.messaging.rebuild import rebuild
from shared.messaging.sequencer import Sequencer
from tests.factories import Factory

FACTORY = Factory(seed=11)
SENDER, RECEIVER, STRANGER = (FACTORY.id() for _ in range(3))
PERIOD = Period(date(2020, 1, 1), date(2035, 12, 31))


class Figures:
    """Real reporting behind intake's log."""

    def __init__(self, database: Callable[[str], Engine], keys: KeyRing) -> None:
        self.source, self.engine, self.keys = database("intake"), database("reporting"), keys
        feeds = {"intake": LocalFeed(self.source, "intake")}
        self.consumer = Consumer("reporting", self.engine, feeds, Subscriptions(PROJECTIONS, REACTIONS), keys)
        self.consumer.prepare()

    def tell(self, *events: Event) -> None:
        with transaction(self.source) as session:
            record(session, *events)
        self.catch_up()

    def catch_up(self) -> None:
        Sequencer(self.source).sequence()
        for partition in range(8):
            self.consumer.catch_up("intake", partition)

    def report(self, whose: UUID = SENDER, period: Period = PERIOD, *, operator: bool = False) -> ReferralReport:
        with reading(self.engine, snapshot=True) as session:
            return referral_report(session, Actor(whose, operator=operator), period, now=utc_now())

    def took(self, *minutes: int) -> None:
        """The answers of what was offered, in order, took so many minutes."""
        with transaction(self.engine) as session:
            rows = session.scalars(select(PassedFact).order_by(PassedFact.id)).all()
            for row, one in zip(rows, minutes, strict=True):
                row.answered_at = row.offered_at + timedelta(minutes=one)
            session.flush()


@pytest.fixture
def figures(database: Callable[[str], Engine], keys: KeyRing) -> Figures:
    return Figures(database, keys)


def about(family: str = "referral", **more: Any) -> dict[str, Any]:
    """A referral or transfer."""
    ids = {"case_id": FACTORY.id(), f"{family}_id": FACTORY.id()}
    return {"organisation_id": SENDER, "receiver_id": RECEIVER, "reference": "KB-7F3K9-QX2MA-5", **ids, **more}


def offered(told: dict[str, Any], service: str = "food") -> Event:
    asked = {"purpose": "assistance", "urgency": "high", "acknowledge_by": utc_now(), "answer_by": utc_now()}
    if "transfer_id" in told:
        return TransferOffered(**told, **asked, why="person_moved")
    return ReferralOffered(**told, **asked, service=service)


KINDS = {kind.TYPE: kind for kind in CATALOGUE}
WAYS: dict[str, list[list[tuple[str, str | None]]]] = {
    "referral": [
        [("acknowledged", None), ("accepted", None), ("completed", "service_given")],
        [("accepted", None), ("revoked", "not_needed")],
        [("declined", "no_capacity")],
        [("declined", "no_capacity")],
        [("declined", "not_safe")],
        [("expired", None)],
        [("revoked", "not_needed")],
        [("acknowledged", None)],
    ],
    "transfer": [
        [("acknowledged", None), ("accepted", None), ("completed", "people_told")],
        [("accepted", None), ("handed_over", None)],
        [("declined", "no_capacity")],
        [("declined", "no_capacity")],
        [("declined", "not_our_mandate")],
        [("expired", None)],
        [("revoked", "we_keep_it")],
        [("information_requested", None)],
    ],
}
"""What can follow an offer: steps, and why."""


def every_way(service: str = "food", *, family: str = "referral") -> list[Event]:
    """One referral or transfer of each way to go."""
    events: list[Event] = []
    for way in WAYS[family]:
        told = about(family)
        events.append(offered(told, service))
        for step, reason in way:
            why = {"reason": reason} if reason is not None else {}
            events.append(KINDS[f"{family}.{step}"](**told, **why))
    return events


def accepted(told: dict[str, Any]) -> Event:
    return KINDS["referral.accepted"](**told)


def test_what_became_of_every_offer_is_counted_and_adds_up(figures: Figures) -> None:
    figures.tell(*every_way())
    total = figures.report().sent.total
    assert (total.offered, total.accepted, total.declined) == (8, 2, 3)
    assert total.declined_for == {"no_capacity": 2, "not_safe": 1}
    assert (total.returned_unanswered, total.taken_back, total.waiting, total.completed) == (1, 1, 1, 1)
    parts = (total.accepted, total.declined, total.returned_unanswered, total.taken_back, total.waiting)
    assert sum(parts) == total.offered


def test_transfers_are_counted_in_the_same_way_and_apart_from_referrals(figures: Figures) -> None:
    figures.tell(*every_way(family="transfer"), offered(about()))
    sent, received = figures.report(), figures.report(RECEIVER)
    total = sent.transfers_sent.total
    assert (total.offered, total.accepted, total.declined) == (8, 2, 3)
    assert total.declined_for == {"no_capacity": 2, "not_our_mandate": 1}
    assert (total.returned_unanswered, total.taken_back, total.waiting, total.completed) == (1, 1, 1, 1)
    assert None not in (total.answer_seconds_median, total.answer_seconds_p90)
    assert sent.transfers_sent.by_service == {}, "a transfer asks for no service"
    assert received.transfers_received == sent.transfers_sent
    assert (sent.transfers_received.total.offered, received.transfers_sent.total.offered) == (0, 0)
    assert (sent.sent.total.offered, received.received.total.offered) == (1, 1), "referrals"


def test_a_case_that_went_over_and_came_back_was_sent_once_and_received_once(figures: Figures) -> None:
    case = FACTORY.id()
    there = about("transfer", case_id=case)
    back = about("transfer", case_id=case, organisation_id=RECEIVER, receiver_id=SENDER)
    for one in (there, back):
        figures.tell(offered(one), KINDS["transfer.accepted"](**one))
    for report in (figures.report(SENDER), figures.report(RECEIVER)):
        assert (report.transfers_sent.total.accepted, report.transfers_received.total.accepted) == (1, 1)


def test_each_service_has_its_own_line_and_the_lines_are_the_total(figures: Figures) -> None:
    figures.tell(*every_way("food"), *every_way("shelter"), offered(about(), "shelter"))
    sent = figures.report().sent
    assert {service: line.offered for service, line in sent.by_service.items()} == {"food": 8, "shelter": 9}
    for name in PassedFigures.model_fields:
        if name in {"declined_for", "answer_seconds_median", "answer_seconds_p90"}:
            continue
        assert sum(getattr(line, name) for line in sent.by_service.values()) == getattr(sent.total, name), name


def test_the_time_to_an_answer_is_its_median_and_its_ninetieth_percentile(figures: Figures) -> None:
    assert figures.report().sent.total.answer_seconds_median is None
    for _ in range(10):
        told = about()
        figures.tell(offered(told), accepted(told))
    figures.took(*range(1, 11))
    total = figures.report().sent.total
    assert (total.answer_seconds_median, total.answer_seconds_p90) == (5 * 60, 9 * 60)


def test_each_organisation_sees_its_own_side_and_an_operator_all(figures: Figures) -> None:
    figures.tell(*every_way(), *every_way(family="transfer"))
    for family in WAYS:
        figures.tell(offered(about(family, organisation_id=STRANGER, receiver_id=FACTORY.id())))
    assert sides(figures.report(SENDER)) == (8, 0, 8, 0)
    assert sides(figures.report(RECEIVER)) == (0, 8, 0, 8)
    assert sides(figures.report(FACTORY.id())) == (0, 0, 0, 0)
    assert sides(figures.report(SENDER, operator=True)) == (9, 9, 9, 9)


def sides(report: ReferralReport) -> tuple[int, int, int, int]:
    """What was offered, on each side of each kind."""
    return (
        report.sent.total.offered,
        report.received.total.offered,
        report.transfers_sent.total.offered,
        report.transfers_received.total.offered,
    )


def test_both_days_of_the_period_count(figures: Figures) -> None:
    figures.tell(*every_way())
    today = utc_now().date()
    assert figures.report(period=Period(today, today)).sent.total.offered == 8
    before, after = today - timedelta(days=1), today + timedelta(days=1)
    assert figures.report(period=Period(before, before)).sent.total.offered == 0
    assert figures.report(period=Period(after, after)).sent.total.offered == 0


def test_told_again_nothing_is_counted_twice_and_a_rebuild_gives_the_same(figures: Figures, keys: KeyRing) -> None:
    figures.tell(*every_way(), *every_way(family="transfer"))
    before = _plain(figures.report())
    figures.catch_up()
    again = Consumer("reporting", figures.engine, figures.consumer.feeds, Subscriptions(PROJECTIONS, REACTIONS), keys)
    for partition in range(8):
        again.catch_up("intake", partition)
    assert _plain(figures.report()) == before
    with transaction(figures.engine) as session:
        session.query(PassedFact).delete()
    rebuild(figures.consumer, PROJECTED)
    assert _plain(figures.report()) == before


def test_a_reporting_that_is_restored_from_before_it_all_counts_the_same_again(
    figures: Figures, database: Callable[[str], Engine], keys: KeyRing
) -> None:
    figures.tell(*every_way(), *every_way(family="transfer"))
    before = _plain(figures.report())
    figures.engine = database("reporting")
    feeds = {"intake": LocalFeed(figures.source, "intake")}
    figures.consumer = Consumer("reporting", figures.engine, feeds, Subscriptions(PROJECTIONS, REACTIONS), keys)
    figures.consumer.prepare()
    assert _plain(figures.report()) != before
    figures.catch_up()
    assert _plain(figures.report()) == before


def _plain(report: ReferralReport) -> str:
    return json.dumps(report.model_dump(mode="json", exclude={"generated_at"}), sort_keys=True)


def test_every_fact_that_ends_what_was_offered_is_counted(figures: Figures) -> None:
    uncounted = {"information_requested", "information_given", "handed_over", "updated", "overdue"}
    for kind in CATALOGUE:
        family, _, step = kind.TYPE.partition(".")
        if family in WAYS:
            assert (kind in PROJECTIONS) != (step in uncounted), kind


@pytest.mark.parametrize("family", WAYS)
def test_a_fact_holds_nobody(figures: Figures, family: str) -> None:
    told = about(family)
    figures.tell(offered(told))
    with reading(figures.engine) as session:
        row = session.scalars(select(PassedFact)).one()
    kept = {str(getattr(row, column.key)) for column in PassedFact.__table__.columns}
    assert kept.isdisjoint({str(told["case_id"]), told["reference"]})
