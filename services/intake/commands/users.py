"""An organisation's staff: invited, given roles, disabled, helped back in."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.commands.sign_in import PasswordTried, Refusal, Ticket, begin_sign_in, end_sessions, new_ticket
from services.intake.credentials import digest_of, fresh_secret
from services.intake.domain import Invitation, RecoveryCode, SignInTicket, User
from services.intake.settings import INVITATION_LIFE
from shared.access import Act, Actor, Role, require, spoken
from shared.database import table_of, upsert, utc_now, uuid7
from shared.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound
from shared.rows import insert_rows
from shared.vault import data_key, vault_of

log = logging.getLogger(__name__)

_SIGN_IN_NAME = re.compile(r"[^\s/@]{1,64}(@[^\s/@]{1,190})?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True)
class NewInvitation:
    """An invitation's secret, to be handed over once; it ends by itself."""

    user_id: UUID
    secret: str
    ends_at: datetime


def invite_user(
    session: Session, actor: Actor, *, sign_in_name: str, display_name: str, roles: Iterable[Role], language: str = "en"
) -> NewInvitation:
    """Make a user who may choose a password. Raises `Conflict` when somebody has that name to sign in."""
    require(actor, Act.ADMINISTER)
    queries.member(session, actor.organisation_id)
    granted = _grantable(actor, roles)
    name = sign_in_name.strip().lower()
    if not _SIGN_IN_NAME.fullmatch(name):
        raise _wrong("sign_in_name", "A name to sign in with has no spaces; an e-mail address is best.")
    if not display_name.strip() or len(display_name) > 100:
        raise _wrong("display_name", "Give the name that colleagues see, up to 100 characters.")
    if not _LANGUAGE.fullmatch(language):
        raise _wrong("language", "A language is a code like en, fr, es or ar (BCP 47).")
    row = {
        "id": uuid7(),
        "organisation_id": actor.organisation_id,
        "sign_in_name": name,
        "display_name": display_name.strip(),
        "roles": granted,
        "language": language,
        "created_at": utc_now(),
    }
    users = table_of(User)
    made: UUID | None = session.execute(
        upsert(session, users).values(row).on_conflict_do_nothing().returning(users.c.id)
    ).scalar_one_or_none()
    if made is None:
        raise Conflict("That name to sign in with is taken: choose another.")
    insert_rows(session, data_key, vault_of(session).fresh([made], actor.organisation_id)[1])
    _note("user invited", actor, made)
    return _invite(session, actor, made)


def change_roles(session: Session, actor: Actor, user_id: UUID, roles: Iterable[Role]) -> User:
    """Give a user other roles; what they have open ends at once. Raises `NotAllowed` for the own roles."""
    user = _another(session, actor, user_id)
    user.roles = _grantable(actor, roles)
    end_sessions(session, user.id)
    session.flush()
    _note("roles changed", actor, user.id)
    return user


def disable_user(session: Session, actor: Actor, user_id: UUID) -> User:
    """Shut a user out, at once and everywhere. The user stays, as author of what they did."""
    user = _another(session, actor, user_id)
    user.disabled_at = user.disabled_at or utc_now()
    session.execute(delete(Invitation).where(Invitation.user_id == user.id))
    end_sessions(session, user.id)
    session.flush()
    _note("user disabled", actor, user.id)
    return user


def enable_user(session: Session, actor: Actor, user_id: UUID) -> User:
    """Let a disabled user in again, with the password and second factor they had."""
    user = _another(session, actor, user_id)
    user.disabled_at = None
    session.flush()
    _note("user enabled", actor, user.id)
    return user


def reset_user(session: Session, actor: Actor, user_id: UUID, *, second_factor: bool = False) -> NewInvitation:
    """Take a user's password away and invite them to choose a new one.

    The second factor stays, so that an administrator cannot sign in as the user; with `second_factor` (a lost
    telephone) it is enrolled anew too.
    """
    user = _another(session, actor, user_id)
    user.password_hash = None
    if second_factor:
        user.totp_sealed = user.totp_last_step = None
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    end_sessions(session, user.id)
    session.flush()
    _note("second factor reset" if second_factor else "password reset", actor, user.id)
    return _invite(session, actor, user.id)


