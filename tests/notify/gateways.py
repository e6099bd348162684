"""SMS providers on this machine: they speak as Twilio, Vonage and Africa's Talking do, and fail as told.

A server runs in a thread of its own and answers some thousand requests a second. What it took is counted by our
reference (Africa's Talking gets none: by the number), so that a test can say which message went out twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import httptools

from tests.notify.provider_shapes import Provider, Taken, accepted, http, refused, taken_from

Trouble = Literal[
    "drop-before", "drop-after", "silent", "slow", "drip", "429", "503", "500", "malformed", "half", "refused"
]
"""`drop-before` closes the connection without taking the message; `drop-after`, `silent` (no answer at all), `half`
(half of one), `malformed` and `500` take it first; `429` and `503` ask to wait; `refused` gives an error code."""
TAKES = frozenset({None, "slow", "drip", "drop-after", "silent", "half", "malformed", "500"})
REFUSALS = {"twilio": "21211", "vonage": "7", "africastalking": "403"}


@dataclass
class Behaviour:
    """How a server fails. `chances` sum to 1 at most: what remains is answered well; `script` comes first."""

    chances: Mapping[Trouble, float] = field(default_factory=dict)
    seed: int = 1
    delay: float = 0.2
    """Seconds that `slow` takes."""
    retry_after: str | None = "1"
    refusal: str | None = None
    """The code of `refused`; None: one for a number that does not exist."""


class ProviderServer:
    """`with ProviderServer("twilio") as server:` answers at `server.url` until the block ends."""

    def __init__(self, provider: Provider, behaviour: Behaviour | None = None) -> None:
        self.provider = provider
        self.behaviour = behaviour or Behaviour()
        self.requests = 0
        self.taken: dict[str, Taken] = {}
        """By the provider's (first) id."""
        self.counted: Counter[str] = Counter()
        """How often each reference was taken."""
        self.troubles: Counter[str] = Counter()
        """How often each happened; under the empty name, how often a call was answered well."""
        self.headers: list[dict[str, str]] = []
        """Of the last 100 requests."""
        self._script: deque[Trouble | None] = deque()
        self._random = random.Random(self.behaviour.seed)
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0
        self.connections: set[_Conversation] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> ProviderServer:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def next(self, *troubles: Trouble | None) -> None:
        """What happens to the next requests, one after the other; None is answered well."""
        with self._lock:
            self._script.extend(troubles)

    def hang_up(self) -> None:
        """Close every connection that is open, and wait until it is."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(10)

    def answer(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> tuple[Trouble | None, bytes]:
        """What happens to a request, and the whole answer. Called in the server's thread."""
        with self._lock:
            self.requests += 1
            self.headers = [*self.headers[-99:], headers]
            trouble = self._script.popleft() if self._script else self._drawn()
            self.troubles[trouble or ""] += 1
            if method == "GET":
                return trouble, self._looked_up(target) if trouble in TAKES else self._failed(trouble)
            if trouble not in TAKES:
                return trouble, self._failed(trouble)
            good = self._take(dict(parse_qsl(body.decode())))
        if trouble == "malformed":
            return trouble, http(200, b'{"sid": "SM')
        return trouble, http(500, b"<html>Internal Server Error</html>") if trouble == "500" else good

    def _drawn(self) -> Trouble | None:
        drawn = self._random.random()
        for trouble, chance in self.behaviour.chances.items():
            drawn -= chance
            if drawn < 0:
                return trouble
        return None

    def _failed(self, trouble: Trouble | None) -> bytes:
        if trouble == "refused":
            return refused(self.provider, self.behaviour.refusal or REFUSALS[self.provider])
        wait = {"Retry-After": self.behaviour.retry_after} if self.behaviour.retry_after is not None else {}
        return http(int(trouble) if trouble in ("429", "503") else 502, b"{}", wait)

    def _take(self, form: Mapping[str, str]) -> bytes:
        message = taken_from(self.provider, form)
        self.taken[message.ids[0]] = message
        self.counted[message.reference] += 1
        return accepted(self.provider, message)

    def _looked_up(self, target: str) -> bytes:
        message = self.taken.get(urlsplit(target).path.rpartition("/")[2].removesuffix(".json"))
        if message is None:
            return http(404, b'{"code": 20404, "message": "not found", "status": 404}')
        return http(200, json.dumps({"sid": message.ids[0], "status": "delivered", "error_code": None}).encode())

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        server = await self._loop.create_server(lambda: _Conversation(self), "127.0.0.1", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        await self._hang_up()

    async def _hang_up(self) -> None:
        for connection in list(self.connections):
            connection.transport.abort()
        await asyncio.sleep(0.01)


class _Conversation(asyncio.Protocol):
    """One connection: requests in, answers or troubles out."""

    transport: asyncio.Transport

    def __init__(self, server: ProviderServer) -> None:
        self.server = server
        self._begin()
        self._parser = httptools.HttpRequestParser(self)

    def _begin(self) -> None:
        self._target, self._body = b"", b""
        self._headers: dict[str, str] = {}

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.server.connections.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self.server.connections.discard(self)

    def data_received(self, received: bytes) -> None:
        with contextlib.suppress(httptools.HttpParserError):
            self._parser.feed_data(received)

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode().lower()] = value.decode()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode()
        trouble, answer = self.server.answer(method, self._target.decode(), self._body, self._headers)
        self._begin()
        loop, write = asyncio.get_running_loop(), self.transport.write
        if trouble in ("drop-before", "drop-after"):
            self.transport.abort()
        elif trouble == "half":
            write(answer[: len(answer) // 2])
            loop.call_later(0.02, self.transport.close)
        elif trouble == "slow":
            loop.call_later(self.server.behaviour.delay, write, answer)
        elif trouble == "drip":
            for place, byte in enumerate(answer):
                loop.call_later(self.server.behaviour.delay * place, write, bytes([byte]))
        elif trouble != "silent":
            write(answer)
