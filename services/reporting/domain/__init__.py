"""Reporting's aggregates."""

from services.reporting.domain.base import Base
from services.reporting.domain.fact import IncidentFact, OrganisationName
from services.reporting.domain.matched import MatchFact
from services.reporting.domain.passed import PassedFact
from services.reporting.domain.person_basis import PersonBasis

__all__ = ["Base", "IncidentFact", "MatchFact", "OrganisationName", "PassedFact", "PersonBasis"]
