"""Offers referrals at a steady rate, whatever the answers take, and looks for each in the receiver's inbox.

The time of an offer runs from the moment it was meant to be sent, so that a stall counts for everything behind it.
Sender and receiver speak HTTP on connections of their own; it reads of an answer only what it must.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import Any

import uvloop

from bench.child import settings_of_child, wait_for_release

CONNECTIONS = 16
"""Of the sender's system. An offer that finds none free waits here, and its time runs."""
LOOK = 0.1
"""Seconds between two looks into the inbox."""
LAST = 30.0
"""Seconds after the last offer in which the rest must be seen."""


class Connection:
    """One connection; a request at a time."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: bytes = b"") -> Any:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        self._writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        answer = await self._reader.readexactly(length)
        if head[9:12] not in (b"200", b"201"):
            raise SystemExit(f"refused: {head[9:12]!r} {answer!r}")
        return json.loads(answer)


class Load:
    """Offers of prepared cases, and the inbox that they come into."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._free: asyncio.Queue[Connection] = asyncio.Queue()
        for _ in range(CONNECTIONS):
            self._free.put_nowait(Connection(settings["port"], settings["sender"]))
        self._inbox = Connection(settings["port"], settings["receiver"])
        self._before = ""
        """The newest that was there before the first offer: nothing behind it is looked for."""
        self._meant: dict[str, float] = {}
        self._sent: list[float] = []
        self._seen: dict[str, float] = {}

    async def run(self) -> dict[str, Any]:
        before = await self._inbox.ask("GET", "/intake/v1/referrals?box=in&limit=1")
        self._before = before["items"][0]["id"] if before["items"] else ""
        looking = asyncio.create_task(self._look())
        begin, pause = time.perf_counter() + 0.5, 1 / self._settings["rate"]
        offers = []
        for number, case in enumerate(self._settings["cases"]):
            meant = begin + number * pause
            await asyncio.sleep(max(0.0, meant - time.perf_counter()))
            offers.append(asyncio.create_task(self._offer(case, meant)))
        await asyncio.gather(*offers)
        until = time.perf_counter() + LAST
        while self._meant.keys() - self._seen.keys():
            if time.perf_counter() > until:
                raise SystemExit(f"{len(self._meant.keys() - self._seen.keys())} offers are not in the inbox")
            await asyncio.sleep(LOOK)
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        return {
            "seen": sorted(1000 * (self._seen[one] - meant) for one, meant in self._meant.items()),
            "answered": sorted(1000 * one for one in self._sent),
            "rate": len(self._meant) / (max(self._seen[one] for one in self._meant) - begin),
        }

    async def _offer(self, case: str, meant: float) -> None:
        connection = await self._free.get()
        answer = await connection.ask("POST", f"/intake/v1/cases/{case}/referrals", self._settings["asked"].encode())
        self._sent.append(time.perf_counter() - meant)
        self._meant[answer["id"]] = meant
        self._free.put_nowait(connection)

    async def _look(self) -> None:
        """As the receiver: the newest page, and pages behind it as long as one may hold an offer not seen yet."""
        while True:
            after = ""
            while True:
                page = await self._inbox.ask("GET", f"/intake/v1/referrals?box=in{after}")
                now, new = time.perf_counter(), [one["id"] for one in page["items"] if one["id"] not in self._seen]
                self._seen.update(dict.fromkeys(new, now))
                missed = min(self._meant.keys() - self._seen.keys(), default="~")  # ids are in the order of time
                last = page["items"][-1]["id"] if page["items"] else ""
                if page["next"] is None or last <= self._before or (not new and missed > last):
                    break
                after = f"&after={page['next']}"
            await asyncio.sleep(LOOK)


async def serve() -> None:
    load = Load(settings_of_child())
    wait_for_release()
    print(json.dumps(await load.run()), flush=True)


if __name__ == "__main__":
    uvloop.run(serve())
