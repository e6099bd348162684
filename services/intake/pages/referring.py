"""A case is referred: the form, exactly what would be shared, and only then it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.questions import Question, questions
from services.intake.casework.referrals import URGENCIES, AskReferral
from services.intake.commands import referrals as acts
from services.intake.commands.once import done_once
from services.intake.domain import Case
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import (
    Problem,
    checked,
    problems_of,
    read_answers,
    typed_answers,
)
from services.intake.pages.preview import OTHERWISE, digest_of, kept_fields, preview_page
from services.intake.pages.referrals import HERE
from services.intake.pages.showing import options, shown_answers
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import agreements
from shared.access import Act, require
from shared.database import utc_now, uuid7
from shared.errors import Conflict, InvalidInput, NotFound, Stale
from shared.pages import marked

CHOOSE_PARTNER = marked("Choose one of the organisations.")


@dataclass(frozen=True)
class Partners:
    """Who may be asked, and what the agreements with them let through."""

    receivers: Sequence[tuple[str, str]]
    purposes: frozenset[str]
    fields: frozenset[str]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/cases/{case_id}/refer")
    def ask(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            return _form(desk, visit, seat, _case(seat, case_id))

    @routes.post("/cases/{case_id}/refer")
    def refer(visit: Visited, case_id: UUID) -> Response:
        """Look at what would be shared, change it, or send it, as the button says."""
        with desk.seat(visit) as seat:
            case = _case(seat, case_id, lock=True)
            if visit.form.one("do") == "change":
                return _form(desk, visit, seat, case)
            partners = _partners(seat)
            try:
                asked = cast("AskReferral", checked(AskReferral, read_answers(_asked(partners), visit.form)))
            except InvalidInput as error:
                return _form(desk, visit, seat, case, problems_of(error, _asked(partners)), 422)
            if str(asked.receiver_id) not in dict(partners.receivers):
                return _form(desk, visit, seat, case, (Problem("receiver_id", CHOOSE_PARTNER),), 422)
            try:
                return _sent_or_looked_at(desk, visit, seat, case, asked)
            except Conflict as error:
                return _form(desk, visit, seat, case, (problem_in(visit.language, error),), 409)


def _sent_or_looked_at(desk: Desk, visit: Visit, seat: Seat, case: Case, asked: AskReferral) -> Response:
    if visit.form.one("do") != "send":
        return _preview(desk, visit, seat, case, asked)
    try:
        with seat.session.begin_nested():
            return go_to(f"{HERE}/{_send(seat, visit, case, asked)}?done=offer")
    except Stale:
        return _preview(desk, visit, seat, case, asked, (Problem("", OTHERWISE),), 412)


def _case(seat: Seat, case_id: UUID, *, lock: bool = False) -> Case:
    require(seat.actor, Act.REFER_CASES)
    case = queries.case(seat.session, seat.actor, case_id, lock=lock)
    if not CASE_TYPES[case.type].people:
        raise NotFound(marked("There is no such page."))
    return case


def _partners(seat: Seat) -> Partners:
    """The organisations with which an agreement is in force today, by name."""
    own = seat.actor.organisation_id
    counting = agreements.in_force(seat.session, seat.actor, utc_now().date())
    members = {one.id: one.name for one in queries.organisations(seat.session) if one.is_member()}
    with_whom = {one.partner_of(own) for one in counting} & members.keys()
    return Partners(
        sorted(((str(one), members[one]) for one in with_whom), key=lambda one: one[1].casefold()),
        frozenset(code for one in counting for code in one.purposes),
        frozenset(code for one in counting for code in one.fields),
    )


def _asked(partners: Partners) -> Sequence[Question]:
    """What is asked: of purposes and fields, those that an agreement lets through."""
    kept = {"purpose": partners.purposes, "fields": partners.fields, "urgency": frozenset(URGENCIES)}
    return [
        replace(one, codes={code: words for code, words in one.codes.items() if code in kept[one.name]}, needed=True)
        if one.name in kept
        else one
        for one in questions(AskReferral)
    ]


def _send(seat: Seat, visit: Visit, case: Case, asked: AskReferral) -> str:
    """The id of the referral, also of the one that the same form led to before."""
    body = asked.model_dump(mode="json")
    told = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()

    def offer() -> dict[str, Any]:
        agreement, share, _ = acts.what_would_be_shared(seat.session, seat.actor, case.id, asked)
        if digest_of(share, agreement.id) != visit.form.one("seen"):
            raise Stale("The case was changed since you read it: read it again, and decide anew.")
        return {"id": str(acts.offer_referral(seat.session, seat.actor, case.id, asked).id)}

    key = f"page {visit.form.one('key')} {told}"
    made = done_once(seat.session, seat.actor, key, ["refer on a page", str(case.id), body], offer)
    return str(made["id"])


def _form(
    desk: Desk, visit: Visit, seat: Seat, case: Case, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    partners = _partners(seat)
    asked = _asked(partners)
    why_not = ""
    try:
        acts.check_open(case)
    except Conflict as error:
        why_not = problem_in(visit.language, error).text
    posted = visit.request.method == "POST"
    only = {"purpose": next(iter(partners.purposes))} if len(partners.purposes) == 1 else {}
    return desk.page(
        visit,
        "refer.html",
        seat,
        status=status,
        case=case,
        kind=CASE_TYPES[case.type],
        partners=partners,
        why_not=why_not,
        questions=asked,
        typed=visit.form if posted else typed_answers(asked, only),
        options={**options(visit.language), "organisations": partners.receivers},
        key=visit.form.one("key") or str(uuid7()),
        may_read_agreements=seat.actor.may(Act.READ_AGREEMENTS),
        errors=problems,
    )


def _preview(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case: Case,
    asked: AskReferral,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    agreement, share, fields = acts.what_would_be_shared(seat.session, seat.actor, case.id, asked)
    all_asked = _asked(_partners(seat))
    told = [one for one in all_asked if one.name not in {"fields", "note", "receiver_id"}]
    unshared = [one for one in asked.fields if one not in fields]
    words = next(one.codes for one in all_asked if one.name == "fields")
    return preview_page(
        desk,
        visit,
        seat,
        case,
        share,
        problems,
        status,
        back_to=f"/intake/cases/{case.id}/refer",
        receiver=dict(_partners(seat).receivers).get(str(asked.receiver_id), "–"),
        answers=[
            one
            for one in shown_answers(told, asked.model_dump(mode="json", exclude_none=True), visit.language)
            if one.text
        ],
        agreement=agreement,
        unshared=[words.get(one, one) for one in unshared],
        kept=kept_fields(all_asked, read_answers(all_asked, visit.form)),
        hidden={"key": visit.form.one("key"), "seen": digest_of(share, agreement.id)},
        send=marked("Send it"),
    )
