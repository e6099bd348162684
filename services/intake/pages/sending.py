"""Something of a case goes to another organisation, by a referral or a transfer: a form, exactly what would be shared,
and only then it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar, cast
from uuid import UUID

from fastapi import Response

from services.intake import queries
from services.intake.casework import CASE_TYPES
from services.intake.casework.questions import Question, questions
from services.intake.casework.referrals import URGENCIES, AskReferral
from services.intake.casework.transfers import AskTransfer
from services.intake.commands import referrals as acts
from services.intake.commands.once import done_once
from services.intake.domain import Agreement, Case
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, checked, problems_of, read_answers, typed_answers
from services.intake.pages.preview import OTHERWISE, digest_of
from services.intake.pages.referrals import HERE
from services.intake.pages.showing import Shown, shown_answers
from services.intake.pages.visits import Visit
from shared.access import Act, require
from shared.database import uuid7
from shared.errors import Conflict, InvalidInput, NotFound, Stale
from shared.pages import Language, marked

A = TypeVar("A", AskReferral, AskTransfer)

CHOOSE_PARTNER = marked("Choose one of the organisations.")
DONE: Mapping[str, str] = {"refer": "offer", "transfer": "offer_transfer"}
"""What the page of what was sent is told, by what was done."""
UNTOLD = frozenset({"attachments", "fields", "note", "receiver_id", "service_entry_id"})
"""What a preview shows otherwise than as an answer."""


@dataclass(frozen=True)
class Sending(Generic[A]):
    """One visit's form: what it asks, and the two pages that it may lead to."""

    act: Literal["refer", "transfer"]
    into: type[A]
    questions: Sequence[Question]
    receivers: Collection[str] | None
    """The ids among which one is chosen. None: the receiver is known already."""
    seen_too: Sequence[object]
    """What counts as looked at beside what is shared: if it changes, it is looked at anew."""
    form: Callable[[Sequence[Problem], int], Response]
    preview: Callable[[A, Sequence[Problem], int], Response]
    given: Mapping[str, Any] = field(default_factory=dict)
    """Answers that are not asked for."""


def sendable(seat: Seat, case_id: UUID, act: Act, *, lock: bool = False) -> Case:
    """A case of a type that has people, for whoever may do that with it. Raises `NotFound`, `NotAllowed`."""
    require(seat.actor, act)
    case = queries.case(seat.session, seat.actor, case_id, lock=lock)
    if not CASE_TYPES[case.type].people:
        raise NotFound(marked("There is no such page."))
    return case


def receivers_under(seat: Seat, agreements: Iterable[Agreement]) -> list[tuple[str, str]]:
    """(id, name) of the organisations with which there is one of these agreements, by name."""
    own = seat.actor.organisation_id
    members = {one.id: one.name for one in queries.organisations(seat.session) if one.is_member()}
    with_whom = {one.partner_of(own) for one in agreements} & members.keys()
    return sorted(((str(one), members[one]) for one in with_whom), key=lambda one: one[1].casefold())


def limited(asked: Iterable[Question], purposes: Collection[str], fields: Collection[str]) -> list[Question]:
    """Of purposes and fields, those that an agreement lets through; whoever is asked for them must answer."""
    kept = {"purpose": purposes, "fields": fields, "urgency": URGENCIES}
    return [
        replace(one, codes={code: words for code, words in one.codes.items() if code in kept[one.name]}, needed=True)
        if one.name in kept
        else one
        for one in asked
    ]


def why_closed(case: Case, language: Language) -> str:
    """Why nothing of this case can be sent as it is now, in a sentence; empty where something can."""
    try:
        acts.check_open(case)
    except Conflict as error:
        return problem_in(language, error).text
    return ""


def form_page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case: Case,
    template: str,
    asked: Sequence[Question],
    only: Mapping[str, str],
    problems: Sequence[Problem],
    status: int,
    **more: Any,
) -> Response:
    """The page that asks, with what was typed; at first, with the answers of `only` and the purpose if there is one."""
    purposes = next(one.codes for one in asked if one.name == "purpose")
    known = {**({"purpose": next(iter(purposes))} if len(purposes) == 1 else {}), **only}
    return desk.page(
        visit,
        template,
        seat,
        status=status,
        case=case,
        kind=CASE_TYPES[case.type],
        questions=asked,
        typed=visit.form if visit.request.method == "POST" else typed_answers(asked, known),
        key=visit.form.one("key") or str(uuid7()),
        may_read_agreements=seat.actor.may(Act.READ_AGREEMENTS),
        errors=problems,
        **more,
    )


def answers_told(asked: AskReferral | AskTransfer, language: Language) -> list[Shown]:
    """What was answered, in words, as a preview shows it."""
    told = [one for one in questions(type(asked)) if one.name not in UNTOLD]
    shown = shown_answers(told, asked.model_dump(mode="json", exclude_none=True), language)
    return [one for one in shown if one.text]


def sent_or_looked_at(visit: Visit, seat: Seat, case: Case, sending: Sending[A]) -> Response:
    """The form again, what would be shared, or it is sent: as the button says, and as the answers allow."""
    if visit.form.one("do") == "change":
        return sending.form((), 200)
    try:
        answers = {**read_answers(sending.questions, visit.form), **sending.given}
        asked = cast("A", checked(sending.into, answers))
    except InvalidInput as error:
        return sending.form(problems_of(error, sending.questions), 422)
    if sending.receivers is not None and str(asked.receiver_id) not in sending.receivers:
        return sending.form((Problem("receiver_id", CHOOSE_PARTNER),), 422)
    try:
        return _sent_or_looked_at(visit, seat, case, sending, asked)
    except Conflict as error:
        return sending.form((problem_in(visit.language, error),), 409)


def _sent_or_looked_at(visit: Visit, seat: Seat, case: Case, sending: Sending[A], asked: A) -> Response:
    if visit.form.one("do") != "send":
        return sending.preview(asked, (), 200)
    try:
        with seat.session.begin_nested():
            return go_to(f"{HERE}/{_send(visit, seat, case, sending, asked)}?done={DONE[sending.act]}")
    except Stale:
        return sending.preview(asked, (Problem("", OTHERWISE),), 412)


def _send(visit: Visit, seat: Seat, case: Case, sending: Sending[A], asked: A) -> str:
    """The id of what was sent, also of what the same form led to before."""
    body = asked.model_dump(mode="json")
    told = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()

    def offer() -> dict[str, Any]:
        agreement, share, _ = acts.what_would_be_shared(seat.session, seat.actor, case, asked)
        if digest_of(share, agreement.id, *sending.seen_too) != visit.form.one("seen"):
            raise Stale("The case was changed since you read it: read it again, and decide anew.")
        return {"id": str(acts.offer_referral(seat.session, seat.actor, case, asked).id)}

    key = f"page {visit.form.one('key')} {told}"
    made = done_once(seat.session, seat.actor, key, [f"{sending.act} on a page", str(case.id), body], offer)
    return str(made["id"])
