"""What intake's routes share: how a request says who acts, and what it expects."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session

from services.intake import commands, queries
from shared.access import Actor, act_as, read_token
from shared.crypto import KeyRing
from shared.database import is_writable
from shared.web import bearer, json_body

LONGEST_KEY = 200
Json = Annotated[Any, Depends(json_body)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=LONGEST_KEY, description="Makes a repeated request harmless."
    ),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=100, description="The ETag that was read: refused with 412 if it changed."),
]


Credential = Annotated[str, Depends(bearer)]


class SubmissionRoute(APIRoute):
    """A route whose endpoint takes `(body, credential, idempotency_key)`, and answers with a `Response`.

    FastAPI documents it by its signature, and looks at a request only where something is wrong with the header: to
    solve the three anew for each request takes a quarter of a millisecond.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        submit: Callable[[Any, str, str | None], Response] = self.endpoint
        solved = super().get_route_handler()

        async def handle(request: Request) -> Response:
            key = request.headers.get("idempotency-key")
            if key is not None and not 1 <= len(key) <= LONGEST_KEY:
                return await solved(request)
            body, credential = await json_body(request), await bearer(request)
            return await run_in_threadpool(submit, body, credential, key)

        return handle


def actor_of(session: Session, keys: KeyRing, credential: str) -> Actor:
    """Who acts with this credential: a token, or a session's secret. Raises `NotAuthenticated`.

    From here on the transaction is confined to the actor's organisation (`act_as`).
    """
    is_token = credential.count(".") == 2
    actor = read_token(keys, credential) if is_token else _signed_in(session, credential)
    act_as(session, actor)
    return actor


def _signed_in(session: Session, secret: str) -> Actor:
    opened = queries.open_session(session, secret)
    if opened.due and is_writable(session):
        commands.note_seen(session, secret)
    return opened.actor
