"""Alarms: what an operator must see now. They are rows, so that every process and `status` see them."""

from __future__ import annotations

import logging
from collections.abc import Collection

from sqlalchemy import delete, exists, false, select, true, union
from sqlalchemy.orm import Session

from shared.database import upsert, utc_now
from shared.logging import describe_error
from shared.messaging.consumer.cursor import Place, at_place, at_places, places_key
from shared.messaging.tables import alarm, held

log = logging.getLogger(__name__)

RETRYING = "retrying"
"""The partition fails for a reason outside its events (disk, connection, missing table) and is tried again."""
FAILING_ALIKE = "failing_alike"
"""Events of several organisations fail in the same way: the fault is ours. The partition waits."""
HISTORY_CHANGED = "history_changed"
"""The source's log is no longer the one we read: it was restored from an old backup, or tampered with."""
PROTECTIVE_FAILED = "protective_event_failed"
"""An erasure, withdrawal or opt-out could not be applied. This service sends nothing until it is."""
KINDS = (RETRYING, FAILING_ALIKE, HISTORY_CHANGED, PROTECTIVE_FAILED)


def raise_alarm(
    session: Session,
    kind: str,
    place: Place,
    position: int,
    *,
    error: BaseException | None = None,
    stops: bool = False,
    subject: str | None = None,
) -> None:
    """Record an alarm, once for each kind and position, and log it."""
    told = describe_error(error) if error is not None else {"class": None, "sqlstate": None, "location": None}
    key = {"kind": kind, "consumer": place.consumer, "source": place.source, "partition": place.partition}
    statement = upsert(session, alarm).values(
        **key,
        position=position,
        subject=subject,
        error_class=told["class"],
        sqlstate=told["sqlstate"],
        location=told["location"],
        stops=stops,
        raised_at=utc_now(),
    )
    session.execute(statement.on_conflict_do_nothing())
    log.error("alarm", extra={**key, "position": position, "error": told, "stops": stops})


def clear_alarm(session: Session, kind: str, place: Place, position: int | None = None) -> None:
    """Take an alarm back; without a position, all of its kind at this place."""
    statement = delete(alarm).where(
        alarm.c.kind == kind,
        alarm.c.consumer == place.consumer,
        alarm.c.source == place.source,
        alarm.c.partition == place.partition,
    )
    session.execute(statement if position is None else statement.where(alarm.c.position == position))


def forget_retries(session: Session, consumer: str, partitions: range) -> None:
    """Take back what a process raised that lives no more. One that lives raises it again with its next failure."""
    session.execute(
        delete(alarm).where(
            alarm.c.kind == RETRYING, alarm.c.consumer == consumer, alarm.c.partition.in_([-1, *partitions])
        )
    )


_is_stopped = select(exists().where(at_place(alarm), alarm.c.stops))
_troubles = union(
    select(alarm.c.partition, true().label("stopped")).where(at_places(alarm), alarm.c.stops),
    select(held.c.partition, false().label("stopped")).where(at_places(held)),
)


def is_stopped(session: Session, place: Place) -> bool:
    """True while an alarm stops this partition."""
    return bool(session.scalar(_is_stopped, place.key()))


def troubles(session: Session, consumer: str, source: str, partitions: Collection[int]) -> tuple[set[int], set[int]]:
    """(the partitions that an alarm stops, those in which subjects are held), in one question."""
    found = session.execute(_troubles, places_key(consumer, source, partitions)).all()
    return {p for p, stopped in found if stopped}, {p for p, stopped in found if not stopped}


def sending_blocked(session: Session) -> bool:
    """True while a protective event has failed in this service: nothing may be sent or shared."""
    return bool(session.scalar(select(exists().where(alarm.c.kind == PROTECTIVE_FAILED))))
