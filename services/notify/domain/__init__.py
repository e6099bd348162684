"""Notify's aggregates."""

from services.notify.domain.base import Base
from services.notify.domain.contact import FamilyAddress, FamilyCode, FamilyContact, MessageHeard
from services.notify.domain.notification import Attempt, Notification, notification_id
from services.notify.domain.person_basis import PersonBasis
from services.notify.domain.projections import CaseHold, OrganisationName, RefusedRow
from services.notify.domain.reports import ReportAttempt, ReportDelivery, ReportReader, report_delivery_id
from services.notify.domain.sending import (
    ChannelPause,
    EarlyReceipt,
    LanguageApproval,
    ProviderRest,
    Receipt,
    StaffDeed,
)
from services.notify.domain.tries import FamilyTry

__all__ = [
    "Attempt",
    "Base",
    "CaseHold",
    "ChannelPause",
    "EarlyReceipt",
    "FamilyAddress",
    "FamilyCode",
    "FamilyContact",
    "FamilyTry",
    "LanguageApproval",
    "MessageHeard",
    "Notification",
    "OrganisationName",
    "PersonBasis",
    "ProviderRest",
    "Receipt",
    "RefusedRow",
    "ReportAttempt",
    "ReportDelivery",
    "ReportReader",
    "StaffDeed",
    "notification_id",
    "report_delivery_id",
]
