"""A new case: its type, the list of what is to be told, check your answers, submit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from services.intake import commands
from services.intake.casework import CASE_TYPES
from services.intake.casework.own_answers import Asked
from services.intake.casework.questions import Question
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.fields import Problem, problem_text
from services.intake.pages.own_shown import own_questions
from services.intake.pages.people_asked import STEPS, Step
from services.intake.pages.showing import related, shown_answers, shown_person
from services.intake.pages.visits import Visit, Visited
from services.intake.pages.written import Written
from services.intake.queries import drafts
from services.intake.queries.own_fields import FieldsInForce
from services.intake.schemas import CASE_SHAPES
from shared.access import Act, require
from shared.errors import Conflict, InvalidInput, NotFound
from shared.pages import Language, marked, say
from shared.web import validated

NEW = "/intake/new"
CHOOSE = marked("Choose what kind of case it is.")


def add_to(routes: APIRouter, desk: Desk) -> None:  # noqa: C901 # a list of routes, each short
    """The pages of this subject."""

    @routes.get("/new")
    def ask_type(visit: Visited) -> Response:
        with desk.seat(visit) as seat:
            return _types(desk, visit, seat)

    @routes.post("/new")
    def begin(visit: Visited) -> Response:
        with desk.seat(visit) as seat:
            type_ = visit.form.one("type")
            if type_ not in CASE_TYPES:
                return _types(desk, visit, seat, Problem("type", CHOOSE))
            row = commands.begin_draft(seat.session, seat.actor, type_, Written.begun(type_).to_keep())
            return go_to(f"{NEW}/{row.id}")

    @routes.get("/new/{draft_id}")
    def task_list(visit: Visited, draft_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            written = open_written(seat, draft_id)
            if isinstance(written, UUID):
                return go_to(f"/intake/cases/{written}")
            own = asked_on(seat, written.kind.name) is not None
            return desk.page(visit, "draft.html", seat, draft_id=draft_id, written=written, own=own)

    @routes.post("/new/{draft_id}/people")
    def add_person(visit: Visited, draft_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            written = written_of(seat, draft_id, lock=True)
            new = written.add_person(visit.form.one("role"))
            if new is None:
                raise Conflict(NO_MORE)
            keep_written(seat, draft_id, written)
            return go_to(f"{NEW}/{draft_id}/people/{new.key}/{STEPS[0].name}")

    @routes.post("/new/{draft_id}/people/{key}/remove")
    def remove_person(visit: Visited, draft_id: UUID, key: Annotated[str, Path(max_length=9)]) -> Response:
        with desk.seat(visit) as seat:
            written = written_of(seat, draft_id, lock=True)
            person = written.person(key)
            if person is not None and written.may_remove(person):
                written.remove_person(person)
                keep_written(seat, draft_id, written)
            return go_to(f"{NEW}/{draft_id}")

    @routes.get("/new/{draft_id}/remove")
    def ask_removal(visit: Visited, draft_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            written = written_of(seat, draft_id)
            return desk.page(visit, "draft_remove.html", seat, draft_id=draft_id, written=written)

    @routes.post("/new/{draft_id}/remove")
    def remove(visit: Visited, draft_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            commands.remove_draft(seat.session, seat.actor, draft_id)
            return go_to("/intake/my-work")

    @routes.get("/new/{draft_id}/check")
    def check(visit: Visited, draft_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            written = open_written(seat, draft_id)
            if isinstance(written, UUID):
                return go_to(f"/intake/cases/{written}")
            return _check_page(desk, visit, seat, draft_id, written)

    @routes.post("/new/{draft_id}/check")
    def submit(visit: Visited, draft_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            written = open_written(seat, draft_id, lock=True)
            if isinstance(written, UUID):
                return go_to(f"/intake/cases/{written}")
            asked = asked_on(seat, written.kind.name)
            written.own = {
                name: one for name, one in written.own.items() if asked and name in asked.schema["properties"]
            }
            body = written.to_submit()
            try:
                submitted = validated(CASE_SHAPES[written.kind.name], body)
                case_id = commands.submit_draft(seat.session, seat.actor, draft_id, submitted, body)
            except InvalidInput as error:
                return _check_page(desk, visit, seat, draft_id, written, error)
            return go_to(f"/intake/cases/{case_id}?submitted=1")


NO_MORE = marked("There may be no more people in that role.")


def open_written(seat: Seat, draft_id: UUID, *, lock: bool = False) -> Written | UUID:
    """What was written so far; or the case that it became. Locked for what changes it. Raises `NotFound`."""
    draft = drafts.draft(seat.session, seat.actor, draft_id, lock=lock)
    return draft.row.case_id or Written.kept(draft.row.type, draft.answers)


def written_of(seat: Seat, draft_id: UUID, *, lock: bool = False) -> Written:
    """What was written so far, as `open_written`; raises `NotFound`, also once it was submitted."""
    written = open_written(seat, draft_id, lock=lock)
    if isinstance(written, UUID):
        raise NotFound(GONE)
    return written


GONE = marked("There is no such draft: it was submitted or removed.")


def keep_written(seat: Seat, draft_id: UUID, written: Written) -> None:
    """Keep what was written."""
    commands.write_draft(seat.session, seat.actor, draft_id, written.to_keep())


def asked_on(seat: Seat, case_type: str) -> Asked | None:
    """What the visitor's organisation asks of its own on that type of case."""
    return FieldsInForce(seat.session, seat.actor).on(case_type)


