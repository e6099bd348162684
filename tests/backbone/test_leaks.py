"""No value that was sent in is found in a hold, an alarm, a log line or an error text; nor in the clear in the log."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel
from sqlalchemy import insert, inspect, text
from sqlalchemy.exc import IntegrityError

from shared.errors import DomainError
from shared.events import PersonErased
from shared.logging import JsonLines
from shared.messaging.consumer import Subscriptions
from shared.messaging.consumer.backoff import BackOff
from tests.backbone.world import SOURCE, World, effect
from tests.factories import Factory, NoteTaken

CANARY = "canary-Nadia-Haddad-7731"


class Strict(BaseModel):
    """Refuses the canary."""

    text: int


def by_validation(session: Any, event: Any) -> None:
    Strict(text=event.event.text)


def by_the_database(session: Any, event: Any) -> None:
    row = {"subject": CANARY, "seq": 1, "type": event.event.text}
    session.execute(insert(effect), [row])
    session.execute(text("INSERT INTO effect (number, subject, seq, type) VALUES (1, :s, NULL, :s)"), {"s": CANARY})


def by_a_domain_error(session: Any, event: Any) -> None:
    raise DomainError(f"not {event.event.text}")


def by_a_missing_table(session: Any, event: Any) -> None:
    session.execute(text("INSERT INTO no_such_table VALUES (:s)"), {"s": event.event.text})


def by_a_key(session: Any, event: Any) -> None:
    raise KeyError(event.event.text)


HANDLERS = (by_validation, by_the_database, by_a_domain_error, by_a_missing_table, by_a_key)


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: handler.__name__)
def test_a_failing_handler_leaks_no_value(
    world: World, factory: Factory, handler: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "shared")
    case: UUID = factory.cases(1)[0]
    world.consumer.subscriptions = Subscriptions({NoteTaken: handler}, {PersonErased: erasing_fails_at_the_database})
    world.record(factory.note(case, CANARY), factory.erasure(case, factory.id()))
    backoff = BackOff(world.consumer)
    for partition in range(8):
        backoff.attempt((SOURCE, partition), lambda partition=partition: world.consumer.catch_up(SOURCE, partition))
    stored = [dict(row._mapping) for row in (*world.holds(), *world.alarms())]
    assert stored
    logged = [JsonLines().format(record) for record in caplog.records]
    assert logged
    for told in (json.dumps(stored, default=str), *logged, *everything_stored(world)):
        assert CANARY not in told


def erasing_fails_at_the_database(session: Any, event: Any) -> None:
    raise IntegrityError(f"insert {CANARY}", {}, ValueError(CANARY))


def everything_stored(world: World) -> list[str]:
    """Every row of every table of both services, as text; ciphertext included."""
    found = []
    for engine in (world.source, world.target):
        with engine.connect() as connection:
            for table in inspect(engine).get_table_names():
                for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                    found.append(repr(tuple(row)))
    return found


def test_the_log_shows_nothing_of_the_payload_in_the_clear(world: World, factory: Factory) -> None:
    world.record(factory.note(factory.id(), CANARY))
    (event,) = world.log()
    assert CANARY.encode() not in event.parts.to_wire()
    assert not [row for row in everything_stored(world) if CANARY in row]
    database = world.source.url.database
    if database and Path(database).exists():
        files = Path(database).parent.glob(Path(database).name + "*")
        assert not [file for file in files if CANARY.encode() in file.read_bytes()]
