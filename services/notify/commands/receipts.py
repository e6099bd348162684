"""Receipts of providers: in whatever order, however often, also before their attempt is known by the name they use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from services.notify.commands.outcomes import WHOLE, Word, hear
from services.notify.domain import Attempt, EarlyReceipt
from services.notify.domain.statuses import Result
from services.notify.senders import Receipt as Said
from shared.database import table_of, upsert

STRAGGLERS = 500
"""Receipts that a sweep takes in at once."""


def take_receipts(session: Session, receipts: Sequence[Said], now: datetime) -> int:
    """Take in receipts, in whatever order, however often. Those whose attempt is not known (yet) are kept for it.
    Returns how many found their attempt."""
    attempts = _named(session, receipts)
    words: list[Word] = []
    for one in receipts:
        attempt_id = attempts.get(one.reference) or attempts.get((one.provider, one.provider_id))
        if attempt_id is not None:
            part = one.part if one.parts > 1 else WHOLE
            words.append(Word(attempt_id, part, one.parts, one.result, one.code))
        elif one.provider_id is not None:
            _keep_early(session, one, now)
    hear(session, words, now)
    return len(words)


def take_stragglers(session: Session, now: datetime) -> int:
    """Take in receipts whose attempt got its name in the same moment in which they came. Returns how many."""
    named = (Attempt.provider == EarlyReceipt.provider) & (Attempt.provider_id == EarlyReceipt.provider_id)
    found = session.scalars(select(EarlyReceipt).join(Attempt, named).limit(STRAGGLERS)).all()
    said = [Said(one.provider, one.provider_id, None, _result(one), one.code, one.part, one.parts) for one in found]
    for one in found:
        session.delete(one)
    session.flush()
    return take_receipts(session, said, now) if said else 0


def _result(kept: EarlyReceipt) -> Result:
    result: Result = kept.result  # type: ignore[assignment] # the column holds these words only
    return result


def _named(session: Session, receipts: Sequence[Said]) -> dict[Any, UUID]:
    references = {one.reference for one in receipts if one.reference is not None}
    by_reference = session.scalars(_REFERRED, {"ids": list(references)}).all() if references else ()
    found: dict[Any, UUID] = {one: one for one in by_reference}
    ids = {one.provider_id for one in receipts if one.provider_id is not None and one.reference not in found}
    if ids:
        named = select(Attempt.provider, Attempt.provider_id, Attempt.id).where(Attempt.provider_id.in_(ids))
        found |= {(provider, provider_id): one for provider, provider_id, one in session.execute(named)}
    return found


def _keep_early(session: Session, said: Said, now: datetime) -> None:
    row: dict[str, Any] = {
        "provider": said.provider,
        "provider_id": said.provider_id,
        "part": said.part,
        "parts": said.parts,
    }
    row |= {"result": said.result, "code": said.code, "came_at": now}
    session.execute(upsert(session, table_of(EarlyReceipt)).values(**row).on_conflict_do_nothing())


_REFERRED = select(Attempt.id).where(Attempt.id.in_(bindparam("ids", expanding=True)))
