"""Reporting's aggregates."""

from services.reporting.domain.base import Base
from services.reporting.domain.fact import IncidentFact, OrganisationName

__all__ = ["Base", "IncidentFact", "OrganisationName"]
