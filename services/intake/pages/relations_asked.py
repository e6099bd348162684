"""How the people of a new case are related: family and household, asked once for all of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake.casework.people import RELATIONS
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.drafting import NEW, keep_written, names_of, written_of
from services.intake.pages.fields import Problem
from services.intake.pages.showing import related
from services.intake.pages.visits import Visit, Visited
from services.intake.pages.written import Written
from shared.pages import FormData, marked

WHO = marked("Choose a person.")
WHAT = marked("Choose what the one is to the other.")
ANOTHER = marked("Choose another person than the first.")


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/new/{draft_id}/relations")
    def ask(visit: Visited, draft_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            return _page(desk, visit, seat, draft_id, written_of(seat, draft_id))

    @routes.post("/new/{draft_id}/relations")
    def relate(visit: Visited, draft_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            written = written_of(seat, draft_id, lock=True)
            problems = _problems(written, visit.form)
            if problems:
                return _page(desk, visit, seat, draft_id, written, problems)
            written.relate(visit.form.one("person"), visit.form.one("other"), visit.form.one("kind"))
            keep_written(seat, draft_id, written)
            return go_to(f"{NEW}/{draft_id}/relations")

    @routes.post("/new/{draft_id}/relations/remove")
    def remove(visit: Visited, draft_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            written = written_of(seat, draft_id, lock=True)
            pair = {visit.form.one("person"), visit.form.one("other")}
            written.relations = [one for one in written.relations if {one.person, one.other} != pair]
            keep_written(seat, draft_id, written)
            return go_to(f"{NEW}/{draft_id}/relations")


def _problems(written: Written, form: FormData) -> list[Problem]:
    found = [Problem(name, WHO) for name in ("person", "other") if written.person(form.one(name)) is None]
    if form.one("kind") not in RELATIONS:
        found.append(Problem("kind", WHAT))
    if not found and form.one("person") == form.one("other"):
        found.append(Problem("other", ANOTHER))
    return found


def _page(
    desk: Desk, visit: Visit, seat: Seat, draft_id: UUID, written: Written, problems: list[Problem] | None = None
) -> Response:
    names = names_of(written, visit.language)
    told: list[tuple[Any, str]] = [
        (one, related(names[one.person], one.kind, names[one.other], visit.language)) for one in written.relations
    ]
    return desk.page(
        visit,
        "relations.html",
        seat,
        status=422 if problems else 200,
        draft_id=draft_id,
        written=written,
        names=names,
        told=told,
        kinds=RELATIONS,
        typed=visit.form,
        errors=problems or (),
    )
