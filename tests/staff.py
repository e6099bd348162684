"""An organisation's staff who can sign in on the pages: made once, with a cheap password hash."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from uuid import UUID

import httpx2
import pyotp
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, update

from services.intake import commands
from services.intake.domain import User
from shared.access import Actor, Role
from shared.database import transaction

PASSWORD = "blue lamp 4 fish tin"
HASH = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)
NAMES = {
    Role.CASE_WORKER: "Amina Osei",
    Role.CASE_MANAGER: "Marta Ruiz",
    Role.CHILD_PROTECTION_OFFICER: "Jonas Weber",
    Role.DATA_PROTECTION_OFFICER: "Lea Blanc",
    Role.ADMINISTRATOR: "Omar Haddad",
}


@dataclass
class Member:
    """Somebody of the staff, with what signs them in."""

    user_id: UUID
    sign_in_name: str
    factor: str
    actor: Actor

    @property
    def code(self) -> str:
        """The app's code now. A code counts once: `Staff.forget_codes` lets it count again."""
        return pyotp.TOTP(self.factor).now()


@dataclass
class Staff:
    """One organisation."""

    engine: Engine
    short_name: str
    name: str
    organisation_id: UUID = field(init=False)
    members: dict[Role, Member] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with transaction(self.engine) as session:
            made = commands.register_organisation(
                session, short_name=self.short_name, name=self.name, kind="national_society"
            )
            self.organisation_id = made.id

    def invite(self, role: Role, name: str = "", **more: Any) -> commands.NewInvitation:
        """An invitation that nobody used yet."""
        actor = Actor(self.organisation_id, roles=frozenset({Role.ADMINISTRATOR}))
        with transaction(self.engine) as session:
            return commands.invite_user(
                session,
                actor,
                sign_in_name=name or f"{role.value}@{self.short_name}.example",
                display_name=NAMES.get(role, role.value),
                roles={role},
                **more,
            )

    def member(self, role: Role) -> Member:
        """Who has that role: invited, with password and second factor, at the first call."""
        if role not in self.members:
            invitation = self.invite(role)
            with transaction(self.engine) as session:
                ticket = commands.accept_invitation(session, invitation.secret, HASH)
            with transaction(self.engine) as session:
                factor = commands.enrol_second_factor(session, ticket.secret).secret
            with transaction(self.engine) as session:
                assert isinstance(
                    commands.finish_sign_in(session, ticket.secret, pyotp.TOTP(factor).now()), commands.NewSession
                )
            actor = Actor(self.organisation_id, roles=frozenset({role}), user_id=invitation.user_id)
            name = f"{role.value}@{self.short_name}.example"
            self.members[role] = Member(invitation.user_id, name, factor, actor)
        self.forget_codes()
        return self.members[role]

    def forget_codes(self) -> None:
        """As if the next half minute had begun."""
        with transaction(self.engine) as session:
            session.execute(
                update(User).where(User.organisation_id == self.organisation_id).values(totp_last_step=None)
            )


class Browser:
    """A browser without a window: follows no redirect by itself, keeps cookies, fills in the form's token."""

    def __init__(self, client: httpx2.Client) -> None:
        self.client = client
        self.page = ""

    def open(self, path: str, status: int = 200, **headers: str) -> str:
        """The page at that address, which is looked at next."""
        return self._seen(self.client.get(path, headers=headers, follow_redirects=False), status)

    def send(self, path: str, fields: dict[str, Any] | None = None, status: int = 303, **headers: str) -> str:
        """Post the form of the page that is open; returns where it leads, or the page that answers."""
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', self.page)
        version = re.search(r'name="version" value="(\d+)"', self.page)
        body = {"form_token": token[1] if token else "", **({"version": version[1]} if version else {})}
        found = self.client.post(path, data=body | (fields or {}), headers=headers, follow_redirects=False)
        return self._seen(found, status)

    def sign_in(self, member: Member) -> str:
        """Both steps; returns where it leads."""
        self.open("/intake/sign-in")
        self.send("/intake/sign-in", {"name": member.sign_in_name, "password": PASSWORD, "next": "/intake/my-work"})
        self.open("/intake/sign-in/code")
        return self.send("/intake/sign-in/code", {"code": member.code})

    def _seen(self, answer: httpx2.Response, status: int) -> str:
        assert answer.status_code == status, (answer.status_code, answer.headers.get("location"), answer.text[:3000])
        self.answer = answer
        if answer.is_redirect:
            return answer.headers["location"]
        self.page = answer.text
        return unescape(self.page)
