"""A service is asked of another organisation, or that it takes a case over: offered, answered, completed; or it goes
back.

Inside one hub both sides are rows of one transaction (decision 19). The case stays with the sender all along, whatever
the receiver does or leaves undone; unless it accepts a transfer (`commands.transfers`).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.referrals import (
    SHOWN_TO_RECEIVER,
    TIMES,
    AskReferral,
    Question,
    Reply,
    Step,
    due_after,
)
from services.intake.casework.transfers import WHOLE_FILE, AskTransfer, step_named, steps_from
from services.intake.commands.attachments import attachments_in, share_attachments, share_no_more_than
from services.intake.commands.changes import RECORDED, check_changeable, write_change
from services.intake.commands.choosing import as_chosen, chosen_service
from services.intake.commands.referral_facts import fact_of_step
from services.intake.commands.transfers import check_transferable, open_for_step, take_over
from services.intake.domain import Agreement, Case, Referral, ReferralStep, SharedRecord
from services.intake.domain.reference import new_reference
from services.intake.queries import referrals as found
from services.intake.queries.agreements import covering
from services.intake.queries.shared_attachments import shared_ids
from shared.access import Act, Actor, require
from shared.database import utc_now, uuid7
from shared.errors import Conflict, NotAllowed, NotFound, Stale
from shared.events import Event
from shared.messaging.log import record
from shared.vault import vault_of

SWEPT = 200
"""Of what is due, in one transaction."""
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
    session.add(row)
    _write_step(session, row, "offer", now, side="sender", actor=actor)
    session.flush()  # it is pointed at by what follows
    sealed = opened[referral_id].encrypt(_document(share.view), "shared_record.sealed")
    session.add(SharedRecord(**_of(row), number=1, sent_at=now, sealed=sealed))
    share_attachments(session, row, opened[referral_id], attachments_in(share.view))
    until = {"acknowledge_by": now + times.acknowledge, "answer_by": now + times.answer}
    offered = fact_of_step(row, "offer", **_asked_for(row), **until, purpose=row.purpose, urgency=row.urgency)
    about = {row.kind: str(row.id), "receiver": str(row.receiver_id)}
    write_change(session, actor, case, f"offer_{row.kind}", offered, announced=RECORDED, recorded=about)
    return row


def take_step(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    name: str,
    *,
    reason: str | None = None,
    said: Question | Reply | None = None,
    expected: int | None = None,
) -> Referral:
    """One act of one side. Raises `NotFound`, `NotAllowed` for the other side's, `Stale`, or a `Conflict` that names
    what would be possible."""
    row = open_for_step(session, actor, referral_id, name)
    step, side = step_named(row.kind, name), found.side_of(row, actor)
    if step is None:
        raise NotFound("There is no such step.")
    if actor.roles.isdisjoint(step.roles):
        raise NotAllowed("Your role may not do this.")
    if step.side != side:
        raise NotAllowed("This is done by the other organisation.")
    if expected is not None and row.version != expected:
        raise Stale("The referral was changed since you read it: read it again, and decide anew.")
    _check_possible(row, step, reason)
    if step.form is not None and said is None:
        raise Conflict("Write what you ask or answer.")
    now = utc_now()
    if row.kind == "transfer" and step.name == "accept":
        take_over(session, actor, row, now)
    row.state, row.reason = step.target, reason
    if step.target == "accepted":
        row.taken_by = actor.user_id
    if step.name == "answer":
        row.due_at = now + TIMES[row.urgency].answer
    elif due_after(step.target, row.urgency, reminded=row.reminded) is None:
        row.due_at = None
    else:
        row.due_at = max(now, row.offered_at + TIMES[row.urgency].answer)
    text = said.text if said is not None else None
    _write_step(session, row, step.name, now, side=side, actor=actor, reason=reason, said=text)
    record(session, fact_of_step(row, step.name))
    return row


def what_would_be_updated(session: Session, actor: Actor, referral_id: UUID, note: str | None = None) -> found.ToShare:
    """Exactly what the receiver would be shown after `bring_up_to_date`, and raises as it does. Nothing is sent."""
    row = found.referral(session, actor, referral_id)
    _is_of_the_sender(row, actor)
    return _update(session, actor, row, note)


def bring_up_to_date(
    session: Session, actor: Actor, referral_id: UUID, *, note: str | None = None, expected: int | None = None
) -> Referral:
    """Send the receiver what is known by now, of the same fields, as long as the referral lives. Sender's."""
    row = found.referral(session, actor, referral_id, lock=True)
    _is_of_the_sender(row, actor)
    if expected is not None and row.version != expected:
        raise Stale("The referral was changed since you read it: read it again, and decide anew.")
    share = _update(session, actor, row, note)
    key, now = found.key_of(session, row), utc_now()
    if key is None:
        raise Conflict("A person of this case was erased: nothing more is said under this referral.")
    row.people, row.shown_until, row.withheld = [str(one) for one in share.people], share.until, None
    _write_step(session, row, "update", now, side="sender", actor=actor)
    sealed = key.encrypt(_document(share.view), "shared_record.sealed")
    session.add(SharedRecord(**_of(row), number=row.version, sent_at=now, sealed=sealed))
    share_no_more_than(session, row, attachments_in(share.view))
    session.flush()
    record(session, fact_of_step(row, "update"))
    return row


