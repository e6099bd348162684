"""Delivery to families: record the attempts, call the providers, record the outcomes; and learn what became of those
without one. Nothing is lost by a crash in between: an attempt without an outcome is looked at again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.notify import queries
from services.notify.commands.outcomes import end_family_attempts, settle_unknown
from services.notify.commands.sending import Ready, Senders, begin_family_attempts, reference_of
from services.notify.commands.writing import write_periodic
from services.notify.domain import Attempt, Notification
from services.notify.domain.statuses import UNSENT
from services.notify.mail_reading import read_mail
from services.notify.recording import record
from services.notify.senders import FamilySender, Handed, Inbox, MailboxSender, SentOnce
from services.notify.settings import (
    CODE_LIFE,
    FAMILIES_AT_ONCE,
    LOOK_AGAIN,
    LOOK_EVERY,
    SENDING_THREADS,
    TOGETHER,
)
from shared.database import reading, transaction, utc_now
from shared.logging import describe_error

log = logging.getLogger(__name__)

ASKING_THREADS = 8
SENT_WITHIN = 60.0
"""Seconds after the decision to send; long before `LOOK_AGAIN`, when an attempt counts as broken off."""
SEEN_AT_ONCE = 4 * FAMILIES_AT_ONCE
"""Due messages among which a process looks for some that no other one has: as many processes find work at once."""


class Pace:
    """Keeps to a provider's messages a second, whoever of our threads calls."""

    def __init__(self, per_second: float) -> None:
        self._gap, self._next, self._lock = 1.0 / per_second, 0.0, threading.Lock()

    def wait(self) -> None:
        """Until it is this call's turn."""
        with self._lock:
            turn = max(self._next, time.monotonic())
            self._next = turn + self._gap
        pause = turn - time.monotonic()
        if pause > 0:
            time.sleep(pause)


@dataclass(frozen=True)
class Waiting:
    """A message whose outcome is not known, and how its provider knows it."""

    message_id: UUID
    attempt_id: UUID
    sender: FamilySender | None
    reference: UUID
    provider_id: str | None

    def asked(self) -> Handed | None:
        """What the provider says; None where it cannot tell."""
        return self.sender.look_up(self.reference, self.provider_id) if self.sender is not None else None


