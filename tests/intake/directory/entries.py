"""Entries of the service directory, and who keeps them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.intake.casework.service_directory import ServiceIn
from services.intake.commands import directory
from services.intake.domain import ServiceEntry
from shared.access import Actor, Role
from shared.database import transaction
from tests.intake.conftest import Intake

CLINIC: dict[str, Any] = {
    "category": "primary_health_care",
    "title": "Clinic at the harbour",
    "place": "LY0203",
    "address": "Behind the old market",
    "languages": ["ar", "fr"],
    "hours": [
        {"days": ["mo", "tu", "we", "th"], "opens": "09:00", "closes": "12:00"},
        {"days": ["sa"], "opens": "20:00", "closes": "08:00"},
    ],
    "hours_note": "Closed on holidays",
    "open_to": ["women", "children"],
    "age_from": 0,
    "age_to": 49,
    "conditions": "No papers are asked for",
    "capacity": "limited",
    "free_places": 4,
    "free_of_charge": True,
    "how_to_refer": "Call the desk: +218 91 000 000",
}


def keeper(actor: Actor, role: Role = Role.CASE_MANAGER) -> Actor:
    """The same organisation, in a role that keeps the directory."""
    return Actor(actor.organisation_id, roles=frozenset({role}))


def added(intake: Intake, actor: Actor, *, now: datetime | None = None, **changed: Any) -> ServiceEntry:
    """An entry of the actor's organisation, confirmed at that moment."""
    service = ServiceIn.model_validate({**CLINIC, **changed})
    with transaction(intake.engine) as session:
        return directory.add_service(session, keeper(actor), service, now=now)
