"""Who acts, and what they may see: the only organisation filter.

Until users sign in (with case work), an actor is an organisation's system, or the operator of the installation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import InstrumentedAttribute

from shared.crypto import KeyRing
from shared.database import utc_now
from shared.errors import NotAuthenticated

TOKEN_LIFE = timedelta(hours=8)
_ALGORITHM = "Ed25519"


@dataclass(frozen=True)
class Actor:
    """An organisation's system. `operator` runs the installation: it may see figures of every organisation."""

    organisation_id: UUID
    operator: bool = False


def visible_to(actor: Actor, organisation: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """The condition under which a row with this organisation column may be seen by the actor.

    Every read passes through here. It does not check roles, sharing agreements or legal bases: those come with them.
    """
    return true() if actor.operator else organisation == actor.organisation_id


def issue_token(keys: KeyRing, actor: Actor, *, now: datetime | None = None) -> str:
    """A token that every service verifies with intake's public key; it ends after eight hours."""
    moment = now or utc_now()
    claims = {
        "sub": str(actor.organisation_id),
        "operator": actor.operator,
        "iss": "kinbridge-intake",
        "iat": int(moment.timestamp()),
        "exp": int((moment + TOKEN_LIFE).timestamp()),
    }
    return jwt.encode({"alg": _ALGORITHM}, claims, _signing_key(keys), algorithms=[_ALGORITHM])


def read_token(keys: KeyRing, token: str, *, now: datetime | None = None) -> Actor:
    """The actor of a token; raises `NotAuthenticated` for a forged, malformed or expired one."""
    moment = int((now or utc_now()).timestamp())
    try:
        claims: dict[str, Any] = jwt.decode(token, _signing_key(keys), algorithms=[_ALGORITHM]).claims
        if claims["iss"] != "kinbridge-intake" or int(claims["exp"]) <= moment:
            raise NotAuthenticated("The token has expired: ask for a new one.")
        return Actor(UUID(claims["sub"]), bool(claims["operator"]))
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAuthenticated("The token is not valid: ask for a new one.") from error


def _signing_key(keys: KeyRing) -> OKPKey:
    return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(keys.derived("sign tokens")))
