"""The web side that services share: problem details (RFC 9457), body limits, correlation ids, health.

One table maps errors to statuses. An answer never repeats a value that was sent in.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException

from shared.database import reading
from shared.depot import DepotFailed
from shared.errors import (
    Conflict,
    DomainError,
    FieldError,
    InvalidInput,
    KinbridgeError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Stale,
    pointer,
)
from shared.logging import describe_error
from shared.middleware import BodyLimit, Correlation, TooLarge
from shared.openapi import describe_bodies

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"
STATUS_OF: dict[type[Exception], int] = {
    InvalidInput: 422,
    Conflict: 409,
    NotFound: 404,
    NotAuthenticated: 401,
    NotAllowed: 403,
    Stale: 412,
    DomainError: 409,
}

THREADS = 6


class MalformedBody(KinbridgeError):
    """The body is not in the form that it is said to be in."""


class WrongMediaType(KinbridgeError):
    """The body is not declared to be of the type that is taken here."""


STATUS_OF |= {MalformedBody: 400, TooLarge: 413, WrongMediaType: 415, DepotFailed: 503}


def problem(
    status: int, detail: str, *, code: str | None = None, fields: tuple[FieldError, ...] = ()
) -> dict[str, Any]:
    """A problem document. `code` is for programs; `errors` name each refused field by JSON pointer."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if code:
        document["code"] = code
    if fields:
        document["errors"] = [{"pointer": f.field, "code": f.code, "detail": f.message} for f in fields]
    return document


def status_of(error: Exception) -> int:
    """The status that an error has everywhere."""
    if isinstance(error, HTTPException):
        return error.status_code
    if isinstance(error, RequestValidationError):  # of a page: an address that none of ours led to
        return 404
    return next((STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF), 500)


def problem_of(error: Exception) -> dict[str, Any]:
    """The problem document of an error raised on purpose."""
    status = status_of(error)
    code = getattr(error, "code", None)
    return problem(status, str(error), code=code, fields=getattr(error, "fields", ()))


def invalid(error: ValidationError, prefix: tuple[int | str, ...] = ()) -> InvalidInput:
    """Pydantic's errors as `InvalidInput`: pointers, codes and sentences, no values."""
    details = error.errors(include_url=False, include_input=False, include_context=True)
    fields = tuple(FieldError(pointer((*prefix, *_named(d))), d["type"], d["msg"]) for d in details)
    return InvalidInput("Some fields are not as they must be; each is named in `errors`.", fields)


def _named(error: ErrorDetails) -> tuple[int | str, ...]:
    """Where an error is. What was sent in as the name of a field, and is none, is told again only if it reads as one:
    it may be a person's name."""
    *above, last = error["loc"] or ("",)
    unknown = error["type"] == "extra_forbidden" and not _FIELD_NAME.fullmatch(str(last))
    return (*above, "(unknown field)") if unknown else error["loc"]


_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def validated(adapter: TypeAdapter[Any], value: object, prefix: tuple[int | str, ...] = ()) -> Any:
    """The value in its type; raises `InvalidInput`."""
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise invalid(error, prefix) from None


async def json_body(request: Request) -> Any:
    """The request's JSON. Raises `WrongMediaType`, `MalformedBody` (also for broken UTF-8), `TooLarge`."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise WrongMediaType("Send JSON, with the header Content-Type: application/json.")
    body = await request.body()
    try:
        body.decode()
        return from_json(body, allow_inf_nan=False)
    except UnicodeDecodeError as error:
        raise MalformedBody(f"The body is not valid UTF-8: see byte {error.start}.") from None
    except ValueError as error:
        place = re.search(r"at line \d+ column \d+", str(error))
        raise MalformedBody(f"The body is not valid JSON: see {place[0] if place else 'its structure'}.") from None


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def expected_version(if_match: str | None) -> int | None:
    """The version that `If-Match` names; None without one, or for `*`. Raises `Stale` for a tag we never gave."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise Stale("If-Match must be the ETag of your last read: read the case again.")
    return int(found[1])