def sweep_referrals(session: Session) -> int:
    """Remind of what nobody has looked at, and give back what nobody answered. A chore; returns how many."""
    return sweep_referrals_at(session, utc_now())


def sweep_referrals_at(session: Session, now: datetime) -> int:
    """The same, as of that moment."""
    rows = session.scalars(
        select(Referral)
        .where(Referral.due_at <= now)
        .order_by(Referral.due_at, Referral.id)
        .limit(SWEPT)
        .with_for_update(skip_locked=True)
    ).all()
    facts: list[Event] = []
    for row in rows:
        if row.state == "offered" and not row.reminded:
            row.reminded, row.due_at = True, row.offered_at + TIMES[row.urgency].answer
            _write_step(session, row, "remind", now)
            facts.append(fact_of_step(row, "remind"))
        else:
            row.state, row.due_at = "expired", None
            _write_step(session, row, "expire", now)
            facts.append(fact_of_step(row, "expire"))
    record(session, *facts)
    return len(rows)


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
        raise _nobody(share)
    if "attachments" in fields and len(attachments_in(share.view)) < len(set(chosen)):
        raise Conflict("A photo or document that you chose cannot be shared: choose among those that are offered.")
    return agreement, share, fields


def _update(session: Session, actor: Actor, row: Referral, note: str | None) -> found.ToShare:
    if row.state not in SHOWN_TO_RECEIVER or row.state == "completed" or row.left_at is not None:
        raise Conflict("This referral is over: nothing is shared under it any more.")
    now = utc_now()
    agreement = session.get_one(Agreement, row.agreement_id)
    if agreement.state(now.date()) != "in_force":
        raise Conflict("The agreement is no longer in force: nothing is shared under it.")
    case = queries.case(session, actor, row.case_id)
    passing = agreement.lets_through(row.organisation_id, case.type)
    fields = [one for one in row.fields if one in passing]
    share = found.to_share(session, case, row.receiver_id, fields, note, now.date(), shared_ids(session, row))
    if not share.people:
        raise _nobody(share)
    return share


def _is_of_the_sender(row: Referral, actor: Actor) -> None:
    if found.side_of(row, actor) != "sender":
        raise NotAllowed("This is done by the other organisation.")


def _nobody(share: found.ToShare) -> Conflict:
    if share.left_out:
        return Conflict(share.left_out[0][1].sentence)
    return Conflict("There is nobody in this case who may be shared with another organisation.")


def _check_possible(row: Referral, step: Step, reason: str | None) -> None:
    if row.state not in step.sources:
        possible = ", ".join(one.name for one in steps_from(row.kind, row.state, step.side)) or "nothing"
        raise Conflict(
            "A referral that is {state} cannot be changed so: possible now: {possible}.",
            state=row.state,
            possible=possible,
        )
    if step.reasons and reason not in step.reasons:
        raise Conflict("Give one of these reasons: {reasons}.", reasons=", ".join(step.reasons))
    if not step.reasons and reason is not None:
        raise Conflict("This needs no reason.")


def _write_step(
    session: Session,
    row: Referral,
    what: str,
    now: datetime,
    *,
    side: str | None = None,
    actor: Actor | None = None,
    reason: str | None = None,
    said: str | None = None,
) -> None:
    row.version += 1
    key = found.key_of(session, row) if said is not None else None
    if said is not None and key is None:
        raise Conflict("A person of this case was erased: nothing more is said under this referral.")
    session.add(
        ReferralStep(
            **_of(row),
            number=row.version,
            at=now,
            side=side,
            user_id=actor.user_id if actor is not None else None,
            what=what,
            reason=reason,
            said=key.encrypt(said.encode(), "referral_step.said") if key is not None and said is not None else None,
        )
    )


def _of(row: Referral) -> dict[str, Any]:
    return {
        "referral_id": row.id,
        "organisation_id": row.organisation_id,
        "receiver_id": row.receiver_id,
        "case_id": row.case_id,
    }


def _document(view: dict[str, Any]) -> bytes:
    return json.dumps(view, ensure_ascii=False).encode()
