"""A service of the directory is chosen for a referral."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.intake.casework.referrals import AskReferral
from services.intake.casework.service_directory import ChosenService
from services.intake.domain import ServiceEntry
from services.intake.queries import directory
from shared.access import Actor
from shared.errors import Conflict


def chosen_service(session: Session, actor: Actor, asked: AskReferral) -> ServiceEntry | None:
    """The entry that a referral names; None where it names none.

    Its doubts are told, and forbid nothing: whoever knows better may go on. Raises `NotFound` where there is no such
    entry, and a `Conflict` where it was withdrawn, is another organisation's, or another kind of service.
    """
    if asked.service_entry_id is None:
        return None
    entry = directory.service(session, actor, asked.service_entry_id).entry
    if entry.provider_id != asked.receiver_id:
        raise Conflict("This service is given by another organisation than the one that you ask.")
    if entry.category != asked.service:
        raise Conflict("This service of the directory is of another kind than the one that you ask for.")
    if entry.withdrawn_at is not None:
        raise Conflict("This service was withdrawn from the directory: choose another.")
    return entry


def as_chosen(entry: ServiceEntry | None, now: datetime) -> dict[str, Any]:
    """What a referral keeps of the entry as it is now."""
    if entry is None:
        return {"service_entry_id": None, "chosen": None}
    chosen = ChosenService(
        title=entry.title,
        place=entry.place,
        address=entry.address,
        how_to_refer=entry.how_to_refer,
        confirmed_at=entry.confirmed_at,
        doubts=entry.doubts(now),
    )
    return {"service_entry_id": entry.id, "chosen": chosen.model_dump(mode="json")}
