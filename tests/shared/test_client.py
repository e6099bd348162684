"""The tests' own client is no easier on an application than a server is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.client import TestClient

seen: list[str] = []


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[None]:
    seen.append("began")
    yield
    seen.append("ended")


async def echo(request: Request) -> Response:
    told = dict(request.scope["headers"]).get(b"x-odd", b"")
    return Response(await request.body() + told, headers={"X-Path": request.scope["raw_path"].decode()})


async def fail(_request: Request) -> Response:
    raise RuntimeError("ours")


async def stream(_request: Request) -> Response:
    return StreamingResponse(iter([b"one ", b"two"]))


def app(**known: Any) -> Starlette:
    ways = {"/echo": echo, "/fail": fail, "/stream": stream, "/away": lambda _request: RedirectResponse("/stream")}
    routes = [Route(path, way, methods=["GET", "HEAD", "POST"]) for path, way in ways.items()]
    return Starlette(routes=routes, **known)


def test_bytes_of_bodies_and_headers_go_in_as_they_are() -> None:
    answer = TestClient(app()).post("/echo", content=b"\xff", headers={b"X-Odd": b"\xfe\xe9"})
    assert answer.content == b"\xff\xfe\xe9"
    assert answer.headers["x-path"] == "/echo"


def test_what_an_application_raises_is_raised_or_a_500() -> None:
    with pytest.raises(RuntimeError, match="ours"):
        TestClient(app()).get("/fail")
    assert TestClient(app(), raise_server_exceptions=False).get("/fail").status_code == 500


def test_the_lifespan_is_that_of_the_block() -> None:
    seen.clear()
    with TestClient(app(lifespan=lifespan)) as client:
        assert seen == ["began"]
        assert client.get("/stream").text == "one two"
    assert seen == ["began", "ended"]


def test_a_start_that_fails_is_raised() -> None:
    @asynccontextmanager
    async def broken(_app: Starlette) -> AsyncIterator[None]:
        raise RuntimeError("no start")
        yield

    with pytest.raises(RuntimeError, match="no start"), TestClient(app(lifespan=broken)):
        pass


def test_a_redirect_is_followed_where_it_is_asked_for_and_a_head_has_no_body() -> None:
    assert TestClient(app()).get("/away").text == "one two"
    assert TestClient(app(), follow_redirects=False).get("/away").status_code == 307
    assert TestClient(app()).head("/stream").content == b""
