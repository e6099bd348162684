"""What families write to our number: STOP, START and HELP in every language; anything else goes to a case worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.notify.commands.contacts import contacts_at
from services.notify.commands.family.replies import MOST_WRITTEN, heard_before, opt_in, opt_out, reply, written
from services.notify.commands.writing import write
from services.notify.domain import FamilyContact, Notification
from services.notify.senders import Inbound
from services.notify.wording import HelpAnswer, Kind, OptInConfirmed, OptOutConfirmed, ReplyReceived, meaning

ANSWERS: dict[str, type[Kind]] = {"stop": OptOutConfirmed, "start": OptInConfirmed, "help": HelpAnswer}


def hear_message(session: Session, message: Inbound, now: datetime) -> bool | None:
    """Act on a message once, however often its provider brings it. True: a family wrote it. False: nobody is known
    by that number. None: it was heard before.

    STOP and START hold for every contact at that number: whoever holds the telephone decides.
    """
    if heard_before(session, message.provider, message.provider_id, now):
        return None
    contacts = contacts_at(session, message.sender)
    if not contacts:
        return False
    cause, meant = uuid5(NAMESPACE_URL, f"{message.provider} {message.provider_id}"), meaning(message.text)
    for contact in contacts:
        contact.heard(now)
        if meant == "stop":
            opt_out(session, contact, now)
        elif meant == "start":
            opt_in(session, contact, now)
    newest = _last_written_to(session, contacts)
    if meant is None and (said := written(message.text[:MOST_WRITTEN], needed=False)):
        reply(session, newest, said, "sms", "reply", now)
    write(session, newest, ReplyReceived if meant is None else ANSWERS[meant], cause)
    return True


def _last_written_to(session: Session, contacts: Sequence[FamilyContact]) -> FamilyContact:
    """Whom a message is probably about: the contact that was written to last."""
    ids = [contact.id for contact in contacts]
    last: dict[UUID, datetime] = {
        one: at
        for one, at in session.execute(
            select(Notification.contact_id, func.max(Notification.created_at))
            .where(Notification.contact_id.in_(ids))
            .group_by(Notification.contact_id)
        )
        if one is not None
    }
    return max(contacts, key=lambda one: (last.get(one.id, one.made_at), one.id))
