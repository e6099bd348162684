"""Agreements between two organisations, and the referrals that pass under them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.casework.own_answers import own_codes
from services.intake.casework.referrals import FIELDS
from services.intake.domain.base import JSON_DOCUMENT, Base

_DUE = text("due_at IS NOT NULL")
_UNFINISHED = text("looked_again_to IS NOT NULL")
_LEFT = text("case_reference IS NOT NULL")


class Agreement(Base):
    """What two organisations may share with each other: proposed and so signed by one, signed by the other."""

    __tablename__ = "agreement"
    __table_args__ = (
        Index("ix_agreement_organisation_id", "organisation_id", "receiver_id"),
        Index("ix_agreement_receiver_id", "receiver_id", "organisation_id"),
        Index(
            *("ix_agreement_looked_again_to", "signed_at"),
            postgresql_where=_UNFINISHED,
            sqlite_where=_UNFINISHED,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """Who proposed it."""
    receiver_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """Whom it was proposed to. It counts in both directions, unless the other side signed on paper."""
    purposes: Mapped[list[str]] = mapped_column(JSON_DOCUMENT)
    fields: Mapped[list[str]] = mapped_column(JSON_DOCUMENT)
    countries: Mapped[list[str]] = mapped_column(JSON_DOCUMENT)
    """ISO 3166-1 alpha-3; empty: anywhere."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """The last day on which it counts."""
    proposed_by: Mapped[UUID]
    """A user of who proposed it."""
    proposed_at: Mapped[datetime]
    signed_by: Mapped[UUID | None]
    """A user of the other side."""
    signed_at: Mapped[datetime | None]
    paper: Mapped[str | None] = mapped_column(Text)
    """The paper that a provider without an account signed, by its reference: it counts in one direction alone."""
    declined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]
    """The organisation that ended it."""
    own_titles: Mapped[dict[str, Any] | None] = mapped_column(JSON_DOCUMENT)
    """Code → what the own fields that it names were called when it was proposed: the partner cannot look them up."""
    looked_again_to: Mapped[int | None] = mapped_column(BigInteger)
    """Since its signature whoever the two look for is compared anew, up to this `MatchRecord.number`; None: everybody
    was, or nobody is to be."""

    def state(self, on: date) -> str:
        """proposed, declined, in_force, not_yet, over."""
        if self.declined_at is not None:
            return "declined"
        if self.ended_at is not None or (self.valid_to is not None and self.valid_to < on):
            return "over"
        if self.signed_at is None:
            return "proposed"
        return "in_force" if self.valid_from <= on else "not_yet"

    def lets_through(self, sender_id: UUID, case_type: str) -> frozenset[str]:
        """What may pass from that side of a case of that type: own fields are those of who proposed it."""
        own = own_codes(self.fields, case_type) if sender_id == self.organisation_id else frozenset()
        return frozenset(one for one in self.fields if one in FIELDS) | own

    def partner_of(self, organisation_id: UUID) -> UUID:
        """The other side."""
        return self.receiver_id if organisation_id == self.organisation_id else self.organisation_id


class Referral(Base):
    """Another organisation is asked for a service for the people of a case, which stays with who asked; or, as a
    transfer, to take the case over."""

    __tablename__ = "referral"
    __table_args__ = (
        Index("ix_referral_organisation_id", "organisation_id", "id"),
        Index("ix_referral_receiver_id", "receiver_id", "id"),
        Index("ix_referral_case_id", "case_id"),
        Index("ix_referral_case_reference", "case_reference", postgresql_where=_LEFT, sqlite_where=_LEFT),
        Index("ix_referral_due_at", "due_at", postgresql_where=_DUE, sqlite_where=_DUE),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    """See `domain.reference`: both sides say it on the phone."""
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """The sender, which holds the case."""
    receiver_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"))
    kind: Mapped[str] = mapped_column(Text, server_default="referral")
    """referral or transfer (`casework.transfers`)."""
    purpose: Mapped[str] = mapped_column(Text)
    service: Mapped[str] = mapped_column(Text)
    """The category of service that is asked for; of a transfer: `whole_file`."""
    why: Mapped[str | None] = mapped_column(Text)
    """Why the case is handed over: of a transfer alone."""
    country: Mapped[str | None] = mapped_column(Text)
    """Where the person is to be helped, ISO 3166-1 alpha-3."""
    urgency: Mapped[str] = mapped_column(Text)
    fields: Mapped[list[str]] = mapped_column(JSON_DOCUMENT)
    """What is shared, no more than the agreement lets through."""
    people: Mapped[list[str]] = mapped_column(JSON_DOCUMENT)
    """The ids of those who are shown as more than initials: their word is asked each time."""
    restricted: Mapped[bool]
    """As its case: at the receiver too, only managers, officers and who accepted it see it."""
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    """1 when offered, one more with each step: the ETag, and the number of the newest step."""
    offered_at: Mapped[datetime]
    offered_by: Mapped[UUID | None]
    """A user of the sender."""
    taken_by: Mapped[UUID | None]
    """A user of the receiver, who accepted it."""
    due_at: Mapped[datetime | None]
    """When the silence ends: somebody is reminded, or it goes back."""
    reminded: Mapped[bool] = mapped_column(server_default=false())
    """The acknowledgement is overdue: the managers of both sides see it."""
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it ended."""
    service_entry_id: Mapped[UUID | None]
    """The entry of the service directory that was chosen; entries are never deleted. None: none was."""
    chosen: Mapped[dict[str, Any] | None] = mapped_column(JSON_DOCUMENT)
    """What that entry said when it was chosen (`casework.service_directory.ChosenService`)."""
    withheld: Mapped[str | None] = mapped_column(Text)
    """Why what was shared is not shown for the time being (`shared.legal.Ground`), as the sender's records say."""
    shown_until: Mapped[date | None]
    """The last day of the legal basis that it rests on."""
    key_id: Mapped[str] = mapped_column(Text)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The key of everything encrypted below, wrapped by the master key `key_id`. Gone with an erasure."""
    left_at: Mapped[datetime | None]
    """When the case went to another organisation, by this or by another transfer: the sender holds it no more."""
    case_reference: Mapped[str | None] = mapped_column(Text)
    """What the case is called, for a sender that has handed it over and is asked for it: set when the case goes."""

    @property
    def is_handed_over(self) -> bool:
        """True of a transfer by which the case has gone to the receiver."""
        return self.case_reference is not None


class ReferralLink(Base):
    """A link by which a provider without an account reads one referral and answers it, for some days."""

    __tablename__ = "referral_link"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    organisation_id: Mapped[UUID]
    receiver_id: Mapped[UUID]
    case_id: Mapped[UUID]
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    """Of the link's secret, which is shown once."""
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class LinkOpening(Base):
    """Somebody opened what a link shows."""

    __tablename__ = "link_opening"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    link_id: Mapped[UUID] = mapped_column(ForeignKey("referral_link.id"), index=True)
    organisation_id: Mapped[UUID]
    receiver_id: Mapped[UUID]
    case_id: Mapped[UUID]
    at: Mapped[datetime]


class SharedRecord(Base):
    """What the receiver is shown, frozen when it was sent. The newest counts."""

    __tablename__ = "shared_record"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organisation_id: Mapped[UUID]
    receiver_id: Mapped[UUID]
    case_id: Mapped[UUID]
    sent_at: Mapped[datetime]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The view as JSON, encrypted under the referral's key as `shared_record.sealed`. None once erased."""


class ReferralStep(Base):
    """One act on a referral, with what was said. Outside its organisation, staff are known by their organisation."""

    __tablename__ = "referral_step"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organisation_id: Mapped[UUID]
    receiver_id: Mapped[UUID]
    case_id: Mapped[UUID]
    at: Mapped[datetime]
    side: Mapped[str | None] = mapped_column(Text)
    """sender or receiver; None: the hub, when time had run out."""
    user_id: Mapped[UUID | None]
    what: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    said: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A question or an answer, encrypted under the referral's key as `referral_step.said`."""