class FamilyDelivery:
    """Sends what is due to families through these senders. `page` is where families enter their codes."""

    def __init__(
        self, engine: Engine, senders: Senders, page: str, inbox: Inbox | None = None, once: SentOnce | None = None
    ) -> None:
        """`inbox`: where bounces and answers by mail come back. `once`: what was sent and must not be sent again, also
        after a backup was restored."""
        self._engine, self._senders, self._page, self._inbox, self._once = engine, senders, page, inbox, once
        self._by_name = {sender.name: sender for sender in senders.values()}
        self._pace = {name: Pace(sender.per_second) for name, sender in self._by_name.items()}
        self.soon = threading.Event()
        """Set by whoever knows that something is due."""
        self._threads = {name: ThreadPoolExecutor(SENDING_THREADS, name) for name in self._by_name}
        """Of each provider its own: a slow one keeps back no other."""
        self._asking_threads = ThreadPoolExecutor(ASKING_THREADS, "looking up")
        self._flying: dict[Future[Handed], UUID] = {}
        """Attempts that are handed over, until what came of them is recorded."""
        self._asked: dict[Future[Handed | None], Waiting] = {}

    def run(self, stop: threading.Event) -> None:
        """Deliver whenever somebody says `soon`, and every few seconds; until `stop`."""
        while not stop.is_set():
            self.soon.wait(LOOK_EVERY.total_seconds())
            self.soon.clear()
            self.deliver_due(stop)

    def deliver_due(self, stop: threading.Event | None = None) -> int:
        """Send, or learn of, everything that is due. Returns how many attempts were made."""
        made, before, more = 0, None, True
        try:
            while more or self._flying or self._asked:
                more = more and not (stop is not None and stop.is_set())
                if more and len(self._flying) <= FAMILIES_AT_ONCE:
                    due, waiting = self._due()
                    more = bool(due) and due != before  # nothing is left, or nothing of it may go out
                    if more:
                        made, before = made + self._begin(due), due
                        self._look_up(waiting)
                        continue
                self._land()
            return made
        finally:
            while self._flying:  # whatever went wrong: these were handed over, and nobody else knows what came of them
                self._land()

    def _due(self) -> tuple[Sequence[UUID], Sequence[Waiting]]:
        with reading(self._engine) as session:
            due = queries.due_to_families(session, utc_now(), SEEN_AT_ONCE)
            return due, self._waiting(session, due[:FAMILIES_AT_ONCE])

    def _begin(self, due: Sequence[UUID]) -> int:
        with transaction(self._engine) as session:
            asked = due, self._senders, self._page, utc_now()
            begun = begin_family_attempts(session, *asked, frozenset() if self._once is None else self._once)
        noted = self._note([ready.attempt_id for ready in begun if ready.once])
        for ready in begun:
            threads, may_go = self._threads[ready.sender.name], noted or not ready.once
            self._flying[threads.submit(self._hand_over, ready, time.monotonic(), may_go)] = ready.attempt_id
        return len(begun)

    def _note(self, attempts: Sequence[UUID]) -> bool:
        """False where the disk does not take it: then none of them is sent."""
        try:
            if self._once is not None:
                self._once.add(attempts)
        except OSError as error:
            log.warning("news waits for a disk", extra={"error": describe_error(error)})
            return False
        return True

    def _land(self) -> None:
        """Record what came of those that have ended; wait a moment for more of them, to record them together."""
        if not self._flying and not self._asked:
            return
        awaited: list[Future[Any]] = [*self._flying, *self._asked]
        wait(awaited, return_when=FIRST_COMPLETED)
        time.sleep(TOGETHER)
        landed = [one for one in self._flying if one.done()]
        handed = {self._flying[one]: _answer(one) for one in landed}
        if handed:
            record(self._engine, lambda session: end_family_attempts(session, handed, utc_now()))
        for one in landed:
            del self._flying[one]
        self._learn()

    def _learn(self) -> None:
        """Move on with those that were looked up."""
        told = [one for one in self._asked if one.done()]
        if told:
            waiting = {self._asked[one].attempt_id: one.result() for one in told}
            ids = [self._asked[one].message_id for one in told]
            record(self._engine, lambda session: settle_unknown(session, ids, waiting, utc_now()))
        for one in told:
            del self._asked[one]

    def clear_mailbox(self) -> None:
        """Take out of the local mailbox what is for nobody any more, who withdrew or was erased, and what has served.
        A letter of the last minutes is left: its attempt may not know it yet."""
        for box in {one for one in self._by_name.values() if isinstance(one, MailboxSender)}:
            letters, old = box.written_before(utc_now() - 2 * LOOK_AGAIN), box.written_before(utc_now() - CODE_LIFE)
            with reading(self._engine) as session:
                kept = queries.letters_of_living(session, [str(one) for one in letters]) if letters else ()
            box.remove({*old, *(one for one in letters if str(one) not in kept)})

    def read_mail(self) -> None:
        """Take in bounces, and what families wrote by mail."""
        if self._inbox is not None:
            read_mail(self._engine, self._inbox)

    def write_periodic(self) -> None:
        """Write the periodic messages whose turn has come."""
        while True:
            with transaction(self._engine) as session:
                if not write_periodic(session):
                    return

    def _waiting(self, session: Session, due: Sequence[UUID]) -> Sequence[Waiting]:
        """Those of them whose outcome is not known, and how to ask for it."""
        unknown = select(Notification).where(Notification.id.in_(due), Notification.status.not_in(UNSENT))
        messages = session.scalars(unknown).all() if due else ()
        if not messages:
            return ()
        newest = queries.newest_attempts(session, [message.id for message in messages])
        ours = {*self._flying.values(), *(one.attempt_id for one in self._asked.values())}
        return [self._asking(one, newest[one.id]) for one in messages if newest[one.id].id not in ours]

    def _asking(self, message: Notification, attempt: Attempt) -> Waiting:
        sender = self._by_name.get(attempt.provider or "")
        reference = attempt.id if sender is None else reference_of(message, attempt.id, sender)
        return Waiting(message.id, attempt.id, sender, reference, attempt.provider_id)

    def _hand_over(self, ready: Ready, begun: float, may_go: bool) -> Handed:
        """What waited too long in this process is not sent: by now the family may have said stop."""
        if not may_go:
            return Handed("temporary-failure", code="disk")
        self._pace[ready.sender.name].wait()
        if time.monotonic() - begun > SENT_WITHIN:
            return Handed("temporary-failure", code="not-sent")
        return ready.sender.send(ready.outgoing)

    def _look_up(self, waiting: Sequence[Waiting]) -> None:
        self._asked |= {self._asking_threads.submit(one.asked): one for one in waiting}


def _answer(landed: Future[Handed]) -> Handed:
    """What came of it. A sender promises not to raise; where it does, nobody knows whether the message left."""
    try:
        return landed.result()
    except Exception as error:  # noqa: BLE001 - a sender's own fault must not lose what came of the others
        log.warning("a sender failed", extra={"error": describe_error(error)})
        return Handed("outcome-unknown", code="sender-failed")
