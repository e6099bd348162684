"""A client that speaks to an application in this process, without a socket.

It is used as Starlette's `TestClient` is, and is several times quicker: all applications run on one event loop, and a
request is one step into its thread, where Starlette's takes eight and, outside a `with` block, a thread and a loop of
its own. Headers go in and come out as the bytes that they are.
"""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from functools import cache
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.types import ASGIApp, Message

PORTS = {"http": 80, "https": 443}


class TestClient(httpx2.Client):
    """Sends requests to `app`; in a `with` block the application's lifespan is that of the block.

    What the application raises is raised here, unless `raise_server_exceptions` is false.
    """

    __test__ = False

    def __init__(
        self,
        app: ASGIApp,
        base_url: str = "http://testserver",
        *,
        raise_server_exceptions: bool = True,
        follow_redirects: bool = True,
    ) -> None:
        super().__init__(
            base_url=base_url,
            headers={"User-Agent": "testclient"},
            transport=_InProcess(app, raise_server_exceptions),
            follow_redirects=follow_redirects,
        )
        self.app = app
        self._life: AbstractContextManager[None] | None = None

    def __enter__(self) -> Self:
        self._life = _loop().wrap_async_context_manager(_alive(self.app))
        self._life.__enter__()
        return super().__enter__()

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        super().__exit__(exc_type, exc_value, traceback)
        if self._life is not None:
            self._life.__exit__(exc_type, exc_value, traceback)


class _InProcess(httpx2.BaseTransport):
    """Hands each request to the application, and waits until it has done everything that it does for it."""

    def __init__(self, app: ASGIApp, raises: bool) -> None:
        self._app = app
        self._raises = raises

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        exchange = _Exchange(request.read())
        try:
            _loop().call(exchange.run, self._app, _scope(request))
        except Exception:
            if self._raises:
                raise
        if exchange.status is None:
            if self._raises:
                raise AssertionError("the application did not answer")
            exchange.status = 500
        content = b"" if request.method == "HEAD" else b"".join(exchange.parts)
        stream = httpx2.ByteStream(content)
        return httpx2.Response(exchange.status, headers=exchange.headers, stream=stream, request=request)


class _Exchange:
    """One request and its answer, as ASGI's messages."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self.status: int | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.parts: list[bytes] = []

    async def run(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        self._answered = asyncio.Event()
        await app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if self._body is None:
            await self._answered.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            assert self.status is None, "an answer begins once"
            self.status = message["status"]
            self.headers = [(bytes(name), bytes(value)) for name, value in message.get("headers", [])]
        else:
            assert message["type"] == "http.response.body", message["type"]
            assert self.status is not None, "an answer begins with its status"
            assert not self._answered.is_set(), "nothing follows the end of an answer"
            self.parts.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self._answered.set()


def _scope(request: httpx2.Request) -> dict[str, Any]:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "path": unquote(url.path),
        "raw_path": url.raw_path.partition(b"?")[0],
        "root_path": "",
        "scheme": url.scheme,
        "query_string": url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("testclient", 50000),
        "server": (url.host, url.port or PORTS[url.scheme]),
        "extensions": {},
        "state": {},
    }


@asynccontextmanager
async def _alive(app: ASGIApp) -> AsyncIterator[None]:
    """The application's lifespan. Raises what it fails with."""
    told: asyncio.Queue[Message] = asyncio.Queue()
    said: asyncio.Queue[Message] = asyncio.Queue()
    life = asyncio.ensure_future(_awaited(app({"type": "lifespan", "state": {}}, told.get, said.put)))
    for step in ("startup", "shutdown"):
        await told.put({"type": f"lifespan.{step}"})
        heard = asyncio.ensure_future(said.get())
        await asyncio.wait({life, heard}, return_when=asyncio.FIRST_COMPLETED)
        if not heard.done() or heard.result()["type"] != f"lifespan.{step}.complete":
            heard.cancel()
            await life
            raise AssertionError(f"the application did not complete its {step}")
        if step == "startup":
            yield
    await life


async def _awaited(what: Any) -> None:
    await what


@cache
def _loop() -> BlockingPortal:
    """The way into the thread in which applications run."""
    started = start_blocking_portal("asyncio")
    portal = started.__enter__()
    atexit.register(started.__exit__, None, None, None)
    return portal
