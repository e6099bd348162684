"""Holds: a poison event stops only its own subject, visibly, until it is replayed or discarded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from shared.database import upsert, utc_now
from shared.errors import DomainError, NotYet
from shared.events import CaseHeld, CaseHoldEnded
from shared.events.envelope import Event, Logged, Undecodable
from shared.logging import describe_error
from shared.messaging.consumer.cursor import Place, at_place
from shared.messaging.log import record
from shared.messaging.tables import held, protective_marker

NOT_YET_RETRY = timedelta(seconds=1)
NOT_YET_RETRY_MAX = timedelta(minutes=1)
STREAK_SUBJECTS = 3
STREAK_ORGANISATIONS = 2

EVENTS_OWN_ERRORS: tuple[type[Exception], ...] = (
    ValidationError,
    DomainError,
    NotYet,
    Undecodable,
    DataError,
    IntegrityError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
)
"""Errors of an event itself. Everything else (disk, connection, lock, missing table) retries the partition."""


@dataclass(frozen=True)
class Hold:
    """A held subject: from `first_position` on, its events up to `last_position` were skipped."""

    place: Place
    subject: str
    first_position: int
    last_position: int
    error: tuple[str, str | None, str | None]
    organisation_id: UUID | None
    streak: bool
    attempts: int
    event_type: str | None
    announced: bool


def _hold(row: Any) -> Hold:
    return Hold(
        Place(row.consumer, row.source, row.partition),
        row.subject,
        row.first_position,
        row.last_position,
        (row.error_class, row.sqlstate, row.location),
        row.organisation_id,
        row.streak,
        row.attempts,
        row.event_type,
        row.retry_at is None,
    )


_held_at = select(held).where(at_place(held))


def holds_at(session: Session, place: Place) -> dict[str, Hold]:
    """The held subjects of one partition."""
    return {row.subject: _hold(row) for row in session.execute(_held_at, place.key())}


def find_hold(session: Session, consumer: str, source: str, subject: str) -> Hold | None:
    """The hold of one subject, if there is one."""
    row = session.execute(_of(select(held), consumer, source, subject)).one_or_none()
    return None if row is None else _hold(row)


def due_holds(session: Session, consumer: str) -> list[Hold]:
    """Holds that retry by themselves and whose time has come."""
    rows = session.execute(select(held).where(held.c.consumer == consumer, held.c.retry_at <= utc_now()))
    return [_hold(row) for row in rows]


def _of(statement: Any, consumer: str, source: str, subject: str) -> Any:
    return statement.where(held.c.consumer == consumer, held.c.source == source, held.c.subject == subject)


def hold(session: Session, place: Place, event: Logged[Any], error: Exception) -> Hold:
    """Hold the event's subject from this event on, and tell the other services (ids only)."""
    told = describe_error(error)
    waits = isinstance(error, NotYet)
    organisation = _organisation(event)
    row = {
        "consumer": place.consumer,
        "source": place.source,
        "subject": event.subject,
        "partition": place.partition,
        "organisation_id": organisation,
        "first_position": event.position,
        "last_position": event.position,
        "event_type": str(event.header.get("type")),
        "error_class": told["class"] or "",
        "sqlstate": told["sqlstate"],
        "location": told["location"],
        "held_at": utc_now(),
        "retry_at": utc_now() + NOT_YET_RETRY if waits else None,
        "streak": not waits,
    }
    session.execute(upsert(session, held).values(**row).on_conflict_do_nothing())
    found = find_hold(session, place.consumer, place.source, event.subject)
    assert found is not None
    if not waits:
        _announce(session, found, CaseHeld)
    return found


def _organisation(event: Logged[Any]) -> UUID | None:
    try:
        return event.organisation_id
    except (KeyError, ValueError, TypeError):
        return None


def _announce(session: Session, of: Hold, kind: type[CaseHeld] | type[CaseHoldEnded]) -> None:
    kind_of_subject, _, number = of.subject.partition("/")
    if kind_of_subject == "case" and of.organisation_id is not None:
        record(
            session,
            kind(
                organisation_id=of.organisation_id,
                case_id=UUID(number),
                held_source=of.place.source,
                first_position=of.first_position,
            ),
        )


def skip(session: Session, of: Hold, position: int) -> None:
    """Note that a later event of a held subject was skipped."""
    statement = _of(update(held), of.place.consumer, of.place.source, of.subject)
    session.execute(statement.values(last_position=position))


