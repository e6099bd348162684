"""What the installation's owner does with organisations, their users and their clients; as `operations` are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.intake import commands, queries
from services.intake.commands import NewInvitation
from services.intake.domain import ApiClient, User
from shared.access import TOKEN_LIFE, Actor, Role
from shared.database import reading, transaction
from shared.errors import InvalidInput

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from kinbridge.embedded import EmbeddedSystem

Step = dict[str, Any]


def _owner(organisation_id: UUID) -> Actor:
    """Who owns the installation acts as any organisation's administrator, and alone makes operators."""
    return Actor(organisation_id, roles=frozenset({Role.ADMINISTRATOR, Role.OPERATOR}))


def organisation_add(system: EmbeddedSystem, *, short_name: str, name: str, kind: str) -> Iterator[Step]:
    """Register an organisation."""
    with transaction(system.engine("intake")) as session:
        added = commands.register_organisation(session, short_name=short_name, name=name, kind=kind)
    system.wait_until_arrived()
    yield {"kind": "result", "id": str(added.id), "short_name": added.short_name, "member": added.is_member()}


def organisation_list(system: EmbeddedSystem) -> Iterator[Step]:
    """Every organisation."""
    with reading(system.engine("intake")) as session:
        found = [
            {"id": str(o.id), "short_name": o.short_name, "name": o.name, "kind": o.kind}
            for o in queries.organisations(session)
        ]
    yield {"kind": "result", "organisations": found}


def user_add(
    system: EmbeddedSystem, *, organisation: str, sign_in_name: str, display_name: str, roles: list[str], language: str
) -> Iterator[Step]:
    """Invite somebody."""
    with transaction(system.engine("intake")) as session:
        invitation = commands.invite_user(
            session,
            _owner(queries.organisation_named(session, organisation).id),
            sign_in_name=sign_in_name,
            display_name=display_name,
            roles=_roles(roles),
            language=language,
        )
    yield _invited(sign_in_name, invitation)


def user_list(system: EmbeddedSystem, *, organisation: str) -> Iterator[Step]:
    """The users of an organisation."""
    with reading(system.engine("intake")) as session:
        actor = _owner(queries.organisation_named(session, organisation).id)
        found = [_user(user) for user in queries.users(session, actor)]
    yield {"kind": "result", "users": found}


def user_roles(system: EmbeddedSystem, *, sign_in_name: str, roles: list[str]) -> Iterator[Step]:
    """Give a user other roles."""
    wanted = _roles(roles)
    yield _changed(system, sign_in_name, lambda session, by, user: commands.change_roles(session, by, user, wanted))


def user_disable(system: EmbeddedSystem, *, sign_in_name: str) -> Iterator[Step]:
    """Shut a user out."""
    yield _changed(system, sign_in_name, commands.disable_user)


def user_enable(system: EmbeddedSystem, *, sign_in_name: str) -> Iterator[Step]:
    """Let a user in again."""
    yield _changed(system, sign_in_name, commands.enable_user)


def user_reset(system: EmbeddedSystem, *, sign_in_name: str, second_factor: bool) -> Iterator[Step]:
    """Invite a user to choose a new password."""
    with transaction(system.engine("intake")) as session:
        user = queries.user_named(session, sign_in_name)
        actor = _owner(user.organisation_id)
        invitation = commands.reset_user(session, actor, user.id, second_factor=second_factor)
    yield _invited(user.sign_in_name, invitation)


def client_add(system: EmbeddedSystem, *, organisation: str, label: str, roles: list[str]) -> Iterator[Step]:
    """Let an organisation's system ask for tokens."""
    with transaction(system.engine("intake")) as session:
        actor = _owner(queries.organisation_named(session, organisation).id)
        made = commands.add_client(session, actor, label=label, roles=_roles(roles) or queries.SYSTEM_ROLES)
    yield {"kind": "result", "client_id": str(made.id), "client_secret": made.secret}


def client_list(system: EmbeddedSystem, *, organisation: str) -> Iterator[Step]:
    """The clients of an organisation, revoked ones too."""
    with reading(system.engine("intake")) as session:
        actor = _owner(queries.organisation_named(session, organisation).id)
        found = [_client(client) for client in queries.clients(session, actor)]
    yield {"kind": "result", "clients": found}


def client_revoke(system: EmbeddedSystem, *, organisation: str, client_id: str) -> Iterator[Step]:
    """Give a client no more tokens."""
    try:
        number = UUID(client_id)
    except ValueError:
        raise InvalidInput("That is no client's id: `kinbridge client list` shows them.") from None
    with transaction(system.engine("intake")) as session:
        actor = _owner(queries.organisation_named(session, organisation).id)
        revoked = commands.revoke_client(session, actor, number)
    minutes = int(TOKEN_LIFE.total_seconds() // 60)
    yield {"kind": "result", **_client(revoked), "tokens_end_within_minutes": minutes}


def _roles(names: list[str]) -> frozenset[Role]:
    try:
        return frozenset(Role(name.replace("-", "_")) for name in names)
    except ValueError:
        raise InvalidInput(f"Roles are: {', '.join(Role)}.") from None


def _changed(system: EmbeddedSystem, sign_in_name: str, change: Callable[[Session, Actor, UUID], User]) -> Step:
    with transaction(system.engine("intake")) as session:
        user = queries.user_named(session, sign_in_name)
        return {"kind": "result", **_user(change(session, _owner(user.organisation_id), user.id))}


def _invited(sign_in_name: str, invitation: NewInvitation) -> Step:
    return {
        "kind": "result",
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


ADMINISTRATION: dict[str, Callable[..., Iterator[Step]]] = {
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
