"""What stands before each application: correlation ids and headers, a limit of the body, several under one address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.database import uuid7
from shared.errors import KinbridgeError

_CORRELATION = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class TooLarge(KinbridgeError):
    """The body is over the limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request may have {limit:,} bytes at most: send it in smaller parts.")


class Correlation:
    """Answers each request with its correlation id and the headers that every answer has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-correlation-id", "")
        correlation = given if _CORRELATION.fullmatch(given) else str(uuid7())

        async def correlated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Correlation-Id"] = correlation
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("Referrer-Policy", "no-referrer")
            await send(message)

        await self._app(scope, receive, correlated)


class ByPrefix:
    """Several applications under one address: the first part of a path names the application, which sees it whole."""

    def __init__(self, front: ASGIApp, apps: Mapping[str, ASGIApp]) -> None:
        self.front = front
        self.apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        first = scope["path"].lstrip("/").partition("/")[0] if scope["type"] == "http" else ""
        await self.apps.get(first, self.front)(scope, receive, send)


class BodyLimit:
    """Refuses a body over the limit of its path as soon as it is known to be: by its header, or while it arrives."""

    def __init__(self, app: ASGIApp, limit_of: Callable[[str], int]) -> None:
        self._app = app
        self._limit_of = limit_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        taken = int(declared) if declared.isdigit() and int(declared) > limit else 0

        async def limited() -> Message:
            nonlocal taken
            message: Message = {} if taken > limit else await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise TooLarge(limit)
            return message

        await self._app(scope, limited, send)
