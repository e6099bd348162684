"""What referrals and transfers have in common: looked at before it is offered, offered, and told to either side."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.intake import commands
from services.intake.casework.referrals import AskReferral
from services.intake.casework.transfers import AskTransfer
from services.intake.commands import referrals as acts
from services.intake.commands.choosing import chosen_service
from services.intake.commands.once import done_once
from services.intake.domain import Case, Referral
from services.intake.queries import referrals as found
from services.intake.schemas.referrals import LeftOut, PreviewOut, ReferralOut
from shared.access import Actor
from shared.database import utc_now
from shared.web import expected_version


def previewed(session: Session, actor: Actor, case: Case, asked: AskReferral | AskTransfer) -> PreviewOut:
    """Exactly what the receiver would be shown; that its people were seen is recorded. Nothing is sent."""
    agreement, share, fields = acts.what_would_be_shared(session, actor, case, asked)
    chosen = chosen_service(session, actor, asked) if isinstance(asked, AskReferral) else None
    commands.note_view(session, actor, "referral", case.id, share.people)
    return PreviewOut(
        agreement_id=agreement.id,
        fields=fields,
        shared=share.view,
        shown_until=share.until,
        left_out=[
            LeftOut(person_id=one, ground=decision.ground, sentence=decision.sentence)
            for one, decision in share.left_out
        ],
        doubts=chosen.doubts(utc_now()) if chosen is not None else (),
    )


def offered(
    session: Session,
    actor: Actor,
    case: Case,
    asked: AskReferral | AskTransfer,
    body: Any,
    *,
    if_match: str | None,
    idempotency_key: str | None,
) -> dict[str, Any]:
    """Offer a locked case, or tell again what came of it: `body` is what was posted, which a repetition must repeat."""

    def offer() -> dict[str, Any]:
        expected = expected_version(if_match)
        row = acts.offer_referral(session, actor, case, asked, expected=expected)
        return told_to(row, actor).model_dump(mode="json")

    kind = "transfer" if isinstance(asked, AskTransfer) else "referral"
    return done_once(session, actor, idempotency_key, [f"offer {kind}", case.id, body], offer)


def told_to(row: Referral, actor: Actor) -> ReferralOut:
    """A referral or transfer as the actor's side may know it."""
    told = ReferralOut.model_validate(row)
    if found.side_of(row, actor) == "sender" or row.is_handed_over:
        return told
    return told.model_copy(update={"case_id": None})
