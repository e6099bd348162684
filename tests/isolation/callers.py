"""Somebody who asks at every door, and everything that an answer tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.notify.pages.staff.visits import Visit as VisitOfMessages
from services.reporting.pages.visits import Visit as VisitOfReports
from shared.access import Actor, issue_token
from shared.pages.forms import csrf_token
from tests.intake.access.routes import CSV, Request
from tests.isolation.conftest import House
from tests.isolation.doors import PUBLIC, PUBLIC_IN_THE_HUB, filled

SERVICES = ("intake", "notify", "reporting")
TOLD_HEADERS = ("location", "etag", "www-authenticate", "retry-after", "content-language", "set-cookie")
CHANGING = re.compile(
    r'"generated_at":\s*"[^"]*"|"covers":\s*\[.*?\]|kinbridge_form=[^;]+'
    r'|<section id="covers".*?</section>|<dt>Made on</dt>.*?</dd>|SHA-256:? [0-9a-f]{64}'
    r"|@bottom-left \{.*?\}|style-src 'sha256-[^']*'"
    r'|name="(?:key|once)" value="[^"]*"|expires=[^;]+|token=[\w.-]+'
    r'|<option value="(?:[0-9a-f-]{36}|<organisation_id>)"',
    re.DOTALL,
)
"""When a report was made or a cookie ends, up to which positions of the installation's logs, and the digest of the
report, which holds both, and stands in the foot of each page of its print; the secret of a fresh form, and what makes a
second click on it the same; the ids of the hub's organisations, which every member knows."""
OWN_BUSINESS = {
    "post /intake/v1/users",
    "post /intake/v1/clients",
    "post /intake/v1/cases",
    "post /intake/v1/cases/batch",
    "post /intake/v1/services",
    "post /reporting/v1/donors",
    "post /notify/v1/report-readers",
}
"""Make a record of the caller's own out of values that are sent in."""


@dataclass
class Caller:
    """Somebody with a token for programs and a session for pages."""

    house: House
    actor: Actor

    def __post_init__(self) -> None:
        self.secret = self.house.session_of(self.actor)
        self.token = issue_token(self.house.system.keys, self.actor)

    def program(self, asked: Request) -> Any:
        """A request of a program."""
        headers = {"Authorization": f"Bearer {self.token}", "If-Match": "*"}
        headers |= {"Content-Type": CSV} if asked.kind == CSV else {}
        return self.house.client.request(asked.method, asked.path, params=asked.query, headers=headers, **asked.sent())

    def page(self, door: str, known: Mapping[str, Any], query: str = "") -> Any:
        """A request of a browser, with a form of this session that names everything that is known."""
        method, _, path = door.partition(" ")
        keys, own = (
            self.house.system.keys,
            {"notify": VisitOfMessages.form_token, "reporting": VisitOfReports.form_token},
        )
        made = own.get(path.split("/")[1])
        token = made(keys, self.actor) if made is not None else csrf_token(self.secret)
        fields = {**known, "user": known["user_id"], "form_token": token, "version": "1"}
        named = {"session": self.secret, "notify": self.token, "reporting": self.token}
        cookies = f"kinbridge={self.token}; " + "; ".join(f"kinbridge_{one}={it}" for one, it in named.items())
        headers = {"Cookie": cookies}
        sent = {"data": fields} if method == "POST" else {}
        return self.house.client.request(method, filled(path, known) + query, headers=headers, **sent)


def told(answer: Any, known: Mapping[str, Any]) -> tuple[Any, ...]:
    """Everything that an answer tells, without the ids that were sent in."""
    headers = tuple(answer.headers.get(name) for name in TOLD_HEADERS)
    whole = f"{answer.status_code} {headers} {answer.text}"
    for name, value in sorted(known.items()):
        for form in (str(value), str(value).replace("@", "%40").replace(" ", "+")):
            if len(form) > 8:
                whole = whole.replace(form, f"<{name}>")
    return CHANGING.sub("", whole), "" if CHANGING.search(whole) else answer.headers.get("content-length", "")


def pages_of(house: House) -> list[str]:
    """The doors that no OpenAPI document names, and that ask who is there."""
    documented = {
        f"{method.upper()} {path}"
        for document in documents(house)
        for path, methods in document["paths"].items()
        for method in methods
    }
    return sorted(house.every_door() - documented - set(PUBLIC))


def is_public_in_the_hub(asked: Request) -> bool:
    """True for a door behind which others' entries of the directory are read."""
    return f"{asked.method.upper()} {asked.route}" in PUBLIC_IN_THE_HUB


def documents(house: House) -> list[dict[str, Any]]:
    """The OpenAPI document of each service."""
    if not house.documents:
        house.documents += [house.client.get(f"/{service}/openapi.json").json() for service in SERVICES]
    return house.documents
