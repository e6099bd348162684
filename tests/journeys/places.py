"""Where the whole system runs for a search of everything it left behind, and an organisation that uses it."""

from __future__ import annotations

import base64
import contextlib
import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from kinbridge.embedded import EmbeddedSystem
from shared.access import Actor, Role, issue_token
from shared.database import uuid7
from shared.settings import SERVICES, Settings
from tests.client import TestClient
from tests.servers import OwnPostgres, OwnRabbitMQ, require_or_skip
from tests.staff import Staff

MASTER = base64.b64encode(bytes(range(32))).decode()


@dataclass
class Place:
    """Where a system runs: its settings, the folders that servers write to, and how a backup is made and restored."""

    settings: Settings
    folders: list[Path]
    settle: Callable[[], None]
    back_up: Callable[[], None]
    restore: Callable[[], Settings]
    told: io.StringIO = field(default_factory=io.StringIO)
    answers: list[str] = field(default_factory=list)


def embedded_place(tmp_path: Path) -> Place:
    data, backup = tmp_path / "data", tmp_path / "backup"
    settings = Settings(data_dir=data, master_key=MASTER)

    def restore() -> Settings:
        """The databases as they were; the journal stays, as operations.md says."""
        for service in SERVICES:
            for path in data.glob(f"{service}.sqlite*"):
                path.unlink()
            shutil.copy(backup / f"{service}.sqlite", data)
        return settings

    return Place(settings, [data, backup], lambda: None, lambda: _copy(data, backup), restore)


def _copy(data: Path, backup: Path) -> None:
    shutil.copytree(data, backup, ignore=shutil.ignore_patterns("*.sock"))


def server_place(tmp_path: Path, stack: contextlib.ExitStack) -> Place:
    require_or_skip("postgres", OwnPostgres.why_not())
    require_or_skip("rabbitmq", OwnRabbitMQ.why_not())
    postgres, rabbit = stack.enter_context(OwnPostgres()), stack.enter_context(OwnRabbitMQ())
    urls = {f"{service}_database_url": postgres.create_database(service) for service in SERVICES}
    settings = Settings(data_dir=tmp_path / "data", master_key=MASTER, broker_url=rabbit.url(), **urls)

    def run(*statements: str) -> None:
        url = postgres.url("postgres").replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def back_up() -> None:
        run(*(f"CREATE DATABASE old_{service} TEMPLATE {service}" for service in SERVICES))

    def restore() -> Settings:
        run(*(f"DROP DATABASE {service}" for service in SERVICES))
        run(*(f"ALTER DATABASE old_{service} RENAME TO {service}" for service in SERVICES))
        return settings

    folders = [tmp_path / "data", postgres.folder, rabbit.folder]
    return Place(settings, folders, lambda: run("CHECKPOINT"), back_up, restore)


@dataclass
class Organisation:
    """An organisation on the running system, and its people."""

    system: EmbeddedSystem
    place: Place
    client: TestClient
    staff: Staff

    @property
    def id(self) -> UUID:
        return self.staff.organisation_id

    def actor(self, *roles: Role) -> Actor:
        return Actor(self.id, roles=frozenset(roles), user_id=uuid7())

    def call(
        self, actor: Actor, method: str, path: str, *, service: str = "intake", keep: bool = True, **more: Any
    ) -> Any:
        """A request as that person. What comes back is searched later, unless it is that person's to see."""
        headers = {"Authorization": f"Bearer {issue_token(self.system.keys, actor)}", **more.pop("headers", {})}
        answer = self.client.request(method, f"/{service}/v1/{path}", headers=headers, **more)
        self.place.answers.append(str(answer.headers))
        if keep:
            self.place.answers.append(answer.text)
        return answer

    def kept(self, told: Any) -> None:
        """Something told to somebody who is not to see the person: of a page, its headers."""
        self.place.answers.append(str(getattr(told, "headers", told)))


@contextlib.contextmanager
def running(place: Place, settings: Settings | None = None) -> Iterator[EmbeddedSystem]:
    with EmbeddedSystem(settings or place.settings) as system:
        yield system


@contextlib.contextmanager
def organisation(system: EmbeddedSystem, place: Place) -> Iterator[Organisation]:
    staff = Staff(system.engine("intake"), "rc", "Red Cross")
    with TestClient(system.web(), raise_server_exceptions=False) as client:
        yield Organisation(system, place, client, staff)
