"""Services delivered, to count: never to whom. A person who is served is a keyed token, dropped on erasure."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.domain.base import Base


class ServedFact(Base):
    """One delivery, at its place in intake's log. What it adds to the rollups is computed from this row alone."""

    __tablename__ = "served_fact"
    __table_args__ = (Index("ix_served_fact_organisation_id", "organisation_id", "delivered_on"),)

    partition: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID]
    case_id: Mapped[UUID]
    service_id: Mapped[UUID | None] = mapped_column(index=True)
    """What a correction names it by. None: nobody can correct it."""
    organisation_id: Mapped[UUID]
    category: Mapped[str] = mapped_column(Text)
    delivered_on: Mapped[date]
    """A local day, where it was delivered."""
    place: Mapped[str | None] = mapped_column(Text)
    modality: Mapped[str | None] = mapped_column(Text)
    quantity: Mapped[int] = mapped_column(BigInteger)
    people: Mapped[int] = mapped_column(BigInteger)
    unlinked: Mapped[int] = mapped_column(BigInteger)
    """Of those people: how many are not known as persons of the case."""
    cells: Mapped[str] = mapped_column(Text)
    """JSON: a list of [sex, age band, disability, nationality, legal status, people, of them unlinked]."""
    shares: Mapped[str] = mapped_column(Text)
    """Which grants paid for it: see `shares.written`."""
    corrected_position: Mapped[int | None] = mapped_column(BigInteger)
    corrected_event_id: Mapped[UUID | None]
    """Of the newest correction."""


class ServedPerson(Base):
    """One person of a case at one delivery, by token."""

    __tablename__ = "served_person"
    __table_args__ = (Index("ix_served_person_organisation_id", "organisation_id", "category", "delivered_on"),)

    partition: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[UUID | None] = mapped_column(index=True)
    """128 bits of HMAC-SHA256 of the person's id, under a key of reporting's own. None: the person was erased, and is
    counted once per delivery from then on."""
    case_id: Mapped[UUID]
    organisation_id: Mapped[UUID]
    category: Mapped[str] = mapped_column(Text)
    delivered_on: Mapped[date]
    sex: Mapped[str] = mapped_column(Text)
    age_band: Mapped[str] = mapped_column(Text)
    disability: Mapped[str] = mapped_column(Text)
    nationality: Mapped[str | None] = mapped_column(Text)
    legal_status: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    modality: Mapped[str | None] = mapped_column(Text)
    shares: Mapped[str] = mapped_column(Text)


class TokenKey(Base):
    """The one key of person tokens, encrypted under a data key that the master key wraps: rotation keeps the tokens."""

    __tablename__ = "token_key"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(Text)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
