"""The whole system with two organisations: one that holds records of every kind, one whose people look for them; and a
third, to which the first refers cases."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from kinbridge.embedded import EmbeddedSystem
from kinbridge.operations import OPERATIONS
from services.intake import commands, queries
from services.intake.casework import CASE_TYPES
from services.intake.commands.drafts import begin_draft
from services.intake.credentials import digest_of
from services.intake.domain import Agreement, MatchRecord, SignedIn
from services.intake.pages.written import Written
from services.intake.queries.match_index import waiting
from services.notify.domain import Notification
from shared.access import Actor, Role, issue_token
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now, uuid7
from shared.middleware import ByPrefix
from shared.settings import SERVICES, Settings
from tests.client import TestClient
from tests.databases import BACKENDS, Databases
from tests.intake.access.conftest import Holder
from tests.intake.access.routes import example
from tests.intake.conftest import Intake
from tests.intake.lives.test_child import CHILD
from tests.isolation import reporting
from tests.isolation.doors import doors

MASTER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ROUTE = "Quillfeather crossing"


@dataclass
class House:
    """The system, and the two organisations."""

    system: EmbeddedSystem
    web: ByPrefix
    client: TestClient
    intake: Intake
    partner: UUID
    """A third organisation, with which others have agreements."""
    documents: list[dict[str, Any]] = field(default_factory=list)
    """What each service says of its interface; large, and asked for once (`callers.documents`)."""

    def swapped(self) -> Intake:
        """The same, as the second organisation."""
        one = self.intake
        return Intake(one.engine, one.client, one.other_key, one.other, one.own_key, one.own)

    def every_door(self) -> set[str]:
        """`METHOD /path` of every route of every application."""
        return set(doors([self.web.front, *self.web.apps.values()]))

    def session_of(self, actor: Actor) -> str:
        """The secret of a session of a new user of these roles."""
        by = frozenset({Role.ADMINISTRATOR, *(actor.roles & {Role.OPERATOR})})
        administrator = Actor(actor.organisation_id, roles=by)
        secret, now = f"session of {uuid7()}", utc_now()
        with transaction(self.intake.engine) as session:
            name = f"{uuid7()}@example.org"
            user_id = (
                actor.user_id
                or commands.invite_user(
                    session, administrator, sign_in_name=name, display_name="Somebody", roles=actor.roles
                ).user_id
            )
            ends_at = now + timedelta(hours=1)
            session.add(
                SignedIn(
                    digest=digest_of(secret),
                    user_id=user_id,
                    organisation_id=actor.organisation_id,
                    began_at=now,
                    last_seen_at=now,
                    ends_at=ends_at,
                )
            )
        return secret


def until_at_rest(engine: Engine, patience: float = 30) -> None:
    """Until the installation has done what it does by itself: so what changes afterwards, somebody did."""
    signed = select(Agreement.id).where(Agreement.looked_again_to.is_not(None))
    taken = select(MatchRecord.number).where(MatchRecord.attempts > 0)
    end = time.monotonic() + patience
    while True:
        with reading(engine) as session:
            busy = session.scalars(signed).first() or session.scalars(taken).first()
            if busy is None and not waiting(session, utc_now()):
                return
        assert time.monotonic() < end, "the matcher's work does not end"
        time.sleep(0.05)


@pytest.fixture(scope="module", params=BACKENDS)
def house(request: pytest.FixtureRequest, keys: KeyRing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Runs on both databases. One for all tests of a file: they change nothing of the first organisation, and say so
    by its rows; what they ask of it, they compare with the same asked of nobody."""
    databases = Databases(request.getfixturevalue(f"{request.param}_copies"), keys)
    with opened(databases, tmp_path_factory.mktemp("house")) as house:
        yield house
    databases.close()


@pytest.fixture
def fresh_house(database: Databases, tmp_path: Path) -> Iterator[House]:
    """One for this test alone, on both databases."""
    with opened(database, tmp_path) as house:
        yield house


@contextmanager
def opened(database: Databases, folder: Path) -> Iterator[House]:
    """The system on fresh databases, with its three organisations."""
    urls = {f"{one}_database_url": database.url_of(database(one)) for one in SERVICES}
    with EmbeddedSystem(Settings(data_dir=folder / "data", master_key=MASTER, **urls)) as system:
        engine, made = system.engine("intake"), []
        for short_name in ("red-cross-a", "red-crescent-b", "clinic-c"):
            with transaction(engine) as session:
                organisation = commands.register_organisation(
                    session, short_name=short_name, name=short_name.title(), kind="national_society"
                )
                actor = Actor(organisation.id, roles=queries.SYSTEM_ROLES)
            made.append((issue_token(system.keys, actor), actor))
        web = system.web()
        (own_key, own), (other_key, other), (_, partner) = made
        client = TestClient(web, raise_server_exceptions=False, follow_redirects=False)
        with client:
            yield House(
                system, web, client, Intake(engine, client, own_key, own, other_key, other), partner.organisation_id
            )


