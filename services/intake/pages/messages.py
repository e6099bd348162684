"""On to notify's and reporting's pages: they ask for a token of intake's, and know no password."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.visits import Visit, Visited
from shared.access import Act, issue_token, require

OPEN = "/notify/open"
FIRST = "/notify/messages"
BY_MAIL = "/notify/reports"
ENTER = "/reporting/enter"
FIRST_REPORT = "/reporting/reports"


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/messages")
    def go_to_messages(visit: Visited, to: str = Query(FIRST, max_length=300)) -> Response:
        """Lead to notify's pages whoever may read messages, and whoever works on grants to the one of their reports;
        those pages ask again by themselves."""
        with desk.seat(visit) as seat:
            if not (to.startswith(BY_MAIL) and seat.actor.may(Act.READ_GRANTS)):
                require(seat.actor, Act.READ_MESSAGES)
            address = str(getattr(visit.request.app.state, "notify_address", ""))
            inside = to if to.startswith("/notify/") else FIRST
            return _lead_on(desk, visit, seat, "messages.html", address.rstrip("/"), OPEN, inside)

    @routes.get("/reports")
    def go_to_reports(visit: Visited, to: str = Query(FIRST_REPORT, max_length=300)) -> Response:
        """Likewise to reporting's pages, whoever works on grants' reports or reads them for a donor."""
        with desk.seat(visit) as seat:
            if not seat.actor.may(Act.READ_PUBLISHED):
                require(seat.actor, Act.READ_GRANTS)
            address = str(getattr(visit.request.app.state, "reporting_address", ""))
            inside = to if to.startswith("/reporting/") else FIRST_REPORT
            return _lead_on(desk, visit, seat, "reports.html", address.rstrip("/"), ENTER, inside)


def _lead_on(desk: Desk, visit: Visit, seat: Seat, page: str, address: str, entry: str, to: str) -> Response:
    """Lead there whoever is signed in here, for the ten minutes of a token.

    At another address the browser is told to go on from a page: a form's answer may lead to this address alone.
    """
    token = issue_token(desk.keys, seat.actor)
    goal = f"{address}{entry}?{urlencode({'token': token, 'to': to})}"
    if not address:
        return go_to(goal)
    answer = desk.page(visit, page, seat, goal=goal)
    answer.headers["Refresh"] = f"0; url={goal}"
    answer.headers["Cache-Control"] = "no-store"
    return answer
