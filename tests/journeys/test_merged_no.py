"""The no of somebody who was recorded twice is heard in every service under both records, until they are two again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from services.intake import commands
from services.intake.commands.duplicates import merge_cases, undo_merge
from services.intake.commands.protection import (
    record_legal_basis,
    record_objection,
    share_with_nobody,
    withdraw_consent,
)
from services.intake.domain import CasePerson
from services.intake.queries import protection
from services.intake.schemas import CASE_SHAPES
from services.notify import subscribers as notify
from services.reporting import subscribers as reporting
from shared.access import Actor, Role
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.legal import Ground
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.feed import LocalFeed
from shared.messaging.sequencer import Sequencer
from shared.person_basis import may_use
from tests.intake.people import person, request_for
from tests.intake.waiting import overtaken

SERVICES: dict[str, Any] = {"notify": notify, "reporting": reporting}
TODAY = utc_now().date()
NO: dict[str, Callable[[Any, Actor, UUID], Any]] = {
    "objection": lambda session, actor, one: record_objection(session, actor, one, purpose="sharing"),
    "withdrawal": lambda session, actor, one: withdraw_consent(session, actor, one, purpose="sharing"),
    "share with nobody": lambda session, actor, one: share_with_nobody(session, actor, one, wish=True),
}


@dataclass
class Hub:
    """Intake, and a service that listens to it."""

    intake: Engine
    service: Engine
    consumer: Consumer
    bases: Any
    manager: Actor
    partner: UUID

    def submit(self) -> tuple[UUID, UUID]:
        """(a new case, its sought person)."""
        body = request_for(person("Selam Tesfaye"))
        submitted = CASE_SHAPES["tracing_request"].validate_python(body)
        with transaction(self.intake) as session:
            made = commands.submit_case(session, self.manager, submitted, idempotency_key=None, request=body)
        case_id = UUID(made["id"])
        with reading(self.intake) as session:
            sought = (CasePerson.case_id == case_id) & (CasePerson.role == "sought")
            return case_id, session.scalars(select(CasePerson.person_id).where(sought)).one()

    def do(self, act: Callable[..., Any], *about: Any, **more: Any) -> None:
        with transaction(self.intake) as session:
            act(session, self.manager, *about, **more)
        sequencer = Sequencer(self.intake)
        while sequencer.sequence():
            pass
        for partition in range(8):
            self.consumer.catch_up("intake", partition)

    def agree(self, person_id: UUID, purpose: str = "sharing", basis: str = "consent") -> None:
        self.do(record_legal_basis, person_id, purpose=purpose, basis=basis, recipient_id=self.partner)

    def ground(self, case: UUID, person_id: UUID, purpose: str = "sharing") -> Ground:
        """Why the service may use it or not."""
        with reading(self.service) as session:
            return may_use(session, self.bases, case, person_id, purpose, self.partner, TODAY).ground

    def intakes_ground(self, person_id: UUID) -> Ground:
        with reading(self.intake) as session:
            return protection.may_use(session, person_id, "sharing", self.partner, TODAY).ground


@pytest.fixture(params=SERVICES)
def hub(request: pytest.FixtureRequest, database: Callable[[str], Engine], keys: KeyRing) -> Hub:
    module, intake, service = SERVICES[request.param], database("intake"), database(request.param)
    with transaction(intake) as session:
        own, partner = (
            commands.register_organisation(session, short_name=name, name=name, kind="national_society").id
            for name in ("red-cross-a", "red-crescent-b")
        )
    subscriptions = Subscriptions(module.PROJECTIONS, module.REACTIONS)
    consumer = Consumer(request.param, service, {"intake": LocalFeed(intake, "intake")}, subscriptions, keys)
    consumer.prepare()
    bases = next(table for table in module.PROJECTED if table.name == "person_basis")
    manager = Actor(own, roles=frozenset({Role.CASE_MANAGER}))
    return Hub(intake, service, consumer, bases, manager, partner)


@pytest.mark.parametrize("no", NO)
def test_a_no_said_under_one_record_counts_for_the_other_from_the_merge_on_and_not_after_its_undoing(
    hub: Hub, no: str
) -> None:
    (case, mine), (duplicate, theirs) = hub.submit(), hub.submit()
    hub.agree(mine)
    hub.agree(mine, basis="public_interest")
    hub.do(NO[no], theirs)
    assert hub.ground(case, mine) is Ground.LEGAL_BASIS
    hub.do(merge_cases, case, duplicate, same_people=[(theirs, mine)])
    refused = Ground.WITHDRAWN if no == "withdrawal" else Ground.OBJECTED
    for one in (case, duplicate):
        assert {hub.ground(one, mine), hub.ground(one, theirs)} == {refused}, one
    assert hub.intakes_ground(mine) is not Ground.LEGAL_BASIS
    hub.do(undo_merge, duplicate)
    assert hub.ground(case, mine) is hub.intakes_ground(mine) is Ground.LEGAL_BASIS
    assert hub.ground(duplicate, theirs) is refused
    assert hub.ground(case, theirs) is hub.ground(duplicate, mine) is Ground.NO_LEGAL_BASIS


def test_a_basis_that_is_no_consent_counts_again_after_the_undoing_alone(hub: Hub) -> None:
    (case, mine), (duplicate, theirs) = hub.submit(), hub.submit()
    hub.do(record_objection, theirs, purpose="sharing")
    hub.do(merge_cases, case, duplicate, same_people=[(theirs, mine)])
    hub.agree(mine, basis="vital_interest")
    assert hub.ground(case, mine) is hub.intakes_ground(mine) is Ground.OBJECTED
    hub.do(undo_merge, duplicate)
    assert hub.ground(case, mine) is hub.intakes_ground(mine) is Ground.LEGAL_BASIS
    assert hub.ground(duplicate, theirs) is Ground.OBJECTED


def test_what_is_said_after_the_merge_counts_for_both_records_at_once(hub: Hub) -> None:
    (case, mine), (duplicate, theirs) = hub.submit(), hub.submit()
    hub.agree(mine)
    hub.do(merge_cases, case, duplicate, same_people=[(theirs, mine)])
    assert hub.ground(case, theirs) is hub.intakes_ground(theirs) is Ground.LEGAL_BASIS
    hub.do(record_objection, theirs, purpose="sharing")
    assert {hub.ground(one, other) for one in (case, duplicate) for other in (mine, theirs)} == {Ground.OBJECTED}
    hub.agree(mine)
    assert {hub.ground(one, other) for one in (case, duplicate) for other in (mine, theirs)} == {Ground.LEGAL_BASIS}
    hub.do(undo_merge, duplicate)
    assert (hub.ground(case, mine), hub.ground(duplicate, theirs)) == (Ground.LEGAL_BASIS, Ground.OBJECTED)


def test_the_no_of_somebody_of_the_duplicate_alone_holds_in_the_case_that_is_worked_on(hub: Hub) -> None:
    (case, _), (duplicate, theirs) = hub.submit(), hub.submit()
    hub.do(record_objection, theirs, purpose="sharing")
    hub.do(merge_cases, case, duplicate)
    hub.agree(theirs, basis="public_interest")
    assert hub.ground(case, theirs) is hub.intakes_ground(theirs) is Ground.OBJECTED


def test_a_merge_tells_nothing_where_nothing_was_recorded(hub: Hub) -> None:
    (case, mine), (duplicate, theirs) = hub.submit(), hub.submit()
    hub.do(merge_cases, case, duplicate, same_people=[(theirs, mine)])
    with reading(hub.service) as session:
        assert session.execute(select(hub.bases)).all() == []


def test_what_was_said_for_another_purpose_stays(hub: Hub) -> None:
    (case, mine), (duplicate, theirs) = hub.submit(), hub.submit()
    hub.agree(mine)
    hub.do(record_objection, mine, purpose="tracing")
    hub.do(record_objection, theirs, purpose="sharing")
    hub.do(merge_cases, case, duplicate, same_people=[(theirs, mine)])
    assert hub.ground(case, theirs, "tracing") is Ground.OBJECTED
    hub.do(undo_merge, duplicate)
    assert hub.ground(case, mine) is Ground.LEGAL_BASIS
    assert hub.ground(case, mine, "tracing") is Ground.OBJECTED


@pytest.mark.parametrize("same", [True, False], ids=["one person", "two people"])
def test_a_no_said_while_a_merge_is_under_way_is_heard_everywhere(hub: Hub, same: bool) -> None:
    (case, mine), (duplicate, theirs) = hub.submit(), hub.submit()
    hub.agree(mine)
    hub.agree(theirs)
    says_no = mine if same else theirs
    with overtaken(hub.intake, lambda: hub.do(record_objection, says_no, purpose="sharing")) as (session, later):
        merge_cases(session, hub.manager, case, duplicate, same_people=[(theirs, mine)] if same else ())
    later.result()
    assert hub.intakes_ground(says_no) == Ground.OBJECTED
    for one in (mine, theirs):
        for inside in (case, duplicate):
            told = hub.ground(inside, one)
            assert told == hub.intakes_ground(one) or (told, inside, one) == (Ground.NO_LEGAL_BASIS, case, theirs), one


def test_a_consent_given_while_a_merge_is_undone_lifts_no_others_no(hub: Hub) -> None:
    (case, mine), (duplicate, theirs) = hub.submit(), hub.submit()
    hub.do(record_objection, theirs, purpose="sharing")
    hub.do(merge_cases, case, duplicate, same_people=[(theirs, mine)])
    with overtaken(hub.intake, lambda: hub.agree(mine)) as (session, later):
        undo_merge(session, hub.manager, duplicate)
    later.result()
    assert hub.ground(duplicate, theirs) == hub.intakes_ground(theirs) == Ground.OBJECTED
    assert hub.ground(case, mine) == hub.intakes_ground(mine) == Ground.LEGAL_BASIS


def test_a_merge_undone_while_a_consent_is_recorded_takes_the_consent_back_from_the_other(hub: Hub) -> None:
    (case, mine), (duplicate, theirs) = hub.submit(), hub.submit()
    hub.do(merge_cases, case, duplicate, same_people=[(theirs, mine)])
    with overtaken(hub.intake, lambda: hub.do(undo_merge, duplicate)) as (session, later):
        record_legal_basis(session, hub.manager, mine, purpose="sharing", basis="consent", recipient_id=hub.partner)
    later.result()
    assert hub.ground(duplicate, theirs) == hub.intakes_ground(theirs) == Ground.NO_LEGAL_BASIS
    assert hub.ground(case, mine) == hub.intakes_ground(mine) == Ground.LEGAL_BASIS
