"""Two organisations with an agreement on tracing: one holds a registration, the other a tracing request; a third."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select

from services.intake import queries
from services.intake.commands.matches.proposing import Found, propose
from services.intake.domain import Match
from services.intake.matching import Comparison
from services.intake.matching.comparing import Term
from shared.access import Actor, Role, issue_token
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.messaging.tables import event_log
from tests.applications import intake_on
from tests.client import TestClient
from tests.intake.people import person, request_for
from tests.intake.referrals.conftest import EVERY_FIELD, Person, registration
from tests.staff import Staff

SOUGHT, FOUND = "Zubeida Quillfeather", "Subaida Kwilfeder"
"""Canaries: nothing but the two records may hold them."""
WORKER, MANAGER, OFFICER = Role.CASE_WORKER, Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER
RELEASE: dict[str, Any] = {
    "text": "Both knew the nickname.",
    "relationship_verified": True,
    "verified_by": "asked_the_person",
    "person_agrees": True,
    "asked_on": "2026-06-01",
}


def alike(bits: float = 9.0) -> Comparison:
    """What the matcher says of two records that are much alike."""
    terms = (
        Term("prior", "unknown", "how_rare_a_match_is", -5.0),
        Term("name", "strong", "name_same", bits),
        Term("mother", "partial", "name_same", 1.5),
    )
    score = sum(term.bits for term in terms)
    return Comparison(score, 1 / (1 + 2**-score), terms)


@dataclass(frozen=True)
class Kept:
    """A case and the person whom it is about."""

    case: str
    person: UUID
    organisation: UUID


@dataclass
class Hub:
    """Intake, and who works there."""

    engine: Engine
    keys: KeyRing
    client: TestClient
    holder: Staff
    enquirer: Staff
    stranger: Staff
    agreement: str = ""
    colleagues: dict[Any, Person] = field(default_factory=dict)

    def of(self, staff: Staff, role: Role = WORKER) -> Person:
        """Somebody of the staff with that role."""
        if (staff.short_name, role) not in self.colleagues:
            actor = Actor(staff.organisation_id, roles=frozenset({role}), user_id=staff.member(role).user_id)
            self.colleagues[staff.short_name, role] = Person(self.client, issue_token(self.keys, actor), actor)
        return self.colleagues[staff.short_name, role]

    def system(self, staff: Staff) -> Person:
        """A system of the organisation."""
        actor = Actor(staff.organisation_id, roles=queries.SYSTEM_ROLES)
        return Person(self.client, issue_token(self.keys, actor), actor)

    @property
    def theirs(self) -> Person:
        """A case worker of the holder."""
        return self.of(self.holder)

    @property
    def ours(self) -> Person:
        """A case worker of the enquirer's organisation."""
        return self.of(self.enquirer)

    def agree(self, **more: Any) -> str:
        """The two sign an agreement on tracing."""
        asked = {
            "partner_id": str(self.enquirer.organisation_id),
            "purposes": ["tracing"],
            "fields": list(EVERY_FIELD),
            "valid_from": "2020-01-01",
            **more,
        }
        made = self.of(self.holder, MANAGER).post("agreements", asked, 201)
        self.of(self.enquirer, MANAGER).post(f"agreements/{made['id']}/signature")
        self.agreement = made["id"]
        return self.agreement

    def submit(self, staff: Staff, body: dict[str, Any], role: str, *, basis: str | None = "public_interest") -> Kept:
        by = self.of(staff, MANAGER)
        made = by.post("cases", body, 201)
        people = by.get(f"cases/{made['id']}")["people"]
        kept = Kept(made["id"], UUID(next(one["id"] for one in people if one["role"] == role)), staff.organisation_id)
        if basis:
            self.basis(kept, basis)
        return kept

    def basis(self, kept: Kept, basis: str, **more: Any) -> None:
        """What is recorded of a person by whoever holds it."""
        body = {"purpose": "tracing", "basis": basis, **more}
        self.keeper(kept).post(f"persons/{kept.person}/legal-bases", body, 201)

    def no(self, kept: Kept, word: str = "objections", **more: Any) -> None:
        """The person says no: an objection, or a withdrawal of its consent."""
        self.keeper(kept).post(f"persons/{kept.person}/{word}", {"purpose": "tracing", **more}, 201)

    def put(self, kept: Kept, path: str, body: Any) -> None:
        """Whoever holds it changes something."""
        keeper = self.keeper(kept)
        version = keeper.file(f"cases/{kept.case}").headers["etag"]
        headers = {"Authorization": f"Bearer {keeper.token}", "If-Match": version}
        answer = self.client.put(f"/intake/v1/{path}", json=body, headers=headers)
        assert answer.status_code in (200, 204), answer.text

    def wish(self, kept: Kept, wish: bool = True) -> None:
        """The person wishes to share with nobody."""
        self.put(kept, f"persons/{kept.person}/share-with-nobody", {"wish": wish})

    def erase(self, kept: Kept) -> None:
        """One proposes, another approves."""
        keeper = self.keeper(kept)
        staff = next(one for one in (self.holder, self.enquirer) if one.organisation_id == kept.organisation)
        keeper.post(f"persons/{kept.person}/requests", {"kind": "erase", "received_on": "2026-06-01"}, 201)
        asked = {"person_id": str(kept.person), "reason": "subject_request"}
        proposed = self.of(staff, Role.DATA_PROTECTION_OFFICER).post("erasures", asked, 201)
        keeper.post(f"erasures/{proposed['id']}/approval")

    def close(self, sought: Kept) -> None:
        """The family withdraws the tracing request."""
        told = {"told": "no_news", "how": "by_phone", "told_on": "2026-06-01"}
        self.keeper(sought).post(f"cases/{sought.case}/deeds/tell_family", told)
        self.keeper(sought).post(f"cases/{sought.case}/moves/close", {"reason": "withdrawn"})

    def keeper(self, kept: Kept) -> Person:
        """The manager of whoever holds it."""
        staff = next(one for one in (self.holder, self.enquirer) if one.organisation_id == kept.organisation)
        return self.of(staff, MANAGER)

    def request(self, staff: Staff | None = None, *, basis: str | None = "public_interest", **known: Any) -> Kept:
        """A tracing request, of the enquirer's organisation."""
        told = {"sex": "female", "birth": {"year": 1991}, "mother_name": "Halima Petronell", **known}
        sought = person(SOUGHT, **told)
        body = request_for(sought, enquirer="Perpetua Inkhorn", last_known_country="LBY")
        return self.submit(staff or self.enquirer, body, "sought", basis=basis)

    def registered(self, staff: Staff | None = None, *, basis: str | None = "consent", **known: Any) -> Kept:
        """A registration, of the holder."""
        found = person(
            FOUND, **{"sex": "female", "birth": {"year": 1991}, "last_address": "Camp Nightingale 7", **known}
        )
        return self.submit(staff or self.holder, registration(found, met_in="ITA082"), "registered", basis=basis)

    def propose(self, sought: Kept, found: Kept, comparison: Comparison | None = None) -> int:
        """The matcher thinks that they are one."""
        pair = Found(
            sought.person,
            UUID(sought.case),
            sought.organisation,
            found.person,
            UUID(found.case),
            found.organisation,
            comparison or alike(),
        )
        with transaction(self.engine) as session:
            return propose(session, [pair], utc_now())

    def pair(self, **found: Any) -> tuple[Kept, Kept, str]:
        """A tracing request and a registration that are proposed as one: and the match's id."""
        sought, registered = self.request(), self.registered(**found)
        assert self.propose(sought, registered) == 1
        return sought, registered, str(self.rows()[-1].id)

    def step(self, by: Person, match: str, name: str, /, status: int = 200, **said: Any) -> Any:
        """Somebody takes a step, with a reason or a text where it wants one."""
        return by.post(f"matches/{match}/steps/{name}", {"text": "So it is.", **said}, status)

    def release(self, found: Kept, match: str, **more: Any) -> Any:
        """The person agrees, and the holder releases it."""
        self.answers(found, **more)
        return self.step(self.theirs, match, "release", **RELEASE)

    def rows(self) -> list[Match]:
        """Every match, the oldest first."""
        with reading(self.engine) as session:
            return list(session.scalars(select(Match).order_by(Match.id)))

    def facts(self, case_id: str) -> list[str]:
        """The types of the facts of a case."""
        with reading(self.engine) as session:
            headers = session.scalars(
                select(event_log.c.header).where(event_log.c.subject == f"case/{case_id}").order_by(event_log.c.ordinal)
            )
            return [header.split('"type":"')[1].split('"')[0] for header in map(_text, headers)]

    def everything(self) -> int:
        """How many facts there are."""
        with reading(self.engine) as session:
            return session.scalar(select(func.count()).select_from(event_log)) or 0

    def answers(self, found: Kept, agrees_to: str = "news_and_contact", staff: Staff | None = None) -> None:
        """The found person is asked, on its own case."""
        self.of(staff or self.holder, MANAGER).post(
            f"cases/{found.case}/deeds/record_answer", {"agrees_to": agrees_to, "spoken_to": "alone"}
        )


Made = TypeVar("Made", bound=Hub)


def _text(header: Any) -> str:
    return (header if isinstance(header, str) else bytes(header).decode()).replace('": "', '":"')


@pytest.fixture
def hub(database: Callable[[str], Engine], keys: KeyRing) -> Iterator[Hub]:
    """Runs on both databases."""
    yield from made_on(database("intake"), keys, Hub)


def made_on(engine: Engine, keys: KeyRing, kind: type[Made]) -> Iterator[Made]:
    """The hub, or one that does more, on a database."""
    holder, enquirer, stranger = (
        Staff(engine, short, name)
        for short, name in (
            ("crescent-b", "Crescent of the Harbour"),
            ("red-cross-a", "Red Cross of Marenia"),
            ("other-c", "Somebody Else"),
        )
    )
    with TestClient(intake_on(engine, keys), raise_server_exceptions=False) as client:
        made = kind(engine, keys, client, holder, enquirer, stranger)
        made.agree()
        yield made
