"""The demonstration's messages to families: languages that a reviewer of each organisation approved, and two families
who told how they want to be reached. Nothing leaves this machine: a local mailbox takes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from uuid import UUID

from babel import Locale
from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import Session

from kinbridge.demo.people import member_with
from kinbridge.server import Server
from services.intake import commands, queries
from services.intake.casework.contacts import AddressIn, FamilyContactIn
from services.intake.commands.contacts import register_family_contact
from services.intake.commands.protection import record_legal_basis
from services.intake.domain import CasePerson, FamilyContact
from services.intake.schemas import CASE_SHAPES
from services.notify.commands.approvals import approve_language, approved_languages
from services.notify.queries.staff import present_digest
from services.notify.wording import LANGUAGES
from shared.access import MAY, Act, Actor
from shared.database import transaction, utc_now
from shared.web import validated


@dataclass(frozen=True)
class _Family:
    """Of the organisation's case of that number. The telephone numbers are Ofcom's, kept free for fiction."""

    case: int
    sms: str
    language: str
    fallbacks: tuple[str, ...]
    time_zone: str
    alias: str


FAMILIES: dict[str, tuple[_Family, ...]] = {
    "red-cross-marenia": (_Family(0, "+447700900101", "am", ("en",), "Africa/Addis_Ababa", "ብርሃን"),),
    "red-crescent-tassira": (_Family(0, "+447700900102", "ar", ("fr",), "Africa/Tunis", "ياسمين"),),
}


def approve_languages(server: Server, organisation: str, name: str, told: Console) -> list[str]:
    """Have the organisation's reviewer approve the texts of every language, and say so. Approved before, nothing is
    written. Returns what is approved; nothing where nobody of the organisation may."""
    reviewer = member_with(server, organisation, MAY[Act.APPROVE_LANGUAGES])
    if reviewer is None:
        return []
    with transaction(server.system.engine("notify")) as session:
        before = approved_languages(session, reviewer.organisation_id)
        for tag in LANGUAGES:
            if tag not in before:
                approve_language(session, reviewer, tag, present_digest(tag), utc_now())
        approved = approved_languages(session, reviewer.organisation_id)
    spoken = ", ".join(Locale.parse(tag).get_display_name("en") or tag for tag in approved)
    role = sorted(reviewer.roles & MAY[Act.APPROVE_LANGUAGES])[0].replace("_", " ")
    told.print(
        f"  {name} approved {spoken}: {len(approved)} languages, read by its {role}", markup=False, soft_wrap=True
    )
    return approved


def add_families(server: Server, organisation: str) -> int:
    """Register how families of the organisation want to be reached, with their consent; registered before, nothing is
    written. Returns how many there are."""
    worker = member_with(server, organisation, MAY[Act.CHANGE_CASES])
    families = FAMILIES.get(organisation, ())
    if worker is None:
        return 0
    for family in families:
        with transaction(server.system.engine("intake")) as session:
            case_id = _case(session, worker, organisation, family.case)
            if session.scalar(select(FamilyContact.id).where(FamilyContact.case_id == case_id)) is None:
                _register(session, worker, case_id, family)
    return len(families)


def _register(session: Session, worker: Actor, case_id: UUID, family: _Family) -> None:
    asks = session.scalars(
        select(CasePerson.person_id).where(CasePerson.case_id == case_id, CasePerson.role == "enquirer")
    ).one()
    record_legal_basis(session, worker, asks, purpose="notification", basis="consent")
    wishes = FamilyContactIn(
        language=family.language,
        fallbacks=family.fallbacks,
        time_zone=family.time_zone,
        quiet_from="00:00",
        quiet_to="00:00",
        shared_phone=False,
        alias=family.alias,
        spoken_word=None,
        addresses=(AddressIn(channel="sms", address=family.sms),),
    )
    register_family_contact(session, worker, case_id, asks, wishes)


def _case(session: Session, worker: Actor, organisation: str, number: int) -> UUID:
    """The case that `submit_cases` made: the same key gives the same answer."""
    body: dict[str, Any] = json.loads((files("kinbridge.demo") / "cases.json").read_text())[organisation][number]
    system = Actor(worker.organisation_id, roles=queries.SYSTEM_ROLES)
    submitted = validated(CASE_SHAPES[body["type"]], body)
    made = commands.submit_case(session, system, submitted, idempotency_key=f"demo {number}", request=body)
    return UUID(str(made["id"]))
