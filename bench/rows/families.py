"""The rows of issue "families are told": sending through an HTTP gateway, a backlog, news until the gateway has it, and
the operators' list.

Sending: messages that are due lie in PostgreSQL with contacts, keys and consent; the sending processes are ours, the
gateway is a process of its own on this machine, and the clock runs from their release until the last outcome is
recorded. The processor time of all of them says what a busy machine hides.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import Engine, text

from bench.child import Child, child, until
from bench.processor import machine, spent
from bench.report import Check, Row, interleaved, medians
from bench.rows.families_list import operators_list
from bench.rows.families_news import news
from bench.servers import Servers, plain
from bench.sides.celery_consumer import application
from bench.sides.families_celery import TASK
from shared.database import reading
from tests.faults.family_world import Crowd, gather
from tests.servers.postgres_setup import read_pid_file

SENT = (2_000, 20_000)
"""(at least, at SCALE=1) messages of a run."""
BACKLOG = 10_000
SENDERS = 2
"""Processes: as many as processors."""
FAR = 0.05
"""Seconds that a gateway takes which is not on this machine."""
WANTED, PROCESSORS = 500, 2
"""Messages a second, on so many processors."""
TEXT = "Your request is with us. Code ABCD-EFGH-JKMN. Read more: help.example/notify/f We never ask for money."


@dataclass
class Sending:
    """One measurement after the other, each on a database of its own."""

    servers: Servers
    size: int
    processor: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Milliseconds a message, of `SENDERS` processes and of what they stand on."""

    def ours(self, senders: int, messages: int | None = None, delay: float = 0.0) -> float:
        """Messages a second by so many processes, until all outcomes are recorded."""
        wanted = messages or self.size
        url, engine = self.servers.database("notify")
        gather(engine, Crowd(wanted, languages=("en",)))
        analyse(engine)
        self.servers.settle()
        with gateway(delay) as (address, side), ExitStack() as open_:
            settings = {"database": url, "gateway": address}
            sides = [open_.enter_context(child("families_sender", **settings)) for _ in range(senders)]
            before = [spent([pid]) for pid in (side.pid, self._postgres())]
            for one in sides:
                one.release()
            found = [json.loads(one.answer()) for one in sides]
            beside = [spent([pid]) for pid in (side.pid, self._postgres())]
        engine.dispose()
        assert sum(one["sent"] for one in found) == wanted, "some messages were not sent, or sent twice"
        took: float = max(one["ended"] for one in found) - min(one["began"] for one in found)
        if senders == SENDERS and not delay:
            each = [sum(one["busy"] for one in found), *(b - a for a, b in zip(before, beside, strict=True))]
            for name, seconds in zip(("senders", "gateway", "PostgreSQL"), each, strict=True):
                self.processor[name].append(seconds / wanted * 1000)
            self.processor["all"].append(sum(each) / wanted * 1000)
        return wanted / took

    def celery(self) -> float:
        """Messages a second by tasks that call the gateway and write the status."""
        url, engine = self.servers.database("notify")
        broker = self.servers.vhost()
        with psycopg.connect(plain(url), autocommit=True) as server:
            server.execute("CREATE TABLE plain_message (id int PRIMARY KEY, status text, provider_id text)")
            server.execute(b"INSERT INTO plain_message SELECT n, 'created' FROM generate_series(1, %d) n" % self.size)
        app = application(broker, "celery-bench")
        with app.connection_for_write() as connection, app.amqp.Producer(connection) as producer:
            for number in range(1, self.size + 1):
                app.send_task(TASK, [number, f"+2519{number:08}", TEXT], producer=producer)
        self.servers.settle()
        with gateway() as (address, _):
            settings = {"broker": broker, "queue": "celery-bench", "database": plain(url), "gateway": address}
            with child("families_celery", **settings) as side:
                side.release()
                until(lambda: not left(engine), timeout=300)
        first, last = self.servers.ask(engine, _COMMITS)
        engine.dispose()
        return (self.size - 1) / (float(str(last)) - float(str(first)))

    def _postgres(self) -> int:
        server = read_pid_file(self.servers.postgres.pgdata)
        assert server is not None
        return server.pid


def left(engine: Engine) -> bool:
    """True while a task has not written its status."""
    with reading(engine) as session:
        return session.scalar(text("SELECT 1 FROM plain_message WHERE status = 'created' LIMIT 1")) is not None


@contextmanager
def gateway(delay: float = 0.0) -> Iterator[tuple[str, Child]]:
    """The address of a gateway that takes everything, and its process."""
    with child("families_gateway", delay=delay) as side:
        side.release()
        yield side.answer(), side


def analyse(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def rows(servers: Servers, scale: float) -> list[Row]:
    size = max(SENT[0], int(SENT[1] * scale))
    sending, begun = Sending(servers, size), machine()
    many, alone = f"{SENDERS} senders", "1 sender"
    far, rival = f"{SENDERS} senders, gateway answers in {FAR * 1000:.0f} ms", "Celery, a task each"
    sent = interleaved(
        {
            many: lambda: sending.ours(SENDERS),
            alone: lambda: sending.ours(1),
            far: lambda: sending.ours(SENDERS, delay=FAR),
            rival: sending.celery,
        }
    )
    backlog = {"seconds": [BACKLOG / sending.ours(SENDERS, BACKLOG)]}
    at, each = medians(sent), medians(sending.processor)
    found = [
        Row(
            "families: messages sent",
            f"{size:,} messages through an HTTP gateway; Celery: 2 processes, no attempt recorded first",
            "/s",
            sent,
            [Check("sends", at[many], WANTED, "/s"), Check("of Celery", at[many] / at[rival], 1.0, "×")],
        ),
        Row(
            "families: processor time of a message",
            f"{SENDERS} senders, and what they stand on: {WANTED}/s on {PROCESSORS} processors, whoever else is there",
            "ms",
            sending.processor,
            [Check("all", each["all"], 1000 * PROCESSORS / WANTED, "ms", at_most=True)],
        ),
        Row(
            "families: a backlog",
            f"{BACKLOG:,} messages due at once; {SENDERS} senders; one run",
            "s",
            backlog,
            [Check("drained", backlog["seconds"][0], 60, "s", at_most=True)],
        ),
        news(servers, scale),
        operators_list(servers, scale),
    ]
    tell_noise(begun)
    return found


def tell_noise(begun: tuple[float, float]) -> None:
    """Whether the machine was ours alone, for whoever reads the figures."""
    now = machine()
    idle = (now[1] - begun[1]) / (now[0] - begun[0])
    print(f"families: load {os.getloadavg()[0]:.1f}, {idle:.0%} of the processors idle", file=sys.stderr, flush=True)


_COMMITS = (
    "SELECT extract(epoch FROM min(at)), extract(epoch FROM max(at)) "
    "FROM (SELECT pg_xact_commit_timestamp(xmin) AS at FROM plain_message WHERE status <> 'created') one"
)
