"""How families are told and what they answer: contacts, messages, replies, tasks, complaints.

No address stands here: it is sealed to notify, which alone keeps it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import Base
from shared.database import utc_now

NOT_DONE = text("done_at IS NULL")
"""The condition of an index over what waits for somebody."""


class FamilyContact(Base):
    """A way in which somebody of a case wishes to be reached."""

    __tablename__ = "family_contact"
    __table_args__ = (Index("ix_family_contact_case_id", "case_id"), Index("ix_family_contact_person_id", "person_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int]
    """1 when registered, and one more with each change, also one that the family made: the ETag."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A `ContactKept` as JSON, encrypted under the person's key as `family_contact.sealed`; None once withdrawn or
    erased."""
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    """Since then the family wants no messages by it."""
    chosen_at: Mapped[datetime | None]
    """Since then its language and quiet hours are those that the family chose itself, on its page: no change of ours
    touches them."""


class FamilyMessage(Base):
    """How far a message to a family has come; never which. A projection of notify's facts."""

    __tablename__ = "family_message"
    __table_args__ = (Index("ix_family_message_case_id", "case_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Notify's id of it."""
    organisation_id: Mapped[UUID]
    case_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it is held, was not sent or was given up: one of `casework.telling.MESSAGE_REASONS`."""
    changed_at: Mapped[datetime]


class ToBeDone:
    """What waits for a case worker until it is done."""

    due_by: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]

    @property
    def overdue(self) -> bool:
        """True when its time has passed and nobody has done it."""
        return self.done_at is None and self.due_by < utc_now()


class FamilyReply(ToBeDone, Base):
    """What a family wrote. It waits for somebody until that is done."""

    __tablename__ = "family_reply"
    __table_args__ = (
        Index("ix_family_reply_case_id", "case_id"),
        Index("ix_family_reply_waiting", "organisation_id", "due_by", postgresql_where=NOT_DONE, sqlite_where=NOT_DONE),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    person_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(Text)
    intent: Mapped[str] = mapped_column(Text)
    """What the family says it wants: reply, safe, not_missing, share_with_nobody, change_contact."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The text, encrypted under the case's key as `family_reply.sealed`. Gone when anybody of the case is erased: it
    may name anyone in it."""
    received_at: Mapped[datetime]


class Attention(ToBeDone, Base):
    """A case worker must do something so that a family is told."""

    __tablename__ = "attention"
    __table_args__ = (
        Index("ix_attention_case_id", "case_id"),
        Index("ix_attention_waiting", "organisation_id", "due_by", postgresql_where=NOT_DONE, sqlite_where=NOT_DONE),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    person_id: Mapped[UUID | None]
    """Of whom the released news is, where that is what is to be told."""
    reason: Mapped[str] = mapped_column(Text)
    """One of `casework.telling.ATTENTION`."""
    asked_at: Mapped[datetime]


class Complaint(Base):
    """Somebody complained, or said what was good. Never read by whom it may be about (`queries.complaints`)."""

    __tablename__ = "complaint"
    __table_args__ = (Index("ix_complaint_organisation_id", "organisation_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    about: Mapped[str] = mapped_column(Text)
    """staff, messages, service, other."""
    case_id: Mapped[UUID | None]
    not_for: Mapped[str] = mapped_column(Text)
    """Who had worked on its case when it came, and does not read it: ids of users, separated by spaces."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The text, encrypted under a key of its own as `complaint.sealed`; None once somebody of its case was erased."""
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]