def names_of(written: Written, language: Language) -> dict[str, str]:
    """Key → what a person is called on lists: the name, or the part in the case and a number."""
    return {
        one.key: one.name or f"{say(language, written.kind.people[one.role].title)} {number}"
        for number, one in enumerate(written.people, start=1)
    }


def _types(desk: Desk, visit: Visit, seat: Seat, *problems: Problem) -> Response:
    require(seat.actor, Act.SUBMIT_CASES)
    kinds = list(CASE_TYPES.values())
    begun = drafts.drafts(seat.session, seat.actor)
    return desk.page(
        visit,
        "new.html",
        seat,
        status=422 if problems else 200,
        kinds=kinds,
        begun=begun,
        types=CASE_TYPES,
        errors=problems,
    )


def _check_page(
    desk: Desk, visit: Visit, seat: Seat, draft_id: UUID, written: Written, error: InvalidInput | None = None
) -> Response:
    shown, names = shown_answers(written.questions, written.details, visit.language), names_of(written, visit.language)
    people = [(one, shown_person(one.person, visit.language)) for one in written.people]
    asked = asked_on(seat, written.kind.name)
    own = own_questions(asked.schema, visit.language) if asked is not None else ()
    return desk.page(
        visit,
        "check.html",
        seat,
        status=422 if error else 200,
        draft_id=draft_id,
        written=written,
        answers=shown,
        own=shown_answers(own, written.own, visit.language),
        people=people,
        relations="\n".join(
            related(names[one.person], one.kind, names[one.other], visit.language) for one in written.relations
        ),
        steps=STEPS,
        errors=_led_to(error, written, draft_id, own) if error else (),
    )


def _led_to(error: InvalidInput, written: Written, draft_id: UUID, own: Sequence[Question]) -> list[Problem]:
    """Each problem with the page where it is put right."""
    titles = {one.name: one.title for one in (*own, *written.questions)}
    found: dict[str, Problem] = {}
    for one in error.fields:
        address, title = f"{NEW}/{draft_id}", ""
        match one.field.removeprefix("#/").split("/"):
            case ["details" | "incident", name, *_]:
                address, title = f"{address}/details/{name}?check=1", titles.get(name, "")
            case ["own", name, *_]:
                address, title = f"{address}/own?check=1", titles.get(name, "")
            case ["people", number, "person", name, *_] if number.isdigit():
                person, step = written.people[int(number)], _step_of(name)
                address, title = f"{address}/people/{person.key}/{step.name}?check=1", step.title
        found.setdefault(address, Problem(address, problem_text(one), title))
    return list(found.values())


def _step_of(field: str) -> Step:
    own = (one for one in STEPS if field == one.name or any(question.name == field for question in one.questions))
    return next(own, STEPS[0])
