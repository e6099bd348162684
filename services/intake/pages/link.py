"""A provider without an account: one referral behind a link, read and answered. Nothing else of the hub."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from services.intake import queries
from services.intake.casework.questions import questions
from services.intake.casework.service_categories import CATEGORIES
from services.intake.casework.transfers import step_named, steps_from
from services.intake.commands import links
from services.intake.commands import referrals as acts
from services.intake.domain import Referral
from services.intake.pages.deeds import CHOOSE_REASON
from services.intake.pages.desk import Desk, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, checked, number_in, problems_of, read_answers
from services.intake.pages.shared_record import in_words as shared_words
from services.intake.pages.visits import Visit, Visited
from services.intake.queries import referrals as found
from shared.database import reading, transaction, utc_now
from shared.errors import Conflict, InvalidInput, NotFound, Stale
from shared.pages import marked

LINK = "kinbridge_link"
HERE = "/intake/link"
CHANGED = marked("The referral was changed since you opened it. Look at it as it is now, and decide anew.")
Short = Annotated[str, Path(max_length=30)]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/link/{secret}")
    def open_link(visit: Visited, secret: Annotated[str, Path(max_length=200)]) -> Response:
        """The link as it was handed over: its secret goes into a cookie, so that no address holds it."""
        with reading(desk.engine) as session:
            links.bearer_of(session, secret)
        answer = go_to(HERE)
        visit.keep(answer, LINK, secret)
        return answer

    @routes.get("/link")
    def tell_who_asks(visit: Visited) -> Response:
        """Who asks for what. Of whom is shown only once somebody opens it: a program that looks at links does not."""
        with reading(desk.engine) as session:
            bearer = links.bearer_of(session, visit.cookie(LINK) or "")
            row = found.referral(session, bearer.actor, bearer.link.referral_id)
            return desk.page(visit, "link.html", link=bearer.link, **_facts(session, row))

    @routes.post("/link")
    def open_it(visit: Visited) -> Response:
        """What is shared, and what can be answered; that it was opened is recorded."""
        visit.check_form()
        with transaction(desk.engine) as session:
            return _page(desk, visit, session, links.bearer_of(session, visit.cookie(LINK) or ""))

    @routes.post("/link/do/{name}")
    def answer(visit: Visited, name: Short) -> Response:
        """One step of the provider."""
        visit.check_form()
        with transaction(desk.engine) as session:
            bearer = links.bearer_of(session, visit.cookie(LINK) or "")
            problem, status = _take(session, bearer, visit, name)
            return _page(desk, visit, session, bearer, problem, status, "" if problem else name)


def _take(session: Session, bearer: links.Bearer, visit: Visit, name: str) -> tuple[Problem | None, int]:
    step = step_named("referral", name)
    if step is None or step.side != "receiver":
        raise NotFound(marked("There is no such page."))
    reason = visit.form.one("reason") if step.reasons else None
    if step.reasons and reason not in step.reasons:
        return Problem(f"reason-{name}", CHOOSE_REASON), 422
    try:
        said: Any = checked(step.form, read_answers(questions(step.form), visit.form)) if step.form else None
        with session.begin_nested():
            acts.take_step(
                session,
                bearer.actor,
                bearer.link.referral_id,
                name,
                reason=reason,
                said=said,
                expected=number_in(visit.form, "version"),
            )
    except InvalidInput as error:
        return problems_of(error, questions(step.form) if step.form else ())[0], 422
    except Stale:
        return Problem("", CHANGED), 412
    except Conflict as error:
        return problem_in(visit.language, error), 409
    return None, 200


def _page(
    desk: Desk,
    visit: Visit,
    session: Session,
    bearer: links.Bearer,
    problem: Problem | None = None,
    status: int = 200,
    done: str = "",
) -> Response:
    row = found.referral(session, bearer.actor, bearer.link.referral_id)
    shown = found.shown(session, bearer.actor, row, utc_now().date())
    if shown.view is not None:
        links.note_opening(session, bearer, row)
    step = step_named(row.kind, done)
    return desk.page(
        visit,
        "link_open.html",
        status=status,
        link=bearer.link,
        shared=shared_words(shown.view, visit.language) if shown.view is not None else None,
        steps=[(one, questions(one.form) if one.form else ()) for one in steps_from(row.kind, row.state, "receiver")],
        typed=visit.form,
        done=step.title if step is not None else "",
        errors=(problem,) if problem else (),
        **_facts(session, row),
    )


def _facts(session: Session, row: Referral) -> dict[str, Any]:
    names = {one.id: one.name for one in queries.organisations(session)}
    return {"referral": row, "sender": names.get(row.organisation_id, "–"), "service": CATEGORIES[row.service].title}
