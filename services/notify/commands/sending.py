"""Sending to families: what goes out now is decided, and recorded, before a provider is called."""

from __future__ import annotations

import logging
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify import queries
from services.notify.commands.approvals import approved_by, first_of
from services.notify.commands.contacts import open_keys, opened
from services.notify.commands.ending import Told, give_up
from services.notify.commands.family.codes import code_of, keep_codes
from services.notify.commands.holding import CASE_HELD
from services.notify.commands.pauses import paused
from services.notify.commands.writing import check_contact
from services.notify.domain import Attempt, FamilyContact, Notification
from services.notify.domain.statuses import UNSENT
from services.notify.senders import FamilySender, Outgoing
from services.notify.settings import FAMILIES_AT_ONCE, LOOK_AGAIN, RECHECK
from services.notify.wording import (
    KINDS,
    NOT_ON_SHARED_PHONES,
    OF_APPOINTMENTS,
    Digest,
    Envelope,
    GetInTouch,
    Kind,
    OptOutConfirmed,
    render,
)
from shared.crypto import KeyRing
from shared.errors import DomainError
from shared.events import ContactAddress, ContactDetails
from shared.legal import Decision, Ground
from shared.logging import describe_error
from shared.messaging.alarms import sending_blocked
from shared.messaging.log import ledger_of
from shared.vault import DataKey

log = logging.getLogger(__name__)

Senders = Mapping[str, FamilySender]
"""By channel."""


@dataclass(frozen=True)
class Ready:
    """An attempt that is recorded, and now to be made."""

    attempt_id: UUID
    sender: FamilySender
    outgoing: Outgoing
    once: bool
    """It must never go out twice."""


def begin_family_attempts(
    session: Session,
    message_ids: Sequence[UUID],
    senders: Senders,
    page: str,
    now: datetime,
    made: Container[UUID] = frozenset(),
) -> Sequence[Ready]:
    """Record attempts at these messages, in their order, before they are made. Left out is what is not due (any more),
    what waits for an outcome, and what must not be sent now: that is held, or ended, with its reason. `page`: where
    families enter codes. `made`: attempts that this database forgot where it was restored from a backup; what must
    never go out twice is not sent again, but looked up.
    """
    if sending_blocked(session):
        return ()
    found = _taken(session, message_ids, now)
    sending, turns = (
        _Sending(session, found, senders, page, now, made),
        {one: turn for turn, one in enumerate(message_ids)},
    )
    begun = [sending.begin(one) for one in sorted(found, key=lambda one: turns[one.id])]
    session.add_all(sending.attempts)
    keep_codes(session, sending.keys, sending.codes, now)
    sending.told.record(session)
    return [one for one in begun if one is not None]


def _taken(session: Session, message_ids: Sequence[UUID], now: datetime) -> Sequence[Notification]:
    """Those of them that may go out, locked: about `FAMILIES_AT_ONCE`, from the front. What another process has locked,
    or took since they were found, is left to it, and looked for further behind: so several processes do not wait for
    one another, and none goes away while there is work."""
    found: list[Notification] = []
    for first in range(0, len(message_ids), FAMILIES_AT_ONCE):
        some = Notification.id.in_(message_ids[first : first + FAMILIES_AT_ONCE])
        due = some, Notification.next_attempt_at <= now, Notification.status.in_(UNSENT), queries.flows()
        taken = select(Notification).where(*due).order_by(Notification.id).with_for_update(skip_locked=True)
        found += session.scalars(taken)
        if 2 * len(found) >= FAMILIES_AT_ONCE:
            break
    return found


