"""What notify and reporting know of bases, and how fast a no arrives: held cases included. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert, select

from services.notify import subscribers as notify
from services.reporting import subscribers as reporting
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.errors import DomainError
from shared.events import (
    ConsentGiven,
    ConsentWithdrawn,
    ErasureConfirmed,
    Event,
    LegalBasesRestated,
    LegalBasisRecorded,
    NewsReleased,
    ObjectionRecorded,
    PersonErased,
)
from shared.legal import Ground
from shared.messaging import replay
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.feed import LocalFeed
from shared.messaging.log import blank_events, record
from shared.messaging.rebuild import rebuild
from shared.messaging.sequencer import Sequencer
from shared.messaging.tables import event_log
from shared.person_basis import may_use
from shared.vault import data_key, vault_of
from tests.factories import ANOTHER_ORGANISATION, ORGANISATION, Factory

TODAY = date(2026, 3, 4)
SERVICES: dict[str, Any] = {"notify": notify, "reporting": reporting}


@dataclass
class Listener:
    """One of the two services, behind an intake that records what a test says."""

    service: str
    source: Engine
    engine: Engine
    consumer: Consumer
    poison: list[Exception]

    def record(self, *events: Event) -> None:
        with transaction(self.source) as session:
            record(session, *events)
        self.catch_up()

    def catch_up(self) -> None:
        sequencer = Sequencer(self.source)
        while sequencer.sequence():
            pass
        for partition in range(8):
            self.consumer.catch_up("intake", partition)

    @property
    def bases(self) -> Any:
        return next(table for table in SERVICES[self.service].PROJECTED if table.name == "person_basis")

    def ground(self, case: UUID, person: UUID, recipient: UUID | None = ANOTHER_ORGANISATION) -> Ground:
        with reading(self.engine) as session:
            return may_use(session, self.bases, case, person, "sharing", recipient, TODAY).ground

    def rows(self) -> int:
        with reading(self.engine) as session:
            return len(session.execute(select(self.bases)).all())


@pytest.fixture(params=SERVICES)
def listener(request: pytest.FixtureRequest, database: Callable[[str], Engine], keys: KeyRing) -> Listener:
    """Its real handlers, and one of a test's own that fails while it is told to."""
    service, source, engine = request.param, database("intake"), database(request.param)
    poison: list[Exception] = []

    def fail_if_told(_session: Any, _event: Any) -> None:
        if poison:
            raise poison[0]

    module = SERVICES[service]
    subscriptions = Subscriptions({**module.PROJECTIONS, NewsReleased: fail_if_told}, module.REACTIONS)
    consumer = Consumer(service, engine, {"intake": LocalFeed(source, "intake")}, subscriptions, keys)
    consumer.prepare()
    return Listener(service, source, engine, consumer, poison)


def about(case: UUID, person: UUID, recipient: UUID | None = ANOTHER_ORGANISATION) -> dict[str, Any]:
    return {
        "organisation_id": ORGANISATION,
        "case_id": case,
        "person_id": person,
        "purpose": "sharing",
        "recipient_id": recipient,
    }


def test_a_basis_arrives_and_a_withdrawal_ends_it(listener: Listener, factory: Factory) -> None:
    case, person = factory.id(), factory.id()
    listener.record(LegalBasisRecorded(**about(case, person), basis="public_interest"))
    assert listener.ground(case, person) is Ground.LEGAL_BASIS
    listener.record(ConsentWithdrawn(**about(case, person, None)))
    assert listener.ground(case, person) is Ground.WITHDRAWN
    listener.record(ConsentGiven(**about(case, person)))
    assert listener.ground(case, person) is Ground.LEGAL_BASIS


def test_an_objection_hides_a_person_of_a_held_case_within_its_own_travel(listener: Listener, factory: Factory) -> None:
    case, person = factory.id(), factory.id()
    listener.record(ConsentGiven(**about(case, person)))
    listener.poison.append(DomainError("no"))
    listener.record(NewsReleased(organisation_id=ORGANISATION, case_id=case))
    assert listener.ground(case, person) is Ground.HELD
    listener.record(ObjectionRecorded(**about(case, person, None)))
    assert listener.rows() == 2
    listener.poison.clear()
    assert replay.replay(listener.consumer, "intake", f"case/{case}") == "ended"
    assert listener.ground(case, person) is Ground.OBJECTED


def test_a_replay_does_not_bring_back_what_was_withdrawn_and_keeps_what_was_not(
    listener: Listener, factory: Factory
) -> None:
    case, person = factory.id(), factory.id()
    listener.poison.append(DomainError("no"))
    listener.record(
        NewsReleased(organisation_id=ORGANISATION, case_id=case),
        ConsentGiven(**about(case, person)),
        LegalBasisRecorded(**{**about(case, person), "purpose": "tracing"}, basis="vital_interest"),
        ConsentGiven(**about(case, person, ORGANISATION)),
        ConsentWithdrawn(**about(case, person)),
    )
    listener.poison.clear()
    assert replay.replay(listener.consumer, "intake", f"case/{case}") == "ended"
    assert listener.ground(case, person) is Ground.WITHDRAWN
    assert listener.ground(case, person, ORGANISATION) is Ground.LEGAL_BASIS
    with reading(listener.engine) as session:
        assert may_use(session, listener.bases, case, person, "tracing", ANOTHER_ORGANISATION, TODAY).allowed


