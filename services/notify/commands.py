"""One function per business act of notify."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify import queries
from services.notify.domain import Attempt, Notification, RefusedRow
from services.notify.settings import JOBS
from shared.database import utc_now, uuid7
from shared.events import ImportFinished, ImportMessageStatusChanged
from shared.events.notify import NotificationStatus
from shared.messaging.alarms import sending_blocked
from shared.messaging.log import record
from shared.wakes import wake

IMPORT_FINISHED = "import_finished"


def tell_import_finished(session: Session, finished: ImportFinished) -> Notification:
    """Write one message to the organisation that submitted the file. Raises `NotYet` while it is unknown here."""
    recipient = queries.organisation(session, finished.organisation_id)
    rows, refused = queries.refused_rows(session, finished.import_id)
    notification = Notification(
        id=uuid7(),
        organisation_id=finished.organisation_id,
        kind=IMPORT_FINISHED,
        about=finished.import_id,
        channel="file",
        subject=f"Your file {finished.file_name} was imported",
        text=_import_text(recipient.name, finished, rows, refused),
        status="created",
        created_at=utc_now(),
        next_attempt_at=utc_now(),
        attempts=0,
    )
    session.add(notification)
    session.flush()
    _record_status(session, notification)
    wake(session, JOBS)
    return notification


def _import_text(name: str, finished: ImportFinished, rows: Sequence[RefusedRow], refused: int) -> str:
    counts = finished.counts
    lines = [
        f"To: {name}",
        f"Subject: Your file {finished.file_name} was imported",
        "",
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
    return "\n".join(lines) + "\n"


def _record_status(session: Session, notification: Notification) -> None:
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


def begin_attempt(session: Session, notification_id: UUID, now: datetime) -> tuple[Notification, Attempt] | None:
    """Record an attempt before it is made. None when it is not due (any more), or nothing may be sent."""
    notification = session.scalar(
        select(Notification)
        .where(Notification.id == notification_id, Notification.next_attempt_at <= now)
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
