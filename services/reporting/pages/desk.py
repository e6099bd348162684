"""The desk of whoever works on reports, or reads them: what a seat at it asks for, the menu, and an issue as a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from fastapi import Response
from sqlalchemy import Engine

from services.reporting import queries
from services.reporting.pages.visits import HOME, Visit
from services.reporting.pages.words import ROLES
from services.reporting.rendering import RENDERINGS, Issue
from shared.access import Act, Actor, Role
from shared.crypto import KeyRing
from shared.database import reading
from shared.errors import NotAllowed
from shared.pages import HEADERS, Site, marked
from shared.pages.signed_in import CASES, Seat, SignedInDesk
from shared.pages.visits import Link

REPORTS = (HOME, marked("Reports"))
_POLICY = "Content-Security-Policy"


class Desk(SignedInDesk):
    """Answers visits."""

    VISIT: ClassVar[type[Visit]] = Visit
    LOST: ClassVar[str] = marked(
        "If you typed the address, check it. The report may not exist, or may not be open to you."
    )
    OTHERWISE: ClassVar[int] = 404
    ROLES: ClassVar[dict[Role, str]] = ROLES

    def __init__(self, engine: Engine, keys: KeyRing) -> None:
        super().__init__(engine, keys, Site(Path(__file__).parent / "templates", "/reporting"))

    @contextmanager
    def seat(self, visit: Visit) -> Iterator[Seat]:
        """Reading of somebody signed in, in one snapshot. Raises `NotAuthenticated` and `NotAllowed`."""
        actor = visit.actor(self.keys)
        if not (actor.may(Act.READ_GRANTS) or actor.may(Act.READ_PUBLISHED)):
            raise NotAllowed("Reports are read by those whose role is about grants, and by readers of donors.")
        with reading(self.engine, snapshot=True) as session:
            name = queries.name_of(session, actor)
            yield Seat(session, actor, self.visitor(visit, actor, name, _menu(visit, actor)))

    def file(self, issue: Issue, form: str, name: str) -> Response:
        """An issue in one of the formats: the page to be read at once, the others as files."""
        rendering = RENDERINGS[form]
        headers = {each: value for each, value in HEADERS.items() if each != _POLICY} | {"Cache-Control": "no-store"}
        if form != "html":  # the page has its own policy inside, by the hash of its style sheet
            headers["Content-Disposition"] = f'attachment; filename="{name}{rendering.suffix}"'
            headers[_POLICY] = "default-src 'none'"
        return Response(rendering.render(issue), media_type=rendering.media_type, headers=headers)


def _menu(visit: Visit, actor: Actor) -> list[Link]:
    links = [Link(*REPORTS, visit.request.url.path.startswith(HOME))]
    if actor.may(Act.READ_CASES):
        links.insert(0, Link(visit.cases_at + CASES[0], CASES[1]))
    return links
