"""Complaints and thanks, for managers and the data protection officer; never for whom one may be about."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import queries
from services.intake.casework.telling import COMPLAINTS
from services.intake.commands.family import finish_complaint
from services.intake.pages.desk import Desk, go_to
from services.intake.pages.visits import Visited
from services.intake.queries import complaints as found
from services.intake.queries import work

HERE = "/intake/complaints"


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/complaints")
    def show_complaints(visit: Visited, done: bool = False) -> Response:
        """What waits first, then the newest."""
        with desk.seat(visit) as seat:
            shown = found.complaints(seat.session, seat.actor)
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
                done=done,
            )

    @routes.post("/complaints/{complaint_id}/done")
    def deal_with(visit: Visited, complaint_id: UUID) -> Response:
        """Somebody dealt with it."""
        with desk.seat(visit) as seat:
            finish_complaint(seat.session, seat.actor, complaint_id)
            return go_to(f"{HERE}?done=true")
