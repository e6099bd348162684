"""Photos and documents that were chosen for a referral, as each of its sides may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.casework.referrals import SHOWN_TO_RECEIVER
from services.intake.domain import Attachment, Referral, SharedAttachment
from services.intake.queries.attachments import Opened
from services.intake.queries.referrals import hidden_for, key_of, side_of
from shared.access import Actor
from shared.errors import NotFound
from shared.vault import DataKey

SHARED = "shared_attachment.wrapped"


def shared_ids(session: Session, referral: Referral) -> Sequence[UUID]:
    """What is shared under a referral by now."""
    standing = (SharedAttachment.referral_id == referral.id, SharedAttachment.wrapped.is_not(None))
    return session.scalars(select(SharedAttachment.attachment_id).where(*standing)).all()


def shown_to(session: Session, attachment: Attachment) -> Sequence[UUID]:
    """The organisations that are shown an attachment of an own case."""
    return session.scalars(
        select(SharedAttachment.receiver_id)
        .join(Referral, Referral.id == SharedAttachment.referral_id)
        .where(
            SharedAttachment.attachment_id == attachment.id,
            SharedAttachment.wrapped.is_not(None),
            Referral.state.in_(sorted(SHOWN_TO_RECEIVER)),
        )
    ).all()


def opened_by(
    session: Session, actor: Actor, referral: Referral, attachment_id: UUID, on: date
) -> tuple[SharedAttachment, Opened]:
    """What is needed to read one under a referral that was read through `referral`. The caller records the view.

    Raises `NotFound`, also where the receiver is shown nothing on that day.
    """
    row = session.get(SharedAttachment, (referral.id, attachment_id))
    key = key_of(session, referral)
    hidden = side_of(referral, actor) == "receiver" and hidden_for(session, referral, on) is not None
    if row is None or row.wrapped is None or key is None or hidden:
        raise NotFound("There is no such photo or document in this referral.")
    opens = DataKey(row.attachment_id, key.decrypt(row.wrapped, SHARED))
    return row, Opened(row.attachment_id, row.media_type, row.depot_name, opens)
