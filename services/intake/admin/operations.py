"""What the installation's owner does with organisations, their users and their clients. Each returns its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake import commands, queries
from services.intake.commands import NewInvitation
from services.intake.domain import ApiClient, User
from shared.access import TOKEN_LIFE, Actor, Role
from shared.database import reading, transaction
from shared.errors import InvalidInput

Answer = dict[str, Any]


def _owner(organisation_id: UUID) -> Actor:
    """Who owns the installation acts as any organisation's administrator, and alone makes operators."""
    return Actor(organisation_id, roles=frozenset({Role.ADMINISTRATOR, Role.OPERATOR}))


def organisation_add(engine: Engine, *, short_name: str, name: str, kind: str) -> Answer:
    """Register an organisation."""
    with transaction(engine) as session:
        added = commands.register_organisation(session, short_name=short_name, name=name, kind=kind)
    return {"id": str(added.id), "short_name": added.short_name, "member": added.is_member()}


def organisation_list(engine: Engine) -> Answer:
    """Every organisation."""
    with reading(engine) as session:
        found = [
            {"id": str(o.id), "short_name": o.short_name, "name": o.name, "kind": o.kind}
            for o in queries.organisations(session)
        ]
    return {"organisations": found}


def user_add(
    engine: Engine, *, organisation: str, sign_in_name: str, display_name: str, roles: list[str], language: str
) -> Answer:
    """Invite somebody."""
    with transaction(engine) as session:
        invitation = commands.invite_user(
            session,
            _owner(queries.organisation_named(session, organisation).id),
            sign_in_name=sign_in_name,
            display_name=display_name,
            roles=_roles(roles),
            language=language,
        )
    return _invited(sign_in_name, invitation)


def user_list(engine: Engine, *, organisation: str) -> Answer:
    """The users of an organisation."""
    with reading(engine) as session:
        actor = _owner(queries.organisation_named(session, organisation).id)
        found = [_user(user) for user in queries.users(session, actor)]
    return {"users": found}


def user_roles(engine: Engine, *, sign_in_name: str, roles: list[str]) -> Answer:
    """Give a user other roles."""
    wanted = _roles(roles)
    return _changed(engine, sign_in_name, lambda session, by, user: commands.change_roles(session, by, user, wanted))


def user_disable(engine: Engine, *, sign_in_name: str) -> Answer:
    """Shut a user out."""
    return _changed(engine, sign_in_name, commands.disable_user)


def user_enable(engine: Engine, *, sign_in_name: str) -> Answer:
    """Let a user in again."""
    return _changed(engine, sign_in_name, commands.enable_user)


def user_reset(engine: Engine, *, sign_in_name: str, second_factor: bool) -> Answer:
    """Invite a user to choose a new password."""
    with transaction(engine) as session:
        user = queries.user_named(session, sign_in_name)
        actor = _owner(user.organisation_id)
        invitation = commands.reset_user(session, actor, user.id, second_factor=second_factor)
    return _invited(user.sign_in_name, invitation)


def client_add(engine: Engine, *, organisation: str, label: str, roles: list[str]) -> Answer:
    """Let an organisation's system ask for tokens."""
    with transaction(engine) as session:
        actor = _owner(queries.organisation_named(session, organisation).id)
        made = commands.add_client(session, actor, label=label, roles=_roles(roles) or queries.SYSTEM_ROLES)
    return {"client_id": str(made.id), "client_secret": made.secret}


def client_list(engine: Engine, *, organisation: str) -> Answer:
    """The clients of an organisation, revoked ones too."""
    with reading(engine) as session:
        actor = _owner(queries.organisation_named(session, organisation).id)
        found = [_client(client) for client in queries.clients(session, actor)]
    return {"clients": found}


def client_revoke(engine: Engine, *, organisation: str, client_id: str) -> Answer:
    """Give a client no more tokens."""
    try:
        number = UUID(client_id)
    except ValueError:
        raise InvalidInput("That is no client's id: `client list` shows them.") from None
    with transaction(engine) as session:
        actor = _owner(queries.organisation_named(session, organisation).id)
        revoked = commands.revoke_client(session, actor, number)
    minutes = int(TOKEN_LIFE.total_seconds() // 60)
    return {**_client(revoked), "tokens_end_within_minutes": minutes}


def _roles(names: list[str]) -> frozenset[Role]:
    try:
        return frozenset(Role(name.replace("-", "_")) for name in names)
    except ValueError:
        raise InvalidInput(f"Roles are: {', '.join(Role)}.") from None


def _changed(engine: Engine, sign_in_name: str, change: Callable[[Session, Actor, UUID], User]) -> Answer:
    with transaction(engine) as session:
        user = queries.user_named(session, sign_in_name)
        return {**_user(change(session, _owner(user.organisation_id), user.id))}


def _invited(sign_in_name: str, invitation: NewInvitation) -> Answer:
    return {
        "id": str(invitation.user_id),
        "sign_in_name": sign_in_name,
        "invitation": invitation.secret,
        "ends_at": invitation.ends_at.isoformat(),
    }


def _user(user: User) -> dict[str, Any]:
    state = "disabled" if user.disabled_at else "invited" if user.password_hash is None else "active"
    return {
        "id": str(user.id),
        "sign_in_name": user.sign_in_name,
        "display_name": user.display_name,
        "roles": user.roles,
        "language": user.language,
        "state": state,
    }


def _client(client: ApiClient) -> dict[str, Any]:
    return {
        "client_id": str(client.id),
        "label": client.label,
        "roles": client.roles,
        "revoked_at": client.revoked_at.isoformat() if client.revoked_at else None,
    }


OPERATIONS: dict[str, Callable[..., Answer]] = {
    "org add": organisation_add,
    "org list": organisation_list,
    "user add": user_add,
    "user list": user_list,
    "user roles": user_roles,
    "user disable": user_disable,
    "user enable": user_enable,
    "user reset": user_reset,
    "client add": client_add,
    "client list": client_list,
    "client revoke": client_revoke,
}
