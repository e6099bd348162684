"""A site whose every page is asked for odd things, by a stranger and by somebody signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from services.intake.pages import PARTS, visits
from services.intake.pages.desk import Desk
from services.intake.pages.signing_in import NEXT
from shared.access import Role
from shared.pages import csrf_token
from tests.applications import intake_on
from tests.client import TestClient
from tests.intake.contacts.conftest import CONTACT
from tests.intake.lives.test_assistance import DISTRIBUTION
from tests.intake.lives.test_child import CHILD
from tests.intake.lives.test_detention import ALLEGATION
from tests.intake.lives.test_protection_incident import INCIDENT
from tests.intake.lives.test_red_cross_message import MESSAGE
from tests.intake.lives.test_registration import REGISTRATION
from tests.intake.lives.test_registration import REQUEST as TRACING
from tests.intake.lives.test_remains import REMAINS
from tests.intake.matching.proposals.conftest import Hub as MatchHub
from tests.intake.pages.conftest import Pages
from tests.intake.pages.referring import hub_of
from tests.intake.pages.test_directory import kept as kept_service
from tests.intake.pages.test_safety import begun

ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgres"], indirect=True)
"""It takes less than SQLite does: no NUL, no half a pair. The walks are long."""

ODD = (
    "%E2%82%AC",
    "%00",
    "%0d%0aSet-Cookie:%20a=b",
    "%ff%fe",
    "%ED%A0%80",
    "%F0%9F%92%A9",
    "..%2f..%2f",
    "%22%3B%20Path=%2Fx%5C",
    "%5B",
    "9" * 30,
    "-1",
    "x" * 150,
    "x" * 5000,
)
"""As they stand in an address: not Latin, NUL, a new header, no UTF-8, half a pair, a quote, a bracket, too much."""
OURS = (visits.SESSION, visits.TICKET, visits.INVITATION, visits.FORM, visits.LANGUAGE, NEXT)
HEADERS = ("Referer", "Origin", "Accept-Language", "Host", "Content-Type", "X-Correlation-Id")
ASKED = ("reference", "type", "status", "place", "assigned", "after", *(f"from-{p}" for p in ("year", "month", "day")))
LISTS = {
    "/intake/cases": {*ASKED},
    "/intake/services": {"category", "place", "language", "capacity", "provider", "show"},
}
SECRET = "the-secret-of-a-form"
COOKIE = re.compile(
    r'kinbridge_\w+=(?P<quote>"?)[!#-+\--:<-\[\]-~]*(?P=quote)'
    r"(; (expires=[^;]+|Max-Age=\d+|Path=/|HttpOnly|SameSite=lax))+",
    re.IGNORECASE,
)
"""RFC 6265, 4.1.1."""


@dataclass
class Walk:
    """Requests by one visitor, and what was wrong with the answers."""

    client: TestClient
    session: str | None
    wrong: list[str] = field(default_factory=list)
    count: int = 0

    def ask(self, method: str, path: str, body: bytes | None = None, **more: bytes) -> Any:
        """`more`: cookies by name, and headers whose names begin with a capital letter."""
        known = {visits.SESSION: self.session} if self.session else {visits.FORM: SECRET}
        cookies = {name: value.encode() for name, value in known.items()} | {
            name: value for name, value in more.items() if name in OURS
        }
        headers: dict[bytes, bytes] = {
            b"Cookie": b"; ".join(name.encode() + b"=" + one for name, one in cookies.items())
        }
        if body is not None:
            headers[b"Content-Type"] = b"application/x-www-form-urlencoded"
        headers |= {name.encode(): value for name, value in more.items() if name not in OURS}
        answer = self.client.request(method, path, content=body, headers=headers, follow_redirects=False)
        self.client.cookies.clear()
        self.count += 1
        asked = f"{method} {path[:90]} {str(body)[:90]} {str(more)[:90]}"
        if answer.status_code >= 500 or not answer.headers.get("content-type", "text/html").startswith("text/html"):
            self.wrong.append(f"{asked}: {answer.status_code} {answer.headers.get('content-type')}")
        for kept in answer.headers.get_list("set-cookie"):
            if not COOKIE.fullmatch(kept) or len(kept) > 4096:
                self.wrong.append(f"{asked}: {kept[:200]}")
        if "a" in answer.cookies or not answer.headers.get("location", "/").startswith("/"):
            self.wrong.append(f"{asked}: {dict(answer.headers)}")
        return answer

    def post(self, path: str, fields: str = "", **more: bytes) -> Any:
        """A form of ours; `fields` stands encoded as in a body."""
        token = csrf_token(self.session or SECRET)
        return self.ask("POST", path, f"form_token={token}&{fields}".encode(), **more)

    def names_in(self, path: str) -> list[str]:
        """The fields of the form on that page."""
        found = re.findall(r'name="([^"]+)"', self.ask("GET", path).text)
        return [name for name in dict.fromkeys(found) if name not in {"form_token", "viewport", "color-scheme"}]


@dataclass
class Site:
    """The pages' routes, the cases and a draft that they are asked for, and who asks."""

    routes: list[APIRoute]
    known: dict[str, str]
    cases: dict[str, str]
    """Type → the address of a case."""
    visitors: list[Walk]

    def paths(self, method: str) -> Iterator[tuple[APIRoute, str]]:
        """Every page, the ones that end something last, with real values in its path."""
        ending = ("/remove", "/check", "/sign-out")
        for route in sorted(self.routes, key=lambda one: one.path.endswith(ending)):
            if method in route.methods:
                yield route, self.path(route)

    def path(self, route: APIRoute, odd: str = "", at: str = "") -> str:
        """The page's address, with something odd at one place of it."""
        name = {"details": "relationship", "people": "names", "protection": "basis"}.get(
            route.path.split("/")[-2], self.known["name"]
        )
        if route.path.endswith("{key}/{name}"):
            name = "names"
        if route.path.startswith(("/intake/referrals", "/intake/agreements")):
            name = "revoke" if "referrals" in route.path else "end"
        values = self.known | {"name": name} | ({at: odd} if at else {})
        return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], route.path)


