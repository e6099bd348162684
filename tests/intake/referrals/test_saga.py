"""Any order of acts, deadlines, words of the person and faults: the case always has one responsible organisation, and
the receiver is shown what was shared exactly while it may be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, func, select

from services.intake import commands, queries
from services.intake.casework.referrals import (
    OPEN,
    SHOWN_TO_RECEIVER,
    STATES,
    STEPS,
    AskAgreement,
    AskReferral,
    Question,
    Reply,
    Step,
)
from services.intake.commands import agreements, referrals
from services.intake.commands.protection import record_legal_basis, record_objection, share_with_nobody
from services.intake.domain import Case, CasePerson, Referral, ReferralStep
from services.intake.queries import referrals as found
from services.intake.schemas import CASE_SHAPES
from services.intake.subscribers import hide_hold, show_hold, show_shared, withhold_shared
from shared.access import Actor, Role, act_as
from shared.database import reading, transaction, utc_now, uuid7
from shared.errors import Conflict, NotAllowed
from shared.messaging.tables import event_log
from tests.intake.people import person
from tests.intake.referrals.conftest import offer_case, registration

WORKER = frozenset({Role.CASE_WORKER, Role.CASE_MANAGER})
SAID = {"ask": Question(text="What?"), "answer": Reply(text="That.")}
FACTS = {
    "offer": "offered",
    "acknowledge": "acknowledged",
    "ask": "information_requested",
    "answer": "information_given",
    "accept": "accepted",
    "decline": "declined",
    "hand_over": "handed_over",
    "complete": "completed",
    "revoke": "revoked",
    "update": "updated",
    "remind": "overdue",
    "expire": "expired",
}


SELDOM = st.sampled_from((False, False, False, True))


class Fault(Exception):
    """The process dies here."""


class _Held:
    """A fact of another service about the case."""

    def __init__(self, case_id: UUID) -> None:
        self.source = "notify"
        self.event: Any = type("Fact", (), {"case_id": case_id})


class Saga(RuleBasedStateMachine):
    """One case between two organisations. `engine` is given by the test."""

    engine: Engine
    reached: set[str]
    """Every state that some run came to."""

    @initialize()
    def begin(self) -> None:
        names = [f"org-{uuid7()}" for _ in range(2)]
        with transaction(self.engine) as session:
            ids = [commands.register_organisation(session, short_name=name, name=name, kind="ngo").id for name in names]
        self.sender, self.receiver = (Actor(one, roles=WORKER, user_id=uuid7()) for one in ids)
        body = registration(person("Yonas Tekle", sex="male"))
        with transaction(self.engine) as session:
            submitted = CASE_SHAPES["registration"].validate_python(body)
            made = commands.submit_case(session, self.sender, submitted, idempotency_key=None, request=body)
        self.case_id = UUID(made["id"])
        with reading(self.engine) as session:
            self.person = session.scalars(select(CasePerson.person_id).where(CasePerson.case_id == self.case_id)).one()
        self.now = utc_now()
        self.says_yes = self.held = self.alone = False
        self.agreement: UUID | None = None
        self.states: dict[UUID, str] = {}
        self.orphaned: set[UUID] = set()
        self.last: UUID | None = None
        self.mend()

    def act(self, actor: Actor, do: Callable[[Any], Any], *, dies: bool = False) -> Any:
        """In a transaction of that organisation, as a request is; None where it was refused or died."""
        try:
            with transaction(self.engine) as session:
                act_as(session, actor)
                answer = do(session)
                if dies:
                    raise Fault
        except (Conflict, NotAllowed, Fault):
            return None
        return answer

    @rule()
    def mend(self) -> None:
        """Whatever stood in the way is put right."""
        self.sign()
        if self.alone:
            self.wish_to_be_alone(False)
        if self.held:
            self.another_service_holds_it(False)
        if not self.says_yes:
            self.say_yes()

    @rule(what=st.sampled_from(("end", "no", "alone", "held")))
    def disturb(self, what: str) -> None:
        """Something comes in between."""
        if what == "end":
            self.end_agreement(True)
        elif what == "no":
            self.say_no()
        elif what == "alone":
            self.wish_to_be_alone(True)
        else:
            self.another_service_holds_it(True)

    def sign(self) -> None:
        if self.agreement is not None:
            return
        asked = AskAgreement(
            partner_id=self.receiver.organisation_id,
            purposes=("assistance",),
            fields=("names", "sex"),
            valid_from=utc_now().date(),
        )
        made = self.act(self.sender, lambda session: agreements.propose_agreement(session, self.sender, asked))
        signed = self.act(self.receiver, lambda s: agreements.sign_agreement(s, self.receiver, made.id))
        self.agreement = signed.id

    def end_agreement(self, by_sender: bool) -> None:
        if self.agreement is not None:
            who = self.sender if by_sender else self.receiver
            agreement = self.agreement
            assert self.act(who, lambda session: agreements.end_agreement(session, who, agreement)) is not None
            self.agreement = None
            for referral in self.states:
                self.orphaned.add(referral)

    def say_yes(self) -> None:
        self.act(
            self.sender,
            lambda session: record_legal_basis(
                session,
                self.sender,
                self.person,
                purpose="sharing",
                basis="consent",
                recipient_id=self.receiver.organisation_id,
            ),
        )
        self.says_yes = True

    def say_no(self) -> None:
        self.act(self.sender, lambda s: record_objection(s, self.sender, self.person, purpose="sharing"))
        self.says_yes = False

    def wish_to_be_alone(self, wish: bool) -> None:
        self.act(self.sender, lambda s: share_with_nobody(s, self.sender, self.person, wish=wish))
        if wish and not self.alone:
            self.says_yes = False
        self.alone = wish

    def another_service_holds_it(self, held: bool) -> None:
        fact: Any = _Held(self.case_id)
        with transaction(self.engine) as session:
            for handler in (show_hold, withhold_shared) if held else (hide_hold, show_shared):
                handler(session, fact)
        self.held = held

    @rule(urgency=st.sampled_from(("high", "medium", "low")), dies=SELDOM)
    def offer(self, urgency: str, dies: bool) -> None:
        asked = AskReferral(
            receiver_id=self.receiver.organisation_id,
            purpose="assistance",
            service="primary_health_care",
            urgency=urgency,
            fields=("names",),
        )
        row = self.act(self.sender, lambda s: offer_case(s, self.sender, self.case_id, asked), dies=dies)
        may = self.agreement is not None and self.says_yes and not self.held and not self.alone
        assert (row is not None) == (may and not dies)
        if row is not None:
            self.states[row.id] = "offered"
            self.last = row.id

    @rule(step=st.sampled_from(STEPS), dies=SELDOM)
    def take_own_step(self, step: Step, dies: bool) -> None:
        """By the side whose step it is; where nothing is under way, something is offered first."""
        if self.last is None or self.states[self.last] not in OPEN:
            self.offer("medium", dies=False)
        self.take_step(step, step.side == "sender", dies)

    @rule(step=st.sampled_from(STEPS), by_sender=st.booleans())
    def take_any_step(self, step: Step, by_sender: bool) -> None:
        self.take_step(step, by_sender, dies=False)

    def take_step(self, step: Step, by_sender: bool, dies: bool) -> None:
        """Possible or not: the model knows."""
        if self.last is None:
            return
        last, who = self.last, self.sender if by_sender else self.receiver
        reason = next(iter(step.reasons), None)
        row = self.act(
            who,
            lambda s: referrals.take_step(s, who, last, step.name, reason=reason, said=SAID.get(step.name)),
            dies=dies,
        )
        own = (step.side == "sender") == by_sender
        assert (row is not None) == (own and self.states[last] in step.sources and not dies)
        if row is not None:
            self.states[last] = step.target
            self.reached.add(step.target)

    @rule(dies=st.booleans())
    def bring_up_to_date(self, dies: bool) -> None:
        if self.last is None:
            return
        last = self.last
        row = self.act(self.sender, lambda s: referrals.bring_up_to_date(s, self.sender, last), dies=dies)
        may = last not in self.orphaned and self.says_yes and not self.held and not self.alone
        assert (row is not None) == (may and self.states[last] in OPEN and not dies)

    @rule(hours=st.sampled_from((1, 5, 25, 50, 80, 200)))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self._sweep(self.now)

    def _sweep(self, now: datetime) -> None:
        for _ in range(3):
            with transaction(self.engine) as session:
                referrals.sweep_referrals_at(session, now)
        with reading(self.engine) as session:
            for row in session.scalars(select(Referral).where(Referral.id.in_(self.states))):
                if row.state != self.states[row.id]:
                    assert row.state == "expired"
                    assert self.states[row.id] in {"offered", "acknowledged", "information_requested"}
                    self.states[row.id] = "expired"
                    self.reached.add("expired")

    @invariant()
    def one_organisation_is_responsible(self) -> None:
        with reading(self.engine) as session:
            holders = session.scalars(select(Case.organisation_id).where(Case.id == self.case_id)).all()
        assert holders == [self.sender.organisation_id]

    @invariant()
    def what_happened_was_recorded_and_announced_once_and_in_order(self) -> None:
        with reading(self.engine) as session:
            rows = {row.id: row for row in session.scalars(select(Referral).where(Referral.case_id == self.case_id))}
            assert {one: row.state for one, row in rows.items()} == self.states
            assert set(self.states.values()) <= set(STATES)
            steps = session.execute(
                select(ReferralStep.referral_id, ReferralStep.number, ReferralStep.what)
                .where(ReferralStep.case_id == self.case_id)
                .order_by(ReferralStep.referral_id, ReferralStep.number)
            ).all()
            told = session.scalar(
                select(func.count())
                .select_from(event_log)
                .where(event_log.c.subject == f"case/{self.case_id}", event_log.c.type.like("referral.%"))
            )
            types = session.scalars(
                select(event_log.c.type)
                .where(event_log.c.subject == f"case/{self.case_id}", event_log.c.type.like("referral.%"))
                .order_by(event_log.c.seq)
            ).all()
        assert told == len(steps)
        for one, row in rows.items():
            numbers = [number for referral, number, _ in steps if referral == one]
            assert numbers == list(range(1, row.version + 1))
            assert (row.due_at is None) == (row.state not in {"offered", "acknowledged", "information_requested"})
        assert sorted(types) == sorted(f"referral.{FACTS[what]}" for _, _, what in steps)

    @invariant()
    def the_receiver_is_shown_it_exactly_while_it_may_be(self) -> None:
        for one, state in self.states.items():
            with transaction(self.engine) as session:
                act_as(session, self.receiver)
                row = found.referral(session, self.receiver, one)
                shown = found.shown(session, self.receiver, row, utc_now().date())
            may = (
                state in SHOWN_TO_RECEIVER
                and one not in self.orphaned
                and self.says_yes
                and not self.held
                and not self.alone
            )
            assert (shown.view is not None) == may, (state, shown.ground)
            with transaction(self.engine) as session:
                act_as(session, self.sender)
                own = found.referral(session, self.sender, one)
                assert found.shown(session, self.sender, own, utc_now().date()).view is not None
                assert queries.case(session, self.sender, self.case_id).id == self.case_id


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_no_order_of_acts_deadlines_and_faults_leaves_a_case_with_nobody_or_with_two(
    kind: str, request: pytest.FixtureRequest
) -> None:
    engine: Engine = request.getfixturevalue(kind)("intake")
    saga = type("SagaHere", (Saga,), {"engine": engine, "reached": set()})
    examples = 30 if kind == "sqlite" else 12
    run_state_machine_as_test(saga, settings=settings(max_examples=examples, stateful_step_count=40))
    assert len(saga.reached) >= 5, f"the runs went far enough: {saga.reached}"
