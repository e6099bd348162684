"""SMS providers on this machine: they speak as Twilio, Vonage and Africa's Talking do, and fail as told.

A server runs in a thread of its own and answers some thousand requests a second. What it took is counted by our
reference (Africa's Talking gets none: by the number), so that a test can say which message went out twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from uuid import uuid4

import httptools

from services.notify.senders import Arrived
from services.notify.senders.twilio import signature as twilio_signature
from services.notify.senders.vonage import signature as vonage_signature
from services.notify.wording.segments import count

Provider = Literal["twilio", "vonage", "africastalking"]
Trouble = Literal[
    "drop-before", "drop-after", "silent", "slow", "drip", "429", "503", "500", "malformed", "half", "refused"
]
"""`drop-before` closes the connection without taking the message; `drop-after`, `silent` (no answer at all), `half`
(half of one), `malformed` and `500` take it first; `429` and `503` ask to wait; `refused` gives an error code."""
TAKES = frozenset({None, "slow", "drip", "drop-after", "silent", "half", "malformed", "500"})
REFUSALS = {"twilio": "21211", "vonage": "7", "africastalking": "403"}


@dataclass(frozen=True)
class Taken:
    """A message that the provider took: it is on its way to somebody's phone."""

    reference: str
    ids: tuple[str, ...]
    """One; Vonage gives one to each segment."""
    to: str
    text: str
    callback: str | None


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

    def answer(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> tuple[Trouble | None, bytes]:
        """What happens to a request, and the whole answer. Called in the server's thread."""
        with self._lock:
            self.requests += 1
            self.headers = [*self.headers[-99:], headers]
            trouble = self._script.popleft() if self._script else self._drawn()
            self.troubles[str(trouble)] += 1
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
        listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = listener.getsockname()[1]
        server = await self._loop.create_server(lambda: _Conversation(self), sock=listener)
        self._started.set()
        await self._stop.wait()
        server.close()
        for connection in list(self.connections):
            connection.transport.abort()
        await asyncio.sleep(0)


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


def http(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer of HTTP/1.1."""
    lines = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Told\r\n{head}\r\n".encode() + body


def taken_from(provider: Provider, form: Mapping[str, str]) -> Taken:
    """What a provider makes of a form that was sent to it."""
    if provider == "twilio":
        callback = form.get("StatusCallback")
        reference = parse_qs(urlsplit(callback or "").query).get("reference", ["?"])[0]
        return Taken(reference, (f"SM{uuid4().hex}",), form["To"], form["Body"], callback)
    if provider == "vonage":
        ids = tuple(str(uuid4()) for _ in range(max(1, count(form["text"]).segments)))
        return Taken(form["client-ref"], ids, f"+{form['to']}", form["text"], form.get("callback"))
    return Taken(form["to"], (f"ATXid_{uuid4().hex}",), form["to"], form["message"], None)


def accepted(provider: Provider, message: Taken) -> bytes:
    """The answer to a message that was taken."""
    if provider == "twilio":
        parts = str(max(1, count(message.text).segments))
        told = {"sid": message.ids[0], "status": "queued", "num_segments": parts, "error_code": None, "to": message.to}
        return http(201, json.dumps(told).encode())
    if provider == "vonage":
        messages = [{"to": message.to[1:], "message-id": one, "status": "0"} for one in message.ids]
        return http(200, json.dumps({"message-count": str(len(messages)), "messages": messages}).encode())
    recipient = {"statusCode": 101, "number": message.to, "status": "Success", "messageId": message.ids[0]}
    about = {"Message": "Sent to 1/1 Total Cost: KES 0.8000", "Recipients": [recipient]}
    return http(201, json.dumps({"SMSMessageData": about}).encode())


def refused(provider: Provider, code: str) -> bytes:
    """The answer to a message that was not."""
    if provider == "twilio":
        return http(400, json.dumps({"code": int(code), "message": "to +4915112345678", "status": 400}).encode())
    if provider == "vonage":
        messages = [{"status": code, "error-text": "no"}]
        return http(200, json.dumps({"message-count": "1", "messages": messages}).encode())
    recipient = {"statusCode": int(code), "number": "+254711000000", "status": "No", "messageId": "None"}
    return http(201, json.dumps({"SMSMessageData": {"Message": "Sent to 0/1", "Recipients": [recipient]}}).encode())


def twilio_calls(url: str, fields: Mapping[str, str], secret: str) -> Arrived:
    """A callback as Twilio makes it: a signed form."""
    signed = twilio_signature(secret.encode(), url, list(fields.items())).decode()
    return Arrived("POST", url, {**FORM, "X-Twilio-Signature": signed}, urlencode(fields).encode())


def vonage_calls(
    url: str,
    fields: Mapping[str, str],
    secret: str,
    how: Literal["json", "form", "get"] = "json",
    bits: int = 256,
) -> Arrived:
    """A webhook as Vonage calls it, in one of its three forms."""
    signed = {**fields, "sig": vonage_signature(secret.encode(), list(fields.items()), bits=bits)}
    if how == "get":
        return Arrived("GET", f"{url}?{urlencode(signed)}", {}, b"")
    body = json.dumps(signed).encode() if how == "json" else urlencode(signed).encode()
    return Arrived("POST", url, {"Content-Type": "application/json"} if how == "json" else FORM, body)


def africas_talking_calls(url: str, fields: Mapping[str, str]) -> Arrived:
    """A notification as Africa's Talking sends it: a form, unsigned."""
    return Arrived("POST", url, FORM, urlencode(fields).encode())


def receipts_of(
    provider: Provider, message: Taken, url: str, secret: str, words: Sequence[tuple[str, str | None]]
) -> list[Arrived]:
    """What a provider tells of a message: for each word (its status, its error code or none) a request per segment.

    `url` counts where the message named no callback. `words` may lie: come doubled, late, contradict one another.
    """
    told = []
    for status, code in words:
        for one in message.ids:
            told.append(_receipt(provider, message, one, message.callback or url, secret, status, code))
    return told


def _receipt(
    provider: Provider, message: Taken, one: str, url: str, secret: str, status: str, code: str | None
) -> Arrived:
    if provider == "twilio":
        fields = {"MessageSid": one, "MessageStatus": status, "To": message.to, **({"ErrorCode": code} if code else {})}
        return twilio_calls(url, fields, secret)
    if provider == "vonage":
        fields = {"messageId": one, "status": status, "err-code": code or "0", "msisdn": message.to[1:]}
        return vonage_calls(url, {**fields, "client-ref": message.reference, "timestamp": "1790000000"}, secret)
    fields = {"id": one, "status": status, "phoneNumber": message.to, **({"failureReason": code} if code else {})}
    return africas_talking_calls(url, fields)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
