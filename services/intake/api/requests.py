"""What intake's routes share: how a request says who acts, and what it expects."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Header
from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from services.intake import commands, queries
from shared.access import Actor, act_as, read_token
from shared.crypto import KeyRing
from shared.database import is_writable
from shared.web import bearer, json_body

Json = Annotated[Any, Depends(json_body)]
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=200, description="Makes a repeated request harmless."),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=100, description="The ETag that was read: refused with 412 if it changed."),
]


def documented(model: Any) -> dict[str, Any]:
    """The OpenAPI part for a body that the endpoint validates itself."""
    adapter = model if isinstance(model, TypeAdapter) else TypeAdapter(model)
    schema = adapter.json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


Credential = Annotated[str, Depends(bearer)]


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
