"""Delivery: record the attempt, call the channel, record the outcome; and settle what a crash broke off."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.notify import commands, queries
from services.notify.domain import Attempt, Notification
from services.notify.recording import record
from services.notify.senders import FileSender
from services.notify.settings import AT_ONCE, ATTEMPT_LIMIT
from shared.database import reading, transaction, utc_now
from shared.logging import describe_error

log = logging.getLogger(__name__)


def deliver_due(engine: Engine, sender: FileSender) -> int:
    """Deliver everything that is due. Returns how many attempts were made."""
    made = 0
    while True:
        with reading(engine) as session:
            due = queries.due(session, utc_now(), AT_ONCE)
        tried = _deliver(engine, sender, due) if due else 0
        made += tried
        if not tried:
            return made


def _deliver(engine: Engine, sender: FileSender, message_ids: Sequence[UUID]) -> int:
    """One attempt at each of these that is still due. Returns how many were made."""
    with transaction(engine) as session:
        tried = commands.begin_attempts(session, message_ids, utc_now())
        named = queries.organisations(session, {notification.organisation_id for notification, _ in tried})
        begun = [
            (attempt.id, named[notification.organisation_id].short_name, notification.id, notification.text)
            for notification, attempt in tried
        ]
    outcomes: dict[UUID, str] = {}
    try:
        for attempt_id, recipient, message_id, text in begun:
            outcomes[attempt_id] = _sent(sender, recipient, message_id, text)
    finally:
        if outcomes:
            record(engine, lambda session: commands.end_attempts(session, outcomes, utc_now()))
    return len(begun)


def _sent(sender: FileSender, recipient: str, message_id: UUID, text: str) -> str:
    """The outcome."""
    try:
        sender.send(recipient, message_id, text)
    except OSError as error:
        log.warning("channel failed", extra={"notification": message_id, "error": describe_error(error)})
        return "temporary-failure"
    return "delivered"


def settle_broken_off(engine: Engine, sender: FileSender, *, at_start: bool = False) -> int:
    """Look up what became of attempts that a crash broke off; a file that is not there is written again.

    `at_start` of the only process that delivers, every open attempt is broken off. Returns how many were settled.
    """
    limit = utc_now() if at_start else utc_now() - ATTEMPT_LIMIT
    with transaction(engine) as session:
        attempts = queries.broken_off(session, limit)
        outcomes = {attempt.id: _looked_up(session, sender, attempt) for attempt in attempts}
        commands.end_attempts(session, outcomes, utc_now())
    return len(outcomes)


def _looked_up(session: Session, sender: FileSender, attempt: Attempt) -> str:
    notification = session.get_one(Notification, attempt.notification_id)
    recipient = queries.organisation(session, notification.organisation_id)
    return "delivered" if sender.was_delivered(recipient.short_name, notification.id) else "outcome-unknown"
