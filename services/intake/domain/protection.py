"""Data protection: legal bases, objections, erasures and their confirmations, holds, requests of data subjects."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import Base
from shared.database import utc_now


class LegalBasis(Base):
    """Why a person's data may be used for a purpose, and by whom (ICRC, *Handbook on Data Protection in Humanitarian
    Action*, 2nd ed., chapter 3). The person's own no, a withdrawal or an objection, is a row too. Rows are only added:
    `shared.legal.decide` reads them in their order."""

    __tablename__ = "legal_basis"
    __table_args__ = (Index("ix_legal_basis_person_id", "person_id", "purpose"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[str] = mapped_column(Text)
    """tracing, sharing, notification, reporting, assistance."""
    basis: Mapped[str] = mapped_column(Text)
    """consent, vital_interest, public_interest, legitimate_interest; or withdrawal, objection."""
    recipient_id: Mapped[UUID | None]
    """The organisation that may receive; None: this organisation alone, or of a withdrawal or objection: everyone."""
    assessed_by: Mapped[UUID | None]
    """None: an organisation's system."""
    recorded_at: Mapped[datetime]
    expires_on: Mapped[date | None]
    """The last day on which it counts."""


class Erasure(Base):
    """The erasure of a person: proposed by one, approved by another, confirmed by every service, case by case."""

    __tablename__ = "erasure"
    __table_args__ = (
        Index(
            "uq_erasure_person_id",
            "person_id",
            unique=True,
            postgresql_where=text("declined_at IS NULL"),
            sqlite_where=text("declined_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text)
    """subject_request, retention, entered_in_error."""
    proposed_by: Mapped[UUID | None]
    """None: retention found it due, and nobody has taken the proposal on."""
    proposed_at: Mapped[datetime]
    approved_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    """When the person was erased here."""
    declined_by: Mapped[UUID | None]
    declined_at: Mapped[datetime | None]

    @property
    def state(self) -> str:
        """proposed, erased, declined."""
        return "erased" if self.approved_at else "declined" if self.declined_at else "proposed"


class ErasureConfirmed(Base):
    """A service has erased a person of a case. A projection of the services' facts."""

    __tablename__ = "erasure_confirmed"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(Text, primary_key=True)
    confirmed_at: Mapped[datetime]


class LegalHold(Base):
    """While it lasts, this person's data is kept whatever retention or a request says."""

    __tablename__ = "legal_hold"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text)
    """A code: court_order, investigation, complaint, claim."""
    placed_by: Mapped[UUID | None]
    placed_at: Mapped[datetime]
    lifted_by: Mapped[UUID | None]
    lifted_at: Mapped[datetime | None]


class SubjectRequest(Base):
    """A person asks for a copy, a correction, or objects; it is answered by a day."""

    __tablename__ = "subject_request"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(Text)
    """copy, correct, object, erase."""
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Encrypted under the person's key as `subject_request.note`."""
    received_on: Mapped[date]
    due_on: Mapped[date]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    """done, partly, refused."""

    @property
    def overdue(self) -> bool:
        """True when the day has passed and nobody has answered."""
        return self.answered_at is None and self.due_on < utc_now().date()


class DuplicateWarning(Base):
    """Two cases of one organisation look like the same; a person decides."""

    __tablename__ = "duplicate_warning"
    __table_args__ = (Index("ix_duplicate_warning_organisation_id", "organisation_id", "case_id", "other_case_id"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), primary_key=True)
    other_case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), primary_key=True)
    organisation_id: Mapped[UUID]
    noticed_at: Mapped[datetime]
    decided: Mapped[str | None] = mapped_column(Text)
    """merged, different; None: nobody has looked."""
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
