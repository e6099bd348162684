"""Before a page is open: enter a code, leave, and ask whether a message is genuine."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.notify.commands.family.opening import open_page, try_code
from services.notify.commands.family.tries import TooManyTries
from services.notify.pages.family.desk import Desk, Problem, closed, go_to, problem_of
from services.notify.pages.family.visits import Visited
from shared.database import transaction
from shared.pages import marked

EMPTY = Problem("code", marked("Type the code."))
WRONG = marked("This code opens no page. Look at our newest message and type its code again.")


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("")
    def ask_for_code(visit: Visited) -> Response:
        """The page that a message names."""
        if "closed" not in visit.request.query_params and visit.opened(desk.keys):
            return go_to("/case")
        return desk.outside(visit, "enter.html", closed="closed" in visit.request.query_params)

    @routes.post("")
    def open_by_code(visit: Visited) -> Response:
        """The code stays out of every address: what it opens is kept in a cookie."""
        if not visit.ours:
            return closed()
        if not visit.form.one("code").strip():
            return desk.outside(visit, "enter.html", closed=False, problem=EMPTY)
        problem = Problem("code", WRONG)
        try:
            with transaction(desk.engine) as session:
                contact = open_page(session, desk.keys, visit.client, visit.form.one("code"), visit.now)
            if contact is not None:
                return desk.stay(visit, contact, "/case")
        except TooManyTries as error:
            problem = problem_of(error, visit)
        return desk.outside(visit, "enter.html", closed=False, problem=problem)

    @routes.get("/leave")
    def leave(visit: Visited) -> Response:
        """For telephones that several people use."""
        return visit.close(closed())


def add_genuine(routes: APIRouter, desk: Desk) -> None:
    """The page about what is genuine."""

    @routes.get("/genuine")
    def tell_what_is_genuine(visit: Visited) -> Response:
        """How our messages look."""
        return desk.outside(visit, "genuine.html", known=None)

    @routes.post("/genuine")
    def check_code(visit: Visited) -> Response:
        """Whether a code is one of ours; it opens nothing here."""
        if not visit.ours:
            return go_to("/genuine")
        if not visit.form.one("code").strip():
            return desk.outside(visit, "genuine.html", known=None, problem=EMPTY)
        try:
            with transaction(desk.engine) as session:
                found = try_code(session, desk.keys, visit.client, visit.form.one("code"), visit.now)
        except TooManyTries as error:
            return desk.outside(visit, "genuine.html", known=None, problem=problem_of(error, visit))
        return desk.outside(visit, "genuine.html", known=found is not None)


def add_rest(routes: APIRouter) -> None:
    """Every other address: after all others."""

    @routes.get("/{rest:path}")
    def lead_back(rest: str) -> Response:  # noqa: ARG001  # nothing of it is looked at
        """An address that was typed wrongly leads to the page that asks for a code."""
        return go_to("")
