"""How a family is told is asked, changed and ended; what it wrote, and what is to be done, is marked as done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import commands, queries
from services.intake.casework.contacts import AskContact, FamilyLanguage
from services.intake.casework.questions import questions
from services.intake.casework.telling import REACHED
from services.intake.commands import contacts as acts
from services.intake.commands.family import finish_attention, finish_reply
from services.intake.domain import Case, FamilyContact
from services.intake.pages.case import name_of
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.family_shown import contact_answers, people_reached
from services.intake.pages.fields import Problem, checked, number_in, problems_of, read_answers, typed_answers
from services.intake.pages.showing import language_names
from services.intake.pages.time_zones import country_of, short_country, zone_groups
from services.intake.pages.visits import Visit, Visited
from services.intake.queries.family import contact_of, contacts_of, opened_contacts, reachable
from shared.access import Act, require
from shared.errors import Conflict, InvalidInput, NotFound, Stale
from shared.pages import marked

TAGS: tuple[str, ...] = FamilyLanguage.__args__  # type: ignore[attr-defined] # of a Literal
_ASKED = questions(AskContact)
_QUESTIONS = {one.name: one for one in _ASKED}
CHANGED = marked("This was changed since you opened it. Look at it again, and decide anew.")


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""
    _add_writing(routes, desk)
    _add_ending(routes, desk)
    _add_doing(routes, desk)


def _add_writing(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/cases/{case_id}/family/new")
    def ask_new(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            return _form(desk, visit, seat, _opened(seat, case_id))

    @routes.post("/cases/{case_id}/family/new")
    def register(visit: Visited, case_id: UUID) -> Response:
        def act(seat: Seat, case: Case, told: AskContact) -> object:
            seen = "case_version" in visit.form  # a second click is told that the case has changed
            version = number_in(visit.form, "case_version") if seen else None
            given = told.contact()
            return acts.register_family_contact(
                seat.session, seat.actor, case.id, told.person_id, given, expected=version
            )

        with desk.seat(visit) as seat:
            return _written(desk, visit, seat, _opened(seat, case_id), None, act, "register_contact")

    @routes.get("/cases/{case_id}/family/{contact_id}/change")
    def ask_change(visit: Visited, case_id: UUID, contact_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            case = _opened(seat, case_id)
            return _form(desk, visit, seat, case, _standing(seat, case, contact_id))

    @routes.post("/cases/{case_id}/family/{contact_id}/change")
    def change(visit: Visited, case_id: UUID, contact_id: UUID) -> Response:
        def act(seat: Seat, case: Case, told: AskContact) -> object:
            version = number_in(visit.form, "version")
            given = told.contact()
            return acts.change_family_contact(seat.session, seat.actor, case.id, contact_id, given, version)

        with desk.seat(visit) as seat:
            case = _opened(seat, case_id)
            return _written(desk, visit, seat, case, _standing(seat, case, contact_id), act, "change_contact")


def _add_ending(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/cases/{case_id}/family/{contact_id}/withdraw")
    def ask_withdrawal(visit: Visited, case_id: UUID, contact_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            case = _opened(seat, case_id)
            return _withdrawal(desk, visit, seat, case, _standing(seat, case, contact_id))

    @routes.post("/cases/{case_id}/family/{contact_id}/withdraw")
    def withdraw(visit: Visited, case_id: UUID, contact_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            case = _opened(seat, case_id)
            row = _standing(seat, case, contact_id)
            try:
                version = number_in(visit.form, "version")
                acts.withdraw_family_contact(seat.session, seat.actor, case.id, contact_id, version)
            except Stale:
                return _withdrawal(desk, visit, seat, case, row, (Problem("", CHANGED),), 412)
            return go_to(f"{_address(case)}?done=withdraw_contact#family")


def _add_doing(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/cases/{case_id}/family-replies/{reply_id}/done")
    def deal_with_reply(visit: Visited, case_id: UUID, reply_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            finish_reply(seat.session, seat.actor, case_id, reply_id)
            return go_to(f"/intake/cases/{case_id}?done=finish_reply#family")

    @routes.post("/cases/{case_id}/attention/{attention_id}/done")
    def do_attention(visit: Visited, case_id: UUID, attention_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            finish_attention(seat.session, seat.actor, case_id, attention_id)
            return go_to(f"/intake/cases/{case_id}?done=finish_attention#family")


def _address(case: Case) -> str:
    return f"/intake/cases/{case.id}"


def _opened(seat: Seat, case_id: UUID) -> Case:
    """A case that the actor may change, of a type in which a family is told. Raises `NotFound`, `NotAllowed`."""
    require(seat.actor, Act.CHANGE_CASES)
    case = queries.case(seat.session, seat.actor, case_id)
    if case.type not in REACHED:
        raise NotFound(marked("There is no such page."))
    return case


def _standing(seat: Seat, case: Case, contact_id: UUID) -> FamilyContact:
    row = contact_of(seat.session, case, contact_id)
    if row.withdrawn_at is not None:
        raise Conflict("This contact was withdrawn: register a new one.")
    return row


def _written(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case: Case,
    row: FamilyContact | None,
    act: Callable[[Seat, Case, AskContact], object],
    done: str,
) -> Response:
    try:
        with seat.session.begin_nested():
            answers = read_answers(_ASKED, visit.form)
            if row is not None:
                answers["person_id"] = str(row.person_id)
            act(seat, case, cast("AskContact", checked(AskContact, answers)))
    except InvalidInput as error:
        return _form(desk, visit, seat, case, row, problems_of(error, _ASKED), 422)
    except Stale:
        return _form(desk, visit, seat, case, row, (Problem("", CHANGED),), 412)
    except Conflict as error:
        return _form(desk, visit, seat, case, row, (problem_in(visit.language, error),), 409)
    return go_to(f"{_address(case)}?done={done}#family")


def _form(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case: Case,
    row: FamilyContact | None = None,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    names = _names(seat, case, visit)
    told = people_reached(reachable(seat.session, case, REACHED[case.type]), names)
    posted = visit.request.method == "POST"
    typed = visit.form if posted else typed_answers(_ASKED, _kept(seat, row, told))
    names_of = language_names(visit.language.tag, TAGS)
    return desk.page(
        visit,
        "contact.html",
        seat,
        status=status,
        case=case,
        row=row,
        asked=_QUESTIONS,
        people=told,
        name=names.get(row.person_id, "") if row else "",
        typed=typed,
        spoken={tag: names_of[tag] for tag in sorted(TAGS, key=lambda one: names_of[one].casefold())},
        clocks=zone_groups(visit.language, _countries(seat, case), typed.one("time_zone")),
        errors=problems,
    )


def _names(seat: Seat, case: Case, visit: Visit) -> dict[UUID, str]:
    """Who is in the case, by the names that its page calls them by; the look is recorded."""
    people = queries.people(seat.session, case)
    commands.note_view(seat.session, seat.actor, "contact", case.id, [one.person.id for one in people])
    return {one.person.id: name_of(one, visit.language) for one in people}


def _countries(seat: Seat, case: Case) -> list[str]:
    """Where the family probably lives: as other contacts of the case, where the case is, where its people come from."""
    known = [one.kept.time_zone for one in contacts_of(seat.session, case) if one.kept is not None]
    coded = [case.place, *(one.known.nationality for one in queries.people(seat.session, case) if one.known)]
    return [one for one in (*map(country_of, known), *map(short_country, coded)) if one]


def _kept(seat: Seat, row: FamilyContact | None, people: Sequence[tuple[str, str]]) -> Mapping[str, Any]:
    """What is known already: all but the addresses, which are not kept here."""
    if row is None:
        return {"person_id": people[0][0]} if len(people) == 1 else {}
    kept = opened_contacts(seat.session, [row])[0].kept
    known = {} if kept is None else kept.model_dump(mode="json", exclude={"addresses"})
    return {**known, "person_id": str(row.person_id), "first": kept.addresses[0].channel if kept else "sms"}


def _withdrawal(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case: Case,
    row: FamilyContact,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    kept = opened_contacts(seat.session, [row])[0].kept
    name = _names(seat, case, visit).get(row.person_id, "")
    return desk.page(
        visit,
        "contact_withdraw.html",
        seat,
        status=status,
        case=case,
        row=row,
        answers=contact_answers(kept, name, visit.language)[:3],
        errors=problems,
    )
