"""A case is offered to another organisation: the form, what it sees while it decides and what goes over, then sent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import queries
from services.intake.casework.questions import Question, questions
from services.intake.casework.transfers import WHOLE_FILE, AskTransfer
from services.intake.commands import referrals as acts
from services.intake.domain import Agreement, Case
from services.intake.pages.case import name_of
from services.intake.pages.desk import Desk, Seat
from services.intake.pages.fields import Problem, read_answers
from services.intake.pages.preview import digest_of, kept_fields, preview_page
from services.intake.pages.sending import (
    Sending,
    answers_told,
    form_page,
    limited,
    receivers_under,
    sendable,
    sent_or_looked_at,
    why_closed,
)
from services.intake.pages.showing import options
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import agreements
from services.intake.queries.transfers import case_file
from shared.access import Act
from shared.database import utc_now
from shared.pages import marked

SEND = marked("Offer the case")


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/cases/{case_id}/transfer")
    def ask(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            return _form(desk, visit, seat, sendable(seat, case_id, Act.TRANSFER_CASES))

    @routes.post("/cases/{case_id}/transfer")
    def offer(visit: Visited, case_id: UUID) -> Response:
        """Look at what the other organisation would see, change it, or offer the case, as the button says."""
        with desk.seat(visit) as seat:
            case = sendable(seat, case_id, Act.TRANSFER_CASES, lock=True)
            sending = Sending(
                act="transfer",
                into=AskTransfer,
                questions=_asked(seat),
                receivers=dict(_receivers(seat)),
                seen_too=(case.version,),
                form=partial(_form, desk, visit, seat, case),
                preview=partial(_preview, desk, visit, seat, case),
            )
            return sent_or_looked_at(visit, seat, case, sending)


def _allowing(seat: Seat) -> list[Agreement]:
    """The agreements in force today that let a whole case through."""
    counting = agreements.in_force(seat.session, seat.actor, utc_now().date())
    return [one for one in counting if WHOLE_FILE in one.fields and one.paper is None]


def _receivers(seat: Seat) -> list[tuple[str, str]]:
    """The organisations to which a case may be handed, by name."""
    return receivers_under(seat, _allowing(seat))


def _asked(seat: Seat) -> Sequence[Question]:
    """What is asked: of purposes and fields, those that an agreement lets through."""
    allowing = _allowing(seat)
    purposes = {code for one in allowing for code in one.purposes}
    return limited(questions(AskTransfer), purposes, {code for one in allowing for code in one.fields})


def _form(
    desk: Desk, visit: Visit, seat: Seat, case: Case, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    receivers = _receivers(seat)
    return form_page(
        desk,
        visit,
        seat,
        case,
        "transfer.html",
        _asked(seat),
        {},
        problems,
        status,
        receivers=receivers,
        why_not=why_closed(case, visit.language),
        options={**options(visit.language), "organisations": receivers},
    )


def _preview(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case: Case,
    asked: AskTransfer,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    agreement, share, fields = acts.what_would_be_shared(seat.session, seat.actor, case, asked)
    all_asked = _asked(seat)
    words = next(one.codes for one in all_asked if one.name == "fields")
    people = {one.person.id: name_of(one, visit.language) for one in queries.people(seat.session, case)}
    file = case_file(seat.session, case.id)
    return preview_page(
        desk,
        visit,
        seat,
        case,
        share,
        problems,
        status,
        transfer=True,
        going=[people[one] for one in file.people if one in people],
        copied=[people[one] for one in file.staying if one in people],
        back_to=f"/intake/cases/{case.id}/transfer",
        receiver=dict(_receivers(seat)).get(str(asked.receiver_id), "–"),
        answers=answers_told(asked, visit.language),
        agreement=agreement,
        unshared=[words.get(one, one) for one in asked.fields if one not in fields],
        kept=kept_fields(all_asked, read_answers(all_asked, visit.form)),
        hidden={"key": visit.form.one("key"), "seen": digest_of(share, agreement.id, case.version)},
        send=SEND,
    )
