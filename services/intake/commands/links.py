"""Links by which a provider without an account reads one referral and answers it: expiring, revocable, each opening
recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.intake.casework.referrals import LINK_FIELDS, OPEN
from services.intake.commands.views import note_view
from services.intake.credentials import digest_of, fresh_secret
from services.intake.domain import LinkOpening, Referral, ReferralLink
from services.intake.queries import referrals as found
from shared.access import Actor, Role, act_as
from shared.database import utc_now, uuid7
from shared.errors import Conflict, NotAllowed, NotFound


@dataclass(frozen=True)
class Bearer:
    """Who holds a link: the provider, in this one referral."""

    actor: Actor
    link: ReferralLink


def make_link(session: Session, actor: Actor, referral_id: UUID, *, days: int) -> tuple[ReferralLink, str]:
    """A new link, and its secret, which is shown this once; an earlier link ends. Raises `Conflict`."""
    row = _own(session, actor, referral_id)
    if row.state not in OPEN:
        raise Conflict("This referral is over: nothing is shared under it any more.")
    if row.kind != "referral":
        raise Conflict("Only an organisation with an account can take a case over: a link shows referrals alone.")
    if not LINK_FIELDS.issuperset(row.fields):
        raise Conflict(
            "A link shows no more than {fields}: offer it anew with these alone.", fields=", ".join(sorted(LINK_FIELDS))
        )
    _revoke(session, row)
    secret, now = fresh_secret(), utc_now()
    link = ReferralLink(
        id=uuid7(),
        referral_id=row.id,
        organisation_id=row.organisation_id,
        receiver_id=row.receiver_id,
        case_id=row.case_id,
        digest=digest_of(secret),
        made_at=now,
        made_by=actor.user_id,
        ends_at=now + timedelta(days=days),
    )
    session.add(link)
    session.flush()
    return link, secret


def revoke_links(session: Session, actor: Actor, referral_id: UUID) -> None:
    """Take back whatever link there is."""
    _revoke(session, _own(session, actor, referral_id))


def bearer_of(session: Session, secret: str) -> Bearer:
    """Who holds this link. From here on the transaction is confined to the provider. Raises `NotFound` for one that
    ended, was taken back, or never was."""
    link = session.scalar(
        select(ReferralLink).where(
            ReferralLink.digest == digest_of(secret),
            ReferralLink.revoked_at.is_(None),
            ReferralLink.ends_at > utc_now(),
        )
    )
    if link is None:
        raise NotFound("This link has ended, or was taken back: ask whoever sent it for a new one.")
    actor = Actor(link.receiver_id, roles=frozenset({Role.CASE_MANAGER}))
    act_as(session, actor)
    return Bearer(actor, link)


def note_opening(session: Session, bearer: Bearer, referral: Referral) -> None:
    """Record that what the link shows was opened: for the sender, and in the trail of reads."""
    link = bearer.link
    session.add(
        LinkOpening(
            id=uuid7(),
            link_id=link.id,
            organisation_id=link.organisation_id,
            receiver_id=link.receiver_id,
            case_id=link.case_id,
            at=utc_now(),
        )
    )
    session.flush()
    note_view(session, bearer.actor, "link", referral.case_id, [UUID(one) for one in referral.people])


def _own(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    row = found.referral(session, actor, referral_id, lock=True)
    if found.side_of(row, actor) != "sender":
        raise NotAllowed("This is done by the other organisation.")
    return row


def _revoke(session: Session, row: Referral) -> None:
    standing = (ReferralLink.referral_id == row.id, ReferralLink.revoked_at.is_(None))
    session.execute(update(ReferralLink).where(*standing).values(revoked_at=utc_now()))
