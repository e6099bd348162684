"""What staff read of messages: how far each has come, never what it says to a family or where it went."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import ColumnElement, Tuple, func, literal, select, tuple_
from sqlalchemy.orm import Session

from services.notify.domain import (
    Attempt,
    ChannelPause,
    LanguageApproval,
    Notification,
    OrganisationName,
    Receipt,
    StaffDeed,
)
from services.notify.domain.statuses import Status
from services.notify.senders import MailboxSender
from services.notify.wording import LANGUAGES, digest_of
from shared.access import Act, Actor, require, visible_to
from shared.errors import NotFound

A_PAGE = 50
MOST_COUNTED = 1_000
"""What is more is only said to be more: to count millions takes longer than to read a page of them."""
DEEDS_SHOWN = 20
STATUSES: tuple[Status, ...] = get_args(Status)
_BETWEEN_ORGANISATIONS = ("referral.", "transfer.")


@dataclass(frozen=True)
class Message:
    """One message as this actor may see it. What a family is told of is for those who may read restricted cases: this
    service does not know which of the cases are. To others `kind` and `about` are None, as are the words."""

    id: UUID
    created_at: datetime
    to_family: bool
    kind: str | None
    about: UUID | None
    subject: str | None
    text: str | None
    channel: str
    language: str | None
    status: str
    reason: str | None
    attempts: int
    next_attempt_at: datetime | None
    maybe_twice: bool

    @property
    def case_id(self) -> UUID | None:
        """Of a message to a family."""
        return self.about if self.to_family else None


@dataclass(frozen=True)
class MessagePage:
    """Some messages, newest first; `following` is the `before` of the next page."""

    messages: Sequence[Message]
    following: UUID | None


def messages(
    session: Session, actor: Actor, *, status: str | None = None, before: UUID | None = None, limit: int = A_PAGE
) -> MessagePage:
    """The organisation's messages, all or of one status, newest first, from behind the message `before`.

    Reads as many rows as it shows, however many there are. Raises `NotAllowed`, and `NotFound` where `before` names
    no message of the organisation.
    """
    require(actor, Act.READ_MESSAGES)
    asked = select(Notification).where(visible_to(actor, Notification.organisation_id))
    if status is not None:
        asked = asked.where(Notification.status == status)
    if before is not None:
        asked = asked.where(_place() < _place_of(session, actor, before))
    newest = asked.order_by(Notification.created_at.desc(), Notification.id.desc()).limit(limit + 1)
    found = session.scalars(newest).all()
    shown = [_shown(actor, row) for row in found[:limit]]
    return MessagePage(shown, shown[-1].id if len(found) > limit else None)


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many of the organisation's messages have each status: at most `MOST_COUNTED` + 1, which means more."""
    require(actor, Act.READ_MESSAGES)
    row = session.execute(select(*(_counted(actor, status) for status in STATUSES))).one()
    return dict(zip(STATUSES, row, strict=True))


