"""On to notify's pages: they ask for a token of intake's, and know no password."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from services.intake.pages.desk import Desk, go_to
from services.intake.pages.visits import Visited
from shared.access import Act, issue_token, require

OPEN = "/notify/open"
FIRST = "/notify/messages"


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The page of this subject."""

    @routes.get("/messages")
    def go_to_messages(visit: Visited, to: str = Query(FIRST, max_length=300)) -> Response:
        """Lead there whoever is signed in here, for the ten minutes of a token; notify's pages ask again by themselves.

        At another address the browser is told to go on from a page: a form's answer may lead to this address alone.
        """
        with desk.seat(visit) as seat:
            require(seat.actor, Act.READ_MESSAGES)
            token = issue_token(desk.keys, seat.actor)
            address = str(getattr(visit.request.app.state, "notify_address", "")).rstrip("/")
            goal = f"{address}{OPEN}?{urlencode({'token': token, 'to': to if to.startswith('/notify/') else FIRST})}"
            if not address:
                return go_to(goal)
            answer = desk.page(visit, "messages.html", seat, goal=goal)
            answer.headers["Refresh"] = f"0; url={goal}"
            answer.headers["Cache-Control"] = "no-store"
            return answer