@pytest.fixture
def site(pages_on_both: Pages) -> Site:
    pages = pages_on_both
    officer = pages.browser(Role.CHILD_PROTECTION_OFFICER)
    session = officer.client.cookies[visits.SESSION]
    draft = begun(officer)
    built = intake_on(pages.engine, pages.keys)
    client = TestClient(built, base_url="http://kinbridge.test", raise_server_exceptions=False)
    bodies = (TRACING, REGISTRATION, CHILD, ALLEGATION, INCIDENT, DISTRIBUTION, REMAINS, MESSAGE)
    token = {"Authorization": f"Bearer {session}"}
    cases = {}
    for body in bodies:
        made = client.post("/intake/v1/cases", json=body, headers=token)
        assert made.status_code == 201, made.text
        cases[body["type"]] = f"/intake/cases/{made.json()['id']}"
    known = {"case_id": cases["tracing_request"].rpartition("/")[2], "draft_id": draft.rpartition("/")[2]}
    other = client.post("/intake/v1/cases", json=TRACING, headers=token).json()["id"]
    person = client.get(f"/intake/v1/cases/{known['case_id']}", headers=token).json()["people"][0]["id"]
    request = client.post(f"/intake/v1/persons/{person}/requests", json={"kind": "copy"}, headers=token)
    assert request.status_code == 201, request.text
    basis = {"purpose": "notification", "basis": "consent"}
    assert client.post(f"/intake/v1/persons/{person}/legal-bases", json=basis, headers=token).status_code == 201
    contacts = f"/intake/v1/cases/{known['case_id']}/family-contacts"
    contact = client.post(contacts, json={**CONTACT, "person_id": person}, headers=token)
    assert contact.status_code == 201, contact.text
    known |= {
        "contact_id": contact.json()["id"],
        **dict.fromkeys(("reply_id", "attention_id", "complaint_id"), "0192f0c1-2b3c-7d4e-8f50-617283940a1b"),
        "other_id": other,
        "person_id": person,
        "request_id": request.json()["id"],
        "erasure_id": "0192f0c1-2b3c-7d4e-8f50-617283940a1b",
        "attachment_id": "0192f0c1-2b3c-7d4e-8f50-617283940a1b",
        "service_id": kept_service(pages).rpartition("/")[2],
    }
    hub = hub_of(pages)
    known["agreement_id"] = hub.agree()["id"]
    known["referral_id"] = hub.offer(hub.submit().id)["id"]
    known["match_id"] = proposed(pages)
    known |= {"case_type": "registration", "name": "add_note", "key": "2", "tag": "fr", "secret": "a" * 43}
    router = APIRouter(prefix="/intake")
    for part in PARTS:
        part.add_to(router, Desk(pages.engine, pages.keys))
    routes = [one for one in router.routes if isinstance(one, APIRoute)]
    assert len(routes) > 20
    return Site(routes, known, cases, [Walk(client, None), Walk(client, session)])


def proposed(pages: Pages) -> str:
    """The id of a possible match inside the first organisation."""
    client = TestClient(intake_on(pages.engine, pages.keys))
    hub = MatchHub(pages.engine, pages.keys, client, pages.own, pages.own, pages.other)
    hub.propose(hub.request(), hub.registered())
    return str(hub.rows()[0].id)


def tell(site: Site) -> None:
    """Fails with the first of what was wrong."""
    wrong = [one for walk in site.visitors for one in walk.wrong]
    assert wrong[:12] == [], f"{len(wrong)} of {sum(walk.count for walk in site.visitors)}"
