"""Notify's aggregates."""

from services.notify.domain.base import Base
from services.notify.domain.notification import Attempt, Notification, notification_id
from services.notify.domain.person_basis import PersonBasis
from services.notify.domain.projections import OrganisationName, RefusedRow

__all__ = ["Attempt", "Base", "Notification", "OrganisationName", "PersonBasis", "RefusedRow", "notification_id"]
