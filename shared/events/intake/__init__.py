"""Facts that intake publishes."""

from shared.events.intake.cases import (
    CaseClosed,
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
from shared.events.intake.protection import PersonErased

__all__ = [
    "CaseClosed",
    "CaseStatusChanged",
    "CaseSubmitted",
    "CaseUpdated",
    "FamilyTold",
    "Figure",
    "ImportCounts",
    "ImportFinished",
    "ImportRowRefused",
    "IncidentCorrected",
    "IncidentCounts",
    "IncidentRecorded",
    "NewsReleased",
    "OrganisationRegistered",
    "PersonErased",
    "PersonFigures",
]