@pytest.mark.parametrize("objects_again", [False, True])
def test_what_is_told_anew_stands_instead_of_what_was_told_in_a_held_case_too(
    listener: Listener, factory: Factory, objects_again: bool
) -> None:
    case, person = factory.id(), factory.id()
    tracing = {**about(case, person), "purpose": "tracing"}
    listener.record(LegalBasisRecorded(**tracing, basis="vital_interest"))
    listener.poison.append(DomainError("no"))
    listener.record(NewsReleased(organisation_id=ORGANISATION, case_id=case), ConsentGiven(**about(case, person)))
    listener.record(ObjectionRecorded(**about(case, person, None)))
    restated = LegalBasesRestated(organisation_id=ORGANISATION, case_id=case, person_id=person, purpose="sharing")
    again = ObjectionRecorded(**about(case, person, None))
    listener.record(restated, *([again] if objects_again else [ConsentGiven(**about(case, person))]))
    listener.poison.clear()
    assert replay.replay(listener.consumer, "intake", f"case/{case}") == "ended"
    expected = Ground.OBJECTED if objects_again else Ground.LEGAL_BASIS
    assert listener.ground(case, person) is expected
    rebuild(listener.consumer, SERVICES[listener.service].PROJECTED)
    assert listener.ground(case, person) is expected
    with reading(listener.engine) as session:
        assert may_use(session, listener.bases, case, person, "tracing", ANOTHER_ORGANISATION, TODAY).allowed


def test_a_rebuild_keeps_the_no_of_a_held_case(listener: Listener, factory: Factory) -> None:
    case, person = factory.id(), factory.id()
    listener.record(ConsentGiven(**about(case, person)))
    listener.poison.append(DomainError("no"))
    listener.record(NewsReleased(organisation_id=ORGANISATION, case_id=case))
    listener.record(ConsentWithdrawn(**about(case, person)))
    rebuild(listener.consumer, SERVICES[listener.service].PROJECTED)
    assert listener.rows() == 2
    listener.poison.clear()
    assert replay.replay(listener.consumer, "intake", f"case/{case}") == "ended"
    assert listener.ground(case, person) is Ground.WITHDRAWN


def test_an_erasure_takes_rows_keys_and_log_and_is_confirmed(listener: Listener, factory: Factory) -> None:
    case, person = factory.id(), factory.id()
    with transaction(listener.engine) as session:
        opened, rows = vault_of(session).fresh([person, case], ORGANISATION)
        session.execute(insert(data_key), rows)
        stored = opened[person].encrypt(b"+218 canary", "contact.address")
    listener.record(ConsentGiven(**about(case, person)))
    listener.record(PersonErased(organisation_id=ORGANISATION, case_id=case, person_id=person))
    assert listener.rows() == 0
    assert listener.ground(case, person) is Ground.NO_LEGAL_BASIS
    with reading(listener.engine) as session:
        assert vault_of(session).open(session, [person, case]) == {}
        (confirmed,) = session.execute(select(event_log.c.type, event_log.c.person_id, event_log.c.subject))
        for row in session.execute(select(data_key.c.wrapped)):
            assert row.wrapped is None
    assert confirmed == (ErasureConfirmed.TYPE, person, f"case/{case}")
    assert stored


def test_an_erasure_reaches_a_held_case(listener: Listener, factory: Factory) -> None:
    case, person = factory.id(), factory.id()
    listener.record(ConsentGiven(**about(case, person)))
    listener.poison.append(DomainError("no"))
    listener.record(NewsReleased(organisation_id=ORGANISATION, case_id=case))
    listener.record(PersonErased(organisation_id=ORGANISATION, case_id=case, person_id=person))
    assert listener.rows() == 0


def test_facts_that_were_erased_meanwhile_are_taken_and_rebuilt_without_their_words(
    listener: Listener, factory: Factory
) -> None:
    case, person, other = factory.id(), factory.id(), factory.id()
    with transaction(listener.source) as session:
        record(session, ConsentGiven(**about(case, person)), ConsentWithdrawn(**about(case, person)))
        record(session, ConsentGiven(**about(case, other)))
        blank_events(session, person)
        record(session, PersonErased(organisation_id=ORGANISATION, case_id=case, person_id=person))
        blank_events(session, person)
    listener.catch_up()
    assert listener.rows() == 1
    rebuild(listener.consumer, SERVICES[listener.service].PROJECTED)
    assert listener.rows() == 1
    assert listener.ground(case, other) is Ground.LEGAL_BASIS
