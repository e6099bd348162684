"""An administrator's work: the organisation's users and clients."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake import commands, queries
from services.intake.api.requests import Credential, actor_of
from services.intake.domain import User
from services.intake.schemas.access import (
    ClientIn,
    ClientOut,
    InvitationOut,
    NewClientOut,
    ResetIn,
    RolesIn,
    UserIn,
    UserOut,
)
from services.intake.settings import V1
from shared.access import Actor
from shared.crypto import KeyRing
from shared.database import reading, transaction


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)
    _add_users(routes, engine, keys)
    _add_changes(routes, engine, keys)
    _add_clients(routes, engine, keys)
    return routes


def _add_users(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/users")
    def list_users(credential: Credential) -> list[UserOut]:
        """The users of the organisation."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            return [UserOut.model_validate(user) for user in queries.users(session, actor)]

    @routes.post("/users", status_code=201)
    def invite_user(asked: UserIn, credential: Credential) -> InvitationOut:
        """Invite somebody. Hand the invitation over: who holds it chooses the password."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            return _shown(commands.invite_user(session, actor, **dict(asked)))

    @routes.get("/users/{user_id}")
    def show_user(user_id: UUID, credential: Credential) -> UserOut:
        """One user."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            return UserOut.model_validate(queries.member_of_staff(session, actor, user_id))


def _add_changes(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    def changed(credential: str, change: Callable[[Session, Actor], User]) -> UserOut:
        with transaction(engine) as session:
            return UserOut.model_validate(change(session, actor_of(session, keys, credential)))

    @routes.put("/users/{user_id}/roles")
    def change_roles(user_id: UUID, asked: RolesIn, credential: Credential) -> UserOut:
        """Give a user other roles; their sessions end at once."""
        return changed(credential, lambda session, actor: commands.change_roles(session, actor, user_id, asked.roles))

    @routes.post("/users/{user_id}/disable")
    def disable_user(user_id: UUID, credential: Credential) -> UserOut:
        """Shut a user out, at once and everywhere."""
        return changed(credential, lambda session, actor: commands.disable_user(session, actor, user_id))

    @routes.post("/users/{user_id}/enable")
    def enable_user(user_id: UUID, credential: Credential) -> UserOut:
        """Let a disabled user in again."""
        return changed(credential, lambda session, actor: commands.enable_user(session, actor, user_id))

    @routes.post("/users/{user_id}/reset")
    def reset_user(user_id: UUID, asked: ResetIn, credential: Credential) -> InvitationOut:
        """Take a user's password away, and invite them to choose a new one."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            invitation = commands.reset_user(session, actor, user_id, second_factor=asked.second_factor)
            return _shown(invitation)


def _shown(invitation: commands.NewInvitation) -> InvitationOut:
    return InvitationOut(user_id=invitation.user_id, invitation=invitation.secret, ends_at=invitation.ends_at)


def _add_clients(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/clients")
    def list_clients(credential: Credential) -> list[ClientOut]:
        """The systems that may ask for tokens, and those that no longer may."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            return [ClientOut.model_validate(client) for client in queries.clients(session, actor)]

    @routes.post("/clients", status_code=201)
    def add_client(asked: ClientIn, credential: Credential) -> NewClientOut:
        """Let a system ask for tokens. Its secret is shown this once."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            made = commands.add_client(session, actor, label=asked.label, roles=asked.roles)
        return NewClientOut(client_id=made.id, client_secret=made.secret)

    @routes.post("/clients/{client_id}/revoke")
    def revoke_client(client_id: UUID, credential: Credential) -> ClientOut:
        """Give a system no more tokens; those it has end within ten minutes."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            return ClientOut.model_validate(commands.revoke_client(session, actor, client_id))
