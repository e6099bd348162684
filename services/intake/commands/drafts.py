"""A case is written down over several pages: begun, changed, removed, or submitted once."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.intake.commands.cases import submit_case
from services.intake.domain import CaseDraft
from services.intake.queries import drafts
from services.intake.queries.drafts import PLACE
from services.intake.schemas import SubmittedCase
from services.intake.settings import DRAFTS_KEPT
from shared.access import Act, Actor, require
from shared.database import utc_now, uuid7
from shared.errors import Conflict, NotAllowed
from shared.rows import insert_rows
from shared.vault import data_key, destroy_keys, vault_of


def begin_draft(session: Session, actor: Actor, type_: str, answers: dict[str, Any]) -> CaseDraft:
    """Begin a case of that type. Only a person who signed in has drafts."""
    require(actor, Act.SUBMIT_CASES)
    if actor.user_id is None:
        raise NotAllowed("A draft belongs to a person who signed in: systems submit cases whole.")
    draft_id = uuid7()
    opened, rows = vault_of(session).fresh([draft_id], actor.organisation_id)
    insert_rows(session, data_key, rows)
    row = CaseDraft(
        id=draft_id,
        organisation_id=actor.organisation_id,
        user_id=actor.user_id,
        type=type_,
        sealed=opened[draft_id].encrypt(json.dumps(answers).encode(), PLACE),
        changed_at=utc_now(),
    )
    session.add(row)
    session.flush()
    return row


def write_draft(session: Session, actor: Actor, draft_id: UUID, answers: dict[str, Any]) -> None:
    """Replace the answers. Raises `Conflict` once it was submitted."""
    row = drafts.draft(session, actor, draft_id, lock=True).row
    if row.case_id is not None:
        raise Conflict("This was submitted already: change the case itself.")
    key = vault_of(session).open(session, [row.id])[row.id]
    row.sealed, row.changed_at = key.encrypt(json.dumps(answers).encode(), PLACE), utc_now()
    session.flush()


def remove_draft(session: Session, actor: Actor, draft_id: UUID) -> None:
    """Remove a draft and what it holds, for good."""
    row = drafts.draft(session, actor, draft_id, lock=True).row
    destroy_keys(session, [row.id])
    session.delete(row)
    session.flush()


def submit_draft(session: Session, actor: Actor, draft_id: UUID, submitted: SubmittedCase, request: object) -> UUID:
    """Make a case of a draft, once: a second click leads to the same case. The draft's answers are destroyed."""
    row = drafts.draft(session, actor, draft_id, lock=True).row
    if row.case_id is None:
        answer = submit_case(session, actor, submitted, idempotency_key=f"draft {row.id}", request=request)
        row.case_id, row.sealed = UUID(str(answer["id"])), None
        destroy_keys(session, [row.id])
        session.flush()
    return row.case_id


def forget_old_drafts(session: Session) -> int:
    """Remove what nobody has gone on with for a month, submitted or not. Returns how many there were."""
    old = select(CaseDraft.id).where(CaseDraft.changed_at < utc_now() - DRAFTS_KEPT)
    found = session.scalars(old).all()
    destroy_keys(session, found)
    session.execute(delete(CaseDraft).where(CaseDraft.id.in_(found)))
    return len(found)
