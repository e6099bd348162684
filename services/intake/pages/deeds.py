"""A move or a deed, done on its own page: the form from the declaration, and what to do when it may not be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response

from services.intake import commands, histories, queries
from services.intake.casework import CASE_TYPES, Deed, Move, Offer
from services.intake.casework.common import standing_appointments
from services.intake.casework.questions import Question, questions
from services.intake.casework.service_delivery import Delivery, standing_services
from services.intake.casework.words import label
from services.intake.domain import Case
from services.intake.pages.case import name_of, timeline
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.family_shown import family_clocks
from services.intake.pages.fields import Problem, checked, number_in, problems_of, read_answers
from services.intake.pages.showing import in_moment, options, shown_answers
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import PersonOfCase, search
from shared.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound, Stale
from shared.pages import FormData, marked

CHOOSE_REASON = marked("Choose the reason.")
NOT_NOW = marked("This cannot be done with the case now: see below what can.")
CHANGED = marked("The case was changed since you opened it. Look at what changed, and decide anew.")
NO_SUCH_CASE = "There is no such case."
_NOTHING: Mapping[str, Any] = {}
Short = Annotated[str, Path(max_length=60)]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/cases/{case_id}/do/{name}")
    def ask(visit: Visited, case_id: UUID, name: Short) -> Response:
        with desk.seat(visit, writes=True) as seat:
            case = queries.case(seat.session, seat.actor, case_id)
            return _page(desk, visit, seat, case, _offer(seat, case, name))

    @routes.post("/cases/{case_id}/do/{name}")
    def do(visit: Visited, case_id: UUID, name: Short) -> Response:
        with desk.seat(visit) as seat:
            case = queries.case(seat.session, seat.actor, case_id, lock=True)
            offer = _offer(seat, case, name)
            if NOT_NOW in offer.missing:
                return _page(desk, visit, seat, case, offer, (Problem("", NOT_NOW),), 409)
            try:
                with seat.session.begin_nested():
                    _do(seat, case, offer.step, visit.form)
            except InvalidInput as error:
                return _page(desk, visit, seat, case, offer, _problems(error, offer.step), 422)
            except Stale:
                return _page(desk, visit, seat, case, offer, (Problem("", CHANGED),), 412)
            except Conflict as error:
                return _page(desk, visit, seat, case, offer, (problem_in(visit.language, error),), 409)
            return go_to(f"/intake/cases/{case_id}?done={name}")


def _offer(seat: Seat, case: Case, name: str) -> Offer:
    """What may be done under that name. Raises `NotFound` where the case does not know it, `NotAllowed` for a role."""
    found = next((one for one in histories.offers(seat.session, seat.actor, case) if one.step.name == name), None)
    if found is not None:
        return found
    step = next((one for one in CASE_TYPES[case.type].life_cycle.steps if one.name == name), None)
    if step is None:
        raise NotFound(marked("There is no such page."))
    if seat.actor.roles.isdisjoint(step.roles):
        raise NotAllowed(marked("Your role may not do this."))
    return Offer(step, (NOT_NOW,), {})


def _do(seat: Seat, case: Case, step: Move | Deed, form: FormData) -> None:
    expected = number_in(form, "version")
    if isinstance(step, Move):
        reason = form.one("reason") or None
        if step.reasons and reason not in step.reasons:
            raise InvalidInput(CHOOSE_REASON, (FieldError("#/reason", "missing", CHOOSE_REASON),))
        commands.move_case(seat.session, seat.actor, case.id, step.name, reason=reason, expected=expected)
        return
    filled = None
    if step.form is not None:
        asked = questions(step.form)
        filled = checked(step.form, _with_case_ids(seat, asked, read_answers(asked, form)))
    commands.record_deed(seat.session, seat.actor, case.id, step.name, filled, expected=expected)


def _with_case_ids(seat: Seat, asked: Sequence[Question], answers: dict[str, Any]) -> dict[str, Any]:
    """People know a case by its reference, the wire by its id."""
    found = dict(answers)
    for question in asked:
        if question.kind == "case" and question.name in answers:
            found[question.name] = _case_id(seat, question.name, str(answers[question.name]))
    return found


def _case_id(seat: Seat, name: str, reference: str) -> str:
    cases: Sequence[Case] = ()
    with suppress(InvalidInput):  # a slip in it: there is no such case
        cases = search.find_cases(seat.session, seat.actor, search.Wanted(reference=reference), limit=1).cases
    if not cases:
        raise InvalidInput(NO_SUCH_CASE, (FieldError(f"#/{name}", "no_such_case", NO_SUCH_CASE),))
    return str(cases[0].id)


def _problems(error: InvalidInput, step: Move | Deed) -> tuple[Problem, ...]:
    return (Problem("reason", CHOOSE_REASON),) if isinstance(step, Move) else problems_of(error, _questions(step))


def _questions(step: Move | Deed) -> Sequence[Question]:
    return questions(step.form) if isinstance(step, Deed) and step.form is not None else ()


def _page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case: Case,
    offer: Offer,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response:
    people = queries.people(seat.session, case)
    commands.note_view(seat.session, seat.actor, "open", case.id, [one.person.id for one in people])
    choice = _whom(offer.step, people, visit)
    kinds = {one.kind for one in _questions(offer.step)}
    clocks = family_clocks(seat, case, visit.language) if "moment" in kinds else {}
    standing = standing_appointments(histories.history(seat.session, case)) if "appointment" in kinds else []
    return deed_page(
        desk,
        visit,
        seat,
        case,
        offer,
        [one for one in _questions(offer.step) if one.kind != "person" or len(choice) > 1],
        people=people,
        choice=choice,
        more={
            "clocks": clocks,
            "appointments": [(at.isoformat(), in_moment(at, visit.language)) for at in standing],
            "services": _services(seat, case, visit) if "service" in kinds else [],
        },
        problems=problems,
        status=status,
    )


def deed_page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case: Case,
    offer: Offer,
    asked: Sequence[Question],
    *,
    typed: FormData | None = None,
    people: Sequence[PersonOfCase] = (),
    choice: Sequence[tuple[str, str]] = (),
    more: Mapping[str, Any] = _NOTHING,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    """The form of a step with what was typed; after a change by somebody else (412) also what changed since."""
    return desk.page(
        visit,
        "deed.html",
        seat,
        status=status,
        case=case,
        kind=CASE_TYPES[case.type],
        step=offer.step,
        offer=offer,
        questions=asked,
        typed=visit.form if typed is None else typed,
        options={**options(visit.language), "people": choice, **more},
        news=timeline(seat, visit, case, people, after=number_in(visit.form, "version")) if status == 412 else [],
        reason_words=label,
        errors=problems,
    )


def _services(seat: Seat, case: Case, visit: Visit) -> list[tuple[str, str]]:
    """The services that can be corrected, each by what it was and its day."""
    standing = standing_services(histories.history(seat.session, case))
    asked = [one for one in questions(Delivery) if one.name in ("category", "delivered_on")]
    return [
        (id_, ", ".join(one.text for one in shown_answers(asked, facts, visit.language)))
        for id_, facts in standing.items()
    ]


def _whom(step: Move | Deed, people: Sequence[PersonOfCase], visit: Visit) -> list[tuple[str, str]]:
    role = step.about if isinstance(step, Deed) else None
    return [(str(one.person.id), name_of(one, visit.language)) for one in people if role is None or one.role == role]
