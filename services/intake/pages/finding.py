"""Cases are found: by what is known of them, or by a person's name. A name never stands in an address."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from services.intake import commands
from services.intake.casework import CASE_TYPES
from services.intake.domain.reference import parse_reference
from services.intake.pages.desk import Desk, Seat
from services.intake.pages.fields import Problem
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import names, search, work
from services.intake.queries.transfers import transfer_named
from shared.access import Act
from shared.errors import InvalidInput
from shared.pages import FormData, marked

CASES = "/intake/cases"
PAGE_ROWS = 25
WRONG_PLACE = marked("This list cannot be gone on with from here: show it anew.")
WRONG_REFERENCE = marked(
    "A character of this reference is wrong or missing. Compare it with the paper; a reference reads KB-XXXXX-XXXXX-X."
)
WRONG_DAY = marked("Give a real day, for example 27 3 2025.")
NO_LETTER = marked("Give a name, in any script.")
Text = Annotated[str, Query(max_length=200)]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/cases")
    def list_cases(visit: Visited, after: Annotated[str | None, Query(max_length=200)] = None) -> Response:
        """The cases that fit, newest first."""
        asked = FormData.of((name, value) for name, value in visit.request.query_params.items() if value)
        with desk.seat(visit) as seat:
            return _cases(desk, visit, seat, asked, after)

    @routes.get("/cases/by-name")
    def ask_name(visit: Visited) -> Response:
        with desk.seat(visit) as seat:
            return desk.page(visit, "by_name.html", seat, name="", found=None, types=CASE_TYPES)

    @routes.post("/cases/by-name")
    def search_by_name(visit: Visited) -> Response:
        """Persons whose name is alike; that they were seen is recorded."""
        name = visit.form.one("name")[:200]
        with desk.seat(visit) as seat:
            try:
                found = names.find_by_name(seat.session, seat.actor, name)
            except InvalidInput:
                problems = (Problem("name", NO_LETTER),)
                return desk.page(
                    visit, "by_name.html", seat, status=422, name=name, found=None, types=CASE_TYPES, errors=problems
                )
            for one in found:
                commands.note_view(seat.session, seat.actor, "search", one.case.id, [one.person.person.id])
            return desk.page(visit, "by_name.html", seat, name=name, found=found, types=CASE_TYPES)


def _cases(desk: Desk, visit: Visit, seat: Seat, asked: FormData, after: str | None) -> Response:
    problems: list[Problem] = []
    first, last = _day(asked, "from", problems), _day(asked, "to", problems)
    wanted = search.Wanted(
        reference=asked.one("reference") or None,
        type=asked.one("type") if asked.one("type") in CASE_TYPES else None,
        status=asked.one("status") or None,
        place=asked.one("place").upper() or None,
        happened_from=first,
        happened_to=last,
        assigned_to=seat.actor.user_id if asked.one("assigned") == "me" else None,
    )
    page = search.Page((), None)
    if not problems:
        try:
            page = search.find_cases(seat.session, seat.actor, wanted, after=after, limit=PAGE_ROWS)
        except InvalidInput as error:
            at = error.fields[0].field if error.fields else ""
            problems.append(Problem("reference", WRONG_REFERENCE) if at == "reference" else Problem("", WRONG_PLACE))
    found_as = parse_reference(wanted.reference) if wanted.reference else None
    kept = [(name, value) for name, values in asked.items() for value in values if name != "after"]
    staff = work.staff_names(seat.session, seat.actor, [case.assigned_to for case in page.cases])
    return desk.page(
        visit,
        "cases.html",
        seat,
        status=422 if problems else 200,
        asked=asked,
        gone=transfer_named(seat.session, seat.actor, found_as) if found_as and not page.cases else None,
        filtered=bool(kept),
        cases=page.cases,
        staff=staff,
        types=CASE_TYPES,
        states={state: words for kind in CASE_TYPES.values() for state, words in kind.life_cycle.states.items()},
        following=f"{CASES}?{urlencode([*kept, ('after', page.next)])}" if page.next else None,
        first_page=f"{CASES}?{urlencode(kept)}" if after else None,
        may_submit=seat.actor.may(Act.SUBMIT_CASES),
        errors=tuple(problems),
    )


def _day(asked: FormData, name: str, problems: list[Problem]) -> date | None:
    parts = [asked.one(f"{name}-{part}") for part in ("year", "month", "day")]
    if not any(parts):
        return None
    try:
        return date(*(int(part) for part in parts))
    except (ValueError, OverflowError):  # no number, no day of that month, a number too long for any date
        problems.append(Problem(name, WRONG_DAY))
        return None
