"""Cases travel between organisations, on the real stack: one answers, one is silent, one has a link, one takes over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from tests.compose.books import Books
from tests.compose.conftest import Hub
from tests.compose.people import Person
from tests.compose.sender import Sender
from tests.compose.stack import wait_until
from tests.intake.attachments.files import photo
from tests.intake.people import person
from tests.intake.referrals.conftest import registration
from tests.staff import Browser

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1800)]
FIELDS = ["names", "sex", "marks"]
FOR_A_LINK = ["names", "sex"]
JPEG = b"\xff\xd8"


@dataclass
class Office:
    """Who works in the story, and the organisations of the other side."""

    hub: Hub
    worker: Person
    manager: Person
    officer: Person
    clinic: str
    at_clinic: Person
    silent: str
    at_silent: Person
    provider: str

    def agreed(self, partner: str, signs: Person | None, *more: str) -> None:
        """An agreement that both sides signed; on paper where nobody works for the other side here."""
        terms = {
            "partner_id": partner,
            "purposes": ["assistance"],
            "fields": [*(FIELDS if signs is not None else FOR_A_LINK), *more],
            "valid_from": "2020-01-01",
        }
        proposed = self.manager.post("agreements", terms)
        path = f"agreements/{proposed['id']}"
        if signs is not None:
            assert signs.post(f"{path}/signature")["state"] == "in_force"
        else:
            assert self.officer.post(f"{path}/paper-signature", {"paper": "MOU-2026-7"})["state"] == "in_force"

    def written_down(self, name: str, receiver: str) -> str:
        """A case whose person agrees to be shared with the receiver."""
        made = self.manager.post("cases", registration(person(name, sex="male", marks="A scar")))
        (one,) = self.manager.get(f"cases/{made['id']}")["people"]
        basis = {"purpose": "sharing", "basis": "consent", "recipient_id": receiver}
        self.manager.post(f"persons/{one['id']}/legal-bases", basis)
        return str(made["id"])

    def offered(self, receiver: str, fields: list[str], **more: Any) -> dict[str, Any]:
        """A case, written down, with the person's consent, and offered."""
        case = self.written_down("Yonas Tekle", receiver)
        asked = {"receiver_id": receiver, "purpose": "assistance", "service": "primary_health_care", "fields": fields}
        offered: dict[str, Any] = self.worker.post(f"cases/{case}/referrals", {**asked, **more})
        return offered

    def time_passes(self, referral: str, hours: int) -> None:
        """As if it had been offered so much earlier; what is due then is the stack's own to find."""
        moved = f"offered_at = offered_at - interval '{hours} hours', due_at = due_at - interval '{hours} hours'"
        statement = f"UPDATE referral SET {moved} WHERE id = '{referral}'"
        told = self.hub.stack.execute("postgres", "psql", "-U", "postgres", "-d", "intake", "-c", statement)
        assert told.strip() == "UPDATE 1"

    def state(self, referral: str) -> tuple[str, bool]:
        told = self.worker.get(f"referrals/{referral}")
        return told["state"], told["reminded"]

    def messages(self, system: Sender) -> list[dict[str, Any]]:
        """What notify has written to the organisation of that system."""
        found: list[dict[str, Any]] = self._asked("notify", "notifications", system)["items"]
        return found

    def figures(self, system: Sender) -> dict[str, Any]:
        """What reporting tells that organisation of what was offered since yesterday."""
        today = datetime.now(UTC).date()
        period = {"from": (today - timedelta(days=1)).isoformat(), "to": today.isoformat()}
        found: dict[str, Any] = self._asked("reporting", "referrals", system, **period)
        return found

    def _asked(self, service: str, path: str, system: Sender, **params: str) -> Any:
        answer = httpx2.get(
            f"{self.hub.stack.address(service)}/{service}/v1/{path}",
            params=params,
            headers={"Authorization": f"Bearer {system.token()}"},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def office(hub: Hub) -> Iterator[Office]:
    added = {
        name: hub.admin("org", "add", name, name.replace("-", " ").title(), "--kind", kind)["id"]
        for name, kind in (
            ("harbour-clinic", "ngo"),
            ("red-crescent-tassira", "national_society"),
            ("island-shelter", "service_provider"),
        )
    }
    ours = hub.organisation
    people = {
        "worker": Person(hub, ours, "amina@marenia.example", "case_worker"),
        "manager": Person(hub, ours, "marta@marenia.example", "case_manager"),
        "officer": Person(hub, ours, "lea@marenia.example", "data_protection_officer"),
        "at_clinic": Person(hub, "harbour-clinic", "sami@clinic.example", "case_worker", "case_manager"),
        "at_silent": Person(hub, "red-crescent-tassira", "nour@tassira.example", "case_worker", "case_manager"),
    }
    office = Office(
        hub,
        clinic=added["harbour-clinic"],
        silent=added["red-crescent-tassira"],
        provider=added["island-shelter"],
        **people,
    )
    office.agreed(office.clinic, office.at_clinic)
    office.agreed(office.silent, office.at_silent)
    office.agreed(office.provider, None)
    yield office
    for one in people.values():
        one.leave()


def test_one_that_answers_asks_accepts_and_completes(office: Office) -> None:
    offered = office.offered(office.clinic, FIELDS)
    path = f"referrals/{offered['id']}"
    (waiting,) = office.at_clinic.get("referrals")["items"]
    assert (waiting["reference"], waiting["case_id"]) == (offered["reference"], None)
    shared = office.at_clinic.get(path)["shared"]["people"]
    assert [one["person"]["names"] for one in shared] == [[{"full": "Yonas Tekle"}]]
    office.at_silent.get(path, 404)
    office.at_clinic.post(f"{path}/steps/acknowledge")
    office.at_clinic.post(f"{path}/steps/ask", {"text": "Does he need an interpreter?"})
    assert office.worker.get(path)["history"][-1]["text"] == "Does he need an interpreter?"
    office.worker.post(f"{path}/steps/answer", {"text": "Yes, for Tigrinya."})
    office.at_clinic.post(f"{path}/steps/accept")
    office.worker.post(f"{path}/steps/hand_over")
    office.at_clinic.post(f"{path}/steps/complete", {"reason": "service_given"})
    assert office.state(offered["id"]) == ("completed", False)
    office.at_clinic.get(f"cases/{office.worker.get(path)['case_id']}", 404)


def test_one_that_stays_silent_is_reminded_and_then_it_goes_back(office: Office) -> None:
    offered = office.offered(office.silent, FIELDS, urgency="high")
    path = f"referrals/{offered['id']}"
    assert datetime.fromisoformat(offered["due_at"]) - datetime.now(UTC) > timedelta(hours=3)
    office.time_passes(offered["id"], 5)
    wait_until(lambda: office.state(offered["id"]) == ("offered", True), "nobody is reminded")
    assert office.at_silent.get(path)["shared"] is not None
    office.time_passes(offered["id"], 20)
    wait_until(lambda: office.state(offered["id"])[0] == "expired", "it does not go back")
    gone = office.at_silent.get(path)
    assert (gone["shared"], gone["hidden_because"], gone["possible"]) == (None, "over", [])
    office.at_silent.post(f"{path}/steps/accept", status=409)
    told = office.worker.get(path)
    assert told["shared"] is not None, "who sent it sees what it had shared"
    assert [(one["what"], one["side"]) for one in told["history"]] == [
        ("offer", "sender"),
        ("remind", None),
        ("expire", None),
    ]
    assert office.worker.get(f"cases/{told['case_id']}")["status"] != "closed", "the case stays with who asked"


def test_a_provider_without_an_account_reads_and_answers_by_a_link(office: Office) -> None:
    offered = office.offered(office.provider, FOR_A_LINK)
    path = f"referrals/{offered['id']}"
    link = office.worker.post(f"{path}/link", {"days": 3})["path"]
    with httpx2.Client(base_url=office.hub.stack.address("intake"), timeout=20, trust_env=False) as http:
        visitor = Browser(http)
        assert visitor.open(link, 303) == "/intake/link"
        assert "Tekle" not in visitor.open("/intake/link")
        page = visitor.send("/intake/link", {}, 200)
        assert "Yonas Tekle" in page
        assert "A scar" not in page
        visitor.send("/intake/link/do/accept", {"version": "1"}, 200)
        visitor.send("/intake/link/do/complete", {"version": "2", "reason": "service_given"}, 200)
        assert office.state(offered["id"])[0] == "completed"
    with httpx2.Client(base_url=office.hub.stack.address("intake"), timeout=20, trust_env=False) as another:
        assert another.get("/intake/link").status_code == 404


def test_a_case_is_handed_over_and_who_took_it_over_is_responsible(office: Office, books: Books) -> None:
    office.agreed(office.clinic, office.at_clinic, "whole_file")
    case = office.written_down("Abel Haile", office.clinic)
    before = office.manager.get(f"cases/{case}")
    wish = {"receiver_id": office.clinic, "why": "person_moved", "purpose": "assistance", "fields": FIELDS}
    offered = office.manager.post(f"cases/{case}/transfers", wish)
    path, reference = f"referrals/{offered['id']}", before["reference"]
    office.at_clinic.get(f"cases/{case}", 404)
    accepted = office.at_clinic.post(f"{path}/steps/accept")
    assert (accepted["case_id"], accepted["case_reference"]) == (case, reference)
    after = office.at_clinic.get(f"cases/{case}")
    assert [after[name] for name in ("reference", "details", "people")] == [
        before[name] for name in ("reference", "details", "people")
    ]
    history = office.at_clinic.get(f"cases/{case}/timeline")
    sender = offered["organisation_id"]
    assert [(one["what"], one["former_holder_id"]) for one in history] == [
        ("submit", sender),
        ("offer_transfer", sender),
        ("take_over", None),
    ]
    office.manager.get(f"cases/{case}", 404)
    office.worker.post(f"{path}/steps/hand_over")
    assert office.at_clinic.post(f"{path}/steps/complete", {"reason": "people_told"})["state"] == "completed"
    outbox = office.worker.get("referrals?box=out&over=true")["items"]
    assert {one["id"]: one["case_reference"] for one in outbox}[offered["id"]] == reference
    books.wait_until_arrived()
    ours, theirs = office.hub.sender(), system_of(office.hub, "harbour-clinic")
    assert told_about(office, ours, offered) == [
        f"transfer.{one}.sender" for one in ("accepted", "completed", "offered")
    ]
    assert told_about(office, theirs, offered) == [
        f"transfer.{one}.receiver" for one in ("accepted", "handed_over", "offered")
    ]
    counted = ("offered", "accepted", "completed", "waiting")
    sent, received = office.figures(ours)["transfers_sent"], office.figures(theirs)["transfers_received"]
    for side in (sent, received):
        assert [side["total"][name] for name in counted] == [1, 1, 1, 0]


def system_of(hub: Hub, organisation: str) -> Sender:
    """A system of another organisation."""
    client = hub.admin("client", "add", organisation)
    return Sender(hub.stack.address("intake"), client["client_id"], client["client_secret"])


def told_about(office: Office, system: Sender, passed: dict[str, Any]) -> list[str]:
    """The kinds of messages about it, all delivered, none of which names the person of the case."""
    found = [one for one in office.messages(system) if one["about"] == passed["id"]]
    assert {one["status"] for one in found} == {"delivered"}
    assert not [one for one in found if "Haile" in one["subject"] + one["text"]]
    return sorted(one["kind"] for one in found)


def test_every_listener_has_read_all_of_it_and_holds_nothing(office: Office, books: Books) -> None:
    books.wait_until_arrived()
    for service in ("notify", "reporting"):
        found = office.hub.operate(service, "status")
        assert found["healthy"], found
        assert office.hub.operate(service, "log", "verify")["whole"]


def test_both_sides_were_told_of_each_step_and_the_figures_say_how_it_went(office: Office, books: Books) -> None:
    """Whom it was about, notify and reporting never learned."""
    books.wait_until_arrived()
    system = office.hub.sender()
    messages = [one for one in office.messages(system) if one["kind"].startswith("referral.")]
    assert {"referral.overdue.sender", "referral.expired.sender"} <= {one["kind"] for one in messages}
    assert {one["status"] for one in messages} == {"delivered"}
    assert not [one for one in messages if "Tekle" in one["subject"] + one["text"]]
    sent = office.figures(system)["sent"]["total"]
    counted = ("offered", "accepted", "returned_unanswered", "completed", "waiting")
    assert [sent[name] for name in counted] == [3, 2, 1, 2, 0]


def test_a_photo_is_kept_encrypted_in_the_volume_that_web_and_worker_share(office: Office) -> None:
    made = office.manager.post("cases", registration(person("Selam Photo")))
    path = f"cases/{made['id']}/attachments"
    added = office.worker.send_file(path, "photo.jpg", photo(), title="Portrait")
    assert office.worker.get_file(f"{path}/{added['id']}/content").startswith(JPEG)
    (kept,) = office.hub.stack.execute("intake-worker", "find", "/data/depot", "-type", "f").split()
    first = office.hub.stack.execute("intake-worker", "od", "-An", "-tx1", "-N2", kept)
    assert bytes.fromhex(first) != JPEG
