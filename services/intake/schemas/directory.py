"""The shapes of the service directory's answers; what is sent in is `casework.service_directory.ServiceIn`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.intake.casework.service_directory import ServiceIn
from services.intake.domain.directory import Freshness


class OrganisationRef(BaseModel):
    """An organisation of the hub."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str


class Confirmed(BaseModel):
    """When somebody last confirmed an entry, and as what: staff are seen as role and organisation."""

    at: datetime
    role: str
    """case_manager or administrator; system for the organisation's own system."""
    organisation_id: UUID


class ServiceOut(BaseModel):
    """A service of the directory."""

    id: UUID
    version: int
    service: ServiceIn
    """What it is, as it was last written; `provider_id` is always named."""
    provider: OrganisationRef
    keeper: OrganisationRef
    """Who keeps the entry up to date: whom to ask about it."""
    created_at: datetime
    changed_at: datetime
    confirmed: Confirmed
    freshness: Freshness
    """Today: fresh within 30 days of the last confirmation, due until 90, then stale."""
    doubts: tuple[str, ...]
    """What to warn of before somebody is referred there: withdrawn, stale, full, closed."""
    withdrawn_at: datetime | None


class ServiceList(BaseModel):
    """One page of services, what was confirmed last first. `next` is the `after` of the next page, null on the last."""

    items: list[ServiceOut]
    next: str | None
