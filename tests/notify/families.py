"""Families behind real notify: their contacts, approved languages, and a provider that does as it is told."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select, update

from services.notify.domain import Attempt, FamilyContact, LanguageApproval, Notification
from services.notify.family_delivery import FamilyDelivery
from services.notify.senders import FamilySender, Handed, Outgoing
from services.notify.settings import LISTENS_TO
from services.notify.subscribers import PROJECTIONS, REACTIONS
from services.notify.wording import digest_of
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.events import ConsentGiven, ContactAddress, ContactDetails, FamilyContactRegistered
from shared.messaging.consumer import Consumer, Subscriptions
from shared.messaging.feed import LocalFeed
from shared.messaging.log import record
from shared.messaging.sequencer import Sequencer
from shared.messaging.tables import event_log
from tests.factories import Factory

PAGE = "help.example/notify/f"
NUMBER = "+251911000042"
MAIL = "abc@mail.example"


class Crash(BaseException):
    """The process dies here."""


@dataclass
class Provider:
    """A provider in this process. `says` is what it answers, in turn; then the last one again."""

    channel: Any = "sms"
    name: str = "twilio"
    per_second: float = 10_000
    takes_reference: bool = False
    says: list[Handed | BaseException] = field(default_factory=lambda: [Handed("accepted")])
    knows: dict[UUID, Handed] = field(default_factory=dict)
    taken: list[Outgoing] = field(default_factory=list)
    calls: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, outgoing: Outgoing) -> Handed:
        with self.lock:
            self.taken.append(outgoing)
            answer = self.says.pop(0) if len(self.says) > 1 else self.says[0]
            if isinstance(answer, BaseException):
                raise answer
            self.calls += 1
            number = self.calls
        return Handed(answer.result, answer.provider_id or f"SM{number}", answer.code, answer.retry_after, answer.parts)

    def look_up(self, reference: UUID, provider_id: str | None) -> Handed | None:
        return self.knows.get(reference)


class Families:
    """Real notify behind intake's log, with one organisation that approved its languages."""

    def __init__(self, database: Callable[[str], Engine], keys: KeyRing) -> None:
        self.source, self.engine, self.keys = database("intake"), database("notify"), keys
        feeds = {one: LocalFeed(self.source if one == "intake" else database(one), one) for one in LISTENS_TO}
        self.consumer = Consumer("notify", self.engine, feeds, Subscriptions(PROJECTIONS, REACTIONS), keys)
        self.consumer.prepare()
        self.factory = Factory()
        self.sms, self.mail = Provider(), Provider("email", "mail")
        self.senders_by_channel: dict[str, FamilySender] = {}
        self.organisation = self.factory.organisation()
        self.tell(self.organisation)
        self.approve("en", "am")

    @property
    def senders(self) -> dict[str, FamilySender]:
        return self.senders_by_channel or {"sms": self.sms, "email": self.mail}

    def tell(self, *events: Any) -> None:
        """Intake records facts, and notify hears of them."""
        with transaction(self.source) as session:
            record(session, *events)
        Sequencer(self.source).sequence()
        for partition in range(8):
            self.consumer.catch_up("intake", partition)

    def approve(self, *languages: str, organisation: UUID | None = None) -> None:
        """The organisation read these languages' texts and approved them."""
        of = organisation or self.organisation.organisation_id
        with transaction(self.engine) as session:
            session.add_all(
                LanguageApproval(
                    organisation_id=of,
                    language=one,
                    digest=digest_of(one),
                    reviewer_id=self.factory.id(),
                    approved_at=utc_now(),
                )
                for one in languages
            )

    def about(self, organisation: UUID | None = None) -> dict[str, Any]:
        """A new case and a person of it."""
        of = organisation or self.organisation.organisation_id
        return {"organisation_id": of, "case_id": self.factory.id(), "person_id": self.factory.id()}

    def consent(self, about: dict[str, Any]) -> ConsentGiven:
        return ConsentGiven(**about, purpose="notification")

    def contact(self, about: dict[str, Any], *, sms: str | None = NUMBER, mail: str | None = None, **given: Any) -> Any:
        """The fact that a family gave a contact; quiet at no hour unless told otherwise."""
        addresses = [ContactAddress(channel="sms", address=sms)] if sms else []
        addresses += [ContactAddress(channel="email", address=mail)] if mail else []
        details = ContactDetails(addresses=tuple(addresses), **{k: given.pop(k) for k in ("alias",) if k in given})
        fields = {"language": "en", "quiet_from": time(0), "quiet_to": time(0), "sealed": details}
        return FamilyContactRegistered(**about, contact_id=self.factory.id(), **fields | given)

    def family(self, **given: Any) -> dict[str, Any]:
        """A family that consented and gave a contact; what receipts it was sent is delivered and forgotten."""
        about = self.about(given.pop("organisation", None))
        self.tell(self.consent(about))
        self.tell(self.contact(about, **given))
        self.deliver()
        self.sms.taken.clear()
        self.mail.taken.clear()
        return {name: about[name] for name in ("organisation_id", "case_id")}

    def delivery(self) -> FamilyDelivery:
        return FamilyDelivery(self.engine, self.senders, PAGE)

    def deliver(self) -> int:
        """Everything that is due, by a process of its own."""
        return self.delivery().deliver_due()

    def later(self, by: timedelta) -> None:
        """Time passes: everything that waits, and every attempt, is that much older."""
        with transaction(self.engine) as session:
            for message in session.scalars(select(Notification)):
                message.created_at -= by
                if message.first_tried_at is not None:
                    message.first_tried_at -= by
                if message.next_attempt_at is not None:
                    message.next_attempt_at -= by
            for attempt in session.scalars(select(Attempt)):
                attempt.started_at -= by
            for contact in session.scalars(select(FamilyContact)):
                contact.heard_at -= by
                contact.made_at -= by
                if contact.write_next_at is not None:
                    contact.write_next_at -= by

    def messages(self, kind: str | None = None) -> Sequence[Notification]:
        with reading(self.engine) as session:
            found = session.scalars(select(Notification).order_by(Notification.created_at, Notification.id)).all()
        return [one for one in found if kind is None or one.kind == kind]

    def message(self, kind: str) -> Notification:
        (one,) = self.messages(kind)
        return one

    def attempts(self, message: Notification) -> Sequence[Attempt]:
        with reading(self.engine) as session:
            own = select(Attempt).where(Attempt.notification_id == message.id).order_by(Attempt.started_at)
            return session.scalars(own).all()

    def one_contact(self) -> FamilyContact:
        with reading(self.engine) as session:
            return session.scalars(select(FamilyContact)).one()

    def told(self) -> Counter[str]:
        """What notify published, by type."""
        with reading(self.engine) as session:
            return Counter(session.scalars(select(event_log.c.type)))

    def change(self, **values: Any) -> None:
        """Change every contact."""
        with transaction(self.engine) as session:
            session.execute(update(FamilyContact).values(**values))
