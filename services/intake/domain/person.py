"""Persons of cases, what relates them, and the blind index that finds them by name."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, SmallInteger, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import MERGED, Base


class Person(Base):
    """A person as one organisation knows it. What the organisation was told stands in `sealed`."""

    __tablename__ = "person"
    __table_args__ = (
        Index("ix_person_organisation_id", "organisation_id", "id"),
        Index("ix_person_merged_into", "merged_into", postgresql_where=MERGED, sqlite_where=MERGED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A `PersonIn` as JSON, encrypted under the person's key as `person.sealed`; None once erased."""
    sex: Mapped[str] = mapped_column(Text)
    age_band: Mapped[str] = mapped_column(Text)
    """On the day of recording."""
    nationality: Mapped[str | None] = mapped_column(Text)
    minor: Mapped[bool]
    """True where the person may be under 18: outside the holder it is shown by initials."""
    share_with_nobody: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime]
    merged_into: Mapped[UUID | None]
    erased_at: Mapped[datetime | None]


class CasePerson(Base):
    """A person's part in a case."""

    __tablename__ = "case_person"
    __table_args__ = (Index("ix_case_person_person_id", "person_id"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    organisation_id: Mapped[UUID]
    role: Mapped[str] = mapped_column(Text)
    """One of the roles that the case's type declares."""
    number: Mapped[int] = mapped_column(SmallInteger)
    """Its place in the list of the case's people, from 1."""
    left_at: Mapped[datetime | None]
    """Taken off the case. The row stays: an erasure must still find every case that knew the person."""


class PersonRelation(Base):
    """`person_id` is the `kind` of `other_id`: family and household."""

    __tablename__ = "person_relation"
    __table_args__ = (Index("ix_person_relation_other_id", "other_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    organisation_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)


class NameKey(Base):
    """The blind index: keyed digests of normalised name keys (`services.intake.naming`). A stolen table holds no
    readable name. The order of its key is the order of its look-ups. A score of rows a person: no foreign key checks
    each of them, for no person's row is ever deleted."""

    __tablename__ = "name_key"
    __table_args__ = (Index("ix_name_key_person_id", "person_id"),)

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
