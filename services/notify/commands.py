"""One function per business act of notify."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify import queries
from services.notify.domain import Attempt, Notification, OrganisationName, RefusedRow, notification_id
from services.notify.domain.messages import Side, family_and_step, filled, sides_told
from services.notify.settings import JOBS
from shared.database import utc_now
from shared.events import ImportFinished, ImportMessageStatusChanged, Logged
from shared.events.notify import NotificationStatus
from shared.messaging.alarms import sending_blocked
from shared.messaging.log import record
from shared.wakes import wake

IMPORT_FINISHED = "import_finished"


def tell_import_finished(session: Session, logged: Logged[ImportFinished]) -> None:
    """Write one message to the organisation that submitted the file. Raises `NotYet` while it is unknown here."""
    finished = logged.event
    recipient = queries.organisation(session, finished.organisation_id)
    rows, refused = queries.refused_rows(session, finished.import_id)
    message = Message(
        IMPORT_FINISHED,
        finished.import_id,
        f"Your file {finished.file_name} was imported",
        _import_text(finished, rows, refused),
    )
    _write(session, logged, recipient, message)


def tell_both_sides(session: Session, logged: Logged[Any]) -> None:
    """Write to the organisations between which something passes what happened, and what is asked of them.

    Raises `NotYet` while one of the two is unknown here.
    """
    kind, fact = type(logged.event), logged.event
    sides: dict[Side, UUID] = {"sender": fact.organisation_id, "receiver": fact.receiver_id}
    known = {side: queries.organisation(session, one) for side, one in sides.items()}
    names = {side: one.name for side, one in known.items()}
    family, _ = family_and_step(kind)
    for side, words in sides_told(kind).items():
        subject, text = filled(words, kind, fact, names)
        about = getattr(fact, f"{family}_id")
        _write(session, logged, known[side], Message(f"{kind.TYPE}.{side}", about, subject, text))


@dataclass(frozen=True)
class Message:
    """What is written to an organisation."""

    kind: str
    about: UUID
    subject: str
    text: str


def _write(session: Session, logged: Logged[Any], recipient: OrganisationName, message: Message) -> None:
    notification = Notification(
        id=notification_id(logged.id, message.kind, recipient.organisation_id),
        organisation_id=recipient.organisation_id,
        kind=message.kind,
        about=message.about,
        fact_subject=logged.subject,
        channel="file",
        subject=message.subject,
        text=f"To: {recipient.name}\nSubject: {message.subject}\n\n{message.text}\n",
        status="created",
        created_at=utc_now(),
        next_attempt_at=utc_now(),
        attempts=0,
    )
    session.add(notification)
    session.flush()
    _record_status(session, notification)
    wake(session, JOBS)


def _import_text(finished: ImportFinished, rows: Sequence[RefusedRow], refused: int) -> str:
    counts = finished.counts
    lines = [
        f"Of {counts.rows:,} rows, {counts.accepted:,} are new, {counts.unchanged:,} were known already, "
        f"{counts.refused:,} were refused.",
    ]
    if refused:
        lines += ["", "Refused rows, with the column to correct and the reason:"]
        lines += [f"  row {row.row}, {row.field}: {row.reason.replace('_', ' ')}" for row in rows]
        if refused > len(rows):
            lines.append(f"  … and {refused - len(rows):,} more; the error file of the import names them all.")
        lines += ["", "Correct these rows and import the file again: rows that are known already do not change."]
    else:
        lines += ["", "There is nothing left to do."]
    return "\n".join(lines)


def _record_status(session: Session, notification: Notification) -> None:
    """The import shows how far its message has come; of other messages nobody else asks."""
    if notification.kind != IMPORT_FINISHED:
        return
    status: NotificationStatus = notification.status  # type: ignore[assignment] # the column holds these words only
    record(
        session,
        ImportMessageStatusChanged(
            organisation_id=notification.organisation_id,
            import_id=notification.about,
            notification_id=notification.id,
            channel=notification.channel,
            status=status,
        ),
    )


def begin_attempt(session: Session, message_id: UUID, now: datetime) -> tuple[Notification, Attempt] | None:
    """Record an attempt before it is made. None when it is not due (any more), or nothing may be sent."""
    notification = session.scalar(
        select(Notification)
        .where(Notification.id == message_id, Notification.next_attempt_at <= now, queries.flows())
        .with_for_update(skip_locked=True)
    )
    if notification is None or sending_blocked(session):
        return None
    attempt = notification.begin_attempt(now)
    session.add(attempt)
    session.flush()
    _record_status(session, notification)
    return notification, attempt


def end_attempt(session: Session, attempt_id: UUID, outcome: str, now: datetime) -> None:
    """Record what came of an attempt, and plan the next one where it failed."""
    still_open = select(Attempt).where(Attempt.id == attempt_id, Attempt.outcome.is_(None))
    attempt = session.scalar(still_open.with_for_update())
    if attempt is None:
        return
    attempt.outcome, attempt.finished_at = outcome, now
    notification = session.scalars(select(Notification).where(Notification.id == attempt.notification_id)).one()
    if outcome == "delivered":
        notification.delivered()
    else:
        notification.failed(now)
    session.flush()
    _record_status(session, notification)
