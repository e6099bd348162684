"""An installation for one test: the databases, keys and settings of intake, reporting and the ledger."""

from __future__ import annotations

import base64
import contextlib
import random
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, insert
from sqlalchemy.exc import SQLAlchemyError

from services.intake import commands, queries
from services.intake.commands import NewIncident
from services.intake.commands.submission import CaseName
from services.intake.domain.reference import new_reference
from services.intake.schemas import IncidentIn
from shared.access import Actor
from shared.crypto import KeyRing
from shared.database import open_engine, reading, transaction, utc_now, uuid7
from shared.events.envelope import PARTITIONS, partition_of
from shared.messaging.log import open_ledger
from shared.messaging.tables import BACKBONE, head
from shared.migrations import migrate
from tests.faults.account import EFFECTS
from tests.servers import OwnPostgres, free_port, fresh_folder

SERVICES = ("intake", "reporting")
LEDGERS = ("ledger", "ledger_each")
"""Two consumers of one ledger: handlers that take many events at once, and one by one."""


@dataclass
class Installation:
    """Databases on a server of this run, made and migrated; engines of this process on them."""

    postgres: OwnPostgres
    broker_url: str | None = None
    folder: Path = field(default_factory=lambda: fresh_folder("hub"))
    engines: dict[str, Engine] = field(default_factory=dict)

    def __post_init__(self) -> None:
        master = secrets.token_bytes(32)
        self.keys = KeyRing((master,))
        self._master = base64.b64encode(master).decode()
        self.ports = {service: free_port() for service in (*SERVICES, "notify")}
        for service in SERVICES:
            engine = self._open(service)
            migrate(engine, service)
            open_ledger(engine, service, self.keys)
        ledger = self._open("ledger")
        BACKBONE.create_all(ledger)
        EFFECTS.create_all(ledger)
        with transaction(ledger) as session:
            session.execute(insert(head), [{"partition": p} for p in range(PARTITIONS)])
        open_ledger(ledger, "notify", self.keys)  # it stands where notify would
        self.actor = self._register()

    @property
    def intake(self) -> Engine:
        return self.engines["intake"]

    @property
    def reporting(self) -> Engine:
        return self.engines["reporting"]

    @property
    def ledger(self) -> Engine:
        return self.engines["ledger"]

    def environment(self) -> dict[str, str]:
        """The settings of every process of this installation."""
        found = {
            "KINBRIDGE_MASTER_KEY": self._master,
            "KINBRIDGE_DATA_DIR": str(self.folder),
            "KINBRIDGE_LOG_LEVEL": "INFO",
            "KINBRIDGE_LEDGER_DATABASE_URL": self.postgres.url("ledger", "ledger"),
        }
        for service, port in self.ports.items():
            found[f"KINBRIDGE_{service.upper()}_FEED_PORT"] = str(port)
            found[f"KINBRIDGE_{service.upper()}_DATABASE_URL"] = self.postgres.url(service, service)
        return found | ({"KINBRIDGE_BROKER_URL": self.broker_url} if self.broker_url else {})

    def feed_url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"

    def close(self) -> None:
        """Let the connections of this process go."""
        for engine in self.engines.values():
            engine.dispose()

    def submit(self, cases: Sequence[UUID]) -> None:
        """Submit cases under these ids, in one transaction."""
        with transaction(self.intake) as session:
            new = [NewIncident(incident(1)) for _ in cases]
            commands.submit_incidents(
                session, self.actor, new, [CaseName(one, new_reference()) for one in cases], utc_now()
            )

    def correct(self, case_id: UUID, dead: int) -> None:
        """Correct one case, in a transaction."""
        with transaction(self.intake) as session:
            commands.correct_incident(session, self.actor, case_id, incident(dead))

    def _open(self, name: str) -> Engine:
        self.engines[name] = open_engine(self.postgres.create_database(name, owner=name))
        return self.engines[name]

    def _register(self) -> Actor:
        with transaction(self.intake) as session:
            made = commands.register_organisation(session, short_name="storm", name="Storm", kind="ngo")
            return Actor(made.id, roles=queries.SYSTEM_ROLES)


def incident(dead: int, chance: random.Random | None = None) -> IncidentIn:
    """Some facts, their figures by chance."""
    missing, survivors, females, males, children = (_figure(chance) for _ in range(5))
    return IncidentIn(
        occurred_from=date(2024, 5, 1),
        occurred_to=date(2024, 5, 31),
        dead=dead,
        missing=missing,
        survivors=survivors,
        females=females,
        males=males,
        children=children,
        route="Central Mediterranean",
    )


def _figure(chance: random.Random | None) -> int | None:
    return chance.choice((None, chance.randrange(1000))) if chance else None


def case_in(partition: int) -> UUID:
    """A new case id whose events go to this partition."""
    while True:
        case_id = uuid7()
        if partition_of(f"case/{case_id}") == partition:
            return UUID(str(case_id))


def persistently(engine: Engine, ask: Callable[..., int | None]) -> int:
    """Ask again when the storm cut this connection too."""
    for _ in range(20):
        with contextlib.suppress(SQLAlchemyError), reading(engine) as session:
            return int(ask(session) or 0)
        time.sleep(0.05)
    raise AssertionError("the database does not answer")
