"""Photos and documents are added to a case and removed from it; what is no longer needed is taken out of the depot.

The bytes are put into the depot before the transaction that adds them, by `services.intake.receiving`.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework.attachments import AskAttachment
from services.intake.casework.referrals import SHOWN_TO_RECEIVER
from services.intake.commands.changes import RECORDED, open_for_change, write_change
from services.intake.domain import ArrivingBytes, Attachment, Case, Referral, SharedAttachment
from services.intake.queries.attachments import TITLE, WRAPPED, attachment, content_secret
from services.intake.queries.shared_attachments import SHARED
from services.intake.settings import ARRIVES_WITHIN
from shared.access import Act, Actor, require
from shared.database import utc_now
from shared.depot import depot_of
from shared.errors import Conflict, NotFound
from shared.messaging.log import SCRUB, ledger_of
from shared.vault import DataKey, vault_of
from shared.wakes import wake

COLLECTED = 50
"""Of what lies in the depot for nobody, in one transaction."""


@dataclass(frozen=True)
class Kept:
    """Bytes that lie in the depot, cleaned and encrypted, and belong to no case yet."""

    id: UUID
    kind: str
    media_type: str
    size: int
    came: bytes
    """As they came in."""
    depot_name: str
    secret: bytes
    """Of the key that they are encrypted under."""


def check_attachable(session: Session, actor: Actor, case_id: UUID, asked: AskAttachment) -> None:
    """Raises what `add_attachment` would raise for the case and the person: asked before the file is looked at."""
    require(actor, Act.CHANGE_CASES)
    _check(session, queries.case(session, actor, case_id), asked.person_id)


def note_arriving(session: Session, actor: Actor, depot_name: str) -> None:
    """Bytes are about to be put into the depot under this name."""
    session.add(ArrivingBytes(depot_name=depot_name, organisation_id=actor.organisation_id, noted_at=utc_now()))
    session.flush()


def add_attachment(
    session: Session, actor: Actor, case_id: UUID, asked: AskAttachment, kept: Kept, *, expected: int | None = None
) -> Attachment:
    """Add what was kept to a case. Raises as `open_for_change`, `NotFound` for somebody who is not of the case, and
    `Conflict` for an erased person, and for the same file twice."""
    case = open_for_change(session, actor, case_id, expected)
    _check(session, case, asked.person_id)
    _settle_arrival(session, kept)
    digest = _digest(session, case, kept.came)
    same = select(Attachment.id).where(Attachment.case_id == case.id, Attachment.digest == digest)
    if session.scalar(same) is not None:
        raise Conflict("This file is in the case already.")
    key = _owners_key(session, case, asked.person_id)
    row = Attachment(
        id=kept.id,
        organisation_id=case.organisation_id,
        case_id=case.id,
        person_id=asked.person_id,
        kind=kept.kind,
        media_type=kept.media_type,
        size=kept.size,
        digest=digest,
        title=key.encrypt(asked.title.encode(), TITLE),
        depot_name=kept.depot_name,
        wrapped=key.encrypt(kept.secret, WRAPPED),
        added_at=utc_now(),
        added_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    write_change(session, actor, case, "add_attachment", announced=RECORDED, recorded=_recorded(row))
    return row


def remove_attachment(
    session: Session, actor: Actor, case_id: UUID, attachment_id: UUID, *, expected: int | None = None
) -> Case:
    """Remove one: its key is destroyed now, its bytes a moment later, or when a referral under which it was shared is
    no longer shown. Raises as `open_for_change`, and `NotFound`."""
    case = open_for_change(session, actor, case_id, expected)
    row = attachment(session, case, attachment_id)
    row.removed_at, row.removed_by = utc_now(), actor.user_id
    row.wrapped = row.title = row.digest = None
    wake(session, SCRUB)
    return write_change(session, actor, case, "remove_attachment", announced=RECORDED, recorded=_recorded(row))


def erase_attachments(session: Session, people: Sequence[UUID], case_ids: Sequence[UUID]) -> None:
    """Destroy the keys of what shows these people, of what tells of these cases as a whole, and of what was shared of
    these cases: somebody of theirs is erased."""
    theirs = or_(Attachment.person_id.in_(people), Attachment.case_id.in_(case_ids) & Attachment.person_id.is_(None))
    session.execute(update(Attachment).where(theirs).values(wrapped=None, title=None, digest=None))
    shared = or_(SharedAttachment.case_id.in_(case_ids), SharedAttachment.person_id.in_(people))
    session.execute(update(SharedAttachment).where(shared).values(wrapped=None))


def pass_attachments(session: Session, case_ids: Collection[UUID], copies: Mapping[UUID, UUID]) -> None:
    """What shows somebody of these cases, of whom another holder has a record of its own, is that record's from here
    on: under its key, and no longer under the one that stays."""
    keys = vault_of(session).open(session, [*copies, *copies.values()])
    rows = select(Attachment).where(Attachment.case_id.in_(case_ids), Attachment.person_id.in_(copies))
    for row in session.scalars(rows.with_for_update()):
        assert row.person_id is not None
        old, new = keys.get(row.person_id), keys.get(copies[row.person_id])
        for name, place in (("title", TITLE), ("wrapped", WRAPPED)):
            sealed = getattr(row, name)
            if sealed is not None:
                assert old is not None
                assert new is not None
                setattr(row, name, new.encrypt(old.decrypt(sealed, place), place))
        row.person_id = copies[row.person_id]
    session.flush()


def attachments_in(view: Mapping[str, Any]) -> list[UUID]:
    """The ids of the photos and documents in what is shared."""
    return [UUID(one["id"]) for one in view.get("attachments", ())]


def share_attachments(session: Session, referral: Referral, key: DataKey, ids: Collection[UUID]) -> None:
    """Give the receiver the keys of these, under the referral's key: the bytes stay as they are, and where they are."""
    if not ids:
        return
    for row in session.scalars(select(Attachment).where(Attachment.id.in_(list(ids)))):
        assert row.person_id is not None
        assert row.depot_name is not None
        session.add(
            SharedAttachment(
                referral_id=referral.id,
                attachment_id=row.id,
                organisation_id=referral.organisation_id,
                receiver_id=referral.receiver_id,
                case_id=referral.case_id,
                person_id=row.person_id,
                media_type=row.media_type,
                depot_name=row.depot_name,
                wrapped=key.encrypt(content_secret(session, row), SHARED),
            )
        )
    session.flush()


