"""What families write and say: replies, complaints, stop and start. Texts are sealed to intake, and not kept here."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify.commands.ending import Told
from services.notify.domain import FamilyContact, MessageHeard, Notification
from services.notify.domain.statuses import UNSENT
from shared.database import table_of, uuid7
from shared.errors import FieldError, InvalidInput
from shared.events import (
    ComplaintReceived,
    FamilyOptedIn,
    FamilyOptedOut,
    FamilyReplied,
)
from shared.events.notify import ComplaintText, ReplyIntent, ReplyText
from shared.messaging.log import Once, record

MOST_WRITTEN = 2_000
"""Characters of one reply or complaint."""
About = Literal["staff", "messages", "service", "other"]
_KEPT_CONTROLS = "\n\t"


def heard_before(session: Session, provider: str, provider_id: str, now: datetime) -> bool:
    """Note that a message was taken in, under its name at whoever brought it. True where it was taken in before."""
    row = {"provider": provider, "provider_id": provider_id, "heard_at": now}
    return Once(table_of(MessageHeard), row).taken(session)


def reply(
    session: Session,
    contact: FamilyContact,
    text: str,
    channel: Literal["sms", "email", "page"],
    intent: ReplyIntent,
    *,
    wordless: bool = False,
) -> UUID:
    """Pass on what a family wrote to the case's organisation; returns the reply's id. `wordless`: what came has no text
    (a picture, a sound), and a case worker learns that it came.

    Raises `InvalidInput` over 2,000 characters, and else for no text where the intent says nothing by itself.
    """
    said = written(text, needed=intent in ("reply", "change_contact") and not wordless)
    fact = FamilyReplied(
        organisation_id=contact.organisation_id,
        case_id=contact.case_id,
        person_id=contact.person_id,
        contact_id=contact.id,
        reply_id=uuid7(),
        channel=channel,
        intent=intent,
        sealed=ReplyText(text=said),
    )
    record(session, fact)
    return fact.reply_id


def complain(session: Session, contact: FamilyContact, about: About, text: str, *, named: bool) -> UUID:
    """Pass a complaint, or thanks, on to the contact's organisation; unless it is `named`, nobody is told whose it is.
    Who works on the contact's case does not read it either way. Returns its id.

    Raises `InvalidInput` for no text, and over 2,000 characters.
    """
    said = ComplaintText(text=written(text, needed=True), not_for_workers_of=contact.case_id)
    fact = ComplaintReceived(
        organisation_id=contact.organisation_id,
        complaint_id=uuid7(),
        about=about,
        case_id=contact.case_id if named else None,
        sealed=said,
    )
    record(session, fact)
    return fact.complaint_id


def complain_to_each(session: Session, organisation_ids: Collection[UUID], about: About, text: str) -> tuple[UUID, ...]:
    """As `complain`, to each of these organisations: nobody knows which one it is about."""
    said = ComplaintText(text=written(text, needed=True))
    facts = [
        ComplaintReceived(organisation_id=one, complaint_id=uuid7(), about=about, sealed=said)
        for one in organisation_ids
    ]
    record(session, *facts)
    return tuple(fact.complaint_id for fact in facts)


def opt_out(session: Session, contact: FamilyContact, now: datetime) -> None:
    """Write nothing more to this contact, and cancel what was not sent yet. Once more changes nothing."""
    _lock(session, contact)
    if contact.opted_out_at is not None:
        return
    contact.opted_out_at = now
    told = Told(now)
    _cancel_unsent(session, contact, told)
    told.record(session, FamilyOptedOut(**_of(contact)))


def opt_in(session: Session, contact: FamilyContact) -> None:
    """Write to this contact again. Where nobody had said stop, nothing changes."""
    _lock(session, contact)
    if contact.opted_out_at is None:
        return
    contact.opted_out_at = None
    record(session, FamilyOptedIn(**_of(contact)))


def written(text: str, *, needed: bool) -> str:
    """A text as it was meant: without control characters, with plain line breaks. Raises `InvalidInput`."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = "".join(
        one for one in plain if one in _KEPT_CONTROLS or unicodedata.category(one) not in ("Cc", "Cs", "Cn")
    ).strip()
    if needed and not clean:
        raise _refused("missing", "Please write your message.")
    if len(clean) > MOST_WRITTEN:
        raise _refused("too_long", "This is too long. Please make it shorter.")
    return clean


def _lock(session: Session, contact: FamilyContact) -> None:
    """One stop or start at a time; what was changed of it before is kept."""
    session.flush()
    session.refresh(contact, with_for_update={"key_share": True})  # a sender may keep a code of it meanwhile


def _cancel_unsent(session: Session, contact: FamilyContact, told: Told) -> None:
    unsent = session.scalars(
        select(Notification)
        .where(
            Notification.contact_id == contact.id,
            Notification.next_attempt_at.is_not(None),
            Notification.status.in_(UNSENT),
            Notification.moment.is_(None),  # an appointment becomes a task, when it is looked at next
        )
        .order_by(Notification.id)
        .with_for_update(skip_locked=True)  # what a sender looks at just now, it refuses the next time
    ).all()
    for message in unsent:
        message.end("cancelled", "opted_out")
        told.ended(message)


def _of(contact: FamilyContact) -> dict[str, UUID]:
    return {
        "organisation_id": contact.organisation_id,
        "case_id": contact.case_id,
        "person_id": contact.person_id,
        "contact_id": contact.id,
    }


def _refused(code: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, (FieldError("#/text", code, sentence),))
