"""Signing in, and an administrator's work: what is accepted and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.intake.casework.forms import clean_text
from shared.access import Role

_Typed = Annotated[str, Field(min_length=1, max_length=300)]
"""As it was typed: a password, of which only the hash is stored."""
_Text = Annotated[_Typed, BeforeValidator(clean_text)]


class _In(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SignInIn(_In):
    """The first step: name and password."""

    sign_in_name: _Text
    password: _Typed


class TicketIn(_In):
    """Names the sign-in that was begun."""

    ticket: _Text


class CodeIn(TicketIn):
    """The second step: a code of the second factor, or a recovery code."""

    code: _Text


class InvitationIn(_In):
    """An invitation accepted: its secret, and the password chosen."""

    invitation: _Text
    password: _Typed


class PasswordIn(_In):
    """The own password changed."""

    present: _Typed
    new: _Typed


class LanguageIn(_In):
    """The language of the own pages, BCP 47."""

    language: _Text


class RolesIn(_In):
    """A user's roles, whole."""

    roles: Annotated[list[Role], Field(min_length=1, max_length=len(Role))]


class UserIn(RolesIn):
    """Somebody to invite."""

    sign_in_name: _Text
    display_name: _Text
    language: _Text = "en"


class ResetIn(_In):
    """What a user is helped back in with."""

    second_factor: bool = False
    """Also enrol the second factor anew: a lost telephone."""


class ClientIn(RolesIn):
    """A system that may ask for tokens."""

    label: _Text


class TicketOut(BaseModel):
    """The password was right. Next comes the second factor: to be enrolled, or a code of it."""

    ticket: str
    enrols: bool


class EnrolmentOut(BaseModel):
    """The second factor: its secret, and the address that an app reads."""

    secret: str
    address: str


class SessionOut(BaseModel):
    """Signed in: `session` is sent as a bearer credential. Recovery codes are shown this once."""

    session: str
    ends_at: datetime
    recovery_codes: tuple[str, ...]


class UserOut(BaseModel):
    """A user, as an administrator and the user see it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organisation_id: UUID
    sign_in_name: str
    display_name: str
    roles: list[Role]
    language: str
    created_at: datetime
    disabled_at: datetime | None


class InvitationOut(BaseModel):
    """An invitation to hand over. It is shown this once."""

    user_id: UUID
    invitation: str
    ends_at: datetime


class ClientOut(BaseModel):
    """A system of the organisation."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    label: str
    roles: list[Role]
    created_at: datetime
    revoked_at: datetime | None


class NewClientOut(BaseModel):
    """A new system's id and secret. The secret is shown this once."""

    client_id: UUID
    client_secret: str
