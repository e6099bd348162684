"""Forgetting what has served: codes that open nothing any more, receipts of nobody, messages that were heard."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.notify.domain import EarlyReceipt, FamilyCode, MessageHeard, ProviderRest
from services.notify.settings import EARLY_RECEIPTS_KEPT, MESSAGES_HEARD_KEPT


def forget_what_is_over(session: Session, now: datetime) -> None:
    """Delete it. Whatever a provider brings again within these times is known again."""
    session.execute(delete(FamilyCode).where(FamilyCode.expires_at < now))
    session.execute(delete(EarlyReceipt).where(EarlyReceipt.came_at < now - EARLY_RECEIPTS_KEPT))
    session.execute(delete(MessageHeard).where(MessageHeard.heard_at < now - MESSAGES_HEARD_KEPT))
    session.execute(delete(ProviderRest).where(ProviderRest.until < now))
