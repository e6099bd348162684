"""THE CONTRACT: what the services say to one another. Facts in the past tense, by publisher.

A fact is a frozen, versioned model. Optional fields may be added; nothing is repurposed or removed: a change of
meaning is a new version beside the old one. `docs/events.md` and `docs/asyncapi.yaml` are made from these classes.
"""

from shared.events.envelope import Event, Logged
from shared.events.erasures import ErasureConfirmed
from shared.events.holds import CaseHeld, CaseHoldEnded
from shared.events.intake import (
    AppointmentSet,
    CaseClosed,
    CaseStatusChanged,
    CaseSubmitted,
    CaseUpdated,
    ConsentGiven,
    ConsentWithdrawn,
    FamilyTold,
    GrantPart,
    ImportCounts,
    ImportFinished,
    ImportRowRefused,
    IncidentCorrected,
    IncidentCounts,
    IncidentRecorded,
    LegalBasisRecorded,
    NewsReleased,
    ObjectionRecorded,
    OrganisationRegistered,
    PersonErased,
    PersonFigures,
    ServedFigures,
    ServiceCounts,
    ServiceDelivered,
)
from shared.events.notify import ImportMessageStatusChanged

CATALOGUE: tuple[type[Event], ...] = (
    OrganisationRegistered,
    IncidentRecorded,
    IncidentCorrected,
    ImportRowRefused,
    ImportFinished,
    CaseSubmitted,
    CaseUpdated,
    CaseStatusChanged,
    CaseClosed,
    NewsReleased,
    FamilyTold,
    ServiceDelivered,
    AppointmentSet,
    LegalBasisRecorded,
    ConsentGiven,
    ConsentWithdrawn,
    ObjectionRecorded,
    PersonErased,
    ErasureConfirmed,
    ImportMessageStatusChanged,
    CaseHeld,
    CaseHoldEnded,
)
"""Every fact of this release. A version that was ever released stays listed, so that its bytes parse for ever."""

__all__ = [
    "CATALOGUE",
    "AppointmentSet",
    "CaseClosed",
    "CaseHeld",
    "CaseHoldEnded",
    "CaseStatusChanged",
    "CaseSubmitted",
    "CaseUpdated",
    "ConsentGiven",
    "ConsentWithdrawn",
    "ErasureConfirmed",
    "Event",
    "FamilyTold",
    "GrantPart",
    "ImportCounts",
    "ImportFinished",
    "ImportMessageStatusChanged",
    "ImportRowRefused",
    "IncidentCorrected",
    "IncidentCounts",
    "IncidentRecorded",
    "LegalBasisRecorded",
    "Logged",
    "NewsReleased",
    "ObjectionRecorded",
    "OrganisationRegistered",
    "PersonErased",
    "PersonFigures",
    "ServedFigures",
    "ServiceCounts",
    "ServiceDelivered",
]