@dataclass
class Victim(Holder):
    """The organisation that holds the records: what every `Holder` has, and a record of every other kind."""

    folder: Path = field(default_factory=Path)
    house: House | None = None
    restricted: dict[str, Any] = field(default_factory=dict)
    """What belongs to the case of a child, by the name of the parameter that takes it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        assert self.house is not None
        case = self.known["case_id"]
        self.post(f"cases/{case}/deeds/add_note", {"note": self.canary})
        self.known |= {
            "draft_id": str(self._draft()),
            "key": "1",
            "secret": "no-invitation",
            "tag": "fr",
            "channel": "sms",
            "provider": "twilio",
            "rest": "nowhere",
            "found_in": self.known["other_id"],
            "about": self.known["person_id"],
            "person": self.known["person_id"],
            "same_as": self.known["person_id"],
            "same": self.known["person_id"],
            "into": self.known["other_id"],
            "from": "2010-01-01",
            "to": "2030-12-31",
            "after_case": self.known["other_id"],
            "after_other": case,
        }
        self._import()
        self.known |= reporting.kept(self.house.client, self.house.system.keys, self.actor, self.canary)
        children = [self.post("cases", self._child()) for _ in range(2)]
        child = self.get(f"cases/{children[0]['id']}")["people"]
        self.restricted = {
            "case_id": children[0]["id"],
            "other_id": children[1]["id"],
            "duplicate": children[1]["id"],
            "found_in": children[1]["id"],
            "person_id": child[0]["id"],
            "about": child[0]["id"],
            "reference": children[0]["reference"],
            "request_id": self._asked(child[0]["id"], "copy")["id"],
            "attachment_id": self.attach(children[0]["id"], child[0]["id"]),
        }
        self._asked(child[1]["id"], "erase")
        proposal = {"person_id": child[1]["id"], "reason": "subject_request"}
        self.restricted["erasure_id"] = self.post("erasures", proposal)["id"]
        self.restricted["referral_id"] = self._refer(self.restricted["case_id"], self.partner)
        assert self.house.system.wait_until_arrived()
        self.known["notification_id"] = sorted(self._messages())[0]

    def _asked(self, person_id: str, kind: str) -> Any:
        return self.post(f"persons/{person_id}/requests", {"kind": kind, "received_on": utc_now().date().isoformat()})

    def _child(self) -> dict[str, Any]:
        names = {"names": [{"full": f"{self.canary} the child"}], "birth": {"year": 2014}}
        return {**CHILD, "people": [{"role": "child", "person": names}, CHILD["people"][1]]}

    def _draft(self) -> UUID:
        with transaction(self.intake.engine) as session:
            written = Written.begun("tracing_request").to_keep()
            return begin_draft(session, self.actor, "tracing_request", written).id

    def _import(self) -> None:
        """A message in notify, figures in reporting."""
        assert self.house is not None
        file = self.folder / f"{self.label}.csv"
        header = "occurred_from,occurred_to,dead,missing,survivors,females,males,children,route,region,cause"
        file.write_text(f"{header}\n2020-01-02,2020-01-02,417731,,,,,,{ROUTE},,\n")
        with reading(self.intake.engine) as session:
            name = next(
                one.short_name for one in queries.organisations(session) if one.id == self.actor.organisation_id
            )
        *_, done = OPERATIONS["import"](self.house.system, file=str(file), organisation=name)
        assert done["arrived"], done

    def _messages(self) -> set[str]:
        assert self.house is not None
        with reading(self.house.system.engine("notify")) as session:
            own = Notification.organisation_id == self.actor.organisation_id
            return {str(one) for one in session.scalars(select(Notification.id).where(own))}

    def rows(self) -> dict[str, list[Any]]:
        assert self.house is not None
        kept = reporting.rows(self.house.system.engine("reporting"), self.actor.organisation_id)
        return {**super().rows(), "of reports": kept}

    def secrets(self) -> set[str]:
        assert self.house is not None
        messages = self._messages()
        assert messages
        own = self.actor.organisation_id
        kept = {one for row in reporting.rows(self.house.system.engine("reporting"), own) for one in reporting.ids(row)}
        with reading(self.intake.engine) as session:
            organisations = {str(one.id) for one in queries.organisations(session)}
        return (
            (super().secrets() - organisations)
            | messages
            | (kept - {str(own)})
            | {ROUTE, "417,731", "417731", self.restricted["reference"]}
        )


def deeds_about(type_: str, known: dict[str, Any]) -> dict[str, Any]:
    """The body of each deed of a type of case that takes an id, filled with what is known."""
    found = {}
    for deed in CASE_TYPES[type_].life_cycle.deeds:
        if deed.form is not None:
            schema = deed.form.model_json_schema(ref_template="#/components/schemas/{model}")
            document = {"components": {"schemas": schema.pop("$defs", {})}}
            found[deed.name] = example(document, schema, known)
    return found


@pytest.fixture(scope="module")
def victim(house: House, tmp_path_factory: pytest.TempPathFactory) -> Victim:
    return victim_in(house, tmp_path_factory.mktemp("victim"))


def victim_in(house: House, folder: Path) -> Victim:
    victim = Victim(house.intake, house.system.keys, partner=house.partner, folder=folder, house=house)
    until_at_rest(house.intake.engine)
    return victim


@pytest.fixture(scope="module")
def neighbour(house: House, victim: Victim) -> Holder:
    """The second organisation, with records of its own."""
    other = house.swapped()
    return Holder(
        other, house.system.keys, {}, "Perpetua Inkhorn", "inkhorn-register", "inkhorn@example.org", house.partner
    )
