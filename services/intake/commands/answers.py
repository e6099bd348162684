"""Answers that are given once: `Idempotency-Key`."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.intake.domain import AcceptedRequest
from services.intake.settings import ANSWERS_KEPT
from shared.access import Actor
from shared.database import table_of, upsert_once, utc_now
from shared.errors import Conflict

_requests = table_of(AcceptedRequest)
_reserve = upsert_once(_requests, lambda statement: statement.on_conflict_do_nothing().returning(_requests.c.key))


def answer_once(
    session: Session, actor: Actor, key: str, request: object, answer: dict[str, Any]
) -> dict[str, Any] | None:
    """Reserve an `Idempotency-Key` for an answer, in the transaction that makes it true.

    None when the key is new. The first answer when the same request came before: nothing may be done then. Raises
    `Conflict` when the key came with another request.
    """
    digest = hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).digest()
    row = {
        "organisation_id": actor.organisation_id,
        "key": key,
        "request_digest": digest,
        "answer": json.dumps(answer, default=str),
        "accepted_at": utc_now(),
    }
    if session.connection().execute(_reserve(session), row).one_or_none():
        return None
    earlier = session.execute(
        select(AcceptedRequest.request_digest, AcceptedRequest.answer).where(
            AcceptedRequest.organisation_id == actor.organisation_id, AcceptedRequest.key == key
        )
    ).one()
    if earlier.request_digest != digest:
        raise Conflict("This Idempotency-Key was used for another request: use a new key for a new request.")
    found: dict[str, Any] = json.loads(earlier.answer)
    return found


def forget_old_answers(session: Session) -> int:
    """Drop the answers kept for `Idempotency-Key` that are over thirty days old."""
    old = AcceptedRequest.accepted_at < utc_now() - ANSWERS_KEPT
    return len(session.execute(delete(AcceptedRequest).where(old).returning(AcceptedRequest.key)).all())
