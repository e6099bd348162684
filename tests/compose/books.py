"""What was accepted, compared with what every service's database holds of it."""

from __future__ import annotations

import time
from pathlib import Path, PurePath
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from kinbridge.imports import import_incidents
from services.intake.domain import Case
from services.notify.commands import IMPORT_FINISHED
from services.notify.domain import Attempt, Notification
from shared.database import reading
from shared.events.envelope import PARTITIONS
from shared.messaging.consumer.cursor import read_cursors
from shared.messaging.log import open_ledger
from shared.messaging.sequencer import Head, heads, unsequenced
from shared.settings import SERVICES
from tests.compose.stack import Stack, wait_until
from tests.faults.account import Account

LISTENERS = {"intake": ("notify", "reporting"), "notify": ("intake",), "reporting": ("intake", "notify")}
"""Source → who listens to it."""
HEADER = "occurred_from,occurred_to,dead,missing,survivors,females,males,children,route,region,cause\n"


class Books:
    """The databases of the stack, and the comparison of what was accepted with what arrived."""

    def __init__(self, stack: Stack, organisation: str) -> None:
        self.stack, self.organisation = stack, organisation
        self.engines: dict[str, Engine] = {service: stack.engine(service) for service in SERVICES}
        open_ledger(self.engines["intake"], "intake", stack.keys)
        self.imported = 0

    def import_file(self, folder: Path) -> None:
        """A file of two rows, one of them refused: its organisation is written to once."""
        self.imported += 1
        file = folder / f"{self.imported}.csv"
        day = f"2025-03-{self.imported:02}"
        file.write_text(HEADER + f"{day},{day},1,,,,,,A,R,C\n{day},{day},-1,,,,,,A,R,C\n")
        system: Any = SimpleNamespace(engine=self.engines.__getitem__)
        *_, counted = import_incidents(system, str(file), self.organisation)
        assert (counted["accepted"], counted["refused"]) == (1, 1)

    def wait_until_arrived(self, timeout: float = 60) -> None:
        """Return when every listener has what every log holds now, and no message waits to be sent."""
        ends: dict[str, dict[int, Head]] = {}
        lacking: list[str] = []

        def arrived() -> bool:
            try:
                ends.update(ends or {source: self._ends(source) for source in LISTENERS})
                lacking[:] = [one for source, at in ends.items() for one in self._behind(source, at)]
                lacking.extend(self._unsent())
            except SQLAlchemyError:
                return False  # the database was just killed: connections of before are found out one by one
            return not lacking

        try:
            wait_until(arrived, "events do not arrive", timeout, every=0.3)
        except AssertionError as error:
            raise AssertionError(f"{error}: {', '.join(lacking)}") from None

    def _ends(self, source: str) -> dict[int, Head]:
        wait_until(lambda: not self._unsequenced(source), f"{source} gives no positions", timeout=30)
        with reading(self.engines[source]) as session:
            return heads(session)

    def _unsequenced(self, source: str) -> bool:
        """True while the log holds an event of more than a second without a position."""
        with reading(self.engines[source]) as session:
            return unsequenced(session)[1] > 1.0

    def _behind(self, source: str, ends: dict[int, Head]) -> list[str]:
        """Who has not read all of it."""
        found = []
        for listener in LISTENERS[source]:
            with reading(self.engines[listener]) as session:
                at = read_cursors(session, listener, source, range(PARTITIONS))
            late = [partition for partition, end in ends.items() if at[partition].position < end.position]
            found += [f"{listener} behind partitions {late} of {source}"] * bool(late)
        return found

    def _unsent(self) -> list[str]:
        """What is known of each message that is not delivered."""
        asked = select(Notification.status, Notification.attempts, Notification.next_attempt_at, Attempt.outcome)
        waits = asked.outerjoin(Attempt, Attempt.notification_id == Notification.id).where(
            Notification.status != "delivered"
        )
        with reading(self.engines["notify"]) as session:
            return [
                f"a message is {status} (attempts: {attempts}, the next at {due}, outcome: {outcome})"
                for status, attempts, due, outcome in session.execute(waits)
            ]

    def close(self, accepted: list[UUID]) -> None:
        """Every accepted case is there; every event of every log was applied once by every listener."""
        time.sleep(1.0)  # the last of them have their positions
        self.wait_until_arrived()
        with reading(self.engines["intake"]) as session:
            assert set(accepted) <= set(session.scalars(select(Case.id)))
        assert len(set(accepted)) == len(accepted)
        account = Account.of(self.engines["intake"]).facts(self.engines["reporting"], self.stack.keys)
        for listener in LISTENERS["intake"]:
            account.arrived(self.engines[listener], listener)
        account.close()
        for source in ("notify", "reporting"):
            account = Account.of(self.engines[source], source)
            for listener in LISTENERS[source]:
                account.arrived(self.engines[listener], listener)
            account.close()
        self._messages()

    def _messages(self) -> None:
        """One message for each import; of each message to an organisation one file, which bears its id."""
        with reading(self.engines["notify"]) as session:
            to_organisations = Notification.contact_id.is_(None)
            asked = select(Notification.id, Notification.kind).where(to_organisations)
            told = {str(id_): kind for id_, kind in session.execute(asked)}
        assert list(told.values()).count(IMPORT_FINISHED) == self.imported
        listed = self.stack.execute("notify-jobs", "find", "/data/outbox", "-name", "*.txt") if told else ""
        assert sorted(PurePath(one).stem for one in listed.split()) == sorted(told)
