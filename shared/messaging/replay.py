"""What an operator does about a hold or an alarm: replay, discard, resume; and what retries by itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database import reading, transaction, upsert, utc_now
from shared.errors import Conflict, NotFound
from shared.events.envelope import Logged
from shared.messaging import alarms, holds
from shared.messaging.consumer.apply import Consumer
from shared.messaging.consumer.cursor import Place, lock_cursor
from shared.messaging.feed import PAGE
from shared.messaging.tables import alarm, discarded

log = logging.getLogger(__name__)

Replayed = Literal["ended", "still_held", "not_held"]


def replay(consumer: Consumer, source: str, subject: str) -> Replayed:
    """Apply the held subject's events in their order, from the feed; end the hold when all are done.

    What succeeded stays done when a later one fails again. Raises only what is no event's fault.
    """
    while True:
        with reading(consumer.engine) as session:
            hold = holds.find_hold(session, consumer.name, source, subject)
        if hold is None:
            return "not_held"
        feed = consumer.feeds[source]
        events = feed.of_subject(subject, hold.place.partition, hold.first_position, hold.last_position)
        with transaction(consumer.engine) as session:
            lock_cursor(session, hold.place)
            if holds.find_hold(session, consumer.name, source, subject) != hold:
                continue  # the cursor moved over this subject, or somebody else replays: look again
            if not _replay_events(consumer, session, hold, events):
                return "still_held"
            if len(events) < PAGE:
                holds.end_hold(session, hold)
                log.info("hold ended", extra={"subject": subject, "source": source})
                return "ended"
            holds.move_first(session, hold, events[-1].position + 1)


def _replay_events(consumer: Consumer, session: Session, hold: holds.Hold, events: list[Logged[Any]]) -> bool:
    skipped = _discarded(session, hold.place, hold.subject)
    for event in events:
        if event.position in skipped:
            continue
        try:
            with session.begin_nested():
                if not event.fits(event.previous_hash):
                    raise ValueError("the feed's bytes are not the hashed ones")
                consumer.handle(session, hold.place, event)
        except holds.EVENTS_OWN_ERRORS as error:
            holds.fail_again(session, hold, event, error)
            return False
    return True


def _discarded(session: Session, place: Place, subject: str) -> set[int]:
    return set(
        session.scalars(
            select(discarded.c.position).where(
                discarded.c.consumer == place.consumer,
                discarded.c.source == place.source,
                discarded.c.subject == subject,
            )
        )
    )


def discard(consumer: Consumer, source: str, subject: str, *, by: str, reason: str) -> Replayed:
    """Skip the one event that a subject is held at, record who and why, and replay the rest.

    A protective event cannot be discarded (`Conflict`); a subject that is not held is `NotFound`.
    """
    if not reason.strip():
        raise Conflict("Say why the event is discarded: the reason is kept for the auditor.")
    with reading(consumer.engine) as session:
        hold = holds.find_hold(session, consumer.name, source, subject)
    if hold is None:
        raise NotFound("This subject is not held here; `held list` shows what is.")
    feed = consumer.feeds[source]
    found = feed.of_subject(subject, hold.place.partition, hold.first_position, hold.first_position)
    if found and consumer.is_protective(found[0]):
        raise Conflict("A protective event (erasure, withdrawal, opt-out) cannot be discarded: mend its cause.")
    with transaction(consumer.engine) as session:
        session.execute(
            upsert(session, discarded)
            .values(
                consumer=consumer.name,
                source=source,
                partition=hold.place.partition,
                position=hold.first_position,
                subject=subject,
                discarded_by=by,
                reason=reason,
                discarded_at=utc_now(),
            )
            .on_conflict_do_nothing()
        )
    return replay(consumer, source, subject)


def resume(consumer: Consumer, source: str, partition: int) -> None:
    """Let a stopped partition go on; when its cause is still there, it stops again."""
    place = Place(consumer.name, source, partition)
    with transaction(consumer.engine) as session:
        lock_cursor(session, place)
        for kind in (alarms.FAILING_ALIKE, alarms.HISTORY_CHANGED):
            alarms.clear_alarm(session, kind, place)
        holds.end_streak(session, place)
    consumer.catch_up(source, partition)


@dataclass(frozen=True)
class _Failed:
    place: Place
    position: int
    subject: str


def retry_protective(consumer: Consumer) -> int:
    """Try failed protective events again; sending is blocked until they succeed. Returns how many did."""
    with reading(consumer.engine) as session:
        rows = session.execute(
            select(alarm).where(alarm.c.kind == alarms.PROTECTIVE_FAILED, alarm.c.consumer == consumer.name)
        )
        failed = [_Failed(Place(r.consumer, r.source, r.partition), r.position, r.subject) for r in rows]
    return sum(_retry_protective(consumer, one) for one in failed)


def _retry_protective(consumer: Consumer, failed: _Failed) -> bool:
    place = failed.place
    feed = consumer.feeds[place.source]
    events = feed.of_subject(failed.subject, place.partition, failed.position, failed.position)
    if not events:
        return False  # the source lost it: the alarm stays until somebody has looked
    with transaction(consumer.engine) as session:
        lock_cursor(session, place)
        for event in events:
            try:
                with session.begin_nested():
                    consumer.handle(session, place, event)
            except holds.EVENTS_OWN_ERRORS:
                return False
        alarms.clear_alarm(session, alarms.PROTECTIVE_FAILED, place, failed.position)
    replay(consumer, place.source, failed.subject)
    return True


def retry_due(consumer: Consumer) -> int:
    """Replay the holds that wait for a fact of another source and whose time has come. Returns how many ended."""
    with reading(consumer.engine) as session:
        due = holds.due_holds(session, consumer.name)
    return sum(replay(consumer, hold.place.source, hold.subject) == "ended" for hold in due)
