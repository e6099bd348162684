"""Complaints and thanks, for managers and the data protection officer; never for whom one may be about."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import queries
from services.intake.casework.telling import COMPLAINTS
from services.intake.commands.complaint_texts import erase_old_complaints, read_complaints
from services.intake.commands.family import finish_complaint
from services.intake.pages.desk import Desk, go_to
from services.intake.pages.visits import Visited
from services.intake.queries import complaints as found
from services.intake.queries import work
from shared.database import utc_now

HERE = "/intake/complaints"


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/complaints")
    def show_complaints(visit: Visited, done: bool = False, erased: int = 0) -> Response:
        """What waits first, then the newest."""
        with desk.seat(visit, writes=True) as seat:
            shown = read_complaints(seat.session, seat.actor)
            cases = {one.row.case_id for one in shown if one.row.case_id is not None}
            return desk.page(
                visit,
                "complaints.html",
                seat,
                complaints=shown,
                for_nobody=found.readable_by_nobody(seat.session, seat.actor),
                references=queries.references(seat.session, seat.actor, cases),
                staff=work.staff_names(seat.session, seat.actor, [one.row.done_by for one in shown]),
                words=COMPLAINTS,
                over=len(found.over(seat.session, seat.actor, utc_now())),
                done=done,
                erased=erased,
            )

    @routes.post("/complaints/{complaint_id}/done")
    def deal_with(visit: Visited, complaint_id: UUID) -> Response:
        """Somebody dealt with it."""
        with desk.seat(visit) as seat:
            finish_complaint(seat.session, seat.actor, complaint_id)
            return go_to(f"{HERE}?done=true")

    @routes.post("/complaints/erase")
    def erase(visit: Visited) -> Response:
        """What retention proposes."""
        with desk.seat(visit) as seat:
            return go_to(f"{HERE}?erased={erase_old_complaints(seat.session, seat.actor)}")
