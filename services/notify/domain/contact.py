"""How families are reached. What reaches them is encrypted under the person's key, and is never logged."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, SmallInteger, Text, and_, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.domain.base import Base
from services.notify.settings import UNVERIFIED_AFTER

_MERGED = text("told_with IS NOT NULL")
_MINUTES_A_DAY = 24 * 60


class FamilyContact(Base):
    """One way of reaching one person about one case, as the family last said. It is no projection: a rebuild has no
    person's key."""

    __tablename__ = "family_contact"
    __table_args__ = (
        Index("ix_family_contact_case_id", "case_id"),
        Index("ix_family_contact_person_id", "person_id"),
        Index("ix_family_contact_told_with", "told_with", postgresql_where=_MERGED, sqlite_where=_MERGED),
        Index("ix_family_contact_write_next_at", "write_next_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    told_with: Mapped[UUID | None]
    """The case that is worked on instead of its own, which was found to be a duplicate: what that one says is told."""
    person_id: Mapped[UUID]
    organisation_id: Mapped[UUID]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A `ContactDetails` as JSON, encrypted under the person's key as `family_contact.sealed`; None once erased."""
    channels: Mapped[str] = mapped_column(Text)
    """The kinds of its addresses in their order, separated by spaces."""
    language: Mapped[str] = mapped_column(Text)
    fallbacks: Mapped[str] = mapped_column(Text)
    """Separated by spaces, best first."""
    time_zone: Mapped[str] = mapped_column(Text)
    quiet_from: Mapped[int] = mapped_column(SmallInteger)
    quiet_to: Mapped[int] = mapped_column(SmallInteger)
    """Minutes of the day in `time_zone`; equal where no hour is quiet."""
    shared_phone: Mapped[bool]
    made_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    """When the address last proved to be the family's: given, written from, or its code used."""
    bounced_at: Mapped[datetime | None]
    """A permanent failure since: the number may be somebody else's by now."""
    opted_out_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    """The case was closed: the periodic message ends."""
    chosen_at: Mapped[datetime | None]
    """The family chose language and quiet hours by itself, on its page: what intake says later is passed over."""
    write_next_at: Mapped[datetime | None]
    """When the periodic message is due; None where there is none."""

    @classmethod
    def told_by(cls, case_ids: Collection[UUID]) -> ColumnElement[bool]:
        """Of those who are told what happens in one of these cases."""
        return or_(and_(cls.case_id.in_(case_ids), cls.told_with.is_(None)), cls.told_with.in_(case_ids))

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language that is understood, best first."""
        return (self.language, *self.fallbacks.split())

    @property
    def reachable(self) -> bool:
        """False once it was withdrawn, erased, or the family said stop."""
        return self.sealed is not None and self.withdrawn_at is None and self.opted_out_at is None

    def unverified(self, now: datetime) -> bool:
        """True after a permanent failure, or 90 days of silence: numbers are given to others (recycled)."""
        return self.bounced_at is not None or now - self.heard_at > UNVERIFIED_AFTER

    def heard(self, now: datetime) -> None:
        """The family proved that the address is its own."""
        self.heard_at, self.bounced_at = now, None

    def quiet_until(self, now: datetime) -> datetime | None:
        """When the quiet hours end in which `now` lies; None outside them. Wall-clock hours, also over a change of
        summer time."""
        local = now.astimezone(ZoneInfo(self.time_zone))
        minute = local.hour * 60 + local.minute
        length = (self.quiet_to - self.quiet_from) % _MINUTES_A_DAY
        if not length or (minute - self.quiet_from) % _MINUTES_A_DAY >= length:
            return None
        day = local.date() + timedelta(days=1 if minute >= self.quiet_to else 0)
        end = datetime(day.year, day.month, day.day, *divmod(self.quiet_to, 60), tzinfo=local.tzinfo)
        return end.astimezone(now.tzinfo)


class FamilyAddress(Base):
    """The blind index by which a message that arrives finds its contact: a keyed digest of the address."""

    __tablename__ = "family_address"
    __table_args__ = (Index("ix_family_address_digest", "digest"),)

    contact_id: Mapped[UUID] = mapped_column(ForeignKey("family_contact.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """Its place among the contact's addresses, from 0."""
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class FamilyCode(Base):
    """A code with which a family opens its page. Only its digest is kept."""

    __tablename__ = "family_code"
    __table_args__ = (
        Index("ix_family_code_contact_id", "contact_id"),
        Index("ix_family_code_expires_at", "expires_at"),
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("family_contact.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class MessageHeard(Base):
    """A message of a family that was taken in: a provider may bring it again."""

    __tablename__ = "message_heard"
    __table_args__ = (Index("ix_message_heard_heard_at", "heard_at"),)

    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    provider_id: Mapped[str] = mapped_column(Text, primary_key=True)
    heard_at: Mapped[datetime]
