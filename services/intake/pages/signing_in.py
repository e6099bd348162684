"""Signing in: invitation, password, second factor. And out."""

from __future__ import annotations

from typing import Annotated

import segno
from fastapi import APIRouter, Path, Query, Response

from services.intake import commands, queries
from services.intake.commands.sign_in import Enrolment, NewSession, Refusal, Ticket
from services.intake.credentials import hashed_password
from services.intake.credentials.passwords import LONGEST, SHORTEST
from services.intake.pages.desk import Desk, go_to
from services.intake.pages.fields import Problem
from services.intake.pages.visits import FORM, HOME, INVITATION, SESSION, SIGN_IN, TICKET, Visited, own_path
from shared.database import reading, transaction
from shared.errors import InvalidInput, NotAuthenticated
from shared.pages import LANGUAGES, marked, say

CODE = f"{SIGN_IN}/code"
NEXT = "kinbridge_next"
"""The cookie that says where to go after the second step."""
NOTIFY = "kinbridge_notify"
"""The cookie by which notify's pages know who signed in here: signed out here is signed out there."""
ACCEPT = "/intake/invitation"
_TICKET_SECONDS = 600
WRONG = marked("That was not right. Check the name, the password and the code, and begin anew if it was a while ago.")
LOCKED = marked("There were too many attempts under this name. Try again later.")
TOO_LATE = marked("This sign-in took too long, or was finished elsewhere. Begin again.")
DIFFERENT = marked("The two passwords are not the same.")
PASSWORD_WORDS = {
    "length": marked("A password has {least} to {most} characters: several words in a row are good."),
    "guessable": marked("This password is guessed soon: take several words that have nothing to do with you."),
}


def add_to(routes: APIRouter, desk: Desk) -> None:  # noqa: C901 # a list of routes, each short
    """The pages of this subject."""

    @routes.get("/")
    def first_page() -> Response:
        return go_to(HOME)

    @routes.get("/language/{tag}")
    def choose_language(visit: Visited, tag: Annotated[str, Path(max_length=35)]) -> Response:
        """Another language, on the page where one was."""
        came = visit.came_from
        answer = go_to(came if came != HOME or visit.session else SIGN_IN)
        if tag in LANGUAGES:
            visit.keep_language(answer, tag)
        return answer

    @routes.get("/sign-in")
    def ask_password(
        visit: Visited, ended: bool = False, next_: Annotated[str, Query(alias="next", max_length=2000)] = HOME
    ) -> Response:
        """The first step."""
        return desk.page(visit, "sign_in.html", next=own_path(next_), ended=ended, name="")

    @routes.post("/sign-in")
    def try_password(visit: Visited) -> Response:
        visit.check_form()
        name, wanted = visit.form.one("name")[:255], own_path(visit.form.one("next"))
        with reading(desk.engine) as session:
            tried = commands.try_password(session, name, visit.form.get("password", [""])[0][:1000])
        with transaction(desk.engine) as session:
            step = commands.begin_sign_in(session, tried)
        if isinstance(step, Refusal):
            problems = (Problem("name", LOCKED if step.until else WRONG),)
            return desk.page(
                visit,
                "sign_in.html",
                status=422,
                next=wanted,
                ended=False,
                name=name,
                errors=problems,
                until=step.until,
            )
        return _second_step(visit, step, wanted)

    @routes.get("/sign-in/code")
    def ask_code(visit: Visited) -> Response:
        """The second step: a code; the first time, the secret that makes codes is shown too."""
        return _code_page(desk, visit)

    @routes.post("/sign-in/code")
    def try_code(visit: Visited) -> Response:
        visit.check_form()
        with transaction(desk.engine) as session:
            begun = commands.finish_sign_in(session, visit.cookie(TICKET) or "", visit.form.one("code")[:40])
        if isinstance(begun, Refusal):
            return _code_page(desk, visit, Problem("code", LOCKED if begun.until else WRONG))
        return _signed_in(desk, visit, begun)

    @routes.get("/invitation/{secret}")
    def open_invitation(visit: Visited, secret: Annotated[str, Path(max_length=200)]) -> Response:
        """The link of an invitation: its secret goes into a cookie, so that no address holds it. Nothing else does."""
        with reading(desk.engine) as session:
            queries.invited(session, secret)
        answer = go_to(ACCEPT)
        visit.keep(answer, INVITATION, secret)
        return answer

    @routes.get("/invitation")
    def ask_new_password(visit: Visited) -> Response:
        with reading(desk.engine) as session:
            invited = queries.invited(session, visit.cookie(INVITATION) or "")
            return desk.page(visit, "invitation.html", user=invited.user, organisation=invited.organisation)

    @routes.post("/invitation")
    def accept_invitation(visit: Visited) -> Response:
        visit.check_form()
        secret = visit.cookie(INVITATION) or ""
        password, again = (visit.form.get(name, [""])[0][:1000] for name in ("password", "again"))
        with reading(desk.engine) as session:
            invited = queries.invited(session, secret)
            user, organisation = invited.user, invited.organisation
            about = (user.sign_in_name, user.display_name, organisation)
            session.expunge(user)
        try:
            stored = hashed_password(password, about)
            told = "" if password == again else DIFFERENT
        except InvalidInput as error:
            words = say(visit.language, PASSWORD_WORDS[error.fields[0].code])
            stored, told = "", words.format(least=SHORTEST, most=LONGEST)
        if told:
            problems = (Problem("password", told),)
            return desk.page(
                visit, "invitation.html", status=422, user=user, organisation=organisation, errors=problems
            )
        with transaction(desk.engine) as session:
            ticket = commands.accept_invitation(session, secret, stored)
        answer = _second_step(visit, ticket, HOME)
        visit.forget(answer, INVITATION)
        return answer

    @routes.post("/sign-out")
    def sign_out(visit: Visited) -> Response:
        visit.check_form()
        if visit.session is not None:
            with transaction(desk.engine) as session:
                commands.sign_out(session, visit.session)
        answer = go_to(f"{SIGN_IN}/out")
        visit.forget(answer, SESSION, TICKET, FORM, NOTIFY)
        return answer

    @routes.get("/sign-in/out")
    def signed_out(visit: Visited) -> Response:
        return desk.page(visit, "signed_out.html")


