"""Messages to organisations: what became of a file, what passes between them, and what report is due."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
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
from shared.events import ImportFinished, ImportMessageStatusChanged, Logged, ReportReminded
from shared.events.notify import NotificationStatus
from shared.messaging.alarms import sending_blocked
from shared.messaging.log import record
from shared.rows import insert_objects
from shared.wakes import wake

IMPORT_FINISHED = "import_finished"
REPORT_STATES = {
    "due": "nobody has begun it",
    "drafted": "its figures are filled in; it is to be written, signed and submitted",
    "submitted": "somebody else than who submitted it is to approve it",
    "sent_back": "it was sent back, and is to be changed",
    "approved": "it is approved, and is to be published",
}


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
    notification = _notification(logged, recipient, message)
    session.add(notification)
    session.flush()
    _record_status(session, notification)
    wake(session, JOBS)


def tell_report_due(session: Session, logged: Logged[ReportReminded]) -> None:
    """Write to the organisation that a report to a donor waits for it. Raises `NotYet` while it is unknown here."""
    due = logged.event
    recipient = queries.organisation(session, due.organisation_id)
    subject = f"A report on grant {due.grant} is due on {due.due_on.isoformat()}"
    text = (
        f"Period: {due.date_from.isoformat()} to {due.date_to.isoformat()}\n"
        f"How far it is: {REPORT_STATES[due.state]}.\n\n"
        "Sign in, and open Reports to go on."
    )
    session.add(_notification(logged, recipient, Message(due.TYPE, due.report_id, subject, text)))
    session.flush()
    wake(session, JOBS)


def tell_both_sides(session: Session, passed: Sequence[Logged[Any]]) -> None:
    """Write to the organisations between which something passes what happened, and what is asked of them.

    Raises `NotYet` while one of them is unknown here.
    """
    known = queries.organisations(session, {one for logged in passed for one in _sides(logged.event).values()})
    told = [one for logged in passed for one in _to_both_sides(known, logged)]
    if told:
        insert_objects(session, *told)
        wake(session, JOBS)


def _sides(fact: Any) -> dict[Side, UUID]:
    return {"sender": fact.organisation_id, "receiver": fact.receiver_id}


def _to_both_sides(known: Mapping[UUID, OrganisationName], logged: Logged[Any]) -> Iterator[Notification]:
    kind, fact = type(logged.event), logged.event
    sides = {side: known[one] for side, one in _sides(fact).items()}
    names = {side: one.name for side, one in sides.items()}
    family, _ = family_and_step(kind)
    for side, words in sides_told(kind).items():
        subject, text = filled(words, kind, fact, names)
        about = getattr(fact, f"{family}_id")
        yield _notification(logged, sides[side], Message(f"{kind.TYPE}.{side}", about, subject, text))


@dataclass(frozen=True)
class Message:
    """What is written to an organisation."""

    kind: str
    about: UUID
    subject: str
    text: str


def _notification(logged: Logged[Any], recipient: OrganisationName, message: Message) -> Notification:
    return Notification(
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
        urgency=1,
        count=1,
        address_number=0,
        tries_there=0,
        maybe_twice=False,
    )


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


def begin_attempts(
    session: Session, message_ids: Collection[UUID], now: datetime
) -> Sequence[tuple[Notification, Attempt]]:
    """Record attempts before they are made. Left out is what is not due (any more), or must not be sent now."""
    if sending_blocked(session):
        return ()
    due = (Notification.id.in_(message_ids), Notification.next_attempt_at <= now, queries.flows())
    found = session.scalars(select(Notification).where(*due).with_for_update(skip_locked=True)).all()
    begun = [(notification, notification.begin_attempt(now)) for notification in found]
    session.add_all(attempt for _, attempt in begun)
    session.flush()
    for notification, _ in begun:
        _record_status(session, notification)
    return begun


def end_attempts(session: Session, outcomes: Mapping[UUID, str], now: datetime) -> None:
    """Record what came of attempts (id → outcome), and plan the next one of each that failed."""
    ended = session.execute(
        select(Attempt, Notification)
        .join(Notification, Notification.id == Attempt.notification_id)
        .where(Attempt.id.in_(outcomes), Attempt.outcome.is_(None))
        .order_by(Notification.id)
        .with_for_update()
    ).all()
    for attempt, notification in ended:
        attempt.outcome, attempt.finished_at = outcomes[attempt.id], now
        if attempt.outcome == "delivered":
            notification.delivered()
        else:
            notification.failed(now)
    session.flush()
    for _, notification in ended:
        _record_status(session, notification)
