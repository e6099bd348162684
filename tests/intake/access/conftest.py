"""An organisation with a record of every kind, which others look for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, update

from services.intake import commands, queries
from services.intake.casework import retention
from services.intake.commands.agreements import sign_agreement
from services.intake.commands.family import ask_for_attention, keep_complaint, keep_reply
from services.intake.commands.matches.proposing import Found, propose
from services.intake.commands.own_fields import write_own_fields
from services.intake.commands.referrals import take_step
from services.intake.domain import Base, Complaint, Match, Referral, User
from services.intake.matching import Comparison, Term
from shared.access import Actor, Role, issue_token
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now, uuid7
from shared.events import AttentionRequested, ComplaintReceived, ComplaintText, FamilyReplied
from tests.intake.access.signing_in import Staff
from tests.intake.attachments.files import photo
from tests.intake.conftest import Intake
from tests.intake.directory.entries import CLINIC
from tests.intake.people import person, request_for
from tests.intake.referrals.conftest import registration
from tests.intake.test_api import incident

CANARY = "Zubeida Quillfeather"
LABEL = "quillfeather-register"
SIGN_IN_NAME = "quillfeather@example.org"
EVERYTHING = frozenset(Role) - {Role.OPERATOR}


@dataclass
class Holder:
    """The organisation that holds the records."""

    intake: Intake
    keys: KeyRing
    known: dict[str, Any] = field(default_factory=dict)
    """Ids and values by the name of the parameter that takes them."""
    canary: str = CANARY
    label: str = LABEL
    sign_in_name: str = SIGN_IN_NAME
    partner: UUID | None = None
    """An organisation that things are shared with; made where none is given."""

    def __post_init__(self) -> None:
        administrator = Actor(self.intake.own.organisation_id, roles=frozenset({Role.ADMINISTRATOR}))
        with transaction(self.intake.engine) as session:
            user = commands.invite_user(
                session, administrator, sign_in_name=self.sign_in_name, display_name=self.canary, roles=EVERYTHING
            )
            client = commands.add_client(session, administrator, label=self.label, roles=queries.SYSTEM_ROLES)
            write_own_fields(session, administrator, "tracing_request", self._own_fields(), None)
        self.actor = Actor(self.intake.own.organisation_id, roles=EVERYTHING, user_id=user.user_id)
        cases = [self.post("cases", body) for body in (self._request(), self._request(), incident())]
        sought = self.get(f"cases/{cases[0]['id']}")["people"][1]["id"]
        self.known = {
            "case_id": cases[0]["id"],
            "other_id": cases[1]["id"],
            "duplicate": cases[1]["id"],
            "person_id": sought,
            "user_id": str(user.user_id),
            "assigned_to": str(user.user_id),
            "client_id": str(client.id),
            "reference": cases[0]["reference"],
            "organisation_id": str(self.intake.own.organisation_id),
            "name": "note",
            "type": "tracing_request",
            "case_type": "tracing_request",
            "status": cases[0]["status"],
            "place": "SYR",
            "purpose": "tracing",
            "paper": "MOU-2026-7",
            "sign_in_name": self.sign_in_name,
            "after": cases[0]["id"],
        }
        self.known["request_id"] = self.post(
            f"persons/{sought}/requests", {"kind": "copy", "received_on": utc_now().date().isoformat()}
        )["id"]
        enquirer = self.get(f"cases/{cases[1]['id']}")["people"][0]["id"]
        self.post(f"persons/{enquirer}/requests", {"kind": "erase", "received_on": utc_now().date().isoformat()})
        self.known["attachment_id"] = self.attach(cases[0]["id"], sought)
        self.known["service_id"] = self.post("services", CLINIC)["id"]
        self.known["match_id"] = self._match(cases[0]["id"], sought)
        self.partner = self.partner or self._partner()
        self.known["agreement_id"] = self._agree(self.partner)
        self.known["referral_id"] = self._refer(cases[0]["id"], self.partner)
        with transaction(self.intake.engine) as session:
            session.execute(update(Referral).values(reminded=True))
            session.execute(update(Match).values(reminded=True))
        self.known["gone_reference"] = self._hand_over(self.partner)
        self.known |= self._family(cases[0]["id"])
        self.known["erasure_id"] = self.post("erasures", {"person_id": enquirer, "reason": "subject_request"})["id"]

    def _family(self, case_id: str) -> dict[str, str]:
        """How the family of a case is told, what it wrote and complained of, and what is to be done."""
        enquirer = self.get(f"cases/{case_id}")["people"][0]["id"]
        self.post(f"persons/{enquirer}/legal-bases", {"purpose": "notification", "basis": "consent"})
        contact = {
            "person_id": enquirer,
            "addresses": [{"channel": "sms", "address": "+218917731442"}],
            "alias": "Quillfeather",
            "language": "ar",
            "time_zone": "Africa/Tripoli",
            "shared_phone": False,
        }
        made = {
            "contact_id": self.post(f"cases/{case_id}/family-contacts", contact)["id"],
            "reply_id": str(uuid7()),
            "attention_id": str(uuid7()),
            "complaint_id": str(uuid7()),
        }
        about: dict[str, Any] = {"organisation_id": self.intake.own.organisation_id, "case_id": UUID(case_id)}
        by = {"person_id": UUID(enquirer), "contact_id": UUID(made["contact_id"]), "channel": "sms"}
        now = utc_now()
        with transaction(self.intake.engine) as session:
            keep_reply(session, FamilyReplied(**about, **by, reply_id=UUID(made["reply_id"])), self.canary, now)
            asked = UUID(made["attention_id"])
            ask_for_attention(
                session, AttentionRequested(**about, request_id=asked, reason="call_the_family", due_by=now), now
            )
            complaint = ComplaintReceived(**about, complaint_id=UUID(made["complaint_id"]), about="staff")
            keep_complaint(session, complaint, ComplaintText(text=self.canary), now)
            old = ComplaintReceived(**about, complaint_id=uuid7(), about="staff")
            keep_complaint(session, old, ComplaintText(text=self.canary), now)
            dealt_with = update(Complaint).where(Complaint.id == old.complaint_id)
            session.execute(dealt_with.values(done_at=now - 2 * retention.COMPLAINTS))
        return made

    def _match(self, case_id: str, sought: str) -> str:
        """A registration that may be of the sought person."""
        made = self.post("cases", registration(person(self.canary)))
        found = self.get(f"cases/{made['id']}")["people"][0]["id"]
        for one in (sought, found):
            self.post(f"persons/{one}/legal-bases", {"purpose": "tracing", "basis": "consent"})
        own, said = self.actor.organisation_id, Comparison(9.0, 0.99, (Term("name", "strong", "name_same", 9.0),))
        pair = Found(UUID(sought), UUID(case_id), own, UUID(found), UUID(made["id"]), own, said)
        with transaction(self.intake.engine) as session:
            propose(session, [pair], utc_now())  # where the matcher has not found it by itself
            match = session.scalar(select(Match.id).where(Match.found_person_id == UUID(found)))
        return str(match)

    def _partner(self) -> UUID:
        """An organisation that things are shared with."""
        name = f"partner-{uuid7().hex[-12:]}"
        with transaction(self.intake.engine) as session:
            return commands.register_organisation(session, short_name=name, name=name, kind="ngo").id

    def _agree(self, partner: UUID, *more: str) -> str:
        """An agreement with it on names, facts and more, signed by somebody of theirs."""
        asked = {"partner_id": str(partner), "purposes": ["assistance"], "fields": ["names", "facts", *more]}
        made = str(self.post("agreements", {**asked, "valid_from": "2020-01-01"})["id"])
        with transaction(self.intake.engine) as session:
            sign_agreement(session, _somebody_of(partner), UUID(made))
        return made

    def _refer(self, case_id: str, partner: UUID) -> str:
        """A referral of a case whose people may be shared with it."""
        self._allow(case_id, partner)
        terms = {"purpose": "assistance", "service": "first_aid", "fields": ["names", "facts"]}
        return str(self.post(f"cases/{case_id}/referrals", {**terms, "receiver_id": str(partner)})["id"])

    def _hand_over(self, partner: UUID) -> str:
        """The reference of a case that the partner took over."""
        case = self.post("cases", self._request())
        self._agree(partner, "whole_file")
        self._allow(case["id"], partner)
        terms = {"receiver_id": str(partner), "purpose": "assistance", "why": "person_moved", "fields": ["names"]}
        offered = self.post(f"cases/{case['id']}/transfers", terms)
        with transaction(self.intake.engine) as session:
            take_step(session, _somebody_of(partner), UUID(offered["id"]), "accept")
        return str(case["reference"])

    def _allow(self, case_id: str, partner: UUID) -> None:
        """Everybody of the case may be shared with it."""
        for one in self.get(f"cases/{case_id}")["people"]:
            basis = {"purpose": "sharing", "basis": "consent", "recipient_id": str(partner)}
            self.post(f"persons/{one['id']}/legal-bases", basis)

    def _request(self) -> dict[str, Any]:
        return {**request_for(person(self.canary), enquirer=self.canary), "own": {"remark": self.canary}}

    def _own_fields(self) -> dict[str, Any]:
        """What the organisation asks of its own, under a title that tells whose it is."""
        remark = {"type": "string", "title": f"What {self.canary} asks", "maxLength": 100}
        return {"type": "object", "properties": {"remark": remark}}

    def attach(self, case_id: str, person_id: str) -> str:
        """A photo of a person of a case."""
        answer = self.intake.client.post(
            f"/intake/v1/cases/{case_id}/attachments",
            data={"title": self.canary, "person_id": person_id},
            files={"file": photo()},
            headers={"Authorization": f"Bearer {issue_token(self.keys, self.actor)}"},
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def post(self, path: str, body: Any) -> Any:
        answer = self.intake.post(body, key=issue_token(self.keys, self.actor), path=f"/intake/v1/{path}")
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        return self.intake.get(f"/intake/v1/{path}", key=issue_token(self.keys, self.actor)).json()

    def rows(self) -> dict[str, list[Any]]:
        """Every row of the organisation."""
        own = self.actor.organisation_id
        with reading(self.intake.engine) as session:
            found = {
                table.name: sorted(map(repr, session.execute(select(table).where(table.c.organisation_id == own))))
                for table in Base.metadata.sorted_tables
                if "organisation_id" in table.c
            }
            decided = select(Match.id, Match.state, Match.version).where(Match.found_organisation_id == own)
            found["match"] = sorted(map(repr, session.execute(decided)))  # the matcher may score it anew meanwhile
            return found

    def secrets(self) -> set[str]:
        """What no answer to anybody else may hold: names, references, and the ids of every row. The id of a service in
        the directory is none, but who confirmed it is."""
        own = self.actor.organisation_id
        found = {self.canary, self.label, self.sign_in_name, self.known["reference"], self.known["gone_reference"]}
        found.add(self.known["match_id"])
        with reading(self.intake.engine) as session:
            for table in Base.metadata.sorted_tables:
                if "organisation_id" in table.c:
                    rows = session.execute(select(table).where(table.c.organisation_id == own))
                    found |= {str(value) for row in rows for value in row if isinstance(value, UUID) and value != own}
        return found - {self.known["service_id"]}


def _somebody_of(organisation_id: UUID) -> Actor:
    return Actor(organisation_id, roles=frozenset({Role.CASE_MANAGER}), user_id=uuid7())


@pytest.fixture
def holder(intake: Intake, keys: KeyRing) -> Holder:
    return Holder(intake, keys)


@pytest.fixture
def stranger(intake: Intake) -> UUID:
    """A user of another organisation."""
    administrator = Actor(intake.other.organisation_id, roles=frozenset({Role.ADMINISTRATOR}))
    with transaction(intake.engine) as session:
        invited = commands.invite_user(
            session, administrator, sign_in_name="b@example.org", display_name="B", roles={Role.AUDITOR}
        )
        user = session.get(User, invited.user_id)
    assert user is not None
    return user.id


@pytest.fixture
def staff(database: Callable[[str], Engine]) -> Staff:
    engine = database("intake")
    with transaction(engine) as session:
        made = commands.register_organisation(session, short_name="a", name="A", kind="ngo")
    return Staff(engine, Actor(made.id, roles=frozenset({Role.ADMINISTRATOR})))
