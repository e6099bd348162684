"""The service directory: what people are referred to. Public in the hub, and never about a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.domain.base import JSON_DOCUMENT, Base
from shared.access import Actor, Role
from shared.errors import Conflict

FRESH_FOR = timedelta(days=30)
"""After a confirmation; then it waits for the next one."""
STALE_AFTER = timedelta(days=90)
Freshness = Literal["fresh", "due", "stale"]


class ServiceEntry(Base):
    """One service of the directory. Its columns from `category` to `how_to_refer` are those of `ServiceIn`."""

    __tablename__ = "service_entry"
    __table_args__ = (
        Index("ix_service_entry_confirmed_at", "confirmed_at", "id"),
        Index("ix_service_entry_organisation_id", "organisation_id", "confirmed_at"),
        Index("ix_service_entry_provider_id", "provider_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """Who keeps the entry."""
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """Who provides the service; the keeper, but for a provider that has nobody here."""
    version: Mapped[int] = mapped_column(server_default="1")
    category: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    languages: Mapped[list[Any]] = mapped_column(JSON_DOCUMENT)
    hours: Mapped[list[Any]] = mapped_column(JSON_DOCUMENT)
    hours_note: Mapped[str | None] = mapped_column(Text)
    open_to: Mapped[list[Any]] = mapped_column(JSON_DOCUMENT)
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]
    conditions: Mapped[str | None] = mapped_column(Text)
    capacity: Mapped[str] = mapped_column(Text)
    free_places: Mapped[int | None]
    free_of_charge: Mapped[bool]
    how_to_refer: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None]
    """A user of the keeper; seen by its own staff alone. None: its system."""
    confirmed_as: Mapped[str] = mapped_column(Text)
    """One of `CONFIRMERS`: what others see of whoever confirmed it."""
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None]

    def freshness(self, now: datetime) -> Freshness:
        """`fresh` within 30 days of the last confirmation, then `due`, and `stale` after 90."""
        age = now - self.confirmed_at
        return "fresh" if age <= FRESH_FOR else "due" if age <= STALE_AFTER else "stale"

    def doubts(self, now: datetime) -> tuple[str, ...]:
        """What whoever refers somebody here is to be warned of: codes of `DOUBTS`, the gravest first."""
        found = {
            "withdrawn": self.withdrawn_at is not None,
            "stale": self.freshness(now) == "stale",
            "full": self.capacity == "full",
            "closed": self.capacity == "closed",
        }
        return tuple(code for code, true in found.items() if true)

    def write(self, actor: Actor, content: dict[str, Any], now: datetime) -> None:
        """Say anew what it is; who writes it has looked at it, so it is confirmed. Raises `Conflict` if withdrawn."""
        self.confirm(actor, now)
        self.changed_at = now
        for name, value in content.items():
            setattr(self, name, value)

    def confirm(self, actor: Actor, now: datetime) -> None:
        """Somebody of the keeper looked: it is still right. Raises `Conflict` if withdrawn."""
        if self.withdrawn_at is not None:
            raise Conflict("This service was withdrawn: bring it back first.")
        self.confirmed_at, self.confirmed_by, self.confirmed_as = now, actor.user_id, confirmer(actor)

    def withdraw(self, actor: Actor, now: datetime) -> None:
        """Take it off the list; it stays readable where somebody was referred to it. Raises `Conflict` if it is off."""
        if self.withdrawn_at is not None:
            raise Conflict("This service is withdrawn already.")
        self.withdrawn_at, self.withdrawn_by = now, actor.user_id

    def bring_back(self) -> None:
        """Undo the withdrawal; it is as fresh, or as stale, as its last confirmation. Raises `Conflict` if it is on."""
        if self.withdrawn_at is None:
            raise Conflict("This service is not withdrawn.")
        self.withdrawn_at = self.withdrawn_by = None


def confirmer(actor: Actor) -> str:
    """As what the actor confirms: a code of `CONFIRMERS`."""
    if actor.user_id is None:
        return "system"
    return Role.CASE_MANAGER.value if Role.CASE_MANAGER in actor.roles else Role.ADMINISTRATOR.value
