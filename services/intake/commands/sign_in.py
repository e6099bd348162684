"""Signing in: the password, then the second factor, then a session that the server keeps.

    with reading(engine) as session:
        tried = try_password(session, name, password)      # slow on purpose; holds no lock
    with transaction(engine) as session:
        step = begin_sign_in(session, tried)                # a Ticket, or a Refusal
    with transaction(engine) as session:
        enrolment = enrol_second_factor(session, step.secret)       # only where step.enrols
    with transaction(engine) as session:
        begun = finish_sign_in(session, step.secret, code)  # a NewSession, or a Refusal

A refusal is returned, not raised: the failed attempt is counted in the same transaction. Failures are counted by the
name that was typed, whether anybody has it or not, so that neither a lock nor the time taken tells who is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from services.intake.credentials import (
    code_step,
    digest_of,
    fresh_recovery_codes,
    fresh_second_factor,
    fresh_secret,
    keyed_digest,
    password_fits,
    plain_recovery_code,
    second_factor_address,
)
from services.intake.domain import Invitation, RecoveryCode, SignedIn, SignInFailure, SignInTicket, User
from services.intake.queries.locking import locked
from services.intake.settings import SESSION_LIFE, TICKET_LIFE
from shared.database import table_of, upsert, utc_now
from shared.errors import NotAuthenticated
from shared.messaging.log import ledger_of
from shared.vault import DataKey, vault_of

FREE_ATTEMPTS = 5
_FIRST_LOCK, _LONGEST_LOCK = timedelta(minutes=1), timedelta(hours=1)
_FAILURES_KEPT = timedelta(days=1)
_failures = table_of(SignInFailure)


@dataclass(frozen=True)
class PasswordTried:
    """A name and whether the password was right; for `begin_sign_in` alone."""

    name: str
    user_id: UUID | None
    """None: wrong, or nobody's."""
    password_hash: str | None


@dataclass(frozen=True)
class Refusal:
    """The sign-in goes no further. `until` tells how long the name is locked, if it is."""

    until: datetime | None = None

    @property
    def sentence(self) -> str:
        """What may be said to whoever is there."""
        if self.until is None:
            return (
                "That was not right. Check the name, the password and the code, and begin anew if it was a while ago."
            )
        return f"There were too many attempts under this name. Try again after {self.until:%H:%M} UTC."


