"""One step of a referral, on its own page: a reason, a question, an answer, or only that it is so."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response

from services.intake import queries
from services.intake.casework.questions import questions
from services.intake.casework.referrals import Step
from services.intake.casework.transfers import step_named, steps_from
from services.intake.commands import referrals as acts
from services.intake.commands.transfers import open_for_step
from services.intake.domain import Referral
from services.intake.pages.deeds import CHOOSE_REASON
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, checked, number_in, problems_of, read_answers
from services.intake.pages.referral_rows import row_of
from services.intake.pages.referrals import HERE, history, opened
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import referrals as found
from shared.errors import Conflict, InvalidInput, NotAllowed, NotFound, Stale
from shared.pages import marked

NOT_NOW = marked("This cannot be done with the referral now.")
CHANGED = marked("The referral was changed since you opened it. Look at what changed, and decide anew.")
HINTS = {
    "acknowledge": marked("The other organisation learns that somebody has looked at it. You may still decline it."),
    "accept": marked("Your organisation takes it on to give the service. The case stays with who asked."),
    "decline": marked("It goes back to who asked, with the reason. What was shared is then shown to you no more."),
    "ask": marked("It waits for the answer of who asked, and comes back to you with it."),
    "answer": marked("The other organisation then has its full time again to decide."),
    "hand_over": marked("The person has come to the other organisation, or was brought there."),
    "complete": marked("Say how it ended: who asked learns it, and goes on with the case."),
    "revoke": marked("What was shared is then shown to the receiver no more."),
}
"""What comes of a step."""
TRANSFER_HINTS = {
    **HINTS,
    "accept": marked(
        "Your organisation is responsible for the case from then on. It is assigned to you; you can give it to a "
        "colleague. This cannot be undone: to give the case back, offer it in your turn."
    ),
    "hand_over": marked("Papers, photographs and the people's contacts were handed over or sent."),
    "complete": marked("Say whether the people of the case know that your organisation is responsible now."),
    "revoke": marked("The case stays with you. What was shared is then shown to the receiver no more."),
}
"""What comes of a step of a transfer."""
Short = Annotated[str, Path(max_length=30)]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/referrals/{referral_id}/do/{name}")
    def ask(visit: Visited, referral_id: UUID, name: Short) -> Response:
        with desk.seat(visit, writes=True) as seat:
            row = found.referral(seat.session, seat.actor, referral_id)
            step = _step(seat, row, name)
            return _page(desk, visit, seat, row, step, () if _possible(row, step) else (Problem("", NOT_NOW),))

    @routes.post("/referrals/{referral_id}/do/{name}")
    def do(visit: Visited, referral_id: UUID, name: Short) -> Response:
        with desk.seat(visit) as seat:
            row = open_for_step(seat.session, seat.actor, referral_id, name)
            step, expected = _step(seat, row, name), number_in(visit.form, "version")
            if expected == row.version and step.reasons and visit.form.one("reason") not in step.reasons:
                return _page(desk, visit, seat, row, step, (Problem("reason", CHOOSE_REASON),), 422)
            try:
                with seat.session.begin_nested():
                    _take(seat, row, step, visit, expected)
            except InvalidInput as error:
                problems = problems_of(error, questions(step.form)) if step.form else ()
                return _page(desk, visit, seat, row, step, problems, 422)
            except Stale:
                return _page(desk, visit, seat, row, step, (Problem("", CHANGED),), 412)
            except Conflict as error:
                return _page(desk, visit, seat, row, step, (problem_in(visit.language, error),), 409)
            return go_to(f"{HERE}/{referral_id}?done={name}")


def _take(seat: Seat, row: Referral, step: Step, visit: Visit, expected: int) -> None:
    if row.version != expected:
        raise Stale(CHANGED)
    said: Any = checked(step.form, read_answers(questions(step.form), visit.form)) if step.form else None
    reason = visit.form.one("reason") if step.reasons else None
    acts.take_step(seat.session, seat.actor, row.id, step.name, reason=reason, said=said, expected=expected)


def _step(seat: Seat, row: Referral, name: str) -> Step:
    """Raises `NotFound` for no step, `NotAllowed` for the other side's and for a role."""
    step = step_named(row.kind, name)
    if step is None:
        raise NotFound(marked("There is no such page."))
    if step.side != found.side_of(row, seat.actor):
        raise NotAllowed("This is done by the other organisation.")
    if seat.actor.roles.isdisjoint(step.roles):
        raise NotAllowed(marked("Your role may not do this."))
    return step


def _possible(row: Referral, step: Step) -> bool:
    return step in steps_from(row.kind, row.state, step.side)


def _page(
    desk: Desk,
    visit: Visit,
    seat: Seat,
    row: Referral,
    step: Step,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response:
    names = {one.id: one.name for one in queries.organisations(seat.session)}
    shared, _, _ = opened(seat, row, visit.language)
    after = number_in(visit.form, "version") if status == 412 else 0
    entries = history(seat, row, names, visit.language, told=shared is not None, after=after)
    asked = [one for one in entries if one.answers][:1] if step.name == "answer" else []
    return desk.page(
        visit,
        "referral_step.html",
        seat,
        status=status,
        row=row_of(seat, row, names, visit.language),
        step=step,
        hint=(TRANSFER_HINTS if row.kind == "transfer" else HINTS).get(step.name, ""),
        possible=_possible(row, step),
        questions=questions(step.form) if step.form else (),
        asked=asked,
        typed=visit.form,
        news=entries if status == 412 else (),
        errors=problems,
    )
