"""Delivery to families: record the attempts, call the providers, record the outcomes; and learn what became of those
without one. Nothing is lost by a crash in between: an attempt without an outcome is looked at again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.notify import queries
from services.notify.commands.outcomes import end_family_attempts, settle_unknown
from services.notify.commands.sending import Ready, Senders, begin_family_attempts, reference_of
from services.notify.commands.writing import write_periodic
from services.notify.domain import Attempt, Notification
from services.notify.domain.statuses import UNSENT
from services.notify.senders import FamilySender, Handed
from services.notify.settings import (
    FAMILIES_AT_ONCE,
    LOOK_EVERY,
    OUTCOME_PATIENCE,
    OUTCOME_PAUSE,
    SENDING_THREADS,
    TOGETHER,
)
from shared.database import reading, transaction, utc_now
from shared.logging import describe_error

log = logging.getLogger(__name__)

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

    def __init__(self, engine: Engine, senders: Senders, page: str) -> None:
        self._engine, self._senders, self._page = engine, senders, page
        self._by_name = {sender.name: sender for sender in senders.values()}
        self._pace = {name: Pace(sender.per_second) for name, sender in self._by_name.items()}
        self.soon = threading.Event()
        """Set by whoever knows that something is due."""
        self._threads = ThreadPoolExecutor(SENDING_THREADS, "sending")

    def run(self, stop: threading.Event) -> None:
        """Deliver whenever somebody says `soon`, and every few seconds; until `stop`."""
        while not stop.is_set():
            self.soon.wait(LOOK_EVERY.total_seconds())
            self.soon.clear()
            self.deliver_due(stop)

    def deliver_due(self, stop: threading.Event | None = None) -> int:
        """Send, or learn of, everything that is due. Returns how many attempts were made."""
        flying: dict[Future[Handed], UUID] = {}
        made, before, more = 0, None, True
        while more or flying:
            more = more and not (stop is not None and stop.is_set())
            if more and len(flying) <= FAMILIES_AT_ONCE:
                due, waiting = self._due()
                more = bool(due) and due != before  # nothing is left, or nothing of it may go out
                if more:
                    begun, before = self._begin(due), due
                    flying |= {self._threads.submit(self._hand_over, ready): ready.attempt_id for ready in begun}
                    made += len(begun)
                    self._look_up(waiting)
                    continue
            self._land(flying)
        return made

    def _due(self) -> tuple[Sequence[UUID], Sequence[Waiting]]:
        with reading(self._engine) as session:
            due = queries.due_to_families(session, utc_now(), SEEN_AT_ONCE)
            return due, self._waiting(session, due[:FAMILIES_AT_ONCE])

    def _begin(self, due: Sequence[UUID]) -> Sequence[Ready]:
        with transaction(self._engine) as session:
            return begin_family_attempts(session, due, self._senders, self._page, utc_now())

    def _land(self, flying: dict[Future[Handed], UUID]) -> None:
        """Record what came of those that have ended; wait a moment for more of them, to record them together."""
        if not flying:
            return
        wait(flying, return_when=FIRST_COMPLETED)
        time.sleep(TOGETHER)
        landed = [one for one in flying if one.done()]
        handed = {flying.pop(one): one.result() for one in landed}
        self._record(lambda session: end_family_attempts(session, handed, utc_now()))

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
        return [self._asking(message, newest[message.id]) for message in messages]

    def _asking(self, message: Notification, attempt: Attempt) -> Waiting:
        sender = self._by_name.get(attempt.provider or "")
        reference = attempt.id if sender is None else reference_of(message, attempt.id, sender)
        return Waiting(message.id, attempt.id, sender, reference, attempt.provider_id)

    def _hand_over(self, ready: Ready) -> Handed:
        self._pace[ready.sender.name].wait()
        return ready.sender.send(ready.outgoing)

    def _look_up(self, waiting: Sequence[Waiting]) -> None:
        if not waiting:
            return
        found = {one.attempt_id: one.asked() for one in waiting}
        ids = [one.message_id for one in waiting]
        self._record(lambda session: settle_unknown(session, ids, found, utc_now()))

    def _record(self, write: Callable[[Session], None]) -> None:
        """Nobody else knows the outcomes: a database that is away for a moment is waited for."""
        until = time.monotonic() + OUTCOME_PATIENCE
        while True:
            try:
                with transaction(self._engine) as session:
                    return write(session)
            except OperationalError as error:
                if time.monotonic() > until:
                    raise
                log.warning("outcomes wait", extra={"error": describe_error(error)})
                time.sleep(OUTCOME_PAUSE)
