"""What is written of a referral or transfer, whoever acts on it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.intake.domain import Referral, ReferralStep
from services.intake.queries import referrals as found
from shared.access import Actor
from shared.errors import Conflict


def write_step(
    session: Session, row: Referral, what: str, now: datetime, *, said: str | None = None, **by: Any
) -> None:
    """Keep one step that was just taken, `by` whom as `next_step` takes it.

    `said` is kept under the key of the referral: raises `Conflict` where that key is gone.
    """
    key = found.key_of(session, row) if said is not None else None
    if said is not None and key is None:
        raise Conflict("A person of this case was erased: nothing more is said under this referral.")
    step = next_step(row, what, now, **by)
    if key is not None and said is not None:
        step.said = key.encrypt(said.encode(), "referral_step.said")
    session.add(step)


def next_step(
    row: Referral,
    what: str,
    now: datetime,
    *,
    side: str | None = None,
    actor: Actor | None = None,
    reason: str | None = None,
) -> ReferralStep:
    """The row of one step, which makes the referral's next version. No side: the hub took it, when time had run out."""
    row.version += 1
    return ReferralStep(
        **of_row(row),
        number=row.version,
        at=now,
        side=side,
        user_id=actor.user_id if actor is not None else None,
        what=what,
        reason=reason,
    )


def of_row(row: Referral) -> dict[str, Any]:
    """What every row of a referral names: the referral, its two sides, and the case."""
    return {
        "referral_id": row.id,
        "organisation_id": row.organisation_id,
        "receiver_id": row.receiver_id,
        "case_id": row.case_id,
    }


def document(view: dict[str, Any]) -> bytes:
    """The bytes of what is shared, as they are sealed."""
    return json.dumps(view, ensure_ascii=False).encode()
