"""What was shared under referrals is judged anew when a person says yes or no, matches too; and what was shared is
destroyed with an erasure."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.intake.casework import CASE_TYPES
from services.intake.casework.referrals import SHOWN_TO_RECEIVER
from services.intake.commands.match_index import mark_due
from services.intake.commands.matches.retracting import review_matches
from services.intake.domain import Case, Referral, ReferralLink, ReferralStep, SharedRecord
from services.intake.queries.referrals import may_share
from shared.database import utc_now
from shared.legal import Ground


def review_sharing(session: Session, case_ids: Collection[UUID]) -> None:
    """Judge anew what is shared of these cases: after a yes or no of a person, a merge, a hold.

    In the transaction that records it, so that nothing is shown after it. A receiver's transaction cannot read the
    sender's legal bases: it reads what was judged here. To be called before `record`: who takes a step on a referral
    locks it, and then its case among the facts.
    """
    rows = session.scalars(
        select(Referral)
        .where(
            Referral.case_id.in_(case_ids),
            Referral.state.in_(sorted(SHOWN_TO_RECEIVER)),
            Referral.left_at.is_(None),
        )
        .order_by(Referral.id)
        .with_for_update()
    ).all()
    today = utc_now().date()
    for row in rows:
        case = session.get_one(Case, row.case_id)
        with_consent = CASE_TYPES[case.type].sharing == "with_consent"
        judged = [may_share(session, UUID(one), row.receiver_id, today, with_consent) for one in row.people]
        row.withheld = next((decision.ground for decision, _ in judged if not decision.allowed), None)
        row.shown_until = min((until for _, until in judged if until is not None), default=None)
    session.flush()
    review_matches(session, case_ids)
    mark_due(session, case_ids)


def erase_shared(session: Session, case_ids: Collection[UUID]) -> None:
    """Destroy what was shared of these cases, with its keys: a person of theirs is erased."""
    session.execute(update(SharedRecord).where(SharedRecord.case_id.in_(case_ids)).values(sealed=None))
    session.execute(update(ReferralStep).where(ReferralStep.case_id.in_(case_ids)).values(said=None))
    session.execute(
        update(ReferralLink)
        .where(ReferralLink.case_id.in_(case_ids), ReferralLink.revoked_at.is_(None))
        .values(revoked_at=utc_now())
    )
    gone = {"wrapped": None, "withheld": Ground.ERASED.value}
    session.execute(update(Referral).where(Referral.case_id.in_(case_ids)).values(gone))
