"""What is written of a referral or transfer, whoever acts on it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from services.intake.domain import Referral, ReferralStep
from shared.access import Actor


def next_step(
    row: Referral,
    what: str,
    now: datetime,
    *,
    side: str | None = None,
    actor: Actor | None = None,
    reason: str | None = None,
    said: bytes | None = None,
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
        said=said,
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
