"""The load generator: a few connections on loopback, each sending its next request when the last is answered.

It reads of an answer only what it must: the status line and the length.
"""

from __future__ import annotations

import asyncio
import json
import time
from itertools import count
from typing import Any

import uvloop

from bench.child import settings_of_child, wait_for_release
from bench.facts import case, people_case


class Sender(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._answer = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self.send()

    def send(self) -> None:
        request = self._load.next_request()
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)

    def data_received(self, received: bytes) -> None:
        self._answer += received
        headers, end, body = self._answer.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(headers.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        if len(body) >= length:
            self._answer = b""
            self._load.answered(headers[9:12], body)
            self.send()

    def connection_lost(self, error: Exception | None) -> None:
        self._load.closed()


class Load:
    """A number of requests over a number of connections."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._numbers = count()
        self._left = settings["requests"]
        self._open = settings["connections"]
        self._end = asyncio.get_running_loop().create_future()
        of, begin = settings["cases_each"], settings.get("begin", 0)
        self._made = people_case if settings.get("people") else case
        kept = self._left if settings.get("people") else 50  # nobody is sought twice: that would be a duplicate
        self._bodies = [self._body(begin + first, of) for first in range(0, kept * (of or 1), of or 1)]

    def _body(self, first: int, cases: int) -> bytes:
        return json.dumps([self._made(first + n) for n in range(cases)] if cases else self._made(first)).encode()

    async def run(self) -> float:
        """Seconds from the first request to the last answer."""
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        for _ in range(self._settings["connections"]):
            await loop.create_connection(lambda: Sender(self), "127.0.0.1", self._settings["port"])
        await self._end
        return time.perf_counter() - began

    def next_request(self) -> bytes | None:
        if not self._left:
            return None
        self._left -= 1
        number = next(self._numbers)
        body = self._bodies[number % len(self._bodies)]
        head = (
            f"POST {self._settings['path']} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self._settings['token']}\r\n"
            f"Idempotency-Key: {self._settings['run']}-{number}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def answered(self, status: bytes, body: bytes) -> None:
        if status not in (b"200", b"201"):
            raise SystemExit(f"refused: {status!r} {body!r}")

    def closed(self) -> None:
        self._open -= 1
        if not self._open:
            self._end.set_result(None)


async def serve() -> None:
    load = Load(settings_of_child())
    wait_for_release()
    print(await load.run(), flush=True)


if __name__ == "__main__":
    uvloop.run(serve())
