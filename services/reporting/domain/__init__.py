"""Reporting's aggregates."""

from services.reporting.domain.base import Base
from services.reporting.domain.case_fact import CaseFact, CaseTurn
from services.reporting.domain.donor import Donor
from services.reporting.domain.fact import IncidentFact, OrganisationName
from services.reporting.domain.grant import BudgetLine, Expenditure, Grant, LedgerImport, Target
from services.reporting.domain.matched import MatchFact
from services.reporting.domain.passed import PassedFact
from services.reporting.domain.person_basis import PersonBasis
from services.reporting.domain.report import Reminder, Report, ReportIssue, ReportSection
from services.reporting.domain.rollup import ServiceRollup
from services.reporting.domain.schedule import Schedule
from services.reporting.domain.served import ServedFact, ServedPerson, TokenKey
from services.reporting.domain.told import ReleaseFact

__all__ = [
    "Base",
    "BudgetLine",
    "CaseFact",
    "CaseTurn",
    "Donor",
    "Expenditure",
    "Grant",
    "IncidentFact",
    "LedgerImport",
    "MatchFact",
    "OrganisationName",
    "PassedFact",
    "PersonBasis",
    "ReleaseFact",
    "Reminder",
    "Report",
    "ReportIssue",
    "ReportSection",
    "Schedule",
    "ServedFact",
    "ServedPerson",
    "ServiceRollup",
    "Target",
    "TokenKey",
]
