"""Staff are invited, sign in with two factors, and are signed out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, select, update

from services.intake import commands, queries
from services.intake.commands import NewSession, Refusal, Ticket
from services.intake.credentials import hashed_password
from services.intake.domain import SignedIn, SignInFailure, SignInTicket, User
from services.intake.settings import SESSION_IDLE, SESSION_LIFE
from shared.access import Actor, Role
from shared.database import reading, transaction, utc_now
from shared.errors import Conflict, InvalidInput, NotAllowed, NotAuthenticated, NotFound

PASSWORD = "blue lamp 4 fish tin"
HASH = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)
"""Made cheaply: what is stored says with which parameters it is compared."""
CASE_WORKER = frozenset({Role.CASE_WORKER})


@dataclass
class Staff:
    """An organisation with an administrator; helps to sign in, and to let time pass."""

    engine: Engine
    administrator: Actor

    def invite(self, name: str = "amal@example.org", roles: frozenset[Role] = CASE_WORKER) -> commands.NewInvitation:
        with transaction(self.engine) as session:
            return commands.invite_user(session, self.administrator, sign_in_name=name, display_name="A", roles=roles)

    def joined(self, name: str = "amal@example.org", roles: frozenset[Role] = CASE_WORKER) -> tuple[UUID, str]:
        """A user who has a password and a second factor: (id, the factor's secret)."""
        invitation = self.invite(name, roles)
        with transaction(self.engine) as session:
            ticket = commands.accept_invitation(session, invitation.secret, HASH)
        with transaction(self.engine) as session:
            enrolment = commands.enrol_second_factor(session, ticket.secret)
        assert isinstance(self.finish(ticket, code_of(enrolment.secret)), NewSession)
        self.forget_codes()
        return invitation.user_id, enrolment.secret

    def begin(self, password: str = PASSWORD, name: str = "amal@example.org") -> Ticket | Refusal:
        with reading(self.engine) as session:
            tried = commands.try_password(session, name, password)
        with transaction(self.engine) as session:
            return commands.begin_sign_in(session, tried)

    def finish(self, ticket: Ticket | Refusal, code: str) -> NewSession | Refusal:
        assert isinstance(ticket, Ticket)
        with transaction(self.engine) as session:
            return commands.finish_sign_in(session, ticket.secret, code)

    def signed_in(self, factor: str, name: str = "amal@example.org") -> NewSession:
        begun = self.finish(self.begin(name=name), code_of(factor))
        assert isinstance(begun, NewSession)
        self.forget_codes()
        return begun

    def actor(self, secret: str) -> Actor:
        with reading(self.engine) as session:
            return queries.actor_of_session(session, secret)

    def change(self, table: Any, **values: Any) -> None:
        with transaction(self.engine) as session:
            session.execute(update(table).values(**values))

    def forget_codes(self) -> None:
        """As if the next half minute had begun."""
        self.change(User, totp_last_step=0)


def code_of(factor: str, at: datetime | None = None) -> str:
    return pyotp.TOTP(factor).at(at or utc_now())


@pytest.fixture
def staff(database: Callable[[str], Engine]) -> Staff:
    engine = database("intake")
    with transaction(engine) as session:
        made = commands.register_organisation(session, short_name="a", name="A", kind="ngo")
    return Staff(engine, Actor(made.id, roles=frozenset({Role.ADMINISTRATOR})))


def test_somebody_invited_chooses_a_password_enrols_a_second_factor_and_is_signed_in(staff: Staff) -> None:
    invitation = staff.invite()
    with reading(staff.engine) as session:
        assert queries.invited(session, invitation.secret).organisation == "A"
    with transaction(staff.engine) as session:
        ticket = commands.accept_invitation(session, invitation.secret, HASH)
    assert ticket.enrols
    with transaction(staff.engine) as session:
        enrolment = commands.enrol_second_factor(session, ticket.secret)
        assert commands.enrol_second_factor(session, ticket.secret) == enrolment
    assert enrolment.address.startswith("otpauth://totp/Kinbridge:amal%40example.org?secret=")
    begun = staff.finish(ticket, code_of(enrolment.secret))
    assert isinstance(begun, NewSession)
    assert len(set(begun.recovery_codes)) == 10
    actor = staff.actor(begun.secret)
    assert (actor.user_id, actor.roles) == (invitation.user_id, CASE_WORKER)
    assert actor.organisation_id == staff.administrator.organisation_id


def test_an_invitation_works_once(staff: Staff) -> None:
    invitation = staff.invite()
    with transaction(staff.engine) as session:
        commands.accept_invitation(session, invitation.secret, HASH)
    with transaction(staff.engine) as session, pytest.raises(NotFound):
        commands.accept_invitation(session, invitation.secret, HASH)


def test_the_password_alone_opens_nothing(staff: Staff) -> None:
    staff.joined()
    ticket = staff.begin()
    assert isinstance(ticket, Ticket)
    with pytest.raises(NotAuthenticated):
        staff.actor(ticket.secret)
    with transaction(staff.engine) as session, pytest.raises(NotAuthenticated):
        commands.enrol_second_factor(session, ticket.secret)
    assert staff.finish(ticket, "000000") == Refusal()


def test_a_code_counts_once(staff: Staff) -> None:
    _, factor = staff.joined()
    code = code_of(factor)
    assert isinstance(staff.finish(staff.begin(), code), NewSession)
    assert staff.finish(staff.begin(), code) == Refusal()


def test_a_code_of_an_earlier_minute_does_not_count(staff: Staff) -> None:
    _, factor = staff.joined()
    assert staff.finish(staff.begin(), code_of(factor, utc_now() - timedelta(seconds=90))) == Refusal()


def test_a_recovery_code_stands_in_for_the_second_factor_once(staff: Staff) -> None:
    invitation = staff.invite()
    with transaction(staff.engine) as session:
        ticket = commands.accept_invitation(session, invitation.secret, HASH)
        enrolment = commands.enrol_second_factor(session, ticket.secret)
    begun = staff.finish(ticket, code_of(enrolment.secret))
    assert isinstance(begun, NewSession)
    code = begun.recovery_codes[3]
    assert isinstance(staff.finish(staff.begin(), code.lower().replace("-", " ")), NewSession)
    assert staff.finish(staff.begin(), code) == Refusal()


def test_a_name_is_locked_for_longer_and_longer_whether_anybody_has_it_or_not(staff: Staff) -> None:
    staff.joined()
    for name in ("amal@example.org", "nobody@example.org"):
        waits = []
        for _ in range(7):
            refused = staff.begin("wrong wrong wrong", name)
            assert isinstance(refused, Refusal)
            waits.append(refused.until)
            staff.change(SignInFailure, locked_until=None)
        assert waits[:4] == [None] * 4
        assert all(waits[4:])
        minutes = [round((until - utc_now()).total_seconds() / 60) for until in waits if until]
        assert minutes == [1, 2, 4]


def test_while_a_name_is_locked_the_right_password_is_refused_and_counts_for_nothing(staff: Staff) -> None:
    _, factor = staff.joined()
    for _ in range(5):
        staff.begin("wrong wrong wrong")
    assert isinstance(staff.begin(), Refusal)
    staff.change(SignInFailure, locked_until=utc_now() - timedelta(seconds=1))
    assert staff.signed_in(factor)
    with reading(staff.engine) as session:
        assert session.scalars(select(SignInFailure)).all() == []


def test_wrong_codes_lock_the_name_too(staff: Staff) -> None:
    staff.joined()
    ticket = staff.begin()
    refused = [staff.finish(ticket, "123") for _ in range(5)]
    assert isinstance(refused[-1], Refusal)
    assert refused[-1].until is not None


def test_a_session_ends_when_it_is_idle_and_after_its_life(staff: Staff) -> None:
    _, factor = staff.joined()
    begun = staff.signed_in(factor)
    assert begun.ends_at <= utc_now() + SESSION_LIFE
    staff.change(SignedIn, last_seen_at=utc_now() - SESSION_IDLE)
    with pytest.raises(NotAuthenticated):
        staff.actor(begun.secret)
    with transaction(staff.engine) as session:
        commands.note_seen(session, begun.secret)
    assert staff.actor(begun.secret)
    staff.change(SignedIn, ends_at=utc_now())
    with pytest.raises(NotAuthenticated):
        staff.actor(begun.secret)


def test_a_session_says_when_its_use_must_be_noted(staff: Staff) -> None:
    _, factor = staff.joined()
    begun = staff.signed_in(factor)
    with reading(staff.engine) as session:
        assert not queries.open_session(session, begun.secret).due
    staff.change(SignedIn, last_seen_at=utc_now() - timedelta(minutes=2))
    with reading(staff.engine) as session:
        assert queries.open_session(session, begun.secret).due


def test_signing_out_ends_one_session_and_everywhere_ends_all(staff: Staff) -> None:
    user, factor = staff.joined()
    one, two, three = (staff.signed_in(factor).secret for _ in range(3))
    with transaction(staff.engine) as session:
        commands.sign_out(session, one)
    with pytest.raises(NotAuthenticated):
        staff.actor(one)
    assert staff.actor(two)
    with transaction(staff.engine) as session:
        commands.end_sessions(session, user)
    for secret in (two, three):
        with pytest.raises(NotAuthenticated):
            staff.actor(secret)


@pytest.mark.parametrize("what", ["disable_user", "change_roles", "reset_user"])
def test_who_is_disabled_reset_or_given_other_roles_is_signed_out_at_once(staff: Staff, what: str) -> None:
    user, factor = staff.joined()
    begun, half_done = staff.signed_in(factor), staff.begin()
    more = {"roles": {Role.AUDITOR}} if what == "change_roles" else {}
    with transaction(staff.engine) as session:
        getattr(commands, what)(session, staff.administrator, user, **more)
    with pytest.raises(NotAuthenticated):
        staff.actor(begun.secret)
    assert staff.finish(half_done, code_of(factor)) == Refusal()


def test_a_disabled_user_cannot_sign_in_until_enabled(staff: Staff) -> None:
    user, factor = staff.joined()
    with transaction(staff.engine) as session:
        commands.disable_user(session, staff.administrator, user)
    assert staff.begin() == Refusal()
    with transaction(staff.engine) as session:
        commands.enable_user(session, staff.administrator, user)
    assert staff.signed_in(factor)


@pytest.mark.parametrize("second_factor", [False, True])
def test_a_reset_takes_the_password_and_the_second_factor_only_if_asked(staff: Staff, second_factor: bool) -> None:
    user, factor = staff.joined()
    with transaction(staff.engine) as session:
        invitation = commands.reset_user(session, staff.administrator, user, second_factor=second_factor)
    assert staff.begin() == Refusal()
    with transaction(staff.engine) as session:
        ticket = commands.accept_invitation(session, invitation.secret, HASH)
    assert ticket.enrols is second_factor
    assert isinstance(staff.finish(ticket, code_of(factor)), Refusal if second_factor else NewSession)


def test_a_changed_password_ends_the_other_sessions(staff: Staff) -> None:
    _, factor = staff.joined()
    here, elsewhere = staff.signed_in(factor).secret, staff.signed_in(factor).secret
    with reading(staff.engine) as session:
        wrong, right = (commands.try_password(session, "amal@example.org", text) for text in ("wrong one", PASSWORD))
    with transaction(staff.engine) as session:
        actor = queries.actor_of_session(session, here)
        assert commands.change_password(session, actor, wrong, HASH, keep=here) == Refusal()
        assert commands.change_password(session, actor, right, HASH, keep=here) is None
    assert staff.actor(here)
    with pytest.raises(NotAuthenticated):
        staff.actor(elsewhere)


@pytest.mark.parametrize(
    "password", ["short", "x" * 129, "aaaaaaaaaaaaaaa", "kinbridgekinbridge", "amal.haddad2026", "Summer2026!!"]
)
def test_an_obvious_password_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput):
        hashed_password(password, ["amal.haddad@example.org"])