class _Sending:
    """What is known of everything that is due, read at once."""

    def __init__(
        self,
        session: Session,
        messages: Sequence[Notification],
        senders: Senders,
        page: str,
        now: datetime,
        made: Container[UUID],
    ) -> None:
        self._session, self._senders, self._page, self._now, self._made = session, senders, page, now, made
        self.keys: KeyRing = ledger_of(session).keys
        ids = {message.contact_id for message in messages}
        contacts = session.scalars(select(FamilyContact).where(FamilyContact.id.in_(ids))).all()
        self._contacts = {contact.id: contact for contact in contacts}
        self._open: Mapping[UUID, DataKey] = open_keys(session, contacts)
        self._legal: Mapping[UUID, Decision] = queries.may_be_told(session, contacts, now.date())
        self._approved = approved_by(session, {message.organisation_id for message in messages})
        self._paused = paused(session)
        self._resting = queries.resting(session, now)
        self.attempts: list[Attempt] = []
        self.codes: dict[str, UUID] = {}
        """Of the attempts that bring one: its contact."""
        self.told = Told(now)

    def begin(self, message: Notification) -> Ready | None:
        """The attempt at one message; None where it is held or ended instead. One that cannot be written, whatever is
        wrong with it or its contact, keeps back no other."""
        try:
            return self._begun(message)
        except (DomainError, ValueError, LookupError, TypeError) as error:
            log.warning("message cannot be written", extra={"notification": message.id, "error": describe_error(error)})
            give_up(message, "technical-failure", "cannot_be_written", self.told)
            return None

    def _begun(self, message: Notification) -> Ready | None:
        kind = KINDS[message.kind]
        contact = self._contacts.get(message.contact_id) if message.contact_id else None
        if contact is None or self._refused(message, contact, kind) or self._waits(message, contact, kind):
            return None
        if not kind.HARMLESS_TWICE and attempt_id(message) in self._made:
            self._forgotten(message, contact)
            return None
        language = first_of(contact.languages, self._approved[message.organisation_id])
        if language is None:
            give_up(message, "cancelled", "no_approved_language", self.told)
            return None
        return self._attempt(message, contact, kind, language)

    def _forgotten(self, message: Notification, contact: FamilyContact) -> None:
        """It was handed over before a backup was restored: a receipt or a look-up tells, or in the end a person."""
        channel = self._address(message, contact).channel
        of = {"id": attempt_id(message), "channel": channel, "provider": self._senders[channel].name}
        self.attempts.append(message.begin_attempt(self._now, outcome="outcome-unknown", **of))
        message.status, message.channel, message.next_attempt_at = "outcome-unknown", channel, self._now

    def _refused(self, message: Notification, contact: FamilyContact, kind: type[Kind]) -> bool:
        """True where it must not be sent at all (any more)."""
        if contact.withdrawn_at is not None or contact.sealed is None:
            message.end("cancelled", "withdrawn")
        elif contact.opted_out_at is not None and kind is not OptOutConfirmed:
            self._stopped(message)
        elif kind is not OptOutConfirmed and not self._legal[contact.id].allowed:
            self._not_allowed(message, self._legal[contact.id].ground)
        elif message.overtaken_at is not None:
            message.end("cancelled", "overtaken")
        elif contact.shared_phone and kind in NOT_ON_SHARED_PHONES:
            message.end("cancelled", "shared_phone")
        elif message.moment is not None and message.moment <= self._now:
            give_up(message, "expired", "past", self.told)
        elif message.too_old(self._now) and not self._still_unasked(message):
            give_up(message, "expired", message.reason or "nobody_answered", self.told)
        else:
            return False
        self.told.ended(message)
        return True

    def _stopped(self, message: Notification) -> None:
        """The family wants no messages: so be it. An appointment a case worker tells."""
        if message.moment is not None:
            give_up(message, "cancelled", "opted_out", self.told)
        else:
            message.end("cancelled", "opted_out")

    def _not_allowed(self, message: Notification, ground: Ground) -> None:
        """The person said no: so be it. Nobody has said yes (any more): a case worker can ask."""
        if ground in (Ground.NO_LEGAL_BASIS, Ground.EXPIRED):
            give_up(message, "cancelled", str(ground), self.told)
        else:
            message.end("cancelled", str(ground))

    def _still_unasked(self, message: Notification) -> bool:
        """True for what lay still while nothing was wrong with it: we were down, or an operator paused a channel."""
        return message.attempts == 0 and message.reason in _NOTHING_WRONG

    def _waits(self, message: Notification, contact: FamilyContact, kind: type[Kind]) -> bool:
        """True where it goes out later; an appointment that would be over by then is a case worker's to tell."""
        before = message.status, message.reason
        waits = self._held(message, contact, kind)
        if waits and message.status == "held" and before != ("held", message.reason):
            self.told.waits(message)
        if (
            message.status == "held"
            and message.moment is not None
            and message.moment <= (message.next_attempt_at or self._now)
        ):
            give_up(message, "expired", "past", self.told)
        return waits

    def _held(self, message: Notification, contact: FamilyContact, kind: type[Kind]) -> bool:
        if contact.unverified(self._now) and kind.HAS_CODE:
            check_contact(self._session, contact, self._now)
            message.hold("unverified", self._now + RECHECK)
            return True
        quiet = contact.quiet_until(self._now) if kind.URGENCY != "now" else None
        if quiet is not None:
            message.hold("quiet_hours", quiet)
            return True
        channel = self._address(message, contact).channel
        sender = self._senders.get(channel)
        if (message.organisation_id, channel) in self._paused:
            message.hold("paused", self._now + RECHECK)
        elif sender is not None and sender.name in self._resting:
            message.hold("provider_rests", self._resting[sender.name])
        elif sender is None:
            give_up(message, "cancelled", "case_worker_calls", self.told)
        else:
            return False
        return True

    def _address(self, message: Notification, contact: FamilyContact) -> ContactAddress:
        addresses = self._details(contact).addresses
        return addresses[min(message.address_number, len(addresses) - 1)]

    def _details(self, contact: FamilyContact) -> ContactDetails:
        """What is sealed of a contact; raises `LookupError` without its key, `Undecipherable`, `ValidationError`."""
        return opened(contact, self._open[contact.person_id])

    def _attempt(self, message: Notification, contact: FamilyContact, kind: type[Kind], language: str) -> Ready:
        address = self._address(message, contact)
        what = _said(kind, message, contact)
        code = code_of(self.keys, message.id) if what.HAS_CODE else None
        envelope = Envelope(alias=self._details(contact).alias, code=code, page=self._page)
        said = render(what, envelope, language, address.channel)
        sender = self._senders[address.channel]
        of = {"id": attempt_id(message), "channel": address.channel, "provider": sender.name}
        if message.status == "held":
            self.told.waits(message)
        if isinstance(what, GetInTouch) and message.moment is not None and not message.attempts:
            self.told.attention(message, "call_the_family")  # the message tells no day and time
        attempt = message.begin_attempt(self._now, **of)
        message.channel, message.language = address.channel, language
        message.next_attempt_at = self._now + LOOK_AGAIN
        self.attempts.append(attempt)
        if code is not None:
            self.codes[code] = contact.id
        reference = reference_of(message, attempt.id, sender)
        outgoing = Outgoing(reference, address.address, said.subject, said.text, language)
        return Ready(attempt.id, sender, outgoing, once=not kind.HARMLESS_TWICE)


_NOTHING_WRONG = (None, "paused", "quiet_hours", "provider_rests", CASE_HELD)


def attempt_id(message: Notification) -> UUID:
    """The id of a message's next attempt: the same again where a restored backup forgot that it was made, so that what
    its provider says finds it."""
    return uuid5(message.id, f"attempt {message.attempts + 1}")


def reference_of(message: Notification, attempt: UUID, sender: FamilySender) -> UUID:
    """Under which a provider takes it: one for all attempts at an address, where it takes a reference once."""
    return uuid5(message.id, f"address {message.address_number}") if sender.takes_reference else attempt


def _said(kind: type[Kind], message: Notification, contact: FamilyContact) -> Kind:
    """What goes out: where others read what arrives, one sentence for every kind that would bring a code."""
    if contact.shared_phone and kind.HAS_CODE:
        return GetInTouch()
    for timed in OF_APPOINTMENTS:
        if kind is timed:
            assert message.moment is not None
            return timed(at=message.moment.astimezone(ZoneInfo(contact.time_zone)))
    if kind is Digest:
        return Digest(count=message.count)
    return kind()
