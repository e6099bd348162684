"""Cases that the actor has begun to write down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain import CaseDraft
from services.intake.queries.locking import locked
from shared.access import Act, Actor, require, visible_to
from shared.errors import NotFound
from shared.vault import vault_of

PLACE = "case_draft.sealed"


@dataclass(frozen=True)
class OpenDraft:
    """A draft with its answers: `{"details": …, "people": …}`, and which questions were passed."""

    row: CaseDraft
    answers: dict[str, Any]


def drafts(session: Session, actor: Actor) -> Sequence[CaseDraft]:
    """What the actor has begun and not submitted, the newest first."""
    statement = (
        select(CaseDraft)
        .where(
            CaseDraft.user_id == actor.user_id,
            visible_to(actor, CaseDraft.organisation_id),
            CaseDraft.case_id.is_(None),
        )
        .order_by(CaseDraft.id.desc())
    )
    return session.scalars(statement).all()


def draft(session: Session, actor: Actor, draft_id: UUID, *, lock: bool = False) -> OpenDraft:
    """A draft of the actor's own; raises `NotFound`. Once it was submitted, it has no answers any more."""
    require(actor, Act.SUBMIT_CASES)
    statement = select(CaseDraft).where(
        CaseDraft.id == draft_id, CaseDraft.user_id == actor.user_id, visible_to(actor, CaseDraft.organisation_id)
    )
    row = session.scalar(locked(statement) if lock else statement)
    if row is None:
        raise NotFound("There is no such draft: it was submitted or removed.")
    if row.sealed is None:
        return OpenDraft(row, {})
    key = vault_of(session).open(session, [row.id])[row.id]
    return OpenDraft(row, json.loads(key.decrypt(row.sealed, PLACE)))
