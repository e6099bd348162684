"""One side's answer to a possible match, posted from its own page."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake.casework.matching import STEPS
from services.intake.casework.questions import questions
from services.intake.commands.matches import steps as acts
from services.intake.commands.matches.found_standing import standing_of
from services.intake.domain import Match
from services.intake.pages.deeds import CHOOSE_REASON
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, checked, number_in, problems_of, read_answers
from services.intake.pages.matching import HERE, review_page
from services.intake.pages.matching_choices import ASKED, release_questions
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import matches as found
from services.intake.queries.match_view import steps_for
from shared.access import Act, require
from shared.errors import Conflict, InvalidInput, NotAllowed, Stale
from shared.pages import marked

CHOOSE, ANSWER = marked("Choose one of the answers."), marked("Answer this question.")
CHANGED = marked(
    "Something changed since you opened this. Look at what changed and at the records as they are now, and decide anew."
)


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.post("/matches/{match_id}")
    def decide(visit: Visited, match_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            row = found.match(seat.session, seat.actor, match_id)
            require(seat.actor, Act.CHANGE_CASES)
            name = visit.form.one("do")
            if _already(seat, row, name, visit):
                return go_to(f"{HERE}/{match_id}/decided?done={name}")
            try:
                problems = _take(seat, row, name, visit)
            except Stale:
                return review_page(desk, visit, seat, match_id, (Problem("", CHANGED),), 412)
            except Conflict as error:
                return review_page(desk, visit, seat, match_id, (problem_in(visit.language, error),), 409)
            if problems:
                return review_page(desk, visit, seat, match_id, problems, 422)
            return go_to(f"{HERE}/{match_id}/decided?done={name}")


def _already(seat: Seat, row: Match, name: str, visit: Visit) -> bool:
    """The same person has just done the same from the same page: a second click."""
    expected = number_in(visit.form, "version")
    if expected != row.version - 1:
        return False
    sides = found.sides_of(seat.session, row, seat.actor)
    newest = found.history(seat.session, row, sides)[-1].step
    return newest.number == row.version and (newest.what, newest.user_id) == (name, seat.actor.user_id)


def _take(seat: Seat, row: Match, name: str, visit: Visit) -> tuple[Problem, ...]:
    """Take the step; or what is wrong with what was typed. Raises `Stale`, `Conflict`, and `NotAllowed` for what is not
    the visitor's to do."""
    expected = number_in(visit.form, "version")
    if row.version != expected:
        raise Stale(CHANGED)
    if name not in {step.name for step in STEPS}:
        return (Problem("do", CHOOSE),)
    sides = found.sides_of(seat.session, row, seat.actor)
    step = next((one for one in steps_for(seat.actor, row, sides) if one.name == name), None)
    if step is None:
        raise NotAllowed(marked("Your role may not do this."))
    prefix, asked = f"{name}.", questions(step.form)
    reason = visit.form.one(f"{prefix}reason") if step.reasons else None
    problems = (Problem(f"{prefix}reason", CHOOSE_REASON),) if step.reasons and reason not in step.reasons else ()
    try:
        said = checked(step.form, read_answers(asked, visit.form, prefix))
    except InvalidInput as error:
        found_wrong = problems_of(error, asked, prefix)
        if name == "release":
            found_wrong += _unanswered(seat, row, visit, {one.field for one in found_wrong})
        order = [f"{prefix}{one}" for one in ASKED]
        return (*problems, *sorted(found_wrong, key=lambda one: order.index(one.field)))
    if not problems:
        with seat.session.begin_nested():
            acts.take_step(
                *(seat.session, seat.actor, row.id, name, said), side=step.side, reason=reason, expected=expected
            )
    return problems


def _unanswered(seat: Seat, row: Match, visit: Visit, said: Collection[str]) -> tuple[Problem, ...]:
    """What a release must say of a living person beside what its form wants. Raises a `Conflict` that says what it
    waits for."""
    standing = standing_of(seat.session, row)
    standing.check()
    asked = release_questions(standing)
    answers = read_answers(asked, visit.form, "release.")
    missing = [one for one in asked if one.needed and one.name not in answers and f"release.{one.name}" not in said]
    return tuple(Problem(f"release.{one.name}", ANSWER, one.title) for one in missing)
