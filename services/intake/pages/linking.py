"""A link for a provider without an account is made, shown once, and taken back."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import queries
from services.intake.commands import links
from services.intake.domain import Referral
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, number_in
from services.intake.pages.referrals import HERE
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import referrals as found
from shared.errors import Conflict, NotAllowed
from shared.pages import marked

LONGEST, USUAL = 14, 7
DAYS = marked("Choose from 1 to 14 days.")


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/referrals/{referral_id}/link")
    def ask_days(visit: Visited, referral_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            return _page(desk, visit, seat, _own(seat, referral_id))

    @routes.post("/referrals/{referral_id}/link")
    def make_or_revoke(visit: Visited, referral_id: UUID) -> Response:
        """A new link, shown this once; or none any more, as the button says."""
        with desk.seat(visit) as seat:
            row = _own(seat, referral_id)
            if visit.form.one("do") == "revoke":
                links.revoke_links(seat.session, seat.actor, row.id)
                return go_to(f"{HERE}/{row.id}/link")
            days = number_in(visit.form, "days")
            if not 1 <= days <= LONGEST:
                return _page(desk, visit, seat, row, problem=Problem("days", DAYS), status=422)
            try:
                _, secret = links.make_link(seat.session, seat.actor, row.id, days=days)
            except Conflict as error:
                return _page(desk, visit, seat, row, problem=problem_in(visit.language, error), status=409)
            address = visit.request.url.replace(path=f"/intake/link/{secret}", query="", fragment="")
            return _page(
                desk, visit, seat, row, address=str(address.replace(scheme="https" if visit.https else "http"))
            )


def _own(seat: Seat, referral_id: UUID) -> Referral:
    row = found.referral(seat.session, seat.actor, referral_id)
    if found.side_of(row, seat.actor) != "sender":
        raise NotAllowed("This is done by the other organisation.")
    return row


def _page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    row: Referral,
    *,
    address: str = "",
    problem: Problem | None = None,
    status: int = 200,
) -> Response:
    link, openings = found.link_of(seat.session, row)
    names = {one.id: one.name for one in queries.organisations(seat.session)}
    return desk.page(
        visit,
        "referral_link.html",
        seat,
        status=status,
        referral=row,
        receiver=names.get(row.receiver_id, "–"),
        link=link,
        openings=openings,
        address=address,
        days=visit.form.one("days") or str(USUAL),
        longest=LONGEST,
        errors=(problem,) if problem else (),
    )