def fail_again(session: Session, of: Hold, event: Logged[Any], error: Exception) -> None:
    """The replay stopped at `event`: what came before it is done."""
    told = describe_error(error)
    waits = isinstance(error, NotYet)
    pause = min(NOT_YET_RETRY * 2 ** min(of.attempts, 10), NOT_YET_RETRY_MAX)
    session.execute(
        _of(update(held), of.place.consumer, of.place.source, of.subject).values(
            first_position=event.position,
            event_type=str(event.header.get("type")),
            error_class=told["class"] or "",
            sqlstate=told["sqlstate"],
            location=told["location"],
            attempts=held.c.attempts + 1,
            retry_at=utc_now() + pause if waits else None,
        )
    )
    if of.announced and waits:
        _announce(session, of, CaseHoldEnded)
    elif not of.announced and not waits:
        _announce(session, of, CaseHeld)


def move_first(session: Session, of: Hold, position: int) -> None:
    """Everything below `position` is done."""
    session.execute(_of(update(held), of.place.consumer, of.place.source, of.subject).values(first_position=position))


def end_hold(session: Session, of: Hold) -> None:
    """Every skipped event is done: the subject flows again."""
    session.execute(_of(delete(held), of.place.consumer, of.place.source, of.subject))
    if of.announced:
        _announce(session, of, CaseHoldEnded)


def end_streak(session: Session, place: Place) -> None:
    """An event succeeded: the failures before it were not one common fault."""
    session.execute(
        update(held)
        .where(
            held.c.consumer == place.consumer,
            held.c.source == place.source,
            held.c.partition == place.partition,
            held.c.streak,
        )
        .values(streak=False)
    )


def is_common_fault(holds: dict[str, Hold], event: Logged[Any], error: Exception) -> bool:
    """True when this failure makes three subjects of two organisations failing alike, no success between."""
    if isinstance(error, NotYet):
        return False
    told = describe_error(error)
    alike = [h for h in holds.values() if h.streak and h.error == (told["class"], told["sqlstate"], told["location"])]
    subjects = {h.subject for h in alike} | {event.subject}
    organisations = {h.organisation_id for h in alike} | {_organisation(event)}
    return len(subjects) >= STREAK_SUBJECTS and len(organisations) >= STREAK_ORGANISATIONS


@dataclass(frozen=True)
class Marker:
    """A protective event that was applied."""

    seq: int
    person_id: UUID | None
    purpose: str


def mark(session: Session, place: Place, event: Logged[Any]) -> None:
    """Remember that a protective event was applied, so that nothing older undoes it. Of an erased one nobody knows
    the purpose: the whole person is gone."""
    for purpose in (() if event.erased else event.event.ends) or ("*",):
        session.execute(
            upsert(session, protective_marker)
            .values(
                consumer=place.consumer,
                source=place.source,
                subject=event.subject,
                seq=event.seq,
                person_id=event.person_id,
                purpose=purpose,
            )
            .on_conflict_do_nothing()
        )


def markers_of(session: Session, place: Place, subjects: set[str]) -> dict[str, list[Marker]]:
    """The markers of some subjects."""
    if not subjects:
        return {}
    found: dict[str, list[Marker]] = {}
    rows = session.execute(
        select(protective_marker).where(
            protective_marker.c.consumer == place.consumer,
            protective_marker.c.source == place.source,
            protective_marker.c.subject.in_(sorted(subjects)),
        )
    )
    for row in rows:
        found.setdefault(row.subject, []).append(Marker(row.seq, row.person_id, row.purpose))
    return found


def is_overtaken(markers: list[Marker], event: Logged[Any], kind: type[Event]) -> bool:
    """True when a protective event of the same person and purpose has gone before: the handler must not run.

    A protective event that left its own marker has been applied already. Reads the fact only where its purposes count.
    """
    if kind.PROTECTIVE:
        return any(marker.seq == event.seq for marker in markers)
    later = {
        marker.purpose
        for marker in markers
        if event.seq < marker.seq and (marker.person_id is None or marker.person_id == event.person_id)
    }
    if not later or "*" in later or event.erased:
        return bool(later)
    purposes = event.event.serves
    return not purposes or not later.isdisjoint(purposes)
