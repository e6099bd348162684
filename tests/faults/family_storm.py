"""A storm over families: senders killed at work, providers that fail in every way, and receipts that lie."""

from __future__ import annotations

import base64
import heapq
import http.client
import random
import secrets
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import func, select

from services.notify.domain import Notification
from services.notify.settings import SERVICE
from shared.crypto import KeyRing
from shared.database import open_engine, reading
from shared.messaging.log import open_ledger
from shared.migrations import migrate
from tests.faults.fleet import Fleet
from tests.notify.gateways import Behaviour, ProviderServer, Trouble
from tests.notify.mail_server import MailServer
from tests.notify.provider_shapes import WORDS, Provider, Taken, receipts_of
from tests.servers import OwnPostgres, free_port, fresh_folder

SECRET = "a-secret-that-the-provider-signs-with-0123456789"
FAILING: dict[Trouble, float] = {
    "slow": 0.05,
    "drop-before": 0.02,
    "drop-after": 0.02,
    "half": 0.01,
    "malformed": 0.01,
    "500": 0.01,
    "refused": 0.01,
    "silent": 0.003,
    "429": 0.0008,
    "503": 0.0004,
}
MAIL_FAILING = (
    (0.05, "drop-before"),
    (0.06, "drop-after"),
    (0.05, ("recipient", "450 4.2.1 try again in 1 second")),
    (0.03, ("recipient", "550 5.1.1 no such user")),
    (0.01, ("content", "452 4.3.1 full")),
)
Told = Literal["on its way", "arrived", "failed", "gone"]
TALES: tuple[tuple[float, tuple[Told, ...]], ...] = (
    (0.15, ()),
    (0.45, ("arrived",)),
    (0.08, ("arrived", "arrived")),
    (0.06, ("gone", "arrived")),
    (0.06, ("arrived", "failed")),
    (0.05, ("gone",)),
    (0.07, ("failed",)),
    (0.08, ("arrived", "on its way", "arrived")),
)
"""What is told of a message, by how many of them: nothing, the truth, the same again, one thing and its contrary."""
TELLERS = 3
STANDSTILL = 120.0
"""Seconds without anything sent, told or ended; a message is given up after 30."""
RECEIPTS = f"http://hub.example/notify/providers/africastalking/receipts/{SECRET}"
"""Where Africa's Talking tells, of which a message names no address."""


@dataclass
class FamilyHub:
    """Notify alone: a database on a server of this run, its keys and settings."""

    postgres: OwnPostgres
    provider: Provider
    gateway: ProviderServer
    mail: MailServer
    folder: Path = field(default_factory=lambda: fresh_folder("families"))

    def __post_init__(self) -> None:
        master = secrets.token_bytes(32)
        self._master, self.keys, self.port = base64.b64encode(master).decode(), KeyRing((master,)), free_port()
        self.engine = open_engine(self.postgres.create_database(SERVICE, owner=SERVICE))
        migrate(self.engine, SERVICE)
        open_ledger(self.engine, SERVICE, self.keys)

    def environment(self) -> dict[str, str]:
        """The settings of every process."""
        return {
            "KINBRIDGE_MASTER_KEY": self._master,
            "KINBRIDGE_DATA_DIR": str(self.folder),
            "KINBRIDGE_LOG_LEVEL": "INFO",
            "KINBRIDGE_PORT": str(self.port),
            "KINBRIDGE_NOTIFY_DATABASE_URL": self.postgres.url(SERVICE, SERVICE),
            "KINBRIDGE_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "KINBRIDGE_SMS_PROVIDER": self.provider,
            "KINBRIDGE_SMS_URL": self.gateway.url,
            "KINBRIDGE_SMS_ACCOUNT": "account",
            "KINBRIDGE_SMS_SECRET": SECRET,
            "KINBRIDGE_RECEIVER_SECRET": SECRET,
            "KINBRIDGE_SMS_FROM": "+15005550006",
            "KINBRIDGE_SMS_PER_SECOND": "5000",
            "KINBRIDGE_SMTP_HOST": self.mail.host,
            "KINBRIDGE_SMTP_PORT": str(self.mail.port),
            "KINBRIDGE_SMTP_TLS": "none",
            "KINBRIDGE_MAIL_FROM": "messages@help.example",
        }

    def close(self) -> None:
        """Let everything of it go."""
        self.engine.dispose()
        self.postgres.drop_database(SERVICE)


