"""The public facts of a mass incident are corrected, as long as they are not final."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import commands, queries
from services.intake.casework import CASE_TYPES, Deed, Offer
from services.intake.casework.mass_incident import IncidentIn
from services.intake.casework.questions import questions
from services.intake.domain import Case
from services.intake.pages.case import facts_of
from services.intake.pages.deeds import CHANGED, deed_page
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, checked, number_in, problems_of, read_answers, typed_answers
from services.intake.pages.visits import Visit, Visited
from shared.access import Act, require
from shared.errors import Conflict, InvalidInput, NotFound
from shared.pages import marked

CORRECT = Deed("correct", marked("Correct what is known"), form=IncidentIn)
_ASKED = questions(IncidentIn)


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/cases/{case_id}/correct")
    def ask(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            return _page(desk, visit, seat, _incident(seat, case_id))

    @routes.post("/cases/{case_id}/correct")
    def correct(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            case = _incident(seat, case_id, lock=True)
            if case.version != number_in(visit.form, "version"):
                return _page(desk, visit, seat, case, (Problem("", CHANGED),), 412)
            try:
                facts = cast("IncidentIn", checked(IncidentIn, read_answers(_ASKED, visit.form)))
                commands.correct_incident(seat.session, seat.actor, case.id, facts)
            except InvalidInput as error:
                return _page(desk, visit, seat, case, problems_of(error, _ASKED), 422)
            except Conflict as error:
                return _page(desk, visit, seat, case, (problem_in(visit.language, error),), 409)
            return go_to(f"/intake/cases/{case_id}?done=correct")


def _incident(seat: Seat, case_id: UUID, *, lock: bool = False) -> Case:
    require(seat.actor, Act.CHANGE_CASES)
    case = queries.case(seat.session, seat.actor, case_id, lock=lock)
    if CASE_TYPES[case.type].facts is None:
        raise NotFound(marked("There is no such page."))
    return case


def _page(
    desk: Desk, visit: Visit, seat: Seat, case: Case, problems: tuple[Problem, ...] = (), status: int = 200
) -> Response:
    posted = visit.request.method == "POST"
    typed = visit.form if posted else typed_answers(_ASKED, facts_of(seat, case))
    offer = Offer(CORRECT, (), {})
    return deed_page(desk, visit, seat, case, offer, _ASKED, typed=typed, problems=problems, status=status)
