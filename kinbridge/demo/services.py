"""The demonstration's services: a few of each organisation, one of which nobody has confirmed for long."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib.resources import files
from typing import Any

from pydantic import TypeAdapter

from kinbridge.server import Server
from services.intake import queries
from services.intake.casework.service_directory import ServiceIn
from services.intake.commands.directory import add_service
from services.intake.queries.directory import WantedService
from services.intake.queries.directory import services as services_of
from shared.access import Actor
from shared.database import transaction, utc_now
from shared.web import validated

_SERVICE = TypeAdapter(ServiceIn)


def add_services(server: Server, organisation: str) -> int:
    """Put the organisation's services into the directory; where it has some, none. Returns how many it has."""
    listed: list[dict[str, Any]] = json.loads((files("kinbridge.demo") / "services.json").read_text())[organisation]
    with transaction(server.system.engine("intake")) as session:
        actor = Actor(queries.organisation_named(session, organisation).id, roles=queries.SYSTEM_ROLES)
        there = services_of(session, actor, WantedService(provider_id=actor.organisation_id)).services
        if there:
            return len(there)
        for one in listed:
            confirmed_at = utc_now() - timedelta(days=one["confirmed_days_ago"])
            add_service(session, actor, validated(_SERVICE, one["service"]), now=confirmed_at)
    return len(listed)
