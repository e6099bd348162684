"""Facts about the members of the hub."""

from __future__ import annotations

from typing import ClassVar, Literal

from shared.events.envelope import Event


class OrganisationRegistered(Event):
    """An organisation joined the hub."""

    TYPE: ClassVar[str] = "organisation.registered"
    SOURCES: ClassVar[tuple[str, ...]] = ("intake",)
    SUBJECT: ClassVar[str] = "organisation_id"

    kind: Literal["national_society", "international_organisation", "ngo", "service_provider", "donor"]
    name: str
    short_name: str
