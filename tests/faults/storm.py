"""The storm: producers at work while everything they stand on is killed, cut, emptied, blocked and disturbed."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from shared.database import reading, uuid7
from shared.messaging.sequencer import heads, unsequenced
from shared.messaging.tables import cursor_position, head
from tests.faults.account import Account
from tests.faults.fleet import Fleet
from tests.faults.installation import LEDGERS, Installation, persistently
from tests.faults.producer import read_journal
from tests.servers import OwnRabbitMQ

WORKERS = ("intake", "reporting", "ledger")
PRODUCERS = 4
CASES = 300
SHORT, LONG = (0.05, 2.0), (2.0, 8.0)
"""Seconds of a worker at work."""
PATIENCE = 90.0
"""Seconds for what takes one on an idle machine."""
FULL = 20_000
"""Events of a full storm; with less of them there is less of everything."""


@dataclass(frozen=True)
class Strength:
    """How much of what."""

    events: int
    cases: int
    kills: int
    seconds: float
    block: float

    @classmethod
    def of(cls, events: int) -> Strength:
        share = min(1.0, events / FULL)
        return cls(events, round(CASES * share), max(3, round(30 * share)), max(100, 150 * share), 30 * max(0.3, share))


class Storm:
    """One storm over one installation; `rage()` it, then `settle()`, then close the `account()`."""

    def __init__(self, hub: Installation, rabbit: OwnRabbitMQ, fleet: Fleet, seed: str, strength: Strength) -> None:
        self.hub = hub
        self.rabbit = rabbit
        self.fleet = fleet
        self.strength = strength
        self.done: Counter[str] = Counter()
        self._seed = seed
        self._hot = UUID(str(uuid7()))
        self._over = threading.Event()
        self._lives = SHORT
        self._keep_going = hub.folder / "the broker is in trouble"
        self._errors: list[BaseException] = []

    def rage(self) -> None:
        """Let everything happen at once, until all events are accepted and all faults have struck."""
        self.hub.submit([self._hot])
        self._keep_going.touch()
        begun = time.monotonic()
        strikers = [
            *(self._striker(partial(self._kill_worker, role)) for role in WORKERS),
            self._striker(self._terminate_connections),
        ]
        makers = [
            *(self._thread(partial(self._producing, number)) for number in range(PRODUCERS)),
            self._thread(self._trouble_broker),
        ]
        for thread in makers:
            thread.join()
        while not self._errors and any(self.fleet.killed[role] < self.strength.kills for role in WORKERS):
            time.sleep(0.1)
        self._over.set()
        for thread in strikers:
            thread.join()
        self.done["seconds of storm"] = round(time.monotonic() - begun)
        if self._errors:
            raise self._errors[0]

    def settle(self, patience: float = 2 * PATIENCE) -> None:
        """Let the processes work undisturbed until every consumer stands where the source does."""
        begun = time.monotonic()
        self.hub.close()  # the storm cut this process's connections too
        for role in WORKERS:
            self._have(role)
        while not self._arrived():
            assert time.monotonic() - begun < patience, f"not settled: {self._standing()}{self.fleet.logs()}"
            for role in WORKERS:
                self.fleet.must_run(role)
            time.sleep(0.25)
        self.done["seconds until settled"] = round(time.monotonic() - begun)

    def account(self) -> Account:
        """Everything accepted against everything applied."""
        lines = [line for n in range(PRODUCERS) for line in read_journal(self._journal(n))]
        accepted = [UUID(i) for line in lines if line["outcome"] == "committed" for i in line["events"]]
        rolled_back = [UUID(i) for line in lines if line["outcome"] != "committed" for i in line["events"]]
        account = Account.of(self.hub.intake).journals(accepted, rolled_back)
        account.ledger(self.hub.ledger, *LEDGERS).arrived(self.hub.ledger, *LEDGERS)
        account.facts(self.hub.reporting, self.hub.keys).arrived(self.hub.reporting, "reporting")
        account.arrived(self.hub.intake)
        subjects = Counter(event.subject for event in account.log)
        self.done["events accepted"] = len(account.log)
        self.done["events acknowledged to producers"] = len(accepted)
        self.done["transactions rolled back on purpose"] = len(lines) - sum(r["outcome"] == "committed" for r in lines)
        self.done["cases"] = sum(subject.startswith("case/") for subject in subjects)
        self.done["events of one case"] = subjects[f"case/{self._hot}"]
        for role in (*WORKERS, "producer"):
            self.done[f"kill -9 of {role}"] = self.fleet.killed[role]
        self._count_disorder()
        return account

    def _count_disorder(self) -> None:
        tally = self.hub.folder / "disorder"
        for line in tally.read_text().splitlines() if tally.exists() else ():
            doubled, dropped, late = map(int, line.split())
            self.done["messages doubled"] += doubled
            self.done["messages dropped"] += dropped
            self.done["messages late"] += late

    # what strikes

    def _kill_worker(self, role: str) -> None:
        """Most die at work, some while they start."""
        chance = self._chance(role)
        self._have(role)
        if chance.random() > 0.2:
            self.fleet.wait_ready(role)
        self._over.wait(chance.uniform(*self._lives))
        if self.fleet.killed[role] < 2 * self.strength.kills:
            self.fleet.kill(role)

    def _have(self, role: str) -> None:
        if not self.fleet.running(role):
            self.fleet.start(role, KINBRIDGE_DISORDER=self._seed)

    def _terminate_connections(self) -> None:
        database = random.choice(("intake", "reporting", "ledger"))
        self.done["database connections terminated"] += self.hub.postgres.terminate_backends(database)
        self._over.wait(random.uniform(1.0, 3.0))

    def _producing(self, number: int) -> None:
        """Keep one producer alive until it has done its share."""
        name, chance = f"producer {number}", self._chance(f"producer {number}")
        share = -(-self.strength.events // PRODUCERS)
        while (self._acknowledged(number) < share or self._keep_going.exists()) and not self._errors:
            if not self.fleet.running(name):
                self.fleet.start("producer", name, **self._plan(number, share))
            until = time.monotonic() + chance.uniform(3.0, 8.0)
            while self.fleet.running(name) and time.monotonic() < until and not self._errors:
                time.sleep(0.05)
            self.fleet.kill(name)

    def _plan(self, number: int, share: int) -> dict[str, str]:
        return {
            "STORM_EVENTS": str(share),
            "STORM_GOES_ON": str(self._keep_going),
            "STORM_CASES": str(self.strength.cases),
            "STORM_SECONDS": str(self.strength.seconds),
            "STORM_HOT_CASE": str(self._hot),
            "STORM_ORGANISATION": str(self.hub.actor.organisation_id),
            "STORM_JOURNAL": str(self._journal(number)),
            "STORM_SEED": f"{self._seed} {number}",
        }

    def _journal(self, number: int) -> Path:
        return self.hub.folder / f"journal-{number}"

    def _acknowledged(self, number: int) -> int:
        lines = read_journal(self._journal(number))
        return sum(len(line["events"]) for line in lines if line["outcome"] == "committed")

    def _trouble_broker(self) -> None:
        """Restarts, losses and a full disk, one after the other, while the others rage."""
        try:
            self._break_and_mend_broker()
        finally:
            self._keep_going.unlink()

    def _break_and_mend_broker(self) -> None:
        self._lose_queues()
        self._count("broker restarts", self.rabbit.restart)
        self._lose_queues()
        self._block_publishers()
        self._count("broker kills", self._kill_broker)
        self._lose_queues()
        self._count("broker wiped", self.rabbit.wipe)
        self._lose_queues()
        self._count("broker restarts", self.rabbit.restart)
        self._count("broker kills", self._kill_broker)
        self._lose_queues()

    def _kill_broker(self) -> None:
        self.rabbit.kill()
        self.rabbit.start()

    def _count(self, what: str, act: Callable[[], object]) -> None:
        act()
        self.done[what] += 1
        self._over.wait(2.0)

    def _lose_queues(self) -> None:
        """Delete two queues, purge two others."""
        for what, act in (("queues deleted", self.rabbit.delete_queue), ("queues purged", self.rabbit.purge_queue)):
            for _ in range(2):
                queue = f"{random.choice(('reporting', *LEDGERS))}.intake.{random.randrange(8)}"
                with contextlib.suppress(Exception):  # it is not declared anew yet
                    act(queue)
                    self.done[what] += 1
                self._over.wait(0.5)

    def _block_publishers(self) -> None:
        """The broker's disk is full: it reads nothing more. The feed goes on."""
        self._lives = LONG
        self.rabbit.block_publishers()
        time.sleep(self.strength.block / 3)
        published, before = self._published(), self._consumed()
        begun, moved = time.monotonic(), dict.fromkeys(before, 0)
        while time.monotonic() - begun < self.strength.block * 2 / 3 or not all(moved.values()):
            assert time.monotonic() - begun < PATIENCE, f"a consumer stands still with a blocked broker: {moved}"
            time.sleep(0.5)
            moved = {name: at - before[name] for name, at in self._consumed().items()}
        assert self._published() == published, "the broker was not blocked"
        self.rabbit.unblock_publishers()
        self._lives = SHORT
        self.done["seconds of disk alarm"] += round(self.strength.block / 3 + time.monotonic() - begun)
        self.done["events through the feed during it"] += sum(moved.values())

    def _published(self) -> int:
        return persistently(self.hub.intake, lambda session: session.scalar(select(func.sum(head.c.published))))

    def _consumed(self) -> dict[str, int]:
        total = select(func.sum(cursor_position.c.position))
        found = {"reporting": persistently(self.hub.reporting, lambda session: session.scalar(total))}
        for name in LEDGERS:
            mine = total.where(cursor_position.c.consumer == name)
            found[name] = persistently(self.hub.ledger, lambda session, mine=mine: session.scalar(mine))
        return found

    # when it is over

    def _arrived(self) -> bool:
        with reading(self.hub.intake) as session:
            waiting, ends = unsequenced(session)[0], heads(session)
        total = sum(at.position for at in ends.values())
        return not waiting and all(at == total for at in self._consumed().values())

    def _standing(self) -> str:
        with reading(self.hub.intake) as session:
            return f"{unsequenced(session)[0]} unsequenced, consumed {self._consumed()}"

    # how it runs

    def _chance(self, name: str) -> random.Random:
        return random.Random(f"{self._seed} {name} {self.fleet.killed[name]}")

    def _striker(self, strike: Callable[[], None]) -> threading.Thread:
        def again() -> None:
            while not self._over.is_set() and not self._errors:
                strike()

        return self._thread(again)

    def _thread(self, work: Callable[[], None]) -> threading.Thread:
        def guarded() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - raised where the storm is awaited
                self._errors.append(error)

        thread = threading.Thread(target=guarded, daemon=True)
        thread.start()
        return thread


@contextlib.contextmanager
def storm_over(hub: Installation, rabbit: OwnRabbitMQ, seed: str, events: int) -> Iterator[Storm]:
    """A storm of a strength, with its fleet."""
    with Fleet(hub) as fleet:
        yield Storm(hub, rabbit, fleet, seed, Strength.of(events))