def _counted(actor: Actor, status: str) -> ColumnElement[int]:
    own = visible_to(actor, Notification.organisation_id)
    some = select(literal(1)).where(own, Notification.status == status).limit(MOST_COUNTED + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


@dataclass(frozen=True)
class Tried:
    """One attempt, and what the provider said of it. No address is in it."""

    attempt: Attempt
    receipts: Sequence[Receipt]

    @property
    def doubled(self) -> bool:
        """True where the provider said something more than once."""
        return any(receipt.times > 1 for receipt in self.receipts)


@dataclass(frozen=True)
class MessageStory:
    """A message with each attempt to deliver it, the oldest first."""

    message: Message
    attempts: Sequence[Tried]


def message(session: Session, actor: Actor, message_id: UUID) -> MessageStory:
    """What became of one message of the organisation; raises `NotAllowed` and `NotFound`."""
    require(actor, Act.READ_MESSAGES)
    own = visible_to(actor, Notification.organisation_id)
    row = session.scalar(select(Notification).where(own, Notification.id == message_id))
    if row is None:
        raise NotFound("There is no such message.")
    tried = session.execute(
        select(Attempt, Receipt)
        .outerjoin(Receipt, Receipt.attempt_id == Attempt.id)
        .where(Attempt.notification_id == message_id)
        .order_by(Attempt.started_at, Attempt.id, Receipt.first_at, Receipt.part, Receipt.result)
    )
    by_attempt: dict[Attempt, list[Receipt]] = {}
    for attempt, receipt in tried:
        by_attempt.setdefault(attempt, []).extend([receipt] if receipt is not None else [])
    return MessageStory(_shown(actor, row), [Tried(*one) for one in by_attempt.items()])


def own_letters(session: Session, actor: Actor, references: Collection[UUID]) -> Set[UUID]:
    """Those of these letters of the mailbox that were written for the actor's organisation; raises `NotAllowed`."""
    require(actor, Act.READ_MESSAGES)
    own = visible_to(actor, Notification.organisation_id)
    made = select(Attempt.provider_id).join(Notification, Notification.id == Attempt.notification_id)
    named = Attempt.provider == MailboxSender.name, Attempt.provider_id.in_([str(one) for one in references])
    return {UUID(one) for one in session.scalars(made.where(own, *named)) if one is not None}


@cache
def present_digest(tag: str) -> str:
    """The digest of a language's texts as this process has them: they change with a release. Raises `KeyError`."""
    return digest_of(tag)


Review = Literal["draft", "approved", "changed"]
"""Nobody approved it; approved as it is; its texts have changed since they were."""


@dataclass(frozen=True)
class ReviewedLanguage:
    """A language of messages to families, and the organisation's word about it."""

    tag: str
    digest: str
    approval: LanguageApproval | None

    @property
    def review(self) -> Review:
        """Only `approved` is ever sent."""
        if self.approval is None:
            return "draft"
        return "approved" if self.approval.digest == self.digest else "changed"


def languages(session: Session, actor: Actor) -> list[ReviewedLanguage]:
    """Every language that has texts, and what the organisation said of it; raises `NotAllowed`."""
    require(actor, Act.READ_MESSAGES)
    own = visible_to(actor, LanguageApproval.organisation_id)
    found = {one.language: one for one in session.scalars(select(LanguageApproval).where(own))}
    return [ReviewedLanguage(tag, present_digest(tag), found.get(tag)) for tag in LANGUAGES]


def language(session: Session, actor: Actor, tag: str) -> ReviewedLanguage:
    """One of them; raises `NotAllowed`, and `NotFound` where there are no texts in it."""
    found = next((one for one in languages(session, actor) if one.tag == tag), None)
    if found is None:
        raise NotFound("There are no texts in this language.")
    return found


def deeds(session: Session, actor: Actor, about: Collection[str]) -> Sequence[StaffDeed]:
    """Who let messages of these languages, or by these channels, go out or stopped them: the newest `DEEDS_SHOWN`,
    newest first. Raises `NotAllowed`."""
    require(actor, Act.READ_MESSAGES)
    own = visible_to(actor, StaffDeed.organisation_id), StaffDeed.about.in_(about)
    return session.scalars(select(StaffDeed).where(*own).order_by(StaffDeed.id.desc()).limit(DEEDS_SHOWN)).all()


def pauses(session: Session, actor: Actor) -> Mapping[str, ChannelPause]:
    """The channels that the organisation paused; raises `NotAllowed`."""
    require(actor, Act.READ_MESSAGES)
    own = visible_to(actor, ChannelPause.organisation_id)
    return {one.channel: one for one in session.scalars(select(ChannelPause).where(own))}


def organisation_name(session: Session, actor: Actor) -> str:
    """The name of the actor's organisation; empty while its registration has not arrived."""
    own = visible_to(actor, OrganisationName.organisation_id)
    return session.scalar(select(OrganisationName.name).where(own)) or ""


def _place() -> Tuple:
    """Where a message stands in the list: ids tell no time, they are made of the fact."""
    return tuple_(Notification.created_at, Notification.id)


def _place_of(session: Session, actor: Actor, message_id: UUID) -> Tuple:
    own = select(Notification.created_at).where(
        visible_to(actor, Notification.organisation_id), Notification.id == message_id
    )
    at = session.scalar(own)
    if at is None:
        raise NotFound("There is no such message.")
    return tuple_(literal(at, Notification.created_at.type), literal(message_id, Notification.id.type))


def _shown(actor: Actor, row: Notification) -> Message:
    """What of a message may be told: an import's to all who read messages, other ones whole to few."""
    to_family = row.contact_id is not None
    whole = actor.may(Act.READ_CHILDREN) or not (to_family or row.kind.startswith(_BETWEEN_ORGANISATIONS))
    words = whole and not to_family
    return Message(
        id=row.id,
        created_at=row.created_at,
        to_family=to_family,
        kind=row.kind if whole else None,
        about=row.about if whole else None,
        subject=row.subject if words else None,
        text=row.text if words else None,
        channel=row.channel,
        language=row.language,
        status=row.status,
        reason=row.reason,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        maybe_twice=row.maybe_twice,
    )
