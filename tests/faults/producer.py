"""A producer: submits and corrects cases in transactions of every kind, and writes down what was acknowledged.

Its journal is a line of JSON for each transaction that was committed (or rolled back on purpose), written after the
database said so: what stands there as committed must never be lost. It may be killed at any moment.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from services.intake import commands, queries
from services.intake.commands import NewIncident
from services.intake.commands.submission import fresh_name
from services.intake.domain import Case
from shared.access import Actor
from shared.crypto import KeyRing
from shared.database import open_engine, reading, transaction, utc_now
from shared.logging import configure_logging, describe_error
from shared.messaging.log import open_ledger
from shared.messaging.tables import event_log
from shared.settings import Settings
from tests.faults.installation import incident

ROLLED_BACK = 0.05
SLOW = 0.01
NEW_CASES = 0.05
HOT = 0.42
"""Shares of transactions. Those on the hot case have fewer events each: they come to a fifth of all events."""


class OnPurpose(Exception):
    """This transaction is rolled back."""


@dataclass
class Plan:
    """How much one producer has to do, and how quickly."""

    events: int
    cases: int
    seconds: float
    hot: UUID
    organisation: UUID
    goes_on: Path
    """While this file is there, there is more to do."""

    @classmethod
    def read(cls) -> Plan:
        """From the environment."""
        return cls(
            int(os.environ["STORM_EVENTS"]),
            int(os.environ["STORM_CASES"]),
            float(os.environ["STORM_SECONDS"]),
            UUID(os.environ["STORM_HOT_CASE"]),
            UUID(os.environ["STORM_ORGANISATION"]),
            Path(os.environ["STORM_GOES_ON"]),
        )


class Producer:
    """Works until its journal holds as many events as planned; a restarted one goes on."""

    def __init__(self, engine: Engine, plan: Plan, journal: Path, seed: str) -> None:
        self._engine = engine
        self._plan = plan
        self._journal = journal
        self._chance = random.Random(seed)
        self._actor = Actor(plan.organisation, roles=queries.SYSTEM_ROLES)
        self._done = sum(len(line["events"]) for line in read_journal(journal) if line["outcome"] == "committed")
        self._cases: list[UUID] = []

    def run(self) -> None:
        """Go on until done; a failed transaction is simply not acknowledged."""
        while self._done < self._plan.events or self._plan.goes_on.exists():
            try:
                self._turn()
            except SQLAlchemyError as error:
                print(json.dumps({"failed": describe_error(error)}), flush=True)  # noqa: T201 - its log
                time.sleep(0.05)

    def _turn(self) -> None:
        begun, before = time.monotonic(), self._done
        self._look_at_cases()
        ids: list[str] = []
        rolled_back = self._chance.random() < ROLLED_BACK
        try:
            with transaction(self._engine) as session:
                ids += self._work(session)
                if self._chance.random() < SLOW:
                    time.sleep(1.0)
                if rolled_back:
                    raise OnPurpose
            self._note("committed", ids)
            self._done += len(ids)
        except OnPurpose:
            self._note("rolled back", ids)
        pace = self._plan.seconds / self._plan.events * (self._done - before)
        time.sleep(max(0.0, pace - (time.monotonic() - begun)))

    def _look_at_cases(self) -> None:
        if len(self._cases) < self._plan.cases or self._chance.random() < 0.01:
            with reading(self._engine) as session:
                self._cases = list(session.scalars(select(Case.id)))

    def _work(self, session: Session) -> list[str]:
        if self._chance.random() < NEW_CASES or len(self._cases) < 10:
            named = [fresh_name() for _ in range(self._chance.randint(1, 8))]
            new = [NewIncident(incident(self._chance.randrange(1000), self._chance)) for _ in named]
            commands.submit_incidents(session, self._actor, new, named, utc_now())
            return self._recorded(session, Counter(name.id for name in named))
        return self._recorded(session, self._correct(session))

    def _correct(self, session: Session) -> Counter[UUID]:
        """Correct one or some cases, one or some times, in the order of their subjects: two never wait crosswise."""
        if self._chance.random() < HOT:
            chosen = [self._plan.hot] * self._chance.randint(1, 4)
        else:
            chosen = self._chance.choices(self._cases, k=self._chance.randint(1, 12))
            chosen = [case_id for case_id in chosen if case_id != self._plan.hot] or chosen[:1]
        for case_id in sorted(chosen, key=str):
            facts = incident(self._chance.randrange(1000), self._chance)
            commands.correct_incident(session, self._actor, case_id, facts)
        return Counter({case_id: 2 * times for case_id, times in Counter(chosen).items()})  # figures, and the change

    def _recorded(self, session: Session, events: Counter[UUID]) -> list[str]:
        """The ids of this transaction's events: the last of each subject, which it has locked."""
        ids: list[str] = []
        for case_id, count in events.items():
            newest = select(event_log.c.event_id).where(event_log.c.subject == f"case/{case_id}")
            ids += map(str, session.scalars(newest.order_by(event_log.c.seq.desc()).limit(count)))
        return ids

    def _note(self, outcome: str, ids: list[str]) -> None:
        line = "\n" + json.dumps({"outcome": outcome, "events": ids}) + "\n"
        with self._journal.open("a") as journal:
            journal.write(line)


def read_journal(journal: Path) -> list[dict[str, Any]]:
    """The whole lines of a journal; a kill may have torn the last one, which then was never acknowledged."""
    if not journal.exists():
        return []
    lines = []
    for line in journal.read_text().split("\n"):
        try:
            lines.append(json.loads(line))
        except ValueError:
            continue
    return lines


def main() -> None:
    settings = Settings()
    configure_logging(settings.log_level)
    keys: KeyRing = settings.key_ring()
    engine = open_engine(settings.database_url("intake"), pool_size=2)
    open_ledger(engine, "intake", keys)
    journal = Path(os.environ["STORM_JOURNAL"])
    Producer(engine, Plan.read(), journal, f"{os.environ['STORM_SEED']} {os.getpid()}").run()
