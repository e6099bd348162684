"""The row of issue "cases travel": offers at 50 a second on docker-compose.yml, until the receiver sees them.

Two organisations under an agreement; a case with one person and its legal basis for each offer, made before: its events
have arrived, and the matcher has looked for whom it may be. A system
of the sender offers them at a steady rate; a person of the receiver looks into the inbox all the time.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from bench.child import child
from bench.facts import people_case
from bench.report import RUNS, Check, Row, medians
from bench.servers import Servers
from services.intake.queries import match_index
from shared.database import reading, utc_now
from tests.compose.books import Books
from tests.compose.conftest import Hub
from tests.compose.people import Person
from tests.compose.stack import Stack, wait_until, why_not

RATE = 50
SECONDS = (20, 60)
"""(at least, at SCALE=1)."""
BATCH = 500
FIELDS = ["names", "sex", "birth"]
WITHIN = 500
"""Milliseconds."""


@contextmanager
def running() -> Iterator[Stack]:
    """The whole stack on empty volumes, for one measurement."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "env", project=f"kinbridge-bench-{os.getpid()}-referrals")
        stack.build()
        try:
            stack.up()
            stack.wait_ready()
            yield stack
        finally:
            stack.down()


class Offers:
    """Two organisations that may refer, and cases for the offers of each run."""

    def __init__(self, stack: Stack) -> None:
        self.hub = Hub(stack, "bench-sender", "", "")
        self.receiver = self.hub.admin("org", "add", "bench-receiver", "Receiver")["id"]
        self.hub.admin("org", "add", "bench-sender", "Sender")
        client = self.hub.admin("client", "add", "bench-sender")
        self.hub.client_id, self.hub.secret = client["client_id"], client["client_secret"]
        manager = Person(self.hub, "bench-sender", "manager@sender.example", "case_manager")
        self.reader = Person(self.hub, "bench-receiver", "manager@receiver.example", "case_manager")
        terms = {"partner_id": self.receiver, "purposes": ["assistance"], "fields": FIELDS, "valid_from": "2020-01-01"}
        self.reader.post(f"agreements/{manager.post('agreements', terms)['id']}/signature")
        self._books = Books(stack, "bench-sender")
        self._made = 0

    def at_rate(self, count: int) -> dict[str, Any]:
        """What became of that many offers."""
        asked = {
            "receiver_id": self.receiver,
            "purpose": "assistance",
            "service": "primary_health_care",
            "fields": FIELDS,
        }
        settings = {
            "port": self.hub.stack.ports["intake"],
            "rate": RATE,
            "cases": self._cases(count),
            "asked": json.dumps(asked),
            "sender": self.hub.sender().token(),
            "receiver": self.reader.session,
        }
        with child("referral_load", **settings) as load:
            load.release()
            found: dict[str, Any] = json.loads(load.answer())
        assert len(found["seen"]) == count
        return found

    def _cases(self, count: int) -> list[str]:
        """Registrations of people who are known nowhere yet, with their consent; nothing is left to do for them."""
        headers = {"Authorization": f"Bearer {self.hub.sender().token()}"}
        address = f"{self.hub.stack.address('intake')}/intake/v1/cases/batch"
        made: list[str] = []
        while len(made) < count:
            body = [self._case() for _ in range(min(BATCH, count - len(made)))]
            answer = httpx2.post(address, json=body, headers=headers, timeout=120)
            answer.raise_for_status()
            made += [one["case"]["id"] for one in answer.json()["results"]]
        self._books.wait_until_arrived(timeout=120)
        wait_until(lambda: not self._matching(), "the matcher does not come to an end", timeout=300)
        return made

    def _matching(self) -> bool:
        with reading(self._books.engines["intake"]) as session:
            return match_index.waiting(session, utc_now())

    def _case(self) -> dict[str, Any]:
        self._made += 1
        sought = people_case(self._made)["people"][1]["person"]
        return {
            "type": "registration",
            "details": {"met_at": "service_point", "met_on": "2026-01-02"},
            "people": [{"role": "registered", "person": sought}],
            "legal_bases": [{"person": 0, "purpose": "sharing", "basis": "consent", "recipient_id": self.receiver}],
        }


def rows(_servers: Servers, scale: float) -> list[Row]:
    reason = why_not()
    if reason is not None:
        print(f"referrals: NOT MEASURED, {reason}", file=sys.stderr, flush=True)
        return []
    seconds = max(SECONDS[0], round(SECONDS[1] * scale))
    figures: dict[str, list[float]] = {name: [] for name in ("p50", "p99", "answered p99")}
    rates: list[float] = []
    with running() as stack:
        offers = Offers(stack)
        offers.at_rate(2 * RATE)  # warm
        for _ in range(RUNS):
            found = offers.at_rate(seconds * RATE)
            figures["p50"].append(at(found["seen"], 0.5))
            figures["p99"].append(at(found["seen"], 0.99))
            figures["answered p99"].append(at(found["answered"], 0.99))
            rates.append(found["rate"])
            print(f"referrals: {rates[-1]:.1f}/s, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
    middle = medians({"rate": rates})["rate"]
    return [
        Row(
            "an offer is in the receiver's inbox",
            f"docker-compose.yml, {RATE}/s for {seconds} s, from the moment it was meant to be sent",
            "ms",
            figures,
            [
                Check("p99", medians(figures)["p99"], WITHIN, "ms", at_most=True),
                Check("achieved", middle, 0.97 * RATE, "/s"),
            ],
        )
    ]


def at(milliseconds: list[float], share: float) -> float:
    """Of sorted times, the one that this share of them does not pass."""
    return milliseconds[min(len(milliseconds) - 1, int(share * len(milliseconds)))]
