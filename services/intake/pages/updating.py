"""The receiver of a referral is brought up to date: exactly what would be sent, and only then it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import queries
from services.intake.casework.questions import questions
from services.intake.casework.referrals import AskUpdate
from services.intake.commands import referrals as acts
from services.intake.domain import Referral
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, checked, number_in, problems_of, read_answers, typed_answers
from services.intake.pages.preview import OTHERWISE, digest_of, kept_fields, preview_page
from services.intake.pages.referral_rows import row_of
from services.intake.pages.referral_steps import CHANGED
from services.intake.pages.referrals import HERE, UPDATE
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import agreements
from services.intake.queries import referrals as found
from shared.database import utc_now
from shared.errors import Conflict, InvalidInput, NotAllowed
from shared.pages import FormData

_ASKED = questions(AskUpdate)


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/referrals/{referral_id}/update")
    def ask(visit: Visited, referral_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            return _form(desk, visit, seat, _own(seat, referral_id))

    @routes.post("/referrals/{referral_id}/update")
    def update(visit: Visited, referral_id: UUID) -> Response:
        """Look at what would be shared, change it, or send it, as the button says."""
        with desk.seat(visit) as seat:
            row = _own(seat, referral_id, lock=True)
            if visit.form.one("do") == "change":
                return _form(desk, visit, seat, row)
            if row.version != number_in(visit.form, "version"):
                return _form(desk, visit, seat, row, (Problem("", CHANGED),), 412)
            try:
                return _sent_or_looked_at(desk, visit, seat, row)
            except InvalidInput as error:
                return _form(desk, visit, seat, row, problems_of(error, _ASKED), 422)
            except Conflict as error:
                return _form(desk, visit, seat, row, (problem_in(visit.language, error),), 409)


def _sent_or_looked_at(desk: Desk, visit: Visit, seat: Seat, row: Referral) -> Response:
    told = cast("AskUpdate", checked(AskUpdate, read_answers(_ASKED, visit.form)))
    share = acts.what_would_be_updated(seat.session, seat.actor, row.id, told.note)
    if visit.form.one("do") != "send":
        return _preview(desk, visit, seat, row, share)
    if digest_of(share) != visit.form.one("seen"):
        return _preview(desk, visit, seat, row, share, (Problem("", OTHERWISE),), 412)
    with seat.session.begin_nested():
        acts.bring_up_to_date(seat.session, seat.actor, row.id, note=told.note, expected=row.version)
    return go_to(f"{HERE}/{row.id}?done=update")


def _own(seat: Seat, referral_id: UUID, *, lock: bool = False) -> Referral:
    row = found.referral(seat.session, seat.actor, referral_id, lock=lock)
    if found.side_of(row, seat.actor) != "sender":
        raise NotAllowed("This is done by the other organisation.")
    return row


def _form(
    desk: Desk, visit: Visit, seat: Seat, row: Referral, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    why_not = ""
    try:
        acts.what_would_be_updated(seat.session, seat.actor, row.id)
    except Conflict as error:
        why_not = problem_in(visit.language, error).text
    names = {one.id: one.name for one in queries.organisations(seat.session)}
    return desk.page(
        visit,
        "referral_update.html",
        seat,
        status=status,
        row=row_of(seat, row, names, visit.language),
        title=UPDATE,
        why_not=why_not,
        questions=_ASKED,
        typed=visit.form if visit.request.method == "POST" else _last_note(seat, row),
        errors=problems,
    )


def _last_note(seat: Seat, row: Referral) -> FormData:
    shown = found.shown(seat.session, seat.actor, row, utc_now().date())
    return typed_answers(_ASKED, {"note": shown.view["note"]} if shown.view and "note" in shown.view else {})


def _preview(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    row: Referral,
    share: found.ToShare,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    case = queries.case(seat.session, seat.actor, row.case_id)
    names = {one.id: one.name for one in queries.organisations(seat.session)}
    return preview_page(
        desk,
        visit,
        seat,
        case,
        share,
        problems,
        status,
        back_to=f"{HERE}/{row.id}/update",
        receiver=names.get(row.receiver_id, "–"),
        answers=(),
        agreement=agreements.agreement(seat.session, seat.actor, row.agreement_id),
        unshared=(),
        kept=kept_fields(_ASKED, read_answers(_ASKED, visit.form)),
        hidden={"version": str(row.version), "seen": digest_of(share)},
        send=UPDATE,
    )
