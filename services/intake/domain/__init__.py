"""Intake's aggregates."""

from services.intake.domain.base import Base
from services.intake.domain.case import Case, CaseHold, Incident
from services.intake.domain.imports import Import, ImportedRow, ImportMessage
from services.intake.domain.organisation import ApiKey, Organisation
from services.intake.domain.request import AcceptedRequest

__all__ = [
    "AcceptedRequest",
    "ApiKey",
    "Base",
    "Case",
    "CaseHold",
    "Import",
    "ImportMessage",
    "ImportedRow",
    "Incident",
    "Organisation",
]