@pytest.mark.parametrize("password", ["مفتاح البيت الأزرق", PASSWORD])
def test_a_password_may_be_in_any_script(password: str) -> None:
    assert hashed_password(password, []).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_name_to_sign_in_is_taken_once(staff: Staff) -> None:
    staff.invite()
    with pytest.raises(Conflict):
        staff.invite("  AMAL@example.org ")


def test_nobody_changes_their_own_roles_or_makes_an_operator(staff: Staff) -> None:
    user, _ = staff.joined("boss@example.org", frozenset({Role.ADMINISTRATOR}))
    own = Actor(staff.administrator.organisation_id, roles=frozenset({Role.ADMINISTRATOR}), user_id=user)
    with transaction(staff.engine) as session:
        with pytest.raises(NotAllowed):
            commands.change_roles(session, own, user, {Role.CASE_MANAGER})
        with pytest.raises(NotAllowed):
            commands.disable_user(session, own, user)
    with pytest.raises(NotAllowed):
        staff.invite("op@example.org", frozenset({Role.OPERATOR}))


def test_only_an_administrator_of_the_organisation_reaches_its_users(staff: Staff) -> None:
    user, _ = staff.joined()
    own = staff.administrator.organisation_id
    with transaction(staff.engine) as session:
        with pytest.raises(NotFound):
            commands.disable_user(session, Actor(user, roles=frozenset({Role.ADMINISTRATOR})), user)
        for role in set(Role) - {Role.ADMINISTRATOR}:
            with pytest.raises(NotAllowed):
                commands.disable_user(session, Actor(own, role is Role.OPERATOR, frozenset({role})), user)