def share_no_more_than(session: Session, referral: Referral, ids: Collection[UUID]) -> None:
    """Take back whatever is shared under a referral beside these."""
    beside = (SharedAttachment.referral_id == referral.id, SharedAttachment.attachment_id.not_in(list(ids)))
    session.execute(update(SharedAttachment).where(*beside).values(wrapped=None))


def collect_bytes(session: Session) -> int:
    """Take out of the depot what nobody can open any more, and what a crash left there. A chore; returns how many."""
    return collect_bytes_at(session, utc_now())


def collect_bytes_at(session: Session, now: datetime) -> int:
    """The same, as of that moment."""
    depot = depot_of(session)
    left = session.scalars(
        select(ArrivingBytes)
        .where(ArrivingBytes.noted_at < now - ARRIVES_WITHIN)
        .limit(COLLECTED)
        .with_for_update(skip_locked=True)
    ).all()
    for arriving in left:
        depot.remove(arriving.depot_name)
        session.delete(arriving)
    gone = session.scalars(
        select(Attachment)
        .where(Attachment.depot_name.is_not(None), Attachment.wrapped.is_(None), ~_still_shown())
        .limit(COLLECTED)
        .with_for_update(skip_locked=True)
    ).all()
    for row in gone:
        assert row.depot_name is not None
        depot.remove(row.depot_name)
        row.depot_name = None
        session.execute(update(SharedAttachment).where(SharedAttachment.attachment_id == row.id).values(wrapped=None))
    session.flush()
    return len(left) + len(gone)


def _still_shown() -> ColumnElement[bool]:
    return exists().where(
        SharedAttachment.attachment_id == Attachment.id,
        SharedAttachment.wrapped.is_not(None),
        Referral.id == SharedAttachment.referral_id,
        Referral.state.in_(sorted(SHOWN_TO_RECEIVER)),
    )


def _check(session: Session, case: Case, person_id: UUID | None) -> None:
    if case.merged_into is not None:
        raise Conflict("This case was merged into another, which is worked on instead.")
    if person_id is None:
        return
    known = {one.person.id: one.person for one in queries.people(session, case)}
    if person_id not in known:
        raise NotFound("There is no such person in this case.")
    if known[person_id].erased_at is not None:
        raise Conflict("This person was erased: nothing can be recorded any more.")


def _owners_key(session: Session, case: Case, person_id: UUID | None) -> DataKey:
    if person_id is None:
        return vault_of(session).open_or_renew(session, case.id, case.organisation_id)
    return vault_of(session).open(session, [person_id])[person_id]


def _settle_arrival(session: Session, kept: Kept) -> None:
    """From here on a row needs the bytes. Who took longer than is waited for finds them collected."""
    statement = delete(ArrivingBytes).where(ArrivingBytes.depot_name == kept.depot_name)
    if session.scalar(statement.returning(ArrivingBytes.depot_name)) is None:
        raise Conflict("This took too long: send the file again.")


def _digest(session: Session, case: Case, came: bytes) -> bytes:
    """The same file in two cases has two digests: nobody learns from them that it is the same."""
    key = ledger_of(session).keys.all_derived("attachment digests")[-1]
    return hmac.digest(key, case.id.bytes + came, "sha256")


def _recorded(row: Attachment) -> dict[str, str]:
    about = {} if row.person_id is None else {"person": str(row.person_id)}
    return {"attachment": str(row.id), "kind": row.kind, **about}
