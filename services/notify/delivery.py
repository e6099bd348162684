"""Delivery: record the attempt, call the channel, record the outcome; and settle what a crash broke off."""

from __future__ import annotations

import logging
import time
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.notify import commands, queries
from services.notify.domain import Notification
from services.notify.senders import FileSender
from services.notify.settings import ATTEMPT_LIMIT, OUTCOME_PATIENCE, OUTCOME_PAUSE
from shared.database import reading, transaction, utc_now
from shared.logging import describe_error

log = logging.getLogger(__name__)


def deliver_due(engine: Engine, sender: FileSender) -> int:
    """Deliver everything that is due. Returns how many attempts were made."""
    made = 0
    while True:
        with reading(engine) as session:
            due = queries.due(session, utc_now())
        tried = [deliver(engine, sender, notification_id) for notification_id in due]
        made += sum(tried)
        if not any(tried):
            return made


def deliver(engine: Engine, sender: FileSender, notification_id: UUID) -> bool:
    """One attempt at one notification; false when it is not due."""
    with transaction(engine) as session:
        begun = commands.begin_attempt(session, notification_id, utc_now())
        if begun is None:
            return False
        notification, attempt = begun
        recipient = _recipient(session, notification)
    try:
        sender.send(recipient, notification.id, notification.text)
        outcome = "delivered"
    except OSError as error:
        log.warning("channel failed", extra={"notification": notification.id, "error": describe_error(error)})
        outcome = "temporary-failure"
    _record_outcome(engine, attempt.id, outcome)
    return True


def _record_outcome(engine: Engine, attempt_id: UUID, outcome: str) -> None:
    """Nobody else knows the outcome: a database that is away for a moment is waited for."""
    until = time.monotonic() + OUTCOME_PATIENCE
    while True:
        try:
            with transaction(engine) as session:
                commands.end_attempt(session, attempt_id, outcome, utc_now())
        except OperationalError as error:
            if time.monotonic() > until:
                raise
            log.warning("outcome waits", extra={"error": describe_error(error)})
            time.sleep(OUTCOME_PAUSE)
        else:
            return


def settle_broken_off(engine: Engine, sender: FileSender, *, at_start: bool = False) -> int:
    """Look up what became of attempts that a crash broke off; a file that is not there is written again.

    `at_start` of the only process that delivers, every open attempt is broken off. Returns how many were settled.
    """
    limit = utc_now() if at_start else utc_now() - ATTEMPT_LIMIT
    with transaction(engine) as session:
        attempts = queries.broken_off(session, limit)
        for attempt in attempts:
            notification = session.scalars(select(Notification).where(Notification.id == attempt.notification_id)).one()
            there = sender.was_delivered(_recipient(session, notification), notification.id)
            commands.end_attempt(session, attempt.id, "delivered" if there else "outcome-unknown", utc_now())
    return len(attempts)


def _recipient(session: Session, notification: Notification) -> str:
    return queries.organisation(session, notification.organisation_id).short_name
