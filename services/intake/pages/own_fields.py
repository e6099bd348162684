"""What an organisation asks of its own on a type of case: written without knowing JSON Schema, or pasted as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Path, Response

from services.intake.casework import CASE_TYPES
from services.intake.casework.own_fields import MOST_FIELDS, TYPES, checked_schema
from services.intake.casework.own_written import AskOwnField, schema_of, written_as
from services.intake.casework.questions import questions
from services.intake.commands.own_fields import write_own_fields
from services.intake.domain import OwnFields
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.fields import (
    Problem,
    checked,
    number_in,
    problem_text,
    problems_of,
    read_answers,
    typed_answers,
)
from services.intake.pages.own_shown import own_questions
from services.intake.pages.showing import options
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import own_fields as found
from services.intake.queries import work
from shared.access import Act, require
from shared.errors import FieldError, InvalidInput, NotFound
from shared.pages import FormData, marked

HERE = "/intake/own-fields"
CHANGED = marked("These questions were changed since you opened this page. Look at them, and decide anew.")
ASKED = questions(AskOwnField)
SCHEMA_WORDS = {
    "extra_forbidden": marked("This is not used here: take it away."),
    "field_type": marked("A field is of the type string, integer, number, boolean or array."),
    "choices": marked("Give each answer once, and one at least."),
    "too_short": marked("Give each answer once, and one at least."),
    "bounds": marked("The largest number is below the smallest."),
    "other_kind": marked("This question had another kind of answer: take it away, and ask a new one."),
    "missing": marked("This must be said."),
    "unknown_field": marked("There is no such field."),
    "twice": marked("Name each field once."),
    "string_pattern_mismatch": marked("A code or a name has letters or signs that it may not have."),
}
"""What is wrong with a schema, by the code of the error."""
Type = Annotated[str, Path(max_length=40)]


@dataclass(frozen=True)
class Block:
    """One question in the form: its name, empty for a new one, and the prefix of its fields."""

    name: str
    prefix: str


@dataclass(frozen=True)
class Version:
    """A version in the list of them."""

    row: OwnFields
    who: str
    count: int


def add_to(routes: APIRouter, desk: Desk) -> None:  # a list of routes, each short
    """The pages of this subject."""

    @routes.get("/own-fields")
    def list_types(visit: Visited) -> Response:
        with desk.seat(visit) as seat:
            require(seat.actor, Act.KEEP_OWN_FIELDS)
            asked = found.of_every_type(seat.session, seat.actor)
            counts = {name: len(row.schema["properties"]) for name, row in asked.items() if row.schema is not None}
            kinds = [CASE_TYPES[name] for name in TYPES]
            return desk.page(visit, "own_fields.html", seat, kinds=kinds, counts=counts)

    @routes.get("/own-fields/{case_type}")
    def show(visit: Visited, case_type: Type, done: bool = False) -> Response:
        with desk.seat(visit) as seat:
            row = newest_of(seat, case_type)
            blocks = written_as(row.schema if row is not None else None)
            return _page(desk, visit, seat, case_type, row, *_typed(blocks), done=done)

    @routes.post("/own-fields/{case_type}")
    def change(visit: Visited, case_type: Type) -> Response:
        """Add, move or remove a question, look at them, or ask them from now on, as the button says."""
        with desk.seat(visit) as seat:
            row = newest_of(seat, case_type)
            blocks, typed = _posted(visit.form)
            do, _, number = visit.form.one("do").partition(".")
            if do in {"add", "up", "remove"}:
                blocks = _rearranged(blocks, do, int(number) if number.isdecimal() and len(number) < 4 else -1)
                return _page(desk, visit, seat, case_type, row, blocks, typed)
            if visit.form.one("version") != str(row.version if row is not None else 0):
                return _page(desk, visit, seat, case_type, row, blocks, typed, (Problem("", CHANGED),), 412)
            try:
                schema = _schema(blocks, typed, row)
                if do == "save":
                    write_own_fields(seat.session, seat.actor, case_type, schema, None)
                    return go_to(f"{HERE}/{case_type}?done=true")
            except _Wrong as wrong:
                return _page(desk, visit, seat, case_type, row, blocks, typed, wrong.problems, 422)
            except InvalidInput as error:
                problems = _placed(error, blocks, list(schema["properties"]))
                return _page(desk, visit, seat, case_type, row, blocks, typed, problems, 422)
            return _page(desk, visit, seat, case_type, row, blocks, typed, preview=schema)

    @routes.post("/own-fields/{case_type}/retire")
    def retire(visit: Visited, case_type: Type) -> Response:
        with desk.seat(visit) as seat:
            newest_of(seat, case_type)
            write_own_fields(seat.session, seat.actor, case_type, None, number_in(visit.form, "version"))
            return go_to(f"{HERE}/{case_type}?done=true")


class _Wrong(Exception):
    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("something in the form does not fit")
        self.problems = problems


def newest_of(seat: Seat, case_type: str) -> OwnFields | None:
    """What is asked on a type of case. Raises `NotAllowed`, and `NotFound` for a type that can have no own fields."""
    require(seat.actor, Act.KEEP_OWN_FIELDS)
    if case_type not in TYPES:
        raise NotFound(marked("There is no such page."))
    return found.newest(seat.session, seat.actor, case_type)


def _typed(written: Sequence[tuple[str, dict[str, Any]]]) -> tuple[list[Block], FormData]:
    blocks, typed = [], FormData()
    for number, (name, answers) in enumerate(written):
        blocks.append(Block(name, f"{number}."))
        typed |= typed_answers(ASKED, answers, f"{number}.")
    return blocks or [Block("", "0.")], typed


def _posted(form: FormData) -> tuple[list[Block], FormData]:
    """The blocks in the order in which they were posted."""
    prefixes = [one for one in dict.fromkeys(form.many("block")) if one.isdecimal() and len(one) < 4][:MOST_FIELDS]
    return [Block(form.one(f"{one}.name"), f"{one}.") for one in prefixes], form


def _rearranged(blocks: list[Block], do: str, number: int) -> list[Block]:
    if do == "add" and len(blocks) < MOST_FIELDS:
        free = next(one for one in range(1000) if f"{one}." not in {block.prefix for block in blocks})
        return [*blocks, Block("", f"{free}.")]
    if not 0 <= number < len(blocks):
        return blocks
    if do == "remove":
        return blocks[:number] + blocks[number + 1 :]
    if number and do == "up":
        return [*blocks[: number - 1], blocks[number], blocks[number - 1], *blocks[number + 1 :]]
    return blocks


def _schema(blocks: Sequence[Block], typed: FormData, row: OwnFields | None) -> dict[str, Any]:
    """What was written, as a JSON Schema. Raises `_Wrong` with the problems of each question, and `InvalidInput`."""
    written: list[tuple[str, AskOwnField]] = []
    problems: list[Problem] = []
    for block in blocks:
        try:
            one = cast("AskOwnField", checked(AskOwnField, read_answers(ASKED, typed, block.prefix)))
            written.append((block.name, one))
        except InvalidInput as error:
            problems += problems_of(error, ASKED, block.prefix)
    if problems:
        raise _Wrong(problems)
    schema = schema_of(written, row.schema if row is not None else None)
    try:
        return checked_schema(schema)
    except InvalidInput as error:
        raise _Wrong(_placed(error, blocks, list(schema["properties"]))) from None


def _placed(error: InvalidInput, blocks: Sequence[Block], names: Sequence[str]) -> list[Problem]:
    """Each problem at the field of the form that it came from."""
    placed: dict[str, Problem] = {}
    for one in error.fields:
        _, *parts = one.field.split("/")
        number = names.index(parts[1]) if len(parts) > 1 and parts[1] in names else 0
        at = f"{blocks[number].prefix}{_at(one, parts[2:])}" if blocks else ""
        placed.setdefault(at, Problem(at, SCHEMA_WORDS.get(one.code) or problem_text(one)))
    return list(placed.values())


def _at(error: FieldError, inside: Sequence[str]) -> str:
    if error.code == "bounds" or set(inside) & {"minimum", "maximum"}:
        return "most"
    if error.code == "other_kind":
        return "kind"
    return "choices" if set(inside) & {"oneOf", "enum", "items"} or error.code == "choices" else "title"


def _page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    case_type: str,
    row: OwnFields | None,
    blocks: Sequence[Block],
    typed: FormData,
    problems: Sequence[Problem] = (),
    status: int = 200,
    *,
    preview: dict[str, Any] | None = None,
    done: bool = False,
) -> Response:
    rows = found.versions(seat.session, seat.actor, case_type)
    staff = work.staff_names(seat.session, seat.actor, [one.made_by for one in rows])
    return desk.page(
        visit,
        "own_fields_edit.html",
        seat,
        status=status,
        kind=CASE_TYPES[case_type],
        version=row.version if row is not None else 0,
        asks=row is not None and row.schema is not None,
        blocks=blocks,
        most=MOST_FIELDS,
        questions=ASKED,
        typed=typed,
        preview=own_questions(preview, visit.language) if preview else (),
        nothing=FormData(),
        options=options(visit.language),
        versions=[
            Version(
                one, staff.get(one.made_by, "") if one.made_by else "", len((one.schema or {}).get("properties", ()))
            )
            for one in rows
        ],
        done=done,
        errors=problems,
    )


def _version(row: OwnFields, staff: Mapping[UUID, str]) -> Version:
    count = len(row.schema["properties"]) if row.schema is not None else 0
    return Version(row, staff.get(row.made_by, "") if row.made_by else "", count)
