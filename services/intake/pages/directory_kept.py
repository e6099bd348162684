"""Keeping the service directory: a service is added, changed, confirmed with one click, withdrawn, brought back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake.casework.forms import LONG_TEXT
from services.intake.casework.questions import questions
from services.intake.casework.service_directory import MOST_HOURS, MOST_LANGUAGES, SECTIONS, ServiceIn
from services.intake.commands import directory as acts
from services.intake.domain import ServiceEntry
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.directory import HERE, sectors, service_page
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, checked, number_in, problems_of, read_answers, typed_answers
from services.intake.pages.showing import language_names, options
from services.intake.pages.visits import HOME, Visit, Visited
from services.intake.queries.directory import kept_service, providers
from shared.access import Act, require
from shared.errors import Conflict, InvalidInput, Stale
from shared.pages import FormData, marked, say

CHANGED = marked("The service was changed since you opened it. Look at it again, and decide anew.")
OWN = marked("Your own organisation")
FEWEST_LANGUAGES = 6
"""Fields for languages on the page; more where an entry has more."""
_ASKED = tuple(replace(one, kind="long_text") if one.longest == LONG_TEXT else one for one in questions(ServiceIn))


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""
    _add_writing(routes, desk)
    _add_confirming(routes, desk)


def _add_writing(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/services/new")
    def ask_new(visit: Visited) -> Response:
        with desk.seat(visit) as seat:
            require(seat.actor, Act.KEEP_DIRECTORY)
            return _form(desk, visit, seat)

    @routes.post("/services/new")
    def add(visit: Visited) -> Response:
        with desk.seat(visit) as seat:
            require(seat.actor, Act.KEEP_DIRECTORY)
            try:
                entry = acts.add_service(seat.session, seat.actor, _service_in(visit.form))
            except InvalidInput as error:
                return _form(desk, visit, seat, problems=problems_of(error, _ASKED), status=422)
            return go_to(f"{HERE}/{entry.id}?done=add")

    @routes.get("/services/{service_id}/change")
    def ask_change(visit: Visited, service_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            return _form(desk, visit, seat, kept_service(seat.session, seat.actor, service_id))

    @routes.post("/services/{service_id}/change")
    def change(visit: Visited, service_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            entry = kept_service(seat.session, seat.actor, service_id, lock=True)
            try:
                expected = number_in(visit.form, "version")
                acts.change_service(seat.session, seat.actor, service_id, _service_in(visit.form), expected)
            except InvalidInput as error:
                return _form(desk, visit, seat, entry, problems_of(error, _ASKED), 422)
            except Stale:
                return service_page(desk, visit, seat, service_id, problem=Problem("", CHANGED), status=412)
            except Conflict as error:
                return service_page(
                    desk, visit, seat, service_id, problem=problem_in(visit.language, error), status=409
                )
            return go_to(f"{HERE}/{service_id}?done=change")


def _add_confirming(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/services/{service_id}/confirm")
    def confirm(visit: Visited, service_id: UUID) -> Response:
        """One click, wherever the entry is shown; then back to where it was."""
        then = {"work": f"{HOME}#services", "list": f"{HERE}?show=to_confirm"}.get(visit.form.one("then"))
        return _act(desk, visit, service_id, acts.confirm_service, then or f"{HERE}/{service_id}?done=confirm")

    @routes.get("/services/{service_id}/withdraw")
    def ask_withdrawal(visit: Visited, service_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            entry = kept_service(seat.session, seat.actor, service_id)
            return desk.page(visit, "service_withdraw.html", seat, entry=entry)

    @routes.post("/services/{service_id}/withdraw")
    def withdraw(visit: Visited, service_id: UUID) -> Response:
        return _act(desk, visit, service_id, acts.withdraw_service, f"{HERE}/{service_id}?done=withdraw")

    @routes.post("/services/{service_id}/bring-back")
    def bring_back(visit: Visited, service_id: UUID) -> Response:
        return _act(desk, visit, service_id, acts.bring_service_back, f"{HERE}/{service_id}?done=back")


def _act(desk: Desk, visit: Visit, service_id: UUID, act: Callable[..., ServiceEntry], then: str) -> Response:
    with desk.seat(visit) as seat:
        try:
            act(seat.session, seat.actor, service_id, number_in(visit.form, "version"))
        except Stale:
            return service_page(desk, visit, seat, service_id, problem=Problem("", CHANGED), status=412)
        except Conflict as error:
            return service_page(desk, visit, seat, service_id, problem=problem_in(visit.language, error), status=409)
        return go_to(then)


def _service_in(form: FormData) -> ServiceIn:
    answers = read_answers(_ASKED, form)
    if "place" in answers:
        answers["place"] = answers["place"].upper()
    return cast("ServiceIn", checked(ServiceIn, answers))


def _form(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    entry: ServiceEntry | None = None,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response:
    typed = visit.form if visit.request.method == "POST" else typed_answers(_ASKED, _stored(entry))
    known = {one.name: one for one in _ASKED}
    own = seat.actor.organisation_id
    chosen = [one for one in typed.many("languages") if one]
    return desk.page(
        visit,
        "service_form.html",
        seat,
        status=status,
        entry=entry,
        sections={heading: [known[name] for name in names] for heading, names in SECTIONS.items()},
        sectors=sectors(),
        most_hours=MOST_HOURS,
        typed=typed,
        options={
            **options(visit.language),
            "languages": language_names(visit.language.tag, chosen),
            "most_languages": min(max(FEWEST_LANGUAGES, len(chosen) + 1), MOST_LANGUAGES),
            "organisations": [(str(one.id), one.name) for one in providers(seat.session) if one.id != own],
            "nobody": say(visit.language, OWN),
        },
        errors=problems,
    )


def _stored(entry: ServiceEntry | None) -> dict[str, Any]:
    """The answers as they stand; the own organisation is what is meant where none is named."""
    if entry is None:
        return {}
    found = {one.name: getattr(entry, one.name) for one in _ASKED}
    return found | {"provider_id": None if entry.provider_id == entry.organisation_id else entry.provider_id}
