"""Own questions as a JSON Schema, for who knows it: seen, and pasted."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fastapi import APIRouter, Response

from services.intake.casework import CASE_TYPES
from services.intake.commands.own_fields import write_own_fields
from services.intake.domain import OwnFields
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.fields import Problem, number_in, problem_text
from services.intake.pages.own_fields import CHANGED, HERE, SCHEMA_WORDS, Type, newest_of
from services.intake.pages.visits import Visit, Visited
from shared.errors import FieldError, InvalidInput
from shared.pages import marked

NO_JSON = marked("This is not valid JSON.")


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/own-fields/{case_type}/schema")
    def show_schema(visit: Visited, case_type: Type) -> Response:
        with desk.seat(visit) as seat:
            row = newest_of(seat, case_type)
            text = json.dumps(row.schema, ensure_ascii=False, indent=2) if row and row.schema else ""
            return _page(desk, visit, seat, case_type, row, text)

    @routes.post("/own-fields/{case_type}/schema")
    def write_schema(visit: Visited, case_type: Type) -> Response:
        with desk.seat(visit) as seat:
            row, text = newest_of(seat, case_type), visit.form.one("document")
            if number_in(visit.form, "version") != (row.version if row is not None else 0):
                return _page(desk, visit, seat, case_type, row, text, (Problem("", CHANGED),), 412)
            try:
                write_own_fields(seat.session, seat.actor, case_type, json.loads(text), None)
            except (ValueError, RecursionError):
                return _page(desk, visit, seat, case_type, row, text, (Problem("document", NO_JSON),), 422)
            except InvalidInput as error:
                problems = [_problem(one) for one in error.fields]
                return _page(desk, visit, seat, case_type, row, text, problems, 422)
            return go_to(f"{HERE}/{case_type}?done=true")


def _problem(error: FieldError) -> Problem:
    return Problem("document", SCHEMA_WORDS.get(error.code) or problem_text(error), error.field)


def _page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case_type: str,
    row: OwnFields | None,
    text: str,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    return desk.page(
        visit,
        "own_fields_schema.html",
        seat,
        status=status,
        kind=CASE_TYPES[case_type],
        version=row.version if row is not None else 0,
        document=text,
        errors=problems,
    )
