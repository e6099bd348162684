"""Staff are invited, sign in with two factors, and are signed out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.intake import commands, queries
from services.intake.commands import NewSession, Refusal, Ticket
from services.intake.credentials import hashed_password
from services.intake.domain import SignedIn, SignInFailure, SignInTicket, User
from services.intake.settings import SESSION_IDLE, SESSION_LIFE
from shared.database import reading, transaction, utc_now
from shared.errors import InvalidInput, NotAuthenticated, NotFound
from tests.intake.access.signing_in import CASE_WORKER, HASH, PASSWORD, Staff, code_of


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
