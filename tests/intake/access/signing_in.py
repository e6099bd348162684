"""An organisation whose staff sign in, and time that passes for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pyotp
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, update

from services.intake import commands, queries
from services.intake.commands import NewSession, Refusal, Ticket
from services.intake.domain import User
from shared.access import Actor, Role
from shared.database import reading, transaction, utc_now

PASSWORD = "blue lamp 4 fish tin"
HASH = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)
"""Made cheaply: what is stored says with which parameters it is compared."""
CASE_WORKER = frozenset({Role.CASE_WORKER})


@dataclass
class Staff:
    """An organisation with an administrator; helps to sign in, and to let time pass."""

    engine: Engine
    administrator: Actor

    def invite(self, name: str = "amal@example.org", roles: frozenset[Role] = CASE_WORKER) -> commands.NewInvitation:
        with transaction(self.engine) as session:
            return commands.invite_user(session, self.administrator, sign_in_name=name, display_name="A", roles=roles)

    def joined(self, name: str = "amal@example.org", roles: frozenset[Role] = CASE_WORKER) -> tuple[UUID, str]:
        """A user who has a password and a second factor: (id, the factor's secret)."""
        invitation = self.invite(name, roles)
        with transaction(self.engine) as session:
            ticket = commands.accept_invitation(session, invitation.secret, HASH)
        with transaction(self.engine) as session:
            enrolment = commands.enrol_second_factor(session, ticket.secret)
        assert isinstance(self.finish(ticket, code_of(enrolment.secret)), NewSession)
        self.forget_codes()
        return invitation.user_id, enrolment.secret

    def begin(self, password: str = PASSWORD, name: str = "amal@example.org") -> Ticket | Refusal:
        with reading(self.engine) as session:
            tried = commands.try_password(session, name, password)
        with transaction(self.engine) as session:
            return commands.begin_sign_in(session, tried)

    def finish(self, ticket: Ticket | Refusal, code: str) -> NewSession | Refusal:
        assert isinstance(ticket, Ticket)
        with transaction(self.engine) as session:
            return commands.finish_sign_in(session, ticket.secret, code)

    def signed_in(self, factor: str, name: str = "amal@example.org") -> NewSession:
        begun = self.finish(self.begin(name=name), code_of(factor))
        assert isinstance(begun, NewSession)
        self.forget_codes()
        return begun

    def actor(self, secret: str) -> Actor:
        with reading(self.engine) as session:
            return queries.actor_of_session(session, secret)

    def change(self, table: Any, **values: Any) -> None:
        with transaction(self.engine) as session:
            session.execute(update(table).values(**values))

    def forget_codes(self) -> None:
        """As if the next half minute had begun."""
        self.change(User, totp_last_step=0)


def code_of(factor: str, at: datetime | None = None) -> str:
    return pyotp.TOTP(factor).at(at or utc_now())
