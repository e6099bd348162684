"""A system of an organisation that submits cases all the time, and repeats what it is not sure of."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from datetime import date, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

import httpx2

PAUSE = 0.05
"""Seconds between two submissions: this is about what is lost, not about speed."""
PATIENCE = 120.0
"""Seconds."""
UNSURE = (httpx2.NetworkError, httpx2.TimeoutException, httpx2.RemoteProtocolError, httpx2.HTTPStatusError)
"""What leaves open whether a case was accepted: the same request once more tells."""
FIRST_DAY = date(2024, 1, 1)


class Sender:
    """Submits incidents until its `with` block ends. `accepted` are the cases that were answered with 2xx."""

    def __init__(self, address: str, client_id: str, secret: str) -> None:
        self._http = httpx2.Client(base_url=address, timeout=5, trust_env=False)
        self._login = (client_id, secret)
        self._token = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sender")
        self.accepted: list[UUID] = []
        self.refused: list[int] = []
        self.repeated = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()
        self._http.close()

    def submit(self) -> UUID | None:
        """One case, repeated under one key until it is accepted; None where the end came first, or it was refused."""
        key, body = str(uuid4()), incident(len(self.accepted))
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not self._stop.is_set():
            with suppress(*UNSURE):
                answer = self._http.post(
                    "/intake/v1/cases",
                    json=body,
                    headers={"Authorization": f"Bearer {self._token or self.token()}", "Idempotency-Key": key},
                )
                if answer.is_success:
                    self.accepted.append(UUID(answer.json()["id"]))
                    return self.accepted[-1]
                if answer.status_code == 401:
                    self._token = ""
                elif answer.status_code < 500:
                    self.refused.append(answer.status_code)
                    return None
            self.repeated += 1
            self._stop.wait(PAUSE)
        return None

    def token(self) -> str:
        """A fresh token of this system."""
        answer = self._http.post("/intake/v1/oauth/token", auth=self._login, data={"grant_type": "client_credentials"})
        answer.raise_for_status()
        self._token = str(answer.json()["access_token"])
        return self._token

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            self.submit()


def incident(number: int) -> dict[str, Any]:
    """Incidents that differ."""
    day = (FIRST_DAY + timedelta(days=number % 300)).isoformat()
    return {
        "type": "mass_incident",
        "incident": {"occurred_from": day, "occurred_to": day, "dead": number % 7, "missing": number % 5},
    }