class Liar:
    """Tells of every message that the gateway took, through notify's own door: late, twice, in any order, and not
    always the truth. What is not answered with 2xx is told again, as providers do."""

    def __init__(self, hub: FamilyHub, chance: random.Random) -> None:
        self._hub, self._chance = hub, chance
        self._known: set[str] = set()
        self._waiting: list[tuple[float, int, str, bytes, dict[str, str]]] = []
        self._ready: deque[tuple[str, bytes, dict[str, str]]] = deque()
        self._flying = 0
        self._number = 0
        self._lock = threading.Lock()
        self.over = threading.Event()
        self.done: Counter[str] = Counter()
        self.errors: list[str] = []
        self.threads = [threading.Thread(target=one, daemon=True) for one in (self._plan, *[self._tell] * TELLERS)]
        for thread in self.threads:
            thread.start()

    def silent(self) -> bool:
        """True where nothing is left to be told of what was taken so far."""
        with self._lock:
            return not (self._waiting or self._ready or self._flying) and len(self._known) == len(
                self._hub.gateway.taken
            )

    def end(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(10)
        assert not self.errors, self.errors[:5]

    def _plan(self) -> None:
        while not self.over.wait(0.05):
            new = [one for one in list(self._hub.gateway.taken) if one not in self._known]
            with self._lock:
                for one in new:
                    self._invent(self._hub.gateway.taken[one])
                self._known.update(new)
                while self._waiting and self._waiting[0][0] <= time.monotonic():
                    self._ready.append(heapq.heappop(self._waiting)[2:])

    def _invent(self, message: Taken) -> None:
        (tale,) = self._chance.choices([words for _, words in TALES], [share for share, _ in TALES])
        words = [WORDS[self._hub.provider][word] for word in tale]
        requests = receipts_of(self._hub.provider, message, RECEIPTS, SECRET, words)
        self._chance.shuffle(requests)
        for request in requests:
            wait = self._chance.uniform(0, 2) if self._chance.random() < 0.9 else self._chance.uniform(3, 8)
            self._number += 1
            target = urlsplit(request.url)
            path = f"{target.path}?{target.query}" if target.query else target.path
            due = time.monotonic() + wait
            heapq.heappush(self._waiting, (due, self._number, path, request.body, dict(request.headers)))

    def _tell(self) -> None:
        connection: http.client.HTTPConnection | None = None
        while not self.over.is_set():
            with self._lock:
                told = self._ready.popleft() if self._ready else None
                self._flying += told is not None
            if told is None:
                time.sleep(0.01)
                continue
            connection = connection or http.client.HTTPConnection("127.0.0.1", self._hub.port, timeout=20)
            try:
                connection.request("POST", *told)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                connection.close()
                connection, status = None, 0
            self._answered(status, told)

    def _answered(self, status: int, told: tuple[str, bytes, dict[str, str]]) -> None:
        with self._lock:
            self._flying -= 1
            if 200 <= status < 300:
                self.done["receipts"] += 1
                return
            self.done["receipts told again"] += 1
            if 400 <= status < 500:
                self.errors.append(f"a receipt was answered with {status}")
            self._number += 1
            heapq.heappush(self._waiting, (time.monotonic() + 0.3, self._number, *told))


class FamilyStorm:
    """`rage()` until so many senders were killed and nothing is due, then `settle()`."""

    def __init__(self, hub: FamilyHub, fleet: Fleet, seed: str, *, senders: int = 2, careless: bool = False) -> None:
        self.hub, self.fleet, self._seed = hub, fleet, seed
        self._senders = [f"sender {number}" for number in range(senders)]
        self._more = {"KINBRIDGE_TEST_CARELESS": "yes"} if careless else {}
        self.done: Counter[str] = Counter()

    def rage(self, kills: int, lives: tuple[float, float], web_kills: int = 0) -> None:
        """Kill senders, and sometimes the web process, until all have been killed so often."""
        chance, begun = random.Random(self._seed), time.monotonic()
        self._have("web", "web")
        ends = {name: begun + chance.uniform(*lives) for name in self._senders}
        web_ends = begun + 5.0
        while self.fleet.killed["sender"] < kills:
            for name, end in ends.items():
                self._have("sender", name)
                if time.monotonic() > end:
                    self.fleet.kill(name)
                    ends[name] = time.monotonic() + chance.uniform(*lives)
            self._have("web", "web")
            if web_kills > self.fleet.killed["web"] and time.monotonic() > web_ends:
                self.fleet.kill("web")
                web_ends = time.monotonic() + 5.0
            time.sleep(0.02)
        self.done["seconds of storm"] = round(time.monotonic() - begun)
        self.done["kill -9 of senders"] = self.fleet.killed["sender"]
        self.done["kill -9 of the web process"] = self.fleet.killed["web"]

    def settle(self, liar: Liar, patience: float = 900.0) -> None:
        """Let everything end: undisturbed, until nothing is left to do or to tell."""
        begun = moved = time.monotonic()
        before = None
        while not ((left := self.left()) == 0 and liar.silent()):
            for role, name in (("web", "web"), *(("sender", one) for one in self._senders)):
                self._have(role, name)
            now, standing = time.monotonic(), (left, len(self.hub.gateway.taken), liar.done["receipts"])
            moved, before = (moved if standing == before else now), standing
            assert now - begun < patience, f"not settled: {left} messages are left{self.fleet.logs()}"
            assert now - moved < STANDSTILL, f"nothing moves: {left} messages are left{self.fleet.logs()}"
            time.sleep(0.2)
        self.done["seconds until settled"] = round(time.monotonic() - begun)

    def left(self) -> int:
        """Messages for which something is still to be done."""
        with reading(self.hub.engine) as session:
            return session.scalar(select(func.count()).where(Notification.next_attempt_at.is_not(None))) or 0

    def _have(self, role: str, name: str) -> None:
        """Start it again where it was killed. Nothing else may end it: nobody harms its database here."""
        if name in self.fleet.workers:
            self.fleet.must_run(name)
        else:
            self.fleet.start(role, name, **self._more)


def servers(provider: Provider, seed: int) -> tuple[ProviderServer, MailServer]:
    """A gateway and a mail server that fail."""
    return ProviderServer(provider, Behaviour(FAILING, seed)), MailServer(chances=MAIL_FAILING, seed=seed)
