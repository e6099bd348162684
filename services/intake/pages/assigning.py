"""Who works on a case, and by when something must be done next."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import TypeAdapter

from services.intake import commands, queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.forms import Day
from services.intake.domain import Case
from services.intake.pages.case import timeline
from services.intake.pages.deeds import CHANGED
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.fields import AS_DAY, Problem, number_in, read_answer, typed_answers
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import work
from shared.errors import InvalidInput, Stale
from shared.pages import marked
from shared.web import validated

CHOOSE = marked("Choose a colleague, or nobody.")
REAL_DAY = marked("Give a real day, for example 27 3 2025.")
_DAY: TypeAdapter[Day | None] = TypeAdapter(Day | None)


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/cases/{case_id}/assign")
    def ask(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            return _page(desk, visit, seat, queries.case(seat.session, seat.actor, case_id))

    @routes.post("/cases/{case_id}/assign")
    def assign(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            case = queries.case(seat.session, seat.actor, case_id, lock=True)
            chosen = {str(one.id): one.id for one in work.colleagues(seat.session, seat.actor)} | {"nobody": None}
            if visit.form.one("user") not in chosen:
                return _page(desk, visit, seat, case, Problem("user", CHOOSE), 422)
            try:
                due_on = validated(_DAY, read_answer(AS_DAY, visit.form, "due_on"))
            except InvalidInput:
                return _page(desk, visit, seat, case, Problem("due_on", REAL_DAY), 422)
            expected = number_in(visit.form, "version")
            user_id = chosen[visit.form.one("user")]
            try:
                commands.assign_case(seat.session, seat.actor, case.id, user_id, due_on=due_on, expected=expected)
            except Stale:
                return _page(desk, visit, seat, case, Problem("", CHANGED), 412)
            return go_to(f"/intake/cases/{case_id}?done=assign")


def _page(
    desk: Desk, visit: Visit, seat: Seat, case: Case, problem: Problem | None = None, status: int = 200
) -> Response:
    posted = visit.request.method == "POST"
    stored = {"due_on": case.due_on.isoformat()} if case.due_on else {}
    typed = visit.form if posted else typed_answers((AS_DAY,), stored)
    news = timeline(seat, visit, case, (), after=number_in(visit.form, "version")) if status == 412 else []
    return desk.page(
        visit,
        "assign.html",
        seat,
        status=status,
        case=case,
        kind=CASE_TYPES[case.type],
        colleagues=work.colleagues(seat.session, seat.actor),
        chosen=visit.form.one("user") if posted else str(case.assigned_to or "nobody"),
        due=AS_DAY,
        typed=typed,
        news=news,
        errors=(problem,) if problem else (),
    )
