"""An intake with two organisations and their systems' tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine

from services.intake import commands, queries
from shared.access import Actor, issue_token
from shared.crypto import KeyRing
from shared.database import transaction
from tests.applications import intake_on
from tests.client import TestClient


@dataclass
class Intake:
    """The service, its database, and two organisations that call it."""

    engine: Engine
    client: TestClient
    own_key: str
    own: Actor
    other_key: str
    other: Actor

    def post(self, body: Any, *, key: str | None = None, path: str = "/intake/v1/cases", **headers: str) -> Any:
        """Post JSON as the first organisation."""
        return self.client.post(path, json=body, headers={"Authorization": f"Bearer {key or self.own_key}", **headers})

    def get(self, path: str, *, key: str | None = None) -> Any:
        """Get as the first organisation."""
        return self.client.get(path, headers={"Authorization": f"Bearer {key or self.own_key}"})


@pytest.fixture
def intake(database: Callable[[str], Engine], keys: KeyRing) -> Iterator[Intake]:
    """Runs on both databases."""
    engine = database("intake")
    made = []
    for short_name in ("red-cross-a", "red-crescent-b"):
        with transaction(engine) as session:
            organisation = commands.register_organisation(
                session, short_name=short_name, name=short_name.title(), kind="national_society"
            )
            actor = Actor(organisation.id, roles=queries.SYSTEM_ROLES)
            made.append((issue_token(keys, actor), actor))
    with TestClient(intake_on(engine, keys), raise_server_exceptions=False) as client:
        (own_key, own), (other_key, other) = made
        yield Intake(engine, client, own_key, own, other_key, other)
