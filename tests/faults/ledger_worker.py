"""The ledger: a consumer that writes down what it did in a table where nothing is unique.

Two consumers in one process, of intake alone. `KINBRIDGE_DISORDER` (a seed) doubles every message at their inlets,
drops a tenth of them and lets three tenths come late.
"""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from shared.crypto import KeyRing
from shared.database import open_engine
from shared.events import CaseUpdated, IncidentCorrected, IncidentRecorded, Logged
from shared.logging import configure_logging
from shared.messaging.consumer import Consumer, Subscriptions, many
from shared.messaging.consumer.handlers import EachHandler, Many
from shared.messaging.consumer.inlet import Inlet
from shared.messaging.feed import Feed
from shared.messaging.http_feed import HttpFeed
from shared.messaging.log import open_ledger
from shared.messaging.loops import Loops
from shared.messaging.worker import start_consumer
from shared.settings import Settings
from shared.worker_process import wait_for_end
from tests.faults.account import effect

log = logging.getLogger("kinbridge.ledger")

DROPPED = 0.10
LATE = 0.30


def effects_of(consumer: str) -> tuple[Many, EachHandler]:
    """Handlers that write one effect for each event: many at once, and one by one."""

    def write_many(session: Session, events: Sequence[Logged[Any]]) -> None:
        rows = [{"consumer": consumer, "event_id": e.id, "subject": e.subject, "seq": e.seq} for e in events]
        session.execute(insert(effect), rows)

    def write_each(session: Session, event: Logged[Any]) -> None:
        write_many(session, [event])

    return many(write_many), write_each


def subscriptions(consumer: str) -> Subscriptions:
    """`ledger_each` takes corrections one by one, `ledger` takes all it can get at once."""
    together, alone = effects_of(consumer)
    corrections = alone if consumer == "ledger_each" else together
    return Subscriptions({IncidentRecorded: together, IncidentCorrected: corrections, CaseUpdated: together})


class Disorder:
    """What a bad broker does to messages: doubles all, loses some, brings others late."""

    def __init__(self, seed: str, tally: Path) -> None:
        self._chance = random.Random(seed)
        self._tally = tally
        self._late: dict[tuple[str, int], list[Logged[Any]]] = {}

    def disturb(self, key: tuple[str, int], events: list[Logged[Any]]) -> list[Logged[Any]]:
        """The events as they come instead: with those that were late before, without those that now are."""
        now, late, dropped = self._late.pop(key, []), [], 0
        for event in events:
            fate = self._chance.random()
            if fate < DROPPED:
                dropped += 1
            elif fate < DROPPED + LATE:
                late += [event, event]
            else:
                now += [event, event]
        self._chance.shuffle(now)
        self._late[key] = late
        with self._tally.open("a") as tally:
            tally.write(f"{len(events)} {dropped} {len(late) // 2}\n")
        return now


def disturb_inlets(disorder: Disorder) -> None:
    """Let every inlet of this process see its messages in disorder."""
    apply_gathered = Inlet._apply_gathered

    def apply_disturbed(inlet: Inlet) -> None:
        for key, events in list(inlet._gathered.items()):
            inlet._gathered[key] = disorder.disturb(key, events)
        apply_gathered(inlet)

    setattr(Inlet, "_apply_gathered", apply_disturbed)  # noqa: B010 - that is the fault


def run(settings: Settings, keys: KeyRing) -> None:
    """Consume until asked to end."""
    engine = open_engine(os.environ["KINBRIDGE_LEDGER_DATABASE_URL"])
    open_ledger(engine, "notify", keys)
    loops = Loops()
    for name in ("ledger", "ledger_each"):
        feed: Feed = HttpFeed.open("intake", settings.feed_url("intake"), keys.feed_key("intake", "notify"))
        consumer = Consumer(name, engine, {"intake": feed}, subscriptions(name), keys)
        start_consumer(loops, consumer, settings.broker_url)
    log.info("worker ready", extra={"service": "ledger"})
    wait_for_end(loops.stop)
    loops.end()


def main() -> None:
    settings = Settings()
    configure_logging(settings.log_level)
    seed = os.environ.get("KINBRIDGE_DISORDER")
    if seed:
        disturb_inlets(Disorder(f"{seed} {os.getpid()}", settings.data_dir / "disorder"))
    run(settings, settings.key_ring())


if __name__ == "__main__":
    main()
