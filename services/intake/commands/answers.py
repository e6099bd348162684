"""Answers that are given once: `Idempotency-Key`."""

from __future__ import annotations

import hmac
import json
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.intake.domain import AcceptedRequest
from services.intake.settings import ANSWERS_KEPT
from shared.access import Actor
from shared.database import table_of, utc_now
from shared.errors import Conflict
from shared.messaging.log import Once, ledger_of

_requests = table_of(AcceptedRequest)


def answer_for(session: Session, actor: Actor, key: str, request: object, answer: dict[str, Any]) -> Once:
    """An answer under an `Idempotency-Key`: the row to reserve in the transaction that makes it true."""
    row = {
        "organisation_id": actor.organisation_id,
        "key": _kept_key(session, key),
        "request_digest": _digests(session, request)[0],
        "answer": json.dumps(answer, default=str),
        "accepted_at": utc_now(),
    }
    return Once(_requests, row)


def amend_answer(session: Session, actor: Actor, key: str, answer: dict[str, Any]) -> None:
    """Say more in the answer that this transaction has reserved."""
    kept = AcceptedRequest.key == _kept_key(session, key)
    own = (AcceptedRequest.organisation_id == actor.organisation_id) & kept
    session.execute(update(AcceptedRequest).where(own).values(answer=json.dumps(answer, default=str)))


def earlier_answer(session: Session, actor: Actor, key: str, request: object) -> dict[str, Any]:
    """The answer that an `Idempotency-Key` was taken for. Raises `Conflict` when it came with another request."""
    earlier = session.execute(
        select(AcceptedRequest.request_digest, AcceptedRequest.answer).where(
            AcceptedRequest.organisation_id == actor.organisation_id,
            AcceptedRequest.key == _kept_key(session, key),
        )
    ).one()
    if earlier.request_digest not in _digests(session, request):
        raise Conflict("This Idempotency-Key was used for another request: use a new key for a new request.")
    found: dict[str, Any] = json.loads(earlier.answer)
    return found


def is_known(session: Session, actor: Actor, key: str) -> bool:
    """True where an `Idempotency-Key` was taken before."""
    own = (AcceptedRequest.organisation_id == actor.organisation_id) & (AcceptedRequest.key == _kept_key(session, key))
    return session.scalar(select(AcceptedRequest.accepted_at).where(own)) is not None


def _kept_key(session: Session, key: str) -> str:
    """What is stored of an `Idempotency-Key`: somebody may make it of a name. Under the oldest master key that there
    is, so that a repeat is known again after a new one came in front of it."""
    return hmac.digest(ledger_of(session).keys.all_derived("idempotency keys")[-1], key.encode(), "sha256").hex()


def _digests(session: Session, request: object) -> list[bytes]:
    """The request's digest under each master key, the current first. Keyed: a stolen table lets nobody try guesses."""
    plain = json.dumps(request, sort_keys=True, default=str).encode()
    return [hmac.digest(key, plain, "sha256") for key in ledger_of(session).keys.all_derived("request digests")]


def forget_old_answers(session: Session) -> int:
    """Drop the answers kept for `Idempotency-Key` that are over thirty days old."""
    old = AcceptedRequest.accepted_at < utc_now() - ANSWERS_KEPT
    return len(session.execute(delete(AcceptedRequest).where(old).returning(AcceptedRequest.key)).all())