def _second_step(visit: Visited, step: Ticket, wanted: str) -> Response:
    answer = go_to(CODE)
    visit.keep(answer, TICKET, step.secret, _TICKET_SECONDS)
    visit.keep(answer, NEXT, wanted, _TICKET_SECONDS)
    return answer


def _code_page(desk: Desk, visit: Visited, problem: Problem | None = None) -> Response:
    ticket, enrolment = visit.cookie(TICKET), None
    if ticket is None:
        return _begin_again(desk, visit)
    try:
        with transaction(desk.engine) as session:
            enrolment = commands.enrol_second_factor(session, ticket)
    except NotAuthenticated:
        pass  # enrolled already, or the ticket ended: the code will tell
    return desk.page(
        visit,
        "sign_in_code.html",
        status=422 if problem else 200,
        errors=(problem,) if problem else (),
        enrolment=enrolment,
        picture=_picture(enrolment) if enrolment else None,
    )


def _begin_again(desk: Desk, visit: Visited) -> Response:
    problems = (Problem("name", TOO_LATE),)
    return desk.page(visit, "sign_in.html", status=422, next=HOME, ended=False, name="", errors=problems)


def _signed_in(desk: Desk, visit: Visited, begun: NewSession) -> Response:
    wanted = own_path(visit.cookie(NEXT) or HOME)
    if begun.recovery_codes:
        answer = desk.page(visit, "recovery_codes.html", codes=begun.recovery_codes, next=wanted)
    else:
        answer = go_to(wanted)
    visit.keep(answer, SESSION, begun.secret)
    visit.forget(answer, TICKET, NEXT, FORM)
    return answer


def _picture(enrolment: Enrolment) -> str:
    """The address as a picture that a telephone reads."""
    return segno.make(enrolment.address, error="m").svg_data_uri(scale=5, border=4, dark="#0a3d4a", light="#fff")
