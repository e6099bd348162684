"""The demonstration's staff and their cases: three organisations, invented people with names in several scripts."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyotp
from sqlalchemy import Engine, select

from kinbridge.server import Server
from services.intake import commands, queries
from services.intake.commands import Refusal
from services.intake.credentials import hashed_password
from services.intake.domain import User
from services.intake.schemas import CASE_SHAPES
from shared.access import Actor, Role
from shared.database import reading, transaction
from shared.errors import Conflict, KinbridgeError
from shared.web import validated

SIGN_INS = "demo-sign-ins.json"
_WORDS = ("harbour", "lantern", "orchard", "meadow", "compass", "thicket", "pebble", "saddle", "willow", "copper")
_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True)
class _Staff:
    organisation: str
    sign_in_name: str
    display_name: str
    roles: tuple[Role, ...]
    language: str


STAFF = (
    _Staff("red-cross-marenia", "paul@marenia.example", "Paul Lindqvist", (Role.CASE_WORKER,), "en"),
    _Staff("red-cross-marenia", "ines@marenia.example", "Inés Duarte", (Role.CASE_MANAGER, Role.ADMINISTRATOR), "es"),
    _Staff("red-cross-marenia", "olga@marenia.example", "Olga Brandt", (Role.FINANCE_OFFICER,), "en"),
    _Staff("red-cross-marenia", "samuel@marenia.example", "Samuel Okoro", (Role.REPORT_APPROVER,), "en"),
    _Staff("sundland-aid", "marit@sundland.example", "Marit Aas", (Role.DONOR_READER,), "en"),
    _Staff("red-crescent-tassira", "huda@tassira.example", "هدى سالم", (Role.CASE_MANAGER,), "ar"),
    _Staff("open-sea-watch", "claire@opensea.example", "Claire Mbarga", (Role.CASE_WORKER,), "fr"),
    _Staff("open-sea-watch", "tomas@opensea.example", "Tomás Vella", (Role.DATA_PROTECTION_OFFICER,), "en"),
)


@dataclass(frozen=True)
class SignIn:
    """How somebody of the demonstration signs in. Invented people: their secrets may be shown."""

    organisation: str
    name: str
    password: str
    second_factor: str
    """For an authenticator app."""
    recovery_codes: tuple[str, ...]
    """Each stands in for a code, once."""
    roles: tuple[str, ...] = ()
    language: str = "en"
    """Of the pages after signing in."""


def invite_staff(server: Server) -> list[SignIn]:
    """Give the demonstration's staff their passwords; asked again on the same folder, the same ones."""
    kept = server.settings.data_dir / SIGN_INS
    if kept.exists():
        return [
            SignIn(**{**one, "recovery_codes": tuple(one["recovery_codes"]), "roles": tuple(one.get("roles", ()))})
            for one in json.loads(kept.read_text())
        ]
    engine = server.system.engine("intake")
    made = [_invited(engine, staff) for staff in STAFF]
    _keep(kept, made)
    return made


def member_with(server: Server, organisation: str, roles: Collection[Role]) -> Actor | None:
    """Somebody of the organisation's invented staff with one of these roles; None in a folder of before they came."""
    able = [one for one in STAFF if one.organisation == organisation and not set(roles).isdisjoint(one.roles)]
    with reading(server.system.engine("intake")) as session:
        for one in able:
            found = session.scalar(select(User).where(User.sign_in_name == one.sign_in_name))
            if found is not None:
                return Actor(found.organisation_id, roles=frozenset(one.roles), user_id=found.id)
    return None


def _invited(engine: Engine, staff: _Staff) -> SignIn:
    password = "-".join((*secrets.SystemRandom().sample(_WORDS, 4), secrets.token_hex(3)))
    stored = hashed_password(password, (staff.sign_in_name, staff.display_name))
    with transaction(engine) as session:
        organisation = queries.organisation_named(session, staff.organisation)
        by = Actor(organisation.id, roles=_ADMINISTRATOR)
        try:
            invitation = commands.invite_user(
                session,
                by,
                sign_in_name=staff.sign_in_name,
                display_name=staff.display_name,
                roles=staff.roles,
                language=staff.language,
            )
        except Conflict:
            raise KinbridgeError(
                f"The folder's demonstration lost its {SIGN_INS}: start it on another folder, with --data-dir."
            ) from None
        ticket = commands.accept_invitation(session, invitation.secret, stored)
        enrolment = commands.enrol_second_factor(session, ticket.secret)
        begun = commands.finish_sign_in(session, ticket.secret, pyotp.TOTP(enrolment.secret).now())
        assert not isinstance(begun, Refusal)
        commands.sign_out(session, begun.secret)
    return SignIn(
        staff.organisation,
        staff.sign_in_name,
        password,
        enrolment.secret,
        tuple(begun.recovery_codes),
        tuple(role.value for role in staff.roles),
        staff.language,
    )


def _keep(file: Path, made: list[SignIn]) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump([asdict(one) for one in made], stream, indent=1, ensure_ascii=False)


def submit_cases(server: Server, organisation: str) -> int:
    """Submit the organisation's cases, as its own system would; the same again makes none. Returns how many it has."""
    engine = server.system.engine("intake")
    bodies: list[dict[str, Any]] = json.loads((files("kinbridge.demo") / "cases.json").read_text())[organisation]
    with reading(engine) as session:
        actor = Actor(queries.organisation_named(session, organisation).id, roles=queries.SYSTEM_ROLES)
    for number, body in enumerate(bodies):
        with transaction(engine) as session:
            case = validated(CASE_SHAPES[body["type"]], body)
            commands.submit_case(session, actor, case, idempotency_key=f"demo {number}", request=body)
    return len(bodies)
