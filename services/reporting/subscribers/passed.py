"""What passes between organisations: offered, seen, answered, ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from services.reporting.domain import PassedFact
from services.reporting.subscribers.common import moment, place_of
from shared.database import table_of
from shared.events import Event, Logged
from shared.rows import insert_rows


def count_offers(session: Session, offered: Sequence[Logged[Any]]) -> None:
    """What is offered begins to be counted."""
    insert_rows(session, table_of(PassedFact), [_offered(one) for one in offered])


def note_seen(session: Session, seen: Logged[Any]) -> None:
    """The receiver looked at it."""
    _note(session, seen, acknowledged_at=moment(seen))


def note_accepted(session: Session, accepted: Logged[Any]) -> None:
    """The receiver said yes."""
    _note(session, accepted, answer="accepted", **_answer(accepted))


def note_declined(session: Session, declined: Logged[Any]) -> None:
    """The receiver said no: that ends it."""
    _note(session, declined, answer="declined", declined_for=declined.event.reason, **_answer(declined))
    note_ended(session, declined)


def note_ended(session: Session, ended: Logged[Any]) -> None:
    """Nothing follows: the last word of the fact's type says how it ended."""
    _note(session, ended, ended_at=moment(ended), outcome=ended.type.partition(".")[2])


def _answer(logged: Logged[Any]) -> dict[str, Any]:
    return {
        "answered_at": moment(logged),
        "answered_position": logged.position,
        "answered_event_id": logged.id,
    }


def _note(session: Session, logged: Logged[Any], **columns: Any) -> None:
    session.execute(update(PassedFact).where(PassedFact.id == _id_of(logged.event)).values(**columns))


def _offered(logged: Logged[Any]) -> dict[str, Any]:
    event = logged.event
    return {
        "id": _id_of(event),
        "family": _family(event),
        "organisation_id": event.organisation_id,
        "receiver_id": event.receiver_id,
        "service": getattr(event, "service", None),
        "urgency": getattr(event, "urgency", None),
        "offered_at": moment(logged),
        **place_of(logged),
    }


def _family(event: Event) -> str:
    """A `referral.offered` tells of a referral, by its `referral_id`."""
    return event.TYPE.partition(".")[0]


def _id_of(event: Event) -> UUID:
    found: UUID = getattr(event, f"{_family(event)}_id")
    return found