_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')


async def bearer(request: Request) -> str:
    """The bearer credential of a request; raises `NotAuthenticated`. Async: FastAPI would call it in a thread else."""
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise NotAuthenticated("Send a token in the header Authorization: Bearer …; a client gets one for its secret.")
    return credential.strip()


def always_https(app: FastAPI) -> None:
    """Have the application's cookies be for https alone: its public address is one (`Settings.https`)."""
    app.state.always_https = True


def is_https(request: Request) -> bool:
    """True where the visitor came by https, or the installation's public address says that every visitor does."""
    return request.url.scheme == "https" or getattr(request.app.state, "always_https", False)


def create_app(
    title: str, *, body_limit: int = 1024 * 1024, limit_of: Callable[[str], int] | None = None, prefix: str = ""
) -> FastAPI:
    """An application with this product's error answers, limits, security headers and correlation ids.

    A body has `body_limit` bytes at most, or what `limit_of` its path says.
    """
    app = FastAPI(
        title=title,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{prefix}/openapi.json",
        redirect_slashes=False,
        lifespan=_with_few_threads,
    )
    app.add_middleware(BodyLimit, limit_of=limit_of or (lambda _path: body_limit))
    for kind in STATUS_OF:
        app.add_exception_handler(kind, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_request_validation)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(DBAPIError, _answer_database)
    app.add_exception_handler(SQLAlchemyError, _answer_database)
    app.add_exception_handler(Exception, _answer_unexpected)
    app.add_middleware(Correlation)
    describe_bodies(app)
    return app


@asynccontextmanager
async def _with_few_threads(_app: FastAPI) -> AsyncIterator[None]:
    """Endpoints run in `THREADS` threads: more would only contend for the interpreter and for connections."""
    current_default_thread_limiter().total_tokens = THREADS
    yield


def add_routes(app: FastAPI, routes: APIRouter) -> None:
    """Add routes as they are, with the router's prefix.

    FastAPI's `include_router` analyses each of them anew, at the start and again at the first request.
    """
    app.router.routes.extend(routes.routes)


def _answer(document: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(document, document["status"], media_type=PROBLEM, headers=headers)


def headers_of(error: Exception) -> dict[str, str]:
    """The headers that an answer to an error has: how to authenticate, or that no more of the body is read."""
    if isinstance(error, NotAuthenticated):
        return {"WWW-Authenticate": "Bearer"}
    return {"Connection": "close"} if isinstance(error, TooLarge) else {}


async def _answer_problem(_request: Request, error: Exception) -> Response:
    return _answer(problem_of(error), headers_of(error))


async def _answer_request_validation(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    details: list[ErrorDetails] = list(error.errors())
    fields = tuple(FieldError(pointer(d["loc"]), d["type"], d["msg"]) for d in details)
    return _answer(problem(422, "Some parameters are not as they must be; each is named in `errors`.", fields=fields))


async def _answer_http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _answer(problem(error.status_code, HTTPStatus(error.status_code).description), dict(error.headers or {}))


async def _answer_database(_request: Request, error: Exception) -> Response:
    log.error("database error", extra={"error": describe_error(error)})
    return _answer(
        problem(503, "The database did not answer as it should. Nothing was changed: send the same request again."),
        {"Retry-After": "2"},
    )


async def _answer_unexpected(_request: Request, error: Exception) -> Response:
    log.error("unexpected error", extra={"error": describe_error(error)})
    return _answer(problem(500, "Something went wrong on our side. It was logged; nothing was changed."))


def add_health(app: FastAPI, prefix: str, engine: Engine) -> None:
    """`{prefix}/health`: 200 when the database answers, else 503."""

    @app.get(f"{prefix}/health", include_in_schema=False)
    def health() -> dict[str, str]:
        with reading(engine) as session:
            session.execute(text("SELECT 1"))
        return {"status": "ok"}
