"""A sought person of one case and a found one of another may be the same person: proposed, released, confirmed; or
not. And what was done about it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import Base

_DUE = text("due_at IS NOT NULL")
_TOLD = text("released_at IS NOT NULL")
_STANDS = text("state IN ('proposed', 'released', 'information_asked', 'confirmed')")


class Match(Base):
    """One pair of people. Until `released_at` is set it is the holder's alone: row-level security says so too."""

    __tablename__ = "match"
    __table_args__ = (
        UniqueConstraint("sought_person_id", "found_person_id", "round"),
        Index(
            "uq_match_standing",
            "sought_person_id",
            "found_person_id",
            unique=True,
            postgresql_where=_STANDS,
            sqlite_where=_STANDS,
        ),
        Index("ix_match_found_organisation_id", "found_organisation_id", "id"),
        Index(
            "ix_match_sought_organisation_id",
            "sought_organisation_id",
            "id",
            postgresql_where=_TOLD,
            sqlite_where=_TOLD,
        ),
        Index("ix_match_found_case_id", "found_case_id"),
        Index("ix_match_sought_case_id", "sought_case_id"),
        Index("ix_match_found_person_id", "found_person_id"),
        Index("ix_match_due_at", "due_at", postgresql_where=_DUE, sqlite_where=_DUE),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    """See `domain.reference`: both sides say it on the phone."""
    sought_person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    sought_case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    sought_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """The enquirer's organisation, whose the tracing request was when the pair was proposed."""
    found_person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    found_case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    found_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """The holder of the found person's record then."""
    round: Mapped[int]
    """1, and one more each time the pair is proposed again after it was rejected or withdrawn."""
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    """1 when proposed, one more with each step: the ETag, and the number of the newest step."""
    score: Mapped[float]
    probability: Mapped[float]
    band: Mapped[str] = mapped_column(Text)
    weights_version: Mapped[int]
    """The matcher's, by which it was scored."""
    child: Mapped[bool]
    """One of the two may be under 18: child protection officers decide."""
    restricted: Mapped[bool]
    """One of the two cases is: on both sides, only managers, officers and whose case it is see the match."""
    proposed_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    """When somebody should have decided."""
    reminded: Mapped[bool] = mapped_column(server_default=false())
    """Nobody has: the managers of the side that decides see it."""
    released_at: Mapped[datetime | None]
    """Since then the enquirer's organisation knows of it."""
    released_by: Mapped[UUID | None]
    """A user of the holder."""
    agrees_to: Mapped[str | None] = mapped_column(Text)
    """What the found person agreed to, by its newest answer (`casework.found_person.AGREEING`); None for the dead."""
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None]
    """A user of the enquirer's organisation, and another person than who released it."""
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it was rejected or withdrawn."""
    reason_side: Mapped[str | None] = mapped_column(Text)
    """Whose reason it is, holder or enquirer: why it was withdrawn is told to that side alone."""
    key_id: Mapped[str] = mapped_column(Text)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The key of everything encrypted here and in the steps, wrapped by the master key `key_id`. Gone with an erasure
    of either person."""
    terms: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What each field says, as codes and bits, encrypted as `match.terms`: how two people are alike is about both."""
    compared: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A digest of the facts that were compared, encrypted as `match.compared`: it tells whether they have changed."""


class MatchStep(Base):
    """One act on a match, with what was written. Outside its organisation, staff are known by their organisation."""

    __tablename__ = "match_step"

    match_id: Mapped[UUID] = mapped_column(ForeignKey("match.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The version of the match that it made."""
    sought_organisation_id: Mapped[UUID]
    found_organisation_id: Mapped[UUID]
    told: Mapped[bool]
    """Shown to the enquirer's side too: from the release on."""
    at: Mapped[datetime]
    side: Mapped[str | None] = mapped_column(Text)
    """holder or enquirer; None: the hub."""
    user_id: Mapped[UUID | None]
    what: Mapped[str] = mapped_column(Text)
    """One of `casework.matching.STEP_WORDS`."""
    reason: Mapped[str | None] = mapped_column(Text)
    said: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What was written, as JSON, encrypted under the match's key as `match_step.said`."""
