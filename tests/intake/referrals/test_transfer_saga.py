"""Any order of acts, deadlines, noes and faults: a case has one responsible organisation, who sees it, and no other
does. It goes over exactly with an acceptance, and can go on and come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, select

from services.intake import commands, queries
from services.intake.casework.referrals import AskAgreement, AskReferral, Question, Reply
from services.intake.casework.transfers import TRANSFER_STEPS, AskTransfer
from services.intake.commands import agreements, referrals
from services.intake.commands.protection import record_legal_basis, record_objection
from services.intake.domain import Case, CasePerson, LegalBasis, Person, Referral
from services.intake.schemas import CASE_SHAPES
from shared.access import Actor, Role, act_as
from shared.database import reading, transaction, utc_now, uuid7
from shared.errors import Conflict, NotAllowed, NotFound
from shared.messaging.tables import event_log
from shared.vault import data_key
from tests.intake.people import person
from tests.intake.referrals.conftest import offer_case, registration

MANAGER = frozenset({Role.CASE_WORKER, Role.CASE_MANAGER})
SAID = {"ask": Question(text="What?"), "answer": Reply(text="That.")}
HANDED_OVER = frozenset({"accepted", "handed_over", "completed"})
"""The states of a transfer whose case has gone to the receiver."""
SELDOM = st.sampled_from((False, False, False, True))


class Fault(Exception):
    """The process dies here."""


class Transfers(RuleBasedStateMachine):
    """One case between two organisations, each of which may hold it. `engine` is given by the test."""

    engine: Engine
    moved: set[int]
    """How often the case went over, in some run."""

    @initialize()
    def begin(self) -> None:
        names = [f"org-{uuid7()}" for _ in range(2)]
        with transaction(self.engine) as session:
            ids = [commands.register_organisation(session, short_name=one, name=one, kind="ngo").id for one in names]
        self.sides = [Actor(one, roles=MANAGER, user_id=uuid7()) for one in ids]
        self.holder, self.moves, self.now = 0, 0, utc_now()
        body = registration(person("Yonas Tekle", sex="male"))
        with transaction(self.engine) as session:
            submitted = CASE_SHAPES["registration"].validate_python(body)
            made = commands.submit_case(session, self.sides[0], submitted, idempotency_key=None, request=body)
        self.case_id = UUID(made["id"])
        self.states: dict[UUID, str] = {}
        self.senders: dict[UUID, int] = {}
        self.last: UUID | None = None
        self.referred: UUID | None = None
        asked = AskAgreement(
            partner_id=ids[1],
            purposes=("assistance",),
            fields=("names", "sex", "whole_file"),
            valid_from=utc_now().date(),
        )
        proposed = self.act(0, lambda session, who: agreements.propose_agreement(session, who, asked))
        self.act(1, lambda session, who: agreements.sign_agreement(session, who, proposed.id))
        self.yes_to: set[int] = set()
        self.say_yes()

    @property
    def says_yes(self) -> bool:
        """To being shared with the other organisation than the holder: a yes goes along with the case."""
        return 1 - self.holder in self.yes_to

    @property
    def holds(self) -> Actor:
        return self.sides[self.holder]

    def act(self, side: int, do: Callable[[Any, Actor], Any], *, dies: bool = False) -> Any:
        """In a transaction of that organisation, as a request is; None where it was refused or died."""
        who = self.sides[side]
        try:
            with transaction(self.engine) as session:
                act_as(session, who)
                answer = do(session, who)
                session.flush()
                if dies:
                    raise Fault
        except (Conflict, NotAllowed, NotFound, Fault):
            return None
        return answer

    def person(self) -> UUID:
        with reading(self.engine) as session:
            return session.scalars(select(CasePerson.person_id).where(CasePerson.case_id == self.case_id)).one()

    @rule()
    def say_yes(self) -> None:
        """To each organisation's sharing with the other."""
        other = self.sides[1 - self.holder].organisation_id
        one, use = self.person(), {"purpose": "sharing", "basis": "consent", "recipient_id": other}
        assert self.act(self.holder, lambda s, who: record_legal_basis(s, who, one, **use)) is not None
        self.yes_to.add(1 - self.holder)

    @rule()
    def say_no(self) -> None:
        one = self.person()
        self.act(self.holder, lambda s, who: record_objection(s, who, one, purpose="sharing"))
        self.yes_to.clear()

    def under_way(self) -> list[UUID]:
        return [
            one for one, state in self.states.items() if state in {"offered", "acknowledged", "information_requested"}
        ]

    @rule(urgency=st.sampled_from(("high", "medium", "low")), dies=SELDOM)
    def offer(self, urgency: str, dies: bool) -> None:
        asked = AskTransfer(
            receiver_id=self.sides[1 - self.holder].organisation_id,
            why="person_moved",
            purpose="assistance",
            urgency=urgency,
            fields=("names",),
        )
        row = self.act(self.holder, lambda s, who: offer_case(s, who, self.case_id, asked), dies=dies)
        free = not self.under_way() and self.referred is None
        assert (row is not None) == (self.says_yes and free and not dies)
        if row is not None:
            self.states[row.id], self.senders[row.id], self.last = "offered", self.holder, row.id

    @rule()
    def refer_or_take_back(self) -> None:
        """Something else is under way with the other organisation: the case does not go meanwhile."""
        if self.referred is not None:
            referred = self.referred
            done = self.act(
                self.holder, lambda s, who: referrals.take_step(s, who, referred, "revoke", reason="not_needed")
            )
            assert done is not None
            self.referred = None
            return
        asked = AskReferral(
            receiver_id=self.sides[1 - self.holder].organisation_id,
            purpose="assistance",
            service="primary_health_care",
            fields=("names",),
        )
        row = self.act(self.holder, lambda s, who: offer_case(s, who, self.case_id, asked))
        assert (row is not None) == self.says_yes
        self.referred = row.id if row is not None else None

    @rule(step=st.sampled_from(TRANSFER_STEPS), own=st.sampled_from((True, True, True, False)), dies=SELDOM)
    def take_step(self, step: Any, own: bool, dies: bool) -> None:
        if self.last is None:
            return
        last, sender = self.last, self.senders[self.last]
        side = (
            (sender if step.side == "sender" else 1 - sender)
            if own
            else (1 - sender if step.side == "sender" else sender)
        )
        reason = next(iter(step.reasons), None)
        row = self.act(
            side,
            lambda s, who: referrals.take_step(s, who, last, step.name, reason=reason, said=SAID.get(step.name)),
            dies=dies,
        )
        may = own and self.states[last] in step.sources and not dies
        if step.name == "accept":
            may = may and self.says_yes and self.referred is None
        assert (row is not None) == may, (step.name, self.states[last])
        if row is not None:
            self.states[last] = step.target
            if step.name == "accept":
                self.holder, self.moves = 1 - self.holder, self.moves + 1
                self.moved.add(self.moves)

    @rule()
    def hand_it_over(self) -> None:
        """All that it takes, one after the other."""
        if self.referred is not None:
            self.refer_or_take_back()
        self.say_yes()
        if not self.under_way():
            self.offer("medium", dies=False)
        if self.last is not None and self.states[self.last] == "information_requested":
            self.take_step(next(one for one in TRANSFER_STEPS if one.name == "answer"), True, False)
        self.take_step(next(one for one in TRANSFER_STEPS if one.name == "accept"), True, False)

    @rule(hours=st.sampled_from((1, 5, 25, 80, 200)))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for _ in range(3):
            with transaction(self.engine) as session:
                referrals.sweep_referrals_at(session, self.now)
        with reading(self.engine) as session:
            for row in session.scalars(select(Referral).where(Referral.case_id == self.case_id)):
                if row.id in self.states and row.state != self.states[row.id]:
                    assert (row.state, row.id in self.under_way()) == ("expired", True)
                    self.states[row.id] = "expired"
                if row.id == self.referred and row.state == "expired":
                    self.referred = None

    @invariant()
    def one_organisation_is_responsible_and_alone_sees_the_case(self) -> None:
        with reading(self.engine) as session:
            assert session.scalars(select(Case.organisation_id).where(Case.id == self.case_id)).all() == [
                self.holds.organisation_id
            ]
            owners = [
                *session.scalars(
                    select(Person.organisation_id)
                    .join(CasePerson, CasePerson.person_id == Person.id)
                    .where(CasePerson.case_id == self.case_id)
                ),
                *session.scalars(select(CasePerson.organisation_id).where(CasePerson.case_id == self.case_id)),
                *session.scalars(select(data_key.c.organisation_id).where(data_key.c.owner_id == self.case_id)),
                *session.scalars(
                    select(LegalBasis.organisation_id)
                    .join(CasePerson, CasePerson.person_id == LegalBasis.person_id)
                    .where(CasePerson.case_id == self.case_id)
                ),
            ]
            assert set(owners) == {self.holds.organisation_id}
        for side, who in enumerate(self.sides):
            with transaction(self.engine) as session:
                act_as(session, who)
                if side == self.holder:
                    case = queries.case(session, who, self.case_id)
                    assert queries.people(session, case)[0].known is not None
                else:
                    with pytest.raises(NotFound):
                        queries.case(session, who, self.case_id)

    @invariant()
    def each_acceptance_is_told_once(self) -> None:
        with reading(self.engine) as session:
            told = session.scalars(
                select(event_log.c.type)
                .where(event_log.c.subject == f"case/{self.case_id}", event_log.c.type.like("transfer.%"))
                .order_by(event_log.c.seq)
            ).all()
            states = {
                row.id: row.state
                for row in session.scalars(select(Referral).where(Referral.case_id == self.case_id))
                if row.kind == "transfer"
            }
        assert states == self.states
        assert told.count("transfer.accepted") == self.moves == sum(one in HANDED_OVER for one in states.values())
        assert told.count("transfer.offered") == len(states)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_no_order_of_acts_deadlines_and_faults_leaves_a_case_with_nobody_or_with_two(
    kind: str, request: pytest.FixtureRequest
) -> None:
    engine: Engine = request.getfixturevalue(kind)("intake")
    machine = type("TransfersHere", (Transfers,), {"engine": engine, "moved": set()})
    examples = 10 if kind == "sqlite" else 6
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=20))
    assert max(machine.moved, default=0) >= 2, f"the case went on, or came back: {machine.moved}"
