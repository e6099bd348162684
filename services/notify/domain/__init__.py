"""Notify's aggregates."""

from services.notify.domain.base import Base
from services.notify.domain.notification import Attempt, Notification, notification_id
from services.notify.domain.person_basis import PersonBasis
from services.notify.domain.projections import CaseHold, OrganisationName, RefusedRow

__all__ = [
    "Attempt",
    "Base",
    "CaseHold",
    "Notification",
    "OrganisationName",
    "PersonBasis",
    "RefusedRow",
    "notification_id",
]
