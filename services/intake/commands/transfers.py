"""A case is handed to another organisation, which is responsible for it from the moment at which it accepts.

Offering and answering are those of referrals (`commands.referrals`); this is what is different. Inside one hub the file
goes over in the transaction of the acceptance (decision 22): no moment leaves the case without a responsible
organisation, or with two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake import histories, queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.transfers import WHOLE_FILE
from services.intake.commands.case_file import hand_over
from services.intake.commands.changes import RECORDED, write_change
from services.intake.commands.duplicates import warn_of_duplicates
from services.intake.domain import Agreement, Case, Referral
from services.intake.naming import name_digests, whole_name_digests
from services.intake.queries import referrals as found
from services.intake.queries.duplicates import NewCase, NewPerson, principals
from services.intake.queries.holders import index_keys_of
from services.intake.queries.locking import one_at_a_time
from services.intake.queries.transfers import case_file, check_may_go
from shared.access import Actor, between_organisations
from shared.errors import Conflict


def check_transferable(session: Session, case: Case, agreements: Sequence[Agreement]) -> list[Agreement]:
    """The agreements under which the case may be handed over. Raises a `Conflict` that says what stands in the way."""
    allowing = [one for one in agreements if WHOLE_FILE in one.fields and one.paper is None]
    if not allowing:
        raise Conflict(
            "No agreement with this organisation allows transfers: have one signed that lets the whole case through."
        )
    if histories.has_found(session, case):
        raise Conflict(
            "Somebody of this case was found in another case of your organisation: conclude it here, or undo the link."
        )
    check_may_go(session, case_file(session, case.id), None)
    return allowing


def open_for_step(session: Session, actor: Actor, referral_id: UUID, name: str) -> Referral:
    """A referral or transfer, locked for a step. Where the step takes a case over, what goes with it is locked first:
    cases come before referrals. Raises `NotFound`."""
    row = found.referral(session, actor, referral_id)
    if row.kind == "transfer" and name == "accept" and row.receiver_id == actor.organisation_id:
        sides, case_id = sorted((row.organisation_id, row.receiver_id)), row.case_id
        with between_organisations(session, actor):
            for one in sides:
                one_at_a_time(session, one)
            case_file(session, case_id, lock=True)
    return found.referral(session, actor, referral_id, lock=True)


def take_over(session: Session, actor: Actor, row: Referral, now: datetime) -> None:
    """The file goes to the receiver, whose acceptance this is. Called after `open_for_step`.

    Raises `Conflict` where what was offered may not be shown to the receiver now, or something stands in the way at the
    sender's: it does not say what, for that is the sender's.
    """
    may_be_shown = found.hidden_for(session, row, now.date()) is None and _allows(session, row)
    transfer_id, case_id, sender_id = row.id, row.case_id, row.organisation_id
    goes = False
    with between_organisations(session, actor):
        goes = may_be_shown and _may_go(session, case_id, sender_id, transfer_id)
        if goes:
            _remember_reference(session, transfer_id, case_id)
            hand_over(session, case_file(session, case_id), transfer_id, actor.organisation_id, now)
            for one in session.scalars(select(Case).where(Case.id == case_id)):
                one.assigned_to = actor.user_id
    if not goes:
        raise Conflict(
            "The case cannot go over as it is now: ask the organisation that offers it what is to be settled first."
        )
    case = queries.case(session, actor, case_id, lock=True)
    told = {"transfer": str(transfer_id), "from": str(sender_id)}
    write_change(session, actor, case, "take_over", announced=RECORDED, recorded=told)
    _warn(session, actor, case, now)


def _allows(session: Session, row: Referral) -> bool:
    return WHOLE_FILE in session.get_one(Agreement, row.agreement_id).fields


def _may_go(session: Session, case_id: UUID, sender_id: UUID, transfer_id: UUID) -> bool:
    """Judged with the sender's eyes, in the receiver's transaction."""
    case = session.get_one(Case, case_id)
    if case.organisation_id != sender_id or case.merged_into is not None:
        return False
    if case.status in CASE_TYPES[case.type].life_cycle.closed or histories.has_found(session, case):
        return False
    try:
        check_may_go(session, case_file(session, case_id), transfer_id)
    except Conflict:
        return False
    return True


def _remember_reference(session: Session, transfer_id: UUID, case_id: UUID) -> None:
    transfer = session.get_one(Referral, transfer_id)
    transfer.case_reference = session.get_one(Case, case_id).reference
    session.flush()


def _warn(session: Session, actor: Actor, case: Case, now: datetime) -> None:
    """The receiver may know these people already: its own duplicates are looked for, as for a case that comes in."""
    about, keys = principals(case.type), index_keys_of(session)
    people = [
        NewPerson(one.person.id, one.known, [whole_name_digests(name_digests(key, one.known.names)) for key in keys])
        for one in queries.people(session, case)
        if one.known is not None and one.role in about
    ]
    warn_of_duplicates(session, actor, [NewCase(case.id, case.type, people)], now)
