"""Who is signed in, who works for the organisation, which systems call for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from services.intake.credentials import digest_of
from services.intake.domain import ApiClient, Invitation, Organisation, SignedIn, User
from services.intake.settings import SESSION_IDLE
from shared.access import Act, Actor, require, visible_to
from shared.database import utc_now
from shared.errors import NotAuthenticated, NotFound

_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class OpenSession:
    """A session that goes on: who acts, and how pages speak to them."""

    actor: Actor
    display_name: str
    language: str
    due: bool
    """`commands.note_seen` is due, or the session will end as idle."""


def open_session(session: Session, secret: str) -> OpenSession:
    """The session of a cookie; raises `NotAuthenticated` when there is none, or it ended. Reads only."""
    now = utc_now()
    asked = {"digest": digest_of(secret), "now": now, "idle_since": now - SESSION_IDLE}
    found = session.execute(_OPEN, asked).one_or_none()
    if found is None:
        raise NotAuthenticated("You are not signed in, or it was a while ago: sign in again.")
    user, seen = found
    return OpenSession(user.actor(), user.display_name, user.language, due=seen < now - _SEEN_EVERY)


_OPEN = (
    select(User, SignedIn.last_seen_at)
    .join(SignedIn, SignedIn.user_id == User.id)
    .where(
        SignedIn.digest == bindparam("digest"),
        SignedIn.ends_at > bindparam("now"),
        SignedIn.last_seen_at > bindparam("idle_since"),
        User.disabled_at.is_(None),
    )
)
"""For every request of somebody signed in: to build it takes longer than to ask it."""


def actor_of_session(session: Session, secret: str) -> Actor:
    """Who acts in the session of a cookie; raises `NotAuthenticated`."""
    return open_session(session, secret).actor


@dataclass(frozen=True)
class Invited:
    """Whom an invitation is for."""

    user: User
    organisation: str


def invited(session: Session, secret: str) -> Invited:
    """Whom an invitation is for; raises `NotFound` for one that was used or has ended."""
    statement = (
        select(User, Organisation.name)
        .join(Invitation, Invitation.user_id == User.id)
        .join(Organisation, Organisation.id == User.organisation_id)
        .where(Invitation.digest == digest_of(secret), Invitation.ends_at > utc_now(), User.disabled_at.is_(None))
    )
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound("This invitation was used, or has ended: ask your administrator for a new one.")
    return Invited(found[0], found[1])


def users(session: Session, actor: Actor) -> Sequence[User]:
    """The users of the actor's organisation, by name."""
    require(actor, Act.ADMINISTER)
    own = visible_to(actor, User.organisation_id)
    return session.scalars(select(User).where(own).order_by(User.sign_in_name)).all()


def member_of_staff(session: Session, actor: Actor, user_id: UUID) -> User:
    """A user of the actor's organisation, disabled ones too; raises `NotFound`."""
    require(actor, Act.ADMINISTER)
    own = visible_to(actor, User.organisation_id)
    found: User | None = session.scalar(select(User).where(User.id == user_id, own))
    if found is None:
        raise NotFound("There is no such user in your organisation.")
    return found


def user_named(session: Session, sign_in_name: str) -> User:
    """A user by the name to sign in, for the installation's owner; raises `NotFound`."""
    found: User | None = session.scalar(select(User).where(User.sign_in_name == sign_in_name.strip().lower()))
    if found is None:
        raise NotFound("Nobody has that name to sign in: `kinbridge user list` shows who there is.")
    return found


def own_user(session: Session, actor: Actor) -> User:
    """The user who acts; raises `NotFound` for an organisation's system."""
    found = None
    if actor.user_id is not None:
        own = User.organisation_id == actor.organisation_id
        found = session.scalar(select(User).where(User.id == actor.user_id, own))
    if found is None:
        raise NotFound("A system has no user: this is for people who signed in.")
    return found


def clients(session: Session, actor: Actor) -> Sequence[ApiClient]:
    """The systems of the actor's organisation, oldest first, revoked ones too."""
    require(actor, Act.ADMINISTER)
    own = visible_to(actor, ApiClient.organisation_id)
    return session.scalars(select(ApiClient).where(own).order_by(ApiClient.id)).all()


def client(session: Session, actor: Actor, client_id: UUID) -> ApiClient:
    """A system of the actor's organisation; raises `NotFound`."""
    require(actor, Act.ADMINISTER)
    own = visible_to(actor, ApiClient.organisation_id)
    found: ApiClient | None = session.scalar(select(ApiClient).where(ApiClient.id == client_id, own))
    if found is None:
        raise NotFound("There is no such client of your organisation.")
    return found