def accept_invitation(session: Session, secret: str, password_hash: str) -> Ticket:
    """Set the password (`credentials.hashed_password`) and go on as after `begin_sign_in`. The invitation is used up.

    Raises `NotFound` for an invitation that was used or has ended.
    """
    user = queries.invited(session, secret).user
    used = session.execute(
        delete(Invitation).where(Invitation.digest == digest_of(secret)).returning(Invitation.user_id)
    ).scalar_one_or_none()
    if used is None:
        raise NotFound("This invitation was used, or has ended: ask your administrator for a new one.")
    user.password_hash = password_hash
    session.flush()
    return new_ticket(session, user)


def change_password(
    session: Session, actor: Actor, tried: PasswordTried, password_hash: str, *, keep: str | None = None
) -> Refusal | None:
    """Change the own password, after `try_password` with the present one; other sessions than `keep` end."""
    user = queries.own_user(session, actor)
    step = begin_sign_in(session, tried)
    if isinstance(step, Refusal) or tried.user_id != user.id:
        return step if isinstance(step, Refusal) else Refusal()
    user.password_hash = password_hash
    end_sessions(session, user.id, but=keep)
    session.flush()
    _note("password changed", actor, user.id)
    return None


def change_language(session: Session, actor: Actor, language: str) -> User:
    """Choose the language of the own pages."""
    if not _LANGUAGE.fullmatch(language):
        raise _wrong("language", "A language is a code like en, fr, es or ar (BCP 47).")
    user = queries.own_user(session, actor)
    user.language = language
    session.flush()
    return user


def _another(session: Session, actor: Actor, user_id: UUID) -> User:
    """A user of the organisation who is not the actor: nobody raises, or shuts out, themselves."""
    user = queries.member_of_staff(session, actor, user_id)
    if user.id == actor.user_id:
        raise NotAllowed("This is your own user: ask another administrator.")
    if Role.OPERATOR in user.role_set() and Role.OPERATOR not in actor.roles:
        raise NotAllowed("Operators are administered where the installation runs: `kinbridge user`.")
    return user


def _grantable(actor: Actor, roles: Iterable[Role]) -> list[str]:
    """The roles as they are stored. An operator has no other role, and is made by the installation alone."""
    wanted = frozenset(roles)
    if not wanted:
        raise _wrong("roles", "Give at least one role.")
    if Role.OPERATOR in wanted:
        if Role.OPERATOR not in actor.roles:
            raise NotAllowed("An operator is made where the installation runs: `kinbridge user add --role operator`.")
        if len(wanted) > 1:
            raise _wrong("roles", f"An operator has no other role, such as {spoken(wanted - {Role.OPERATOR})}.")
    return sorted(wanted)


def _invite(session: Session, actor: Actor, user_id: UUID) -> NewInvitation:
    secret, now = fresh_secret(), utc_now()
    session.execute(delete(Invitation).where(Invitation.user_id == user_id))
    session.execute(delete(SignInTicket).where(SignInTicket.user_id == user_id))
    session.add(
        Invitation(
            digest=digest_of(secret),
            user_id=user_id,
            organisation_id=actor.organisation_id,
            made_by=actor.user_id,
            made_at=now,
            ends_at=now + INVITATION_LIFE,
        )
    )
    session.flush()
    return NewInvitation(user_id, secret, now + INVITATION_LIFE)


def _note(what: str, actor: Actor, user_id: UUID) -> None:
    by = str(actor.user_id) if actor.user_id else "installation"
    log.info(what, extra={"organisation": str(actor.organisation_id), "user": str(user_id), "by": by})


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, (FieldError(f"#/{field}", field, message),))