@dataclass(frozen=True)
class Ticket:
    """The password was right. `secret` names this attempt in the next step, for ten minutes."""

    secret: str
    enrols: bool
    """No second factor yet: `enrol_second_factor` comes next."""


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs: the shared secret, to be typed or scanned as the address."""

    secret: str
    address: str


@dataclass(frozen=True)
class NewSession:
    """Signed in. `secret` goes into the cookie; recovery codes are shown this once."""

    secret: str
    ends_at: datetime
    recovery_codes: tuple[str, ...] = ()


def try_password(session: Session, name: str, password: str) -> PasswordTried:
    """Compare a password with the stored one. Takes the same time whether there is such a user or not."""
    known = name.strip().lower()
    user = session.scalar(select(User).where(User.sign_in_name == known))
    right = password_fits(password, user.password_hash if user else None)
    if user is None or not right:
        return PasswordTried(known, None, None)
    return PasswordTried(known, user.id, user.password_hash)


def begin_sign_in(session: Session, tried: PasswordTried) -> Ticket | Refusal:
    """The first step. A right password is refused too while the name is locked, or the user is disabled."""
    now, name = utc_now(), _name_digest(session, tried.name)
    until = _locked_until(session, name, now)
    if until is not None:
        return Refusal(until)
    user = session.get(User, tried.user_id) if tried.user_id else None
    if user is None or user.disabled_at is not None or user.password_hash != tried.password_hash:
        return Refusal(_note_failure(session, name, now))
    return new_ticket(session, user)


def new_ticket(session: Session, user: User) -> Ticket:
    """A ticket to the second step, for somebody who has proved the first."""
    secret = fresh_secret()
    session.add(
        SignInTicket(
            digest=digest_of(secret),
            user_id=user.id,
            organisation_id=user.organisation_id,
            ends_at=utc_now() + TICKET_LIFE,
        )
    )
    session.flush()
    return Ticket(secret, enrols=user.totp_sealed is None)


def enrol_second_factor(session: Session, ticket: str) -> Enrolment:
    """The second factor to enrol; asked again, the same. Raises `NotAuthenticated` for a ticket that has ended."""
    found = _opened(session, ticket, utc_now())
    if found is None or found[1].totp_sealed is not None:
        raise NotAuthenticated("This sign-in has ended: begin anew.")
    row, user = found
    key = _key_of(session, user)
    if row.totp_sealed is None:
        row.totp_sealed = key.encrypt(fresh_second_factor().encode(), "sign_in_ticket.totp_sealed")
        session.flush()
    secret = key.decrypt(row.totp_sealed, "sign_in_ticket.totp_sealed").decode()
    return Enrolment(secret, second_factor_address(secret, user.sign_in_name))


def finish_sign_in(session: Session, ticket: str, code: str) -> NewSession | Refusal:
    """The second step: a code of the second factor, or a recovery code. Each counts once."""
    now = utc_now()
    found = _opened(session, ticket, now)
    if found is None:
        return Refusal()
    row, user = found
    name = _name_digest(session, user.sign_in_name)
    until = _locked_until(session, name, now)
    if until is not None:
        return Refusal(until)
    recovery_codes: tuple[str, ...] = ()
    if user.totp_sealed is None:
        recovery_codes = _enrolled(session, row, user, code, now)
        proved = bool(recovery_codes)
    else:
        proved = _proved(session, user, code, now)
    if not proved:
        return Refusal(_note_failure(session, name, now))
    session.execute(delete(_failures).where(_failures.c.name_digest == name))
    session.delete(row)
    secret, ends_at = fresh_secret(), now + SESSION_LIFE
    session.add(
        SignedIn(
            digest=digest_of(secret),
            user_id=user.id,
            organisation_id=user.organisation_id,
            began_at=now,
            last_seen_at=now,
            ends_at=ends_at,
        )
    )
    session.flush()
    return NewSession(secret, ends_at, recovery_codes)


def _opened(session: Session, ticket: str, now: datetime) -> tuple[SignInTicket, User] | None:
    """A ticket and its user, both locked: a code must not count twice."""
    statement = (
        select(SignInTicket, User)
        .join(User, User.id == SignInTicket.user_id)
        .where(SignInTicket.digest == digest_of(ticket), SignInTicket.ends_at > now, User.disabled_at.is_(None))
    )
    found = session.execute(locked(statement)).one_or_none()
    return None if found is None else (found[0], found[1])


def _enrolled(session: Session, row: SignInTicket, user: User, code: str, now: datetime) -> tuple[str, ...]:
    """Recovery codes, once the code shows that the app has the secret; none for a wrong code."""
    if row.totp_sealed is None:
        return ()
    key = _key_of(session, user)
    secret = key.decrypt(row.totp_sealed, "sign_in_ticket.totp_sealed")
    step = code_step(secret.decode(), code, now, None)
    if step is None:
        return ()
    user.totp_sealed, user.totp_last_step = key.encrypt(secret, "app_user.totp_sealed"), step
    return new_recovery_codes(session, user)


def new_recovery_codes(session: Session, user: User) -> tuple[str, ...]:
    """Fresh codes in the place of those there were."""
    codes, key = fresh_recovery_codes(), _index_keys(session)[0]
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    session.add_all(
        RecoveryCode(user_id=user.id, digest=keyed_digest(key, code), organisation_id=user.organisation_id)
        for code in codes
    )
    session.flush()
    return codes


def _proved(session: Session, user: User, code: str, now: datetime) -> bool:
    assert user.totp_sealed is not None
    secret = _key_of(session, user).decrypt(user.totp_sealed, "app_user.totp_sealed").decode()
    step = code_step(secret, code, now, user.totp_last_step)
    if step is not None:
        user.totp_last_step = step
        return True
    recovery = plain_recovery_code(code)
    if recovery is None:
        return False
    digests = [keyed_digest(key, recovery) for key in _index_keys(session)]
    spent = delete(RecoveryCode).where(RecoveryCode.user_id == user.id, RecoveryCode.digest.in_(digests))
    return bool(session.execute(spent.returning(RecoveryCode.digest)).all())


def sign_out(session: Session, secret: str) -> None:
    """End this session."""
    session.execute(delete(SignedIn).where(SignedIn.digest == digest_of(secret)))


def end_sessions(session: Session, user_id: UUID, *, but: str | None = None) -> int:
    """End a user's sessions and half-done sign-ins, everywhere, but one if asked. Returns how many sessions ended."""
    session.execute(delete(SignInTicket).where(SignInTicket.user_id == user_id))
    ending = delete(SignedIn).where(SignedIn.user_id == user_id)
    if but is not None:
        ending = ending.where(SignedIn.digest != digest_of(but))
    return len(session.execute(ending.returning(SignedIn.digest)).all())


def note_seen(session: Session, secret: str) -> None:
    """The session is in use: its idle time begins anew."""
    session.execute(update(SignedIn).where(SignedIn.digest == digest_of(secret)).values(last_seen_at=utc_now()))


def forget_old_sign_ins(session: Session) -> int:
    """Drop sessions, tickets and invitations that have ended, and failures of yesterday. Returns how many rows."""
    now = utc_now()
    ended = [
        *(delete(table).where(table.ends_at < now) for table in (SignedIn, SignInTicket, Invitation)),
        delete(SignInFailure).where(SignInFailure.last_at < now - _FAILURES_KEPT),
    ]
    return sum(len(session.execute(one.returning(text("1"))).all()) for one in ended)


def _locked_until(session: Session, name: bytes, now: datetime) -> datetime | None:
    statement = select(SignInFailure.locked_until).where(SignInFailure.name_digest == name)
    until: datetime | None = session.scalar(statement)
    return None if until is None or until <= now else until


def _note_failure(session: Session, name: bytes, now: datetime) -> datetime | None:
    """Count; from the fifth on the name is locked, each time twice as long. Returns until when."""
    statement = upsert(session, _failures).values(name_digest=name, count=1, last_at=now)
    count: int = session.execute(
        statement.on_conflict_do_update(
            index_elements=["name_digest"], set_={"count": _failures.c.count + 1, "last_at": now}
        ).returning(_failures.c.count)
    ).scalar_one()
    if count < FREE_ATTEMPTS:
        return None
    until = now + min(_LONGEST_LOCK, _FIRST_LOCK * (1 << min(count - FREE_ATTEMPTS, 16)))
    session.execute(update(_failures).where(_failures.c.name_digest == name).values(locked_until=until))
    return until


def _name_digest(session: Session, name: str) -> bytes:
    return keyed_digest(_index_keys(session)[0], name)


def _index_keys(session: Session) -> tuple[bytes, ...]:
    """What is kept is kept under the first; a recovery code may be under any."""
    return ledger_of(session).keys.all_derived("sign-in")


def _key_of(session: Session, user: User) -> DataKey:
    return vault_of(session).open(session, [user.id])[user.id]
