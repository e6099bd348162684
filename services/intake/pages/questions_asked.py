"""One question a page: about the case, and about each of its people."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response

from services.intake.pages.desk import Desk, go_to
from services.intake.pages.drafting import NEW, keep_written, written_of
from services.intake.pages.fields import Problem, check_alone, problems_of, read_answer, typed_answers
from services.intake.pages.people_asked import STEPS, Step, check_person, step_named, typed_step, with_step
from services.intake.pages.showing import options
from services.intake.pages.visits import Visit, Visited
from services.intake.pages.written import pass_by
from shared.database import utc_now
from shared.errors import InvalidInput, NotFound
from shared.pages import marked

NO_QUESTION = marked("There is no such question.")
Short = Annotated[str, Path(max_length=60)]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/new/{draft_id}/details/{name}")
    def ask_detail(visit: Visited, draft_id: UUID, name: Short, check: bool = False) -> Response:
        return _detail(desk, visit, draft_id, name, check=check)

    @routes.post("/new/{draft_id}/details/{name}")
    def answer_detail(visit: Visited, draft_id: UUID, name: Short, check: bool = False) -> Response:
        return _detail(desk, visit, draft_id, name, check=check)

    @routes.get("/new/{draft_id}/people/{key}/{name}")
    def ask_person(visit: Visited, draft_id: UUID, key: Short, name: Short, check: bool = False) -> Response:
        return _person(desk, visit, draft_id, key, name, check=check)

    @routes.post("/new/{draft_id}/people/{key}/{name}")
    def answer_person(visit: Visited, draft_id: UUID, key: Short, name: Short, check: bool = False) -> Response:
        return _person(desk, visit, draft_id, key, name, check=check)


def _detail(desk: Desk, visit: Visit, draft_id: UUID, name: str, *, check: bool) -> Response:
    with desk.seat(visit, writes=True) as seat:
        written = written_of(seat, draft_id, lock=visit.request.method == "POST")
        names = [one.name for one in written.questions]
        if name not in names:
            raise NotFound(NO_QUESTION)
        number = names.index(name)
        question = written.questions[number]
        problems: tuple[Problem, ...] = ()
        typed = typed_answers((question,), written.details)
        if visit.request.method == "POST":
            typed = visit.form
            answer = read_answer(question, visit.form, name)
            try:
                check_alone(written.kind.asked, name, answer)
            except InvalidInput as error:
                problems = problems_of(error, (question,))
            else:
                written.answer(name, answer)
                keep_written(seat, draft_id, written)
                following = names[number + 1 : number + 2]
                return go_to(_next(draft_id, check, [f"details/{one}" for one in following]))
        return desk.page(
            visit,
            "question.html",
            seat,
            status=422 if problems else 200,
            back_to=_back(draft_id, check, f"details/{names[number - 1]}" if number else ""),
            caption=written.kind.title,
            whom="",
            heading=question.title,
            hint="",
            questions=(question,),
            typed=typed,
            options=options(visit.language),
            removable=None,
            errors=problems,
        )


def _person(desk: Desk, visit: Visit, draft_id: UUID, key: str, name: str, *, check: bool) -> Response:
    with desk.seat(visit, writes=True) as seat:
        written = written_of(seat, draft_id, lock=visit.request.method == "POST")
        person, step = written.person(key), step_named(name)
        if person is None or step is None:
            raise NotFound(NO_QUESTION)
        number = STEPS.index(step)
        problems: tuple[Problem, ...] = ()
        typed = typed_step(step, person.person)
        if visit.request.method == "POST":
            typed = visit.form
            known = with_step(step, person.person, visit.form, utc_now().date())
            problems = _person_problems(step, known)
            if not problems:
                person.person = known
                pass_by(person.passed, step.name)
                keep_written(seat, draft_id, written)
                following = STEPS[number + 1 : number + 2]
                return go_to(_next(draft_id, check, [f"people/{key}/{one.name}" for one in following]))
        return desk.page(
            visit,
            "question.html",
            seat,
            status=422 if problems else 200,
            back_to=_back(draft_id, check, f"people/{key}/{STEPS[number - 1].name}" if number else ""),
            caption=written.kind.people[person.role].title,
            whom=person.name,
            heading=step.title,
            hint=step.hint,
            questions=step.questions,
            typed=typed,
            options=options(visit.language),
            removable=f"{NEW}/{draft_id}/people/{key}/remove" if number == 0 and written.may_remove(person) else None,
            errors=problems,
        )


def _person_problems(step: Step, known: dict[str, Any]) -> tuple[Problem, ...]:
    """What is wrong on this page about a person; other pages are looked at by themselves."""
    try:
        check_person(known)
    except InvalidInput as error:
        part = f"#/{step.name}" if step.inside or step.name == "names" else "#"
        own = tuple(replace(one, field=one.field.replace(part, "#", 1)) for one in error.fields)
        return problems_of(InvalidInput(str(error), own), step.questions)
    return ()


def _next(draft_id: UUID, check: bool, following: list[str]) -> str:
    if check:
        return f"{NEW}/{draft_id}/check"
    return f"{NEW}/{draft_id}/{following[0]}" if following else f"{NEW}/{draft_id}"


def _back(draft_id: UUID, check: bool, before: str) -> str:
    if check:
        return f"{NEW}/{draft_id}/check"
    return f"{NEW}/{draft_id}/{before}" if before else f"{NEW}/{draft_id}"
