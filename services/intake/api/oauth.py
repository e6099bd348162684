"""Tokens for organisations' systems: OAuth 2 client credentials (RFC 6749, 4.4)."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import Engine

from services.intake import commands
from services.intake.settings import V1
from shared.access import TOKEN_LIFE, Actor, Role, issue_token
from shared.crypto import KeyRing
from shared.database import reading
from shared.errors import NotAuthenticated
from shared.pages.forms import FORM_TYPE, FormData, Posted

_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"const": "client_credentials"},
        "scope": {"type": "string", "description": "Fewer roles than the client has, separated by spaces."},
        "client_id": {"type": "string", "description": "Here, or by HTTP Basic."},
        "client_secret": {"type": "string", "format": "password"},
    },
}


class _Refused(Exception):
    """An error response (RFC 6749, 5.2)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.answer = JSONResponse(
            {"error": error, "error_description": description},
            status,
            headers={"WWW-Authenticate": 'Basic realm="kinbridge"'} if status == 401 else None,
        )


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The route, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    @routes.post(
        "/oauth/token",
        openapi_extra={"requestBody": {"required": True, "content": {FORM_TYPE: {"schema": _FORM}}}},
    )
    def issue(request: Request, form: Posted) -> Response:
        """A token of ten minutes for a client's id and secret. Notify and reporting accept it too."""
        try:
            actor = _client(engine, request.headers.get("authorization"), form)
            actor = _narrowed(actor, form.one("scope"))
        except _Refused as refused:
            return refused.answer
        return JSONResponse(
            {
                "access_token": issue_token(keys, actor),
                "token_type": "Bearer",
                "expires_in": int(TOKEN_LIFE.total_seconds()),
                "scope": " ".join(sorted(actor.roles)),
            }
        )

    return routes


def _client(engine: Engine, authorization: str | None, form: FormData) -> Actor:
    if any(len(values) > 1 for values in form.values()):
        raise _Refused("invalid_request", "A parameter came twice.")
    if not form.one("grant_type"):
        raise _Refused("invalid_request", "Send grant_type=client_credentials, form-encoded.")
    if form.one("grant_type") != "client_credentials":
        raise _Refused("unsupported_grant_type", "Only client_credentials is known here.")
    in_body = form.one("client_id"), form.one("client_secret")
    if authorization is not None and in_body[1]:
        raise _Refused("invalid_request", "Send the secret once: by HTTP Basic, or in the body.")
    client_id, secret = in_body if authorization is None else _basic(authorization)
    try:
        with reading(engine) as session:
            return commands.authenticated_client(session, client_id, secret)
    except NotAuthenticated as error:
        raise _Refused("invalid_client", str(error), 401) from None


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        decoded = ""
    client_id, colon, secret = decoded.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise _Refused("invalid_client", "Send the client's id and secret by HTTP Basic.", 401)
    return unquote_plus(client_id), unquote_plus(secret)


def _narrowed(actor: Actor, scope: str) -> Actor:
    if not scope:
        return actor
    wanted = set(scope.split())
    if not wanted <= actor.roles:
        raise _Refused("invalid_scope", "The client has not all of these roles.")
    return Actor(actor.organisation_id, roles=frozenset(Role(name) for name in wanted))
