"""A case is offered to another organisation: the form, what it sees while it decides and what goes over, then sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.questions import Question, questions
from services.intake.casework.referrals import URGENCIES
from services.intake.casework.transfers import WHOLE_FILE, AskTransfer
from services.intake.commands import referrals as acts
from services.intake.commands.once import done_once
from services.intake.domain import Case
from services.intake.pages.case import name_of
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, checked, problems_of, read_answers, typed_answers
from services.intake.pages.preview import OTHERWISE, digest_of, kept_fields, preview_page
from services.intake.pages.referrals import HERE
from services.intake.pages.referring import CHOOSE_PARTNER
from services.intake.pages.showing import options, shown_answers
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import agreements
from services.intake.queries.transfers import case_file
from shared.access import Act, require
from shared.database import utc_now, uuid7
from shared.errors import Conflict, InvalidInput, NotFound, Stale
from shared.pages import marked

SEND = marked("Offer the case")


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/cases/{case_id}/transfer")
    def ask(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            return _form(desk, visit, seat, _case(seat, case_id))

    @routes.post("/cases/{case_id}/transfer")
    def offer(visit: Visited, case_id: UUID) -> Response:
        """Look at what the other organisation would see, change it, or offer the case, as the button says."""
        with desk.seat(visit) as seat:
            case = _case(seat, case_id, lock=True)
            if visit.form.one("do") == "change":
                return _form(desk, visit, seat, case)
            receivers = _receivers(seat)
            asked_for = _asked(seat)
            try:
                asked = cast("AskTransfer", checked(AskTransfer, read_answers(asked_for, visit.form)))
            except InvalidInput as error:
                return _form(desk, visit, seat, case, problems_of(error, asked_for), 422)
            if str(asked.receiver_id) not in dict(receivers):
                return _form(desk, visit, seat, case, (Problem("receiver_id", CHOOSE_PARTNER),), 422)
            try:
                return _sent_or_looked_at(desk, visit, seat, case, asked)
            except Conflict as error:
                return _form(desk, visit, seat, case, (problem_in(visit.language, error),), 409)


def _sent_or_looked_at(desk: Desk, visit: Visit, seat: Seat, case: Case, asked: AskTransfer) -> Response:
    if visit.form.one("do") != "send":
        return _preview(desk, visit, seat, case, asked)
    try:
        with seat.session.begin_nested():
            return go_to(f"{HERE}/{_send(seat, visit, case, asked)}?done=offer_transfer")
    except Stale:
        return _preview(desk, visit, seat, case, asked, (Problem("", OTHERWISE),), 412)


def _case(seat: Seat, case_id: UUID, *, lock: bool = False) -> Case:
    require(seat.actor, Act.TRANSFER_CASES)
    case = queries.case(seat.session, seat.actor, case_id, lock=lock)
    if not CASE_TYPES[case.type].people:
        raise NotFound(marked("There is no such page."))
    return case


def _allowing(seat: Seat) -> list[Any]:
    """The agreements in force today that let a whole case through."""
    counting = agreements.in_force(seat.session, seat.actor, utc_now().date())
    return [one for one in counting if WHOLE_FILE in one.fields and one.paper is None]


def _receivers(seat: Seat) -> list[tuple[str, str]]:
    """The organisations to which a case may be handed, by name."""
    own = seat.actor.organisation_id
    members = {one.id: one.name for one in queries.organisations(seat.session) if one.is_member()}
    with_whom = {one.partner_of(own) for one in _allowing(seat)} & members.keys()
    return sorted(((str(one), members[one]) for one in with_whom), key=lambda one: one[1].casefold())


def _asked(seat: Seat) -> Sequence[Question]:
    """What is asked: of purposes and fields, those that an agreement lets through."""
    allowing = _allowing(seat)
    kept = {
        "purpose": {code for one in allowing for code in one.purposes},
        "fields": {code for one in allowing for code in one.fields},
        "urgency": set(URGENCIES),
    }
    return [
        replace(one, codes={code: words for code, words in one.codes.items() if code in kept[one.name]}, needed=True)
        if one.name in kept
        else one
        for one in questions(AskTransfer)
    ]


def _send(seat: Seat, visit: Visit, case: Case, asked: AskTransfer) -> str:
    """The id of the transfer, also of the one that the same form led to before."""
    body = asked.model_dump(mode="json")
    told = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()

    def offer() -> dict[str, Any]:
        agreement, share, _ = acts.what_would_be_shared(seat.session, seat.actor, case, asked)
        if digest_of(share, agreement.id, case.version) != visit.form.one("seen"):
            raise Stale("The case was changed since you read it: read it again, and decide anew.")
        return {"id": str(acts.offer_referral(seat.session, seat.actor, case, asked).id)}

    key = f"page {visit.form.one('key')} {told}"
    made = done_once(seat.session, seat.actor, key, ["transfer on a page", str(case.id), body], offer)
    return str(made["id"])


def _form(
    desk: Desk, visit: Visit, seat: Seat, case: Case, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    asked, receivers = _asked(seat), _receivers(seat)
    why_not = ""
    try:
        acts.check_open(case)
    except Conflict as error:
        why_not = problem_in(visit.language, error).text
    posted = visit.request.method == "POST"
    purposes = next(one.codes for one in asked if one.name == "purpose")
    only = {"purpose": next(iter(purposes))} if len(purposes) == 1 else {}
    return desk.page(
        visit,
        "transfer.html",
        seat,
        status=status,
        case=case,
        kind=CASE_TYPES[case.type],
        receivers=receivers,
        why_not=why_not,
        questions=asked,
        typed=visit.form if posted else typed_answers(asked, only),
        options={**options(visit.language), "organisations": receivers},
        key=visit.form.one("key") or str(uuid7()),
        may_read_agreements=seat.actor.may(Act.READ_AGREEMENTS),
        errors=problems,
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
    told = [one for one in all_asked if one.name not in {"fields", "note", "receiver_id"}]
    words = next(one.codes for one in all_asked if one.name == "fields")
    people = {one.person.id: name_of(one, visit.language) for one in queries.people(seat.session, case)}
    file = case_file(seat.session, case.id)
    answers = shown_answers(told, asked.model_dump(mode="json", exclude_none=True), visit.language)
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
        answers=[one for one in answers if one.text],
        agreement=agreement,
        unshared=[words.get(one, one) for one in asked.fields if one not in fields],
        kept=kept_fields(all_asked, read_answers(all_asked, visit.form)),
        hidden={"key": visit.form.one("key"), "seen": digest_of(share, agreement.id, case.version)},
        send=SEND,
    )