def test_an_authority_has_no_users(staff: Staff) -> None:
    with transaction(staff.engine) as session:
        police = commands.register_organisation(session, short_name="police", name="Police", kind="authority")
        with pytest.raises(NotAllowed, match="authority"):
            commands.invite_user(
                session,
                Actor(police.id, roles=frozenset({Role.ADMINISTRATOR})),
                sign_in_name="p@example.org",
                display_name="P",
                roles=CASE_WORKER,
            )


def test_what_has_ended_is_forgotten(staff: Staff) -> None:
    _, factor = staff.joined()
    kept, ended = staff.signed_in(factor), utc_now() - timedelta(days=2)
    staff.begin()
    staff.begin("wrong wrong wrong")
    staff.change(SignInTicket, ends_at=ended)
    staff.change(SignInFailure, last_at=ended)
    with transaction(staff.engine) as session:
        assert commands.forget_old_sign_ins(session) == 2
    assert staff.actor(kept.secret)


def test_the_database_holds_no_secret_in_the_clear(staff: Staff) -> None:
    user, factor = staff.joined()
    begun, ticket = staff.signed_in(factor), staff.begin()
    assert isinstance(ticket, Ticket)
    with reading(staff.engine) as session:
        stored = [session.get(User, user), *session.scalars(select(SignedIn)), *session.scalars(select(SignInTicket))]
    written = repr([vars(row) for row in stored])
    for secret in (factor, begun.secret, ticket.secret, PASSWORD):
        assert secret not in written
