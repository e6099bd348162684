"""The matcher's index: whom it compares, prepared once, and the keyed digests by which they find one another."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, LargeBinary, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import Base

_DUE = text("next_attempt_at IS NOT NULL")
_NUMBER = BigInteger().with_variant(Integer, "sqlite")


class MatchRecord(Base):
    """One person whom the matcher compares: the record of the work, and what came of it.

    A row is there for whoever was once the principal of a case that is matched, until an erasure. What is None beside
    `next_attempt_at` stands for a person who is not in the index: not yet, or not now.
    """

    __tablename__ = "match_record"
    __table_args__ = (
        Index("ix_match_record_next_attempt_at", "next_attempt_at", postgresql_where=_DUE, sqlite_where=_DUE),
        Index("ix_match_record_side", "side", "organisation_id", "number"),
        Index("ix_match_record_version", "version"),
    )

    number: Mapped[int] = mapped_column(_NUMBER, Identity(), primary_key=True)
    """What the matcher knows the person by: half as long as its id. The newest has the highest."""
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """Who holds the person's record."""
    next_attempt_at: Mapped[datetime | None]
    """From when on it is this record's turn: to be prepared anew, and compared with the other side. While a worker is
    at it, when the next one may try."""
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """Turns that were begun since it last became due; none while nobody is at it."""
    case_id: Mapped[UUID | None]
    """The case that is worked on, in which the person is compared."""
    side: Mapped[str | None] = mapped_column(Text)
    """`sought` or `found`."""
    version: Mapped[int | None]
    """The matcher's, that prepared it."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A `matching.Prepared`, encrypted under the person's key as `match_record.sealed`."""
    index_key: Mapped[str | None] = mapped_column(Text)
    """The id of the master key under which the digests are made."""
    digests: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The digests of its rows in `match_key`, eight bytes each: so those are found without an index of their own."""
    traits: Mapped[int | None]
    """`matching.traits_of`."""


class MatchKey(Base):
    """The blind index of blocking keys: keyed digests, each of a key and the side that it is on. A stolen table holds
    nothing readable. The order of its key is the order of its look-ups, the newest first; scores of rows a person."""

    __tablename__ = "match_key"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - as SQLAlchemy asks for it

    digest: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    holder: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """`MatchRecord.number`, and in the lowest 31 bits its traits: a look-up reads nothing but this index. No foreign
    key checks each row: whoever deletes a record deletes these first."""
