"""Facts that intake publishes."""

from shared.events.intake.cases import (
    AppointmentSet,
    CaseClosed,
    CaseMerged,
    CaseMergeUndone,
    CaseStatusChanged,
    CaseSubmitted,
    CaseUpdated,
    FamilyTold,
    NewsReleased,
    PersonFigures,
)
from shared.events.intake.imports import ImportCounts, ImportFinished, ImportRowRefused
from shared.events.intake.incidents import Figure, IncidentCorrected, IncidentCounts, IncidentRecorded
from shared.events.intake.organisations import OrganisationRegistered
from shared.events.intake.protection import (
    BasisName,
    ConsentGiven,
    ConsentWithdrawn,
    LegalBasesRestated,
    LegalBasisRecorded,
    ObjectionRecorded,
    PersonErased,
    Purpose,
)
from shared.events.intake.services import GrantPart, ServedFigures, ServiceCounts, ServiceDelivered
from shared.events.intake.trail import TrailAnchored

__all__ = [
    "AppointmentSet",
    "BasisName",
    "CaseClosed",
    "CaseMergeUndone",
    "CaseMerged",
    "CaseStatusChanged",
    "CaseSubmitted",
    "CaseUpdated",
    "ConsentGiven",
    "ConsentWithdrawn",
    "FamilyTold",
    "Figure",
    "GrantPart",
    "ImportCounts",
    "ImportFinished",
    "ImportRowRefused",
    "IncidentCorrected",
    "IncidentCounts",
    "IncidentRecorded",
    "LegalBasesRestated",
    "LegalBasisRecorded",
    "NewsReleased",
    "ObjectionRecorded",
    "OrganisationRegistered",
    "PersonErased",
    "PersonFigures",
    "Purpose",
    "ServedFigures",
    "ServiceCounts",
    "ServiceDelivered",
    "TrailAnchored",
]
