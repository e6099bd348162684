"""The organisation's own questions: asked when a case is written, shown on the case, answered anew later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.own_answers import Asked, checked_answers, no_longer_asked, still_fitting
from services.intake.casework.questions import Question
from services.intake.commands.own_fields import answer_own_fields
from services.intake.domain import Case
from services.intake.pages.deeds import CHANGED
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.drafting import NEW, asked_on, keep_written, written_of
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, number_in, problems_of, read_answers, typed_answers
from services.intake.pages.own_shown import earlier_shown, own_questions
from services.intake.pages.showing import options
from services.intake.pages.visits import Visit, Visited
from services.intake.pages.written import Written
from services.intake.queries.own_fields import own_answers
from shared.access import Act, require
from shared.errors import Conflict, InvalidInput, NotFound
from shared.pages import marked

PREFIX = "own."
NOTHING_ASKED = marked("Your organisation asks nothing of its own on this type of case.")


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/new/{draft_id}/own")
    def ask_draft(visit: Visited, draft_id: UUID, check: bool = False) -> Response:
        with desk.seat(visit, writes=True) as seat:
            written = written_of(seat, draft_id)
            return _draft_page(desk, visit, seat, draft_id, written, check=check)

    @routes.post("/new/{draft_id}/own")
    def answer_draft(visit: Visited, draft_id: UUID, check: bool = False) -> Response:
        with desk.seat(visit) as seat:
            written = written_of(seat, draft_id, lock=True)
            asked = _asked(seat, written.kind.name)
            questions = own_questions(asked.schema, visit.language)
            try:
                written.own = checked_answers(asked.schema, read_answers(questions, visit.form, PREFIX))
            except InvalidInput as error:
                problems = problems_of(error, questions, PREFIX)
                return _draft_page(desk, visit, seat, draft_id, written, problems, check=check)
            written.own_passed = True
            keep_written(seat, draft_id, written)
            return go_to(f"{NEW}/{draft_id}/check" if check else f"{NEW}/{draft_id}")

    @routes.get("/cases/{case_id}/own")
    def ask_case(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            return _case_page(desk, visit, seat, _case(seat, case_id))

    @routes.post("/cases/{case_id}/own")
    def answer_case(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            case = _case(seat, case_id, lock=True)
            if case.version != number_in(visit.form, "version"):
                return _case_page(desk, visit, seat, case, (Problem("", CHANGED),), 412)
            questions = own_questions(_asked(seat, case.type).schema, visit.language)
            answers = read_answers(questions, visit.form, PREFIX)
            try:
                patch = {one.name: answers.get(one.name) for one in questions}
                answer_own_fields(seat.session, seat.actor, case.id, patch, None)
            except InvalidInput as error:
                return _case_page(desk, visit, seat, case, problems_of(error, questions, PREFIX), 422)
            except Conflict as error:
                return _case_page(desk, visit, seat, case, (problem_in(visit.language, error),), 409)
            return go_to(f"/intake/cases/{case_id}?done=update")


def _asked(seat: Seat, case_type: str) -> Asked:
    asked = asked_on(seat, case_type)
    if asked is None:
        raise NotFound(NOTHING_ASKED)
    return asked


def _case(seat: Seat, case_id: UUID, *, lock: bool = False) -> Case:
    require(seat.actor, Act.CHANGE_CASES)
    return queries.case(seat.session, seat.actor, case_id, lock=lock)


def _draft_page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    draft_id: UUID,
    written: Written,
    problems: Sequence[Problem] = (),
    *,
    check: bool,
) -> Response:
    questions = own_questions(_asked(seat, written.kind.name).schema, visit.language)
    back_to = f"{NEW}/{draft_id}/check" if check else f"{NEW}/{draft_id}"
    more = {"back_to": back_to, "caption": written.kind.title, "reference": "", "version": None, "earlier": ()}
    return _page(desk, visit, seat, questions, written.own, problems, 422 if problems else 200, **more)


def _case_page(
    desk: Desk, visit: Visit, seat: Seat, case: Case, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    asked, kept = _asked(seat, case.type), own_answers(seat.session, case)
    more = {
        "back_to": f"/intake/cases/{case.id}",
        "caption": CASE_TYPES[case.type].title,
        "reference": case.reference,
        "version": case.version,
        "earlier": earlier_shown(no_longer_asked(asked, kept), visit.language),
    }
    questions, answers = own_questions(asked.schema, visit.language), still_fitting(asked, kept)
    return _page(desk, visit, seat, questions, answers, problems, status, **more)


def _page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    questions: Sequence[Question],
    answers: dict[str, Any],
    problems: Sequence[Problem],
    status: int,
    **more: Any,
) -> Response:
    posted = visit.request.method == "POST"
    return desk.page(
        visit,
        "own_answers.html",
        seat,
        status=status,
        questions=questions,
        typed=visit.form if posted else typed_answers(questions, answers, PREFIX),
        prefix_of_names=PREFIX,
        options=options(visit.language),
        errors=problems,
        **more,
    )
