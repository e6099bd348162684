"""What waits to protect people's data: requests to be answered, erasures to be decided, cases to be looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake.casework import CASE_TYPES
from services.intake.casework.words import PROTECTION_WORDS
from services.intake.commands import protection as acts
from services.intake.domain import Case, Erasure, SubjectRequest
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import protection, work
from services.intake.settings import PAGE
from shared.access import Act, require
from shared.errors import Conflict, NotAllowed
from shared.pages import marked

HERE = "/intake/protection"
CHOOSE = marked("Choose what is decided.")


@dataclass(frozen=True)
class About:
    """Something about a person, with a case in which the visitor may look at that person."""

    what: SubjectRequest | Erasure
    case: Case | None


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/protection")
    def list_waiting(visit: Visited) -> Response:
        """For the data protection officer, and whoever answers and approves."""
        with desk.seat(visit) as seat:
            require(seat.actor, Act.ANSWER_SUBJECTS)
            requests = protection.subject_requests(seat.session, seat.actor)
            erasures = protection.undecided_erasures(seat.session, seat.actor)
            staff = work.staff_names(seat.session, seat.actor, [one.proposed_by for one in erasures])
            return desk.page(
                visit,
                "waiting.html",
                seat,
                requests=_with_cases(seat, requests[:PAGE]),
                request_count=len(requests),
                erasures=_with_cases(seat, [one for one in erasures if one.proposed_by][:PAGE]),
                due=_with_cases(seat, [one for one in erasures if not one.proposed_by][:PAGE]),
                reviews=acts.cases_to_review(seat.session, seat.actor)[:PAGE],
                staff=staff,
                types=CASE_TYPES,
                words=PROTECTION_WORDS,
            )

    @routes.get("/protection/erasures/{erasure_id}")
    def ask_decision(visit: Visited, erasure_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            return _page(desk, visit, seat, erasure_id)

    @routes.post("/protection/erasures/{erasure_id}")
    def decide(visit: Visited, erasure_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            decision = visit.form.one("decision")
            if decision not in {"approve", "take_on", "decline"}:
                return _page(desk, visit, seat, erasure_id, Problem("decision", CHOOSE), 422)
            try:
                with seat.session.begin_nested():
                    _decide(seat, erasure_id, decision)
            except (Conflict, NotAllowed) as error:
                return _page(desk, visit, seat, erasure_id, problem_in(visit.language, error), 409)
            return go_to(f"{HERE}/erasures/{erasure_id}")


def _decide(seat: Seat, erasure_id: UUID, decision: str) -> None:
    if decision == "approve":
        acts.approve_erasure(seat.session, seat.actor, erasure_id)
    elif decision == "decline":
        acts.decline_erasure(seat.session, seat.actor, erasure_id)
    else:
        acts.take_on_erasure(seat.session, seat.actor, erasure_id)


def _with_cases(seat: Seat, found: Iterable[SubjectRequest | Erasure]) -> list[About]:
    return [About(one, _a_case_of(seat, one.person_id)) for one in found]


def _a_case_of(seat: Seat, person_id: UUID) -> Case | None:
    seen = protection.cases_seen(seat.session, seat.actor, [person_id])
    return min((one for one in seen if one.merged_into is None), key=lambda one: one.id, default=None)


def _page(
    desk: Desk, visit: Visit, seat: Seat, erasure_id: UUID, problem: Problem | None = None, status: int = 200
) -> Response:
    erasure = protection.erasure(seat.session, seat.actor, erasure_id)
    may_approve = seat.actor.may(Act.APPROVE_ERASURE)
    own = erasure.proposed_by is not None and erasure.proposed_by == seat.actor.user_id
    possible = {
        "take_on": erasure.proposed_by is None,
        "approve": may_approve and erasure.proposed_by is not None and not own,
        "decline": may_approve,
    }
    people = [erasure.proposed_by, erasure.approved_by, erasure.declined_by]
    return desk.page(
        visit,
        "erasure.html",
        seat,
        status=status,
        erasure=erasure,
        cases=protection.cases_seen(seat.session, seat.actor, protection.same_people(seat.session, erasure.person_id)),
        confirmed=protection.confirmations(seat.session, erasure.person_id),
        own=own,
        possible=[name for name, may in possible.items() if may and erasure.state == "proposed"],
        staff=work.staff_names(seat.session, seat.actor, people),
        types=CASE_TYPES,
        words=PROTECTION_WORDS,
        typed=visit.form,
        errors=(problem,) if problem else (),
    )
