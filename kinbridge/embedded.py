"""The three services in one process: a database file each, events handed over behind the commit, jobs in a thread."""

from __future__ import annotations

import logging
import time
from functools import partial
from types import TracebackType

from sqlalchemy import Engine, select

from kinbridge import front
from kinbridge.folder import FolderLock
from kinbridge.jobs import JobThreads
from services.intake import app as intake_app
from services.intake.admin.service import OPERATED as INTAKE
from services.intake.chores import CHORES
from services.intake.pairing import start_pairing
from services.notify import app as notify_app
from services.notify import tasks as notify_tasks
from services.notify.admin.service import OPERATED as NOTIFY
from services.notify.delivery import settle_broken_off
from services.notify.senders import FileSender
from services.reporting import app as reporting_app
from services.reporting.admin.service import OPERATED as REPORTING
from services.reporting.drafting import draft_issue
from services.reporting.files import LocalIssueFiles
from services.reporting.tasks import start_schedules
from shared.crypto import KeyRing
from shared.database import is_sqlite, open_engine, reading
from shared.depot import open_depot
from shared.erasures import Journal, Scrub, keep_scrubbed, settle
from shared.messaging.consumer import Consumer
from shared.messaging.feed import Feed, LocalFeed
from shared.messaging.log import open_ledger
from shared.messaging.loops import Loops
from shared.messaging.sequencer import Head, heads, unsequenced
from shared.messaging.tables import alarm
from shared.messaging.worker import Relay, start_chore, start_consumer
from shared.middleware import ByPrefix
from shared.migrations import migrate
from shared.operators.keys import check_keys
from shared.operators.operations import Service
from shared.operators.part import Part
from shared.settings import SERVICES, Settings
from shared.sqlite_files import checkpoint
from shared.web import always_https

log = logging.getLogger(__name__)

OPERATED: dict[str, Service] = {one.name: one for one in (INTAKE, NOTIFY, REPORTING)}
APPS = {"intake": intake_app, "reporting": reporting_app}
SWEEP = 2.0
"""Seconds between two looks for events without a position; recording transactions give them theirs."""
CHECKPOINT_EVERY = 2.0
"""Seconds; so often, and beside the commits, that none of them has to do it."""


class EmbeddedSystem:
    """The whole system, running from `with` to its end. It owns its data folder meanwhile.

    A `visiting` one is there for a single command. On a server's databases, which other processes work on, it leaves
    sending, relaying and chores to them.
    """

    def __init__(self, settings: Settings, *, visiting: bool = False) -> None:
        self.settings = settings
        self._visiting = visiting
        self.keys: KeyRing
        self.parts: dict[str, Part] = {}
        self._lock = FolderLock(settings.data_dir)
        self._loops = Loops()
        self._jobs: JobThreads | None = None
        self._engines: list[Engine] = []

    def __enter__(self) -> EmbeddedSystem:
        self._lock.__enter__()
        try:
            self._open()
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._jobs is not None:
            self._jobs.end()
        self._loops.end()
        for engine in self._engines:
            engine.dispose()
        self._lock.__exit__(kind, error, trace)

    def engine(self, service: str) -> Engine:
        """A service's database."""
        return self.parts[service].engine

    def _open(self) -> None:
        self.keys = self.settings.key_ring()
        engines = {service: open_engine(self.settings.database_url(service)) for service in SERVICES}
        self._engines += engines.values()
        for service, engine in engines.items():
            migrate(engine, service)
            check_keys(engine, service, OPERATED[service].metadata, self.keys)
            open_ledger(engine, service, self.keys)
            open_depot(engine, self.settings, service)
            settle(engine, Journal(self.settings.journal_file), OPERATED[service].erase)
        for service, engine in engines.items():
            own = OPERATED[service]
            feeds: dict[str, Feed] = {source: LocalFeed(engines[source], source) for source in own.listens_to}
            consumer = Consumer(service, engine, feeds, own.subscriptions, self.keys)
            self.parts[service] = Part(service, engine, consumer)

    def _start(self) -> None:
        on_files = any(is_sqlite(part.engine) for part in self.parts.values())
        if self._visiting and not on_files:
            return
        sender = FileSender(notify_tasks.outbox(self.settings.data_dir))
        settle_broken_off(self.engine("notify"), sender, at_start=True)
        families = notify_tasks.families(self.engine("notify"), self.settings)
        self._loops.at_end(families.soon.set)
        self._loops.run("families", partial(families.run, self._loops.stop))
        post = notify_tasks.reports(self.engine("notify"), self.settings, LocalIssueFiles(self.engine("reporting")))
        post.settle_broken_off(at_start=True)
        self._loops.at_end(post.soon.set)
        self._loops.run("reports", partial(post.run, self._loops.stop))
        self._jobs = JobThreads(notify_tasks.build(self.engine("notify"), sender, families, None, post))
        broker = self.settings.broker_url
        signals = [start_consumer(self._loops, part.consumer, broker, signalled=True) for part in self.parts.values()]
        for part in self.parts.values():
            Relay(part.engine, part.name, broker, list(signals)).start(self._loops, SWEEP)
        for name, (every, chore) in CHORES.items():
            start_chore(self._loops, self.engine("intake"), name, every, chore)
        start_pairing(self.engine("intake"), self._loops)
        start_schedules(self.engine("reporting"), self._loops, draft=draft_issue)
        for part in self.parts.values():
            scrub = Scrub(part.engine)
            self._loops.run(f"{part.name} scrub", partial(keep_scrubbed, scrub, self._loops.stop))
        if on_files:
            self._loops.run("checkpoints", self._checkpoint)
        self._jobs.start()

    def _checkpoint(self) -> None:
        while not self._loops.stop.wait(CHECKPOINT_EVERY):
            for part in self.parts.values():
                if is_sqlite(part.engine):
                    checkpoint(part.engine)

    def web(self) -> ByPrefix:
        """The three services' applications under one address, told apart by the first part of the path."""
        apps = {service: module.build(self.engine(service), self.keys) for service, module in APPS.items()}
        apps["notify"] = notify_app.build(self.engine("notify"), self.keys, self.settings)
        if self.settings.https:
            for app in apps.values():
                always_https(app)
        return ByPrefix(front.build(self), {**apps, "assets": apps["intake"]})

    def wait_until_arrived(self, timeout: float = 120.0) -> bool:
        """Wait until every recorded event has been sequenced and applied by every listener, and messages are sent.

        False when `timeout` seconds passed, or an alarm keeps events back: `kinbridge status` tells which.
        """
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if self._everything_arrived():
                return True
            if self._alarmed():
                return False
            time.sleep(0.02)
        return False

    def _everything_arrived(self) -> bool:
        """Cursors first: what a handler recorded in answer is then unsequenced still, or has moved a head."""
        before = self._heads()
        for part in self.parts.values():
            if any(part.consumer.cursors(source) != before[source] for source in part.consumer.feeds):
                return False
        for part in self.parts.values():
            with reading(part.engine) as session:
                if unsequenced(session)[0]:
                    return False
        return self._heads() == before and (self._jobs is None or self._jobs.idle(self.engine("notify")))

    def _heads(self) -> dict[str, dict[int, Head]]:
        found = {}
        for name, part in self.parts.items():
            with reading(part.engine) as session:
                found[name] = heads(session)
        return found

    def _alarmed(self) -> bool:
        for part in self.parts.values():
            with reading(part.engine) as session:
                if session.scalar(select(alarm.c.kind).limit(1)):
                    return True
        return False
