"""What families write to us: STOP, START and HELP in every language; anything else goes to a case worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.notify.commands.contacts import contacts_at, number_of
from services.notify.commands.family.replies import MOST_WRITTEN, heard_before, opt_in, opt_out, reply, written
from services.notify.commands.family.tries import Limit, TooManyTries, count_try, refuse_many
from services.notify.commands.writing import answer
from services.notify.domain import Attempt, FamilyContact, Notification
from services.notify.senders import Inbound
from services.notify.wording import HelpAnswer, Kind, Meaning, OptInConfirmed, OptOutConfirmed, ReplyReceived, meaning
from shared.messaging.log import ledger_of

ANSWERED = Limit("answer", each=6, together=50_000)
ANSWERS: dict[str, type[Kind]] = {"stop": OptOutConfirmed, "start": OptInConfirmed, "help": HelpAnswer}


def hear_message(session: Session, message: Inbound, now: datetime) -> bool | None:
    """Act on a message once, however often its provider brings it. True: a family wrote it. False: nobody is known
    by that address. None: it was heard before, or comes from where nobody is known too often to be answered.

    STOP and START hold for every contact at that number: whoever holds the telephone decides. A mail is obeyed and
    answered only where it answers a message of ours to that address: anybody can write any sender into a mail. Without
    that it is passed on, and a person judges. What has no text is passed on without one.
    """
    if heard_before(session, message.provider, message.provider_id, now):
        return None
    contacts, answered = contacts_at(session, message.sender), _may_be_answered(session, message, now)
    if not contacts:
        return False if answered else None
    proven = message.channel == "sms" or _answers_one_of(session, message.answers, contacts)
    meant = meaning(message.text) if proven else None
    for contact in contacts if proven else ():
        _act(session, contact, meant, now)
    newest = _last_written_to(session, contacts)
    if meant not in ("stop", "start"):  # who asks for help may mean more than how to write to us
        said = _visible(written(message.text[:MOST_WRITTEN], needed=False))
        reply(session, newest, said, message.channel, "reply", wordless=not said)
    if proven and (answered or meant == "stop"):
        _answer(session, newest, message, meant)
    return True


def _visible(text: str) -> str:
    """The text; nothing where nothing of it can be seen."""
    return text if any(one.isprintable() and not one.isspace() for one in text) else ""


def _act(session: Session, contact: FamilyContact, meant: Meaning | None, now: datetime) -> None:
    if meant == "start" or not contact.unverified(now):  # any other word may be a new owner's of that number
        contact.heard(now)
    if meant == "stop":
        opt_out(session, contact, now)
    elif meant == "start":
        opt_in(session, contact)


def _answer(session: Session, contact: FamilyContact, message: Inbound, meant: Meaning | None) -> None:
    """To the address that wrote. Who gave that number for calls alone is not answered in writing."""
    number = number_of(session, contact, message.sender, message.channel)
    if number is not None:
        cause = uuid5(NAMESPACE_URL, f"{message.provider} {message.provider_id}")
        answer(session, contact, ReplyReceived if meant is None else ANSWERS[meant], cause, number)


def _answers_one_of(session: Session, attempt: UUID | None, contacts: Sequence[FamilyContact]) -> bool:
    """True where it names an attempt, whose id nobody guesses, at one of these contacts."""
    if attempt is None:
        return False
    sent = select(Notification.contact_id).join(Attempt, Attempt.notification_id == Notification.id)
    return session.scalar(sent.where(Attempt.id == attempt)) in {contact.id for contact in contacts}


def _may_be_answered(session: Session, message: Inbound, now: datetime) -> bool:
    """Not too often: another machine may answer our answers. What a family writes is passed on all the same."""
    keys = ledger_of(session).keys
    try:
        refuse_many(session, keys, ANSWERED, message.sender, now)
    except TooManyTries:
        return False
    count_try(session, keys, ANSWERED, message.sender, now)
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
