"""Organisations' systems: OAuth 2 clients (RFC 6749), with a secret that is shown once."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.credentials import digest_of, fresh_secret
from services.intake.domain import ApiClient
from shared.access import Act, Actor, Role, require, spoken
from shared.crypto import same_secret
from shared.database import utc_now, uuid7
from shared.errors import FieldError, InvalidInput, NotAuthenticated

log = logging.getLogger(__name__)

PEOPLES_ROLES = frozenset({Role.ADMINISTRATOR, Role.OPERATOR, Role.DATA_PROTECTION_OFFICER, Role.REPORT_APPROVER})
"""Who decides, or advises who decides, is a person."""


@dataclass(frozen=True)
class NewClient:
    """A client and its secret, to be shown once."""

    id: UUID
    secret: str


def add_client(session: Session, actor: Actor, *, label: str, roles: Iterable[Role]) -> NewClient:
    """Let a system of the organisation ask for tokens. Raises `InvalidInput` for a role that only a person may have."""
    require(actor, Act.ADMINISTER)
    queries.member(session, actor.organisation_id)
    wanted = frozenset(roles)
    if not wanted or wanted & PEOPLES_ROLES:
        message = f"A client has at least one role, and is never {spoken(PEOPLES_ROLES)}."
        raise InvalidInput(message, (FieldError("#/roles", "roles", message),))
    if not label.strip() or len(label) > 100:
        message = "Say what the client is for, in up to 100 characters."
        raise InvalidInput(message, (FieldError("#/label", "label", message),))
    secret = fresh_secret()
    client = ApiClient(
        id=uuid7(),
        organisation_id=actor.organisation_id,
        secret_digest=digest_of(secret),
        label=label.strip(),
        roles=sorted(wanted),
        created_at=utc_now(),
    )
    session.add(client)
    session.flush()
    log.info("client added", extra={"organisation": str(actor.organisation_id), "client": str(client.id)})
    return NewClient(client.id, secret)


def revoke_client(session: Session, actor: Actor, client_id: UUID) -> ApiClient:
    """Give a client no more tokens; those it has end by themselves, within `TOKEN_LIFE`."""
    client = queries.client(session, actor, client_id)
    client.revoked_at = client.revoked_at or utc_now()
    session.flush()
    log.info("client revoked", extra={"organisation": str(actor.organisation_id), "client": str(client.id)})
    return client


def authenticated_client(session: Session, client_id: str, secret: str) -> Actor:
    """The actor whose id and secret these are. Raises `NotAuthenticated`, and never says which was wrong."""
    try:
        client = session.get(ApiClient, UUID(client_id))
    except ValueError:
        client = None
    stored = client.secret_digest if client is not None and client.revoked_at is None else bytes(32)
    if not same_secret(stored.hex(), digest_of(secret).hex()) or client is None:
        raise NotAuthenticated("The client is unknown, its secret is wrong, or it was revoked.")
    return client.actor()
