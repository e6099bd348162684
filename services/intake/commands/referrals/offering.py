"""Who offers a referral or transfer sees what would be shared, then sends exactly that, frozen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.referrals import TIMES, AskReferral
from services.intake.casework.transfers import WHOLE_FILE, AskTransfer
from services.intake.commands.attachments import attachments_in, share_attachments
from services.intake.commands.changes import RECORDED, check_changeable, write_change
from services.intake.commands.choosing import as_chosen, chosen_service
from services.intake.commands.referrals.facts import fact_of_step
from services.intake.commands.referrals.rows import document, next_step, of_row
from services.intake.commands.transfers import check_transferable
from services.intake.domain import Agreement, Case, Referral, SharedRecord
from services.intake.domain.reference import new_reference
from services.intake.queries import referrals as found
from services.intake.queries.agreements import covering
from shared.access import Act, Actor, require
from shared.database import utc_now, uuid7
from shared.errors import Conflict
from shared.vault import vault_of

Offer = tuple[Agreement, found.ToShare, list[str]]
Asked = AskReferral | AskTransfer


def what_would_be_shared(session: Session, actor: Actor, case: Case, asked: Asked) -> Offer:
    """(the agreement, exactly what the receiver would be shown, the fields that pass) of a case that was read through
    `queries.case`. Nothing is sent by this.

    Raises `NotAllowed`, `NotFound` for the receiver, and a `Conflict` that says why nothing may be shared.
    """
    require(actor, _act_of(asked))
    return _offer(session, actor, case, asked)


def check_open(case: Case) -> None:
    """Raises a `Conflict` that says why nothing of this case can be referred as it is now."""
    if case.merged_into is not None:
        raise Conflict("This case was merged into another, which is worked on instead.")
    if case.status in CASE_TYPES[case.type].life_cycle.closed:
        raise Conflict("The case is closed: open it again before you refer it.")


def offer_referral(
    session: Session, actor: Actor, case: Case, asked: Asked, *, expected: int | None = None
) -> Referral:
    """Offer a case that was read, and locked, through `queries.case`: what is shared is frozen now.

    Raises as `what_would_be_shared`, and `Stale`.
    """
    require(actor, _act_of(asked))
    check_changeable(actor, case, expected)
    agreement, share, fields = _offer(session, actor, case, asked)
    now, times = utc_now(), TIMES[asked.urgency]
    referral_id = uuid7()
    opened, (key,) = vault_of(session).fresh([referral_id], actor.organisation_id)
    row = Referral(
        id=referral_id,
        reference=new_reference(),
        case_id=case.id,
        organisation_id=actor.organisation_id,
        receiver_id=asked.receiver_id,
        agreement_id=agreement.id,
        **_what_is_asked(session, actor, asked, now),
        purpose=asked.purpose,
        country=asked.country,
        urgency=asked.urgency,
        fields=fields,
        people=[str(one) for one in share.people],
        restricted=case.restricted,
        state="offered",
        version=0,
        offered_at=now,
        offered_by=actor.user_id,
        due_at=now + times.acknowledge,
        reminded=False,
        shown_until=share.until,
        key_id=key["key_id"],
        wrapped=key["wrapped"],
    )
    step = next_step(row, "offer", now, side="sender", actor=actor)
    sealed = opened[referral_id].encrypt(document(share.view), "shared_record.sealed")
    shared = SharedRecord(**of_row(row), number=1, sent_at=now, sealed=sealed)
    until = {"acknowledge_by": now + times.acknowledge, "answer_by": now + times.answer}
    offered = fact_of_step(row, "offer", **_asked_for(row), **until, purpose=row.purpose, urgency=row.urgency)
    about = {row.kind: str(row.id), "receiver": str(row.receiver_id)}
    made = row, step, shared
    write_change(session, actor, case, f"offer_{row.kind}", offered, announced=RECORDED, recorded=about, made=made)
    share_attachments(session, row, opened[referral_id], attachments_in(share.view))
    return row


def _act_of(asked: Asked) -> Act:
    return Act.TRANSFER_CASES if isinstance(asked, AskTransfer) else Act.REFER_CASES


def _what_is_asked(session: Session, actor: Actor, asked: Asked, now: datetime) -> dict[str, Any]:
    if isinstance(asked, AskTransfer):
        return {"kind": "transfer", "service": WHOLE_FILE, "why": asked.why}
    chosen = as_chosen(chosen_service(session, actor, asked), now)
    return {"kind": "referral", "service": asked.service, **chosen}


def _asked_for(row: Referral) -> dict[str, Any]:
    if row.kind == "transfer":
        return {"why": row.why}
    return {"service": row.service, "service_entry_id": row.service_entry_id}


def _offer(session: Session, actor: Actor, case: Case, asked: Asked) -> Offer:
    check_open(case)
    today = utc_now().date()
    if asked.receiver_id == actor.organisation_id:
        raise Conflict("A referral goes to another organisation.")
    if isinstance(asked, AskReferral):
        chosen_service(session, actor, asked)
    queries.member(session, asked.receiver_id)
    agreements = covering(session, actor, asked.receiver_id, asked.purpose, asked.country, today)
    if not agreements:
        raise Conflict(
            "No data-sharing agreement with this organisation is in force for this purpose and country: have one "
            "signed first."
        )
    if isinstance(asked, AskTransfer):
        agreements = check_transferable(session, case, agreements)
    chosen = asked.attachments if isinstance(asked, AskReferral) else ()
    own, ticked = actor.organisation_id, [*asked.fields, *(["attachments"] if chosen else [])]
    wanted = set(ticked)
    agreement = max(agreements, key=lambda one: len(one.lets_through(own, case.type) & wanted))
    passing = agreement.lets_through(own, case.type)
    fields = [one for one in dict.fromkeys(ticked) if one in passing]
    if not fields:
        raise Conflict("The agreement lets nothing through of what you ticked: see what stands in it.")
    share = found.to_share(session, case, asked.receiver_id, fields, asked.note, today, chosen)
    if not share.people or (share.left_out and isinstance(asked, AskTransfer)):
        raise nobody_to_share(share)
    if "attachments" in fields and len(attachments_in(share.view)) < len(set(chosen)):
        raise Conflict("A photo or document that you chose cannot be shared: choose among those that are offered.")
    return agreement, share, fields


def nobody_to_share(share: found.ToShare) -> Conflict:
    """Why there is nobody whom the receiver would be shown: raised by whoever would share it."""
    if share.left_out:
        return Conflict(share.left_out[0][1].sentence)
    return Conflict("There is nobody in this case who may be shared with another organisation.")
