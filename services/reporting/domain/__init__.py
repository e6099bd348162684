"""Reporting's aggregates."""

from services.reporting.domain.base import Base
from services.reporting.domain.donor import Donor
from services.reporting.domain.fact import IncidentFact, OrganisationName
from services.reporting.domain.grant import BudgetLine, Expenditure, Grant, LedgerImport, Target
from services.reporting.domain.matched import MatchFact
from services.reporting.domain.passed import PassedFact
from services.reporting.domain.person_basis import PersonBasis
from services.reporting.domain.report import Reminder, Report, ReportIssue, ReportSection
from services.reporting.domain.schedule import Schedule

__all__ = [
    "Base",
    "BudgetLine",
    "Donor",
    "Expenditure",
    "Grant",
    "IncidentFact",
    "LedgerImport",
    "MatchFact",
    "OrganisationName",
    "PassedFact",
    "PersonBasis",
    "Reminder",
    "Report",
    "ReportIssue",
    "ReportSection",
    "Schedule",
    "Target",
]
