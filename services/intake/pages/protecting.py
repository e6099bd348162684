"""Protection of one person of a case: why its data may be used, the person's yes and no, requests, hold, erasure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response

from services.intake import commands, queries
from services.intake.casework.forms import Form
from services.intake.casework.protection import PURPOSES, AskOutcome
from services.intake.casework.questions import questions
from services.intake.casework.words import PROTECTION_WORDS
from services.intake.commands import protection as acts
from services.intake.commands.protection.subjects import request_note
from services.intake.domain import Case
from services.intake.pages.case import name_of
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, checked, problems_of, read_answers
from services.intake.pages.protection_deeds import DEEDS, Deed
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import PersonOfCase, protection, work
from shared.access import Act, require
from shared.database import utc_now
from shared.errors import Conflict, InvalidInput, NotFound
from shared.pages import marked, say

Short = Annotated[str, Path(max_length=30)]


ANSWER = marked("Say what became of the request")


def add_to(routes: APIRouter, desk: Desk) -> None:  # noqa: C901 # a list of routes, each short
    """The pages of this subject."""
    here = "/cases/{case_id}/people/{person_id}/protection"

    @routes.get(here)
    def show_protection(visit: Visited, case_id: UUID, person_id: UUID, done: str = "") -> Response:
        """What protects one person; that it was looked at is recorded."""
        with desk.seat(visit, writes=True) as seat:
            case, person = _opened(seat, case_id, person_id)
            return _overview(desk, visit, seat, case, person, done)

    @routes.get(f"{here}/copy")
    def give_copy(visit: Visited, case_id: UUID, person_id: UUID) -> Response:
        """Everything that is held about the person, as a file to hand over; that it was taken is recorded."""
        with desk.seat(visit, writes=True) as seat:
            case, _ = _opened(seat, case_id, person_id)
            told = acts.copy_of(seat.session, seat.actor, person_id)
            headers = {"Content-Disposition": f'attachment; filename="copy-{case.reference}.json"'}
            text = json.dumps(told, ensure_ascii=False, indent=2)
            return Response(text, media_type="application/json", headers=headers)

    @routes.get(f"{here}/requests/{{request_id}}")
    def ask_outcome(visit: Visited, case_id: UUID, person_id: UUID, request_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            return _answer_page(desk, visit, seat, *_opened(seat, case_id, person_id), request_id)

    @routes.post(f"{here}/requests/{{request_id}}")
    def answer(visit: Visited, case_id: UUID, person_id: UUID, request_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            case, person = _opened(seat, case_id, person_id)
            asked = questions(AskOutcome)
            try:
                with seat.session.begin_nested():
                    told: Any = checked(AskOutcome, read_answers(asked, visit.form))
                    acts.answer_request(seat.session, seat.actor, request_id, told.outcome)
            except InvalidInput as error:
                problems = problems_of(error, asked)
                return _answer_page(desk, visit, seat, case, person, request_id, problems, 422)
            except Conflict as error:
                problems = (problem_in(visit.language, error),)
                return _answer_page(desk, visit, seat, case, person, request_id, problems, 409)
            return go_to(f"{_address(case, person)}?done=answer")

    @routes.get(f"{here}/{{name}}")
    def ask(visit: Visited, case_id: UUID, person_id: UUID, name: Short) -> Response:
        with desk.seat(visit, writes=True) as seat:
            deed = _deed(seat, name)
            return _deed_page(desk, visit, seat, *_opened(seat, case_id, person_id), deed)

    @routes.post(f"{here}/{{name}}")
    def do(visit: Visited, case_id: UUID, person_id: UUID, name: Short) -> Response:
        with desk.seat(visit) as seat:
            deed = _deed(seat, name)
            case, person = _opened(seat, case_id, person_id)
            asked = questions(deed.form) if deed.form else ()
            try:
                with seat.session.begin_nested():
                    told = checked(deed.form, read_answers(asked, visit.form)) if deed.form else None
                    deed.run(seat.session, seat.actor, person.person.id, told)
            except InvalidInput as error:
                return _deed_page(desk, visit, seat, case, person, deed, problems_of(error, asked), 422)
            except Conflict as error:
                return _deed_page(desk, visit, seat, case, person, deed, (problem_in(visit.language, error),), 409)
            return go_to(f"{_address(case, person)}?done={name}")


def _address(case: Case, person: PersonOfCase) -> str:
    return f"/intake/cases/{case.id}/people/{person.person.id}/protection"


def _deed(seat: Seat, name: str) -> Deed:
    found = DEEDS.get(name)
    if found is None:
        raise NotFound(marked("There is no such page."))
    require(seat.actor, found.act)
    return found


def _opened(seat: Seat, case_id: UUID, person_id: UUID) -> tuple[Case, PersonOfCase]:
    """Who is or was in a case that the actor may see; the look is recorded. Raises `NotFound`."""
    case = queries.case(seat.session, seat.actor, case_id)
    found = protection.person_of_case(seat.session, case, person_id)
    commands.note_view(seat.session, seat.actor, "protection", case.id, [person_id])
    return case, found


def _overview(desk: Desk, visit: Visit, seat: Seat, case: Case, person: PersonOfCase, done: str) -> Response:
    session, today = seat.session, utc_now().date()
    people = protection.everybody_of(session, person.person)
    bases, hold = protection.legal_bases(session, people), protection.legal_hold(session, people)
    erasure = protection.standing_erasure(session, people)
    requests = protection.requests_of(session, people)
    staff = [*(one.assessed_by for one in bases), hold.placed_by if hold else None]
    possible = [
        (name, deed)
        for name, deed in DEEDS.items()
        if seat.actor.may(deed.act) and name != ("hold" if hold else "lift") and not (name == "erasure" and erasure)
    ]
    return desk.page(
        visit,
        "protection.html",
        seat,
        case=case,
        here=_address(case, person),
        name=name_of(person, visit.language),
        person=person.person,
        with_nobody=protection.shares_with_nobody(session, people),
        uses=[
            (words, protection.may_use(session, person.person.id, code, None, today))
            for code, words in PURPOSES.items()
        ],
        bases=[*reversed(bases)],
        hold=hold,
        erasure=erasure,
        confirmed=protection.confirmations(session, person.person.id) if erasure and erasure.approved_at else (),
        requests=requests,
        today=today,
        organisations={one.id: one.name for one in queries.organisations(session)},
        staff=work.staff_names(session, seat.actor, staff),
        words=PROTECTION_WORDS,
        deeds=[] if person.person.erased_at else possible,
        may_answer=seat.actor.may(Act.ANSWER_SUBJECTS),
        done=ANSWER if done == "answer" else DEEDS[done].title if done in DEEDS else "",
    )


def _deed_page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case: Case,
    person: PersonOfCase,
    deed: Deed,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    own = seat.actor.organisation_id
    others = [one for one in queries.organisations(seat.session) if one.is_member() and one.id != own]
    return _form_page(
        desk,
        visit,
        seat,
        case,
        person,
        title=deed.title,
        hint=deed.hint,
        form=deed.form,
        organisations=[(str(one.id), one.name) for one in others],
        problems=problems,
        status=status,
    )


def _answer_page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case: Case,
    person: PersonOfCase,
    request_id: UUID,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    request = protection.subject_request(seat.session, seat.actor, request_id)
    if request.person_id not in protection.everybody_of(seat.session, person.person):
        raise NotFound("There is no such request.")
    kind = say(visit.language, PROTECTION_WORDS[request.kind])
    asked_for = [text for text in (kind, request_note(seat.session, request)) if text]
    return _form_page(
        desk, visit, seat, case, person, title=ANSWER, form=AskOutcome, told=asked_for, problems=problems, status=status
    )


def _form_page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case: Case,
    person: PersonOfCase,
    *,
    title: str,
    form: type[Form] | None,
    hint: str = "",
    told: Sequence[str] = (),
    organisations: Sequence[tuple[str, str]] = (),
    problems: Sequence[Problem],
    status: int,
) -> Response:
    return desk.page(
        visit,
        "protect.html",
        seat,
        status=status,
        back_to=_address(case, person),
        name=name_of(person, visit.language),
        title=title,
        hint=hint,
        told=told,
        questions=questions(form) if form else (),
        typed=visit.form,
        options={"organisations": organisations},
        errors=problems,
    )
