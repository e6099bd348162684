"""One report at work: its sections, and the steps from due to published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from services.reporting import composing
from services.reporting.commands import reports as acts
from services.reporting.commands.drafts import Draft
from services.reporting.commands.publishing import publish
from services.reporting.pages.desk import Desk
from services.reporting.pages.reading import name_of
from services.reporting.pages.visits import Visit, Visited
from services.reporting.pages.words import DONE, FORMATS, STATES, TAGS
from services.reporting.queries import grants
from services.reporting.queries import reports as found
from services.reporting.schemas.fields import NARRATIVE
from shared.access import Act, Actor
from shared.database import transaction, utc_now
from shared.errors import Conflict, FieldError, InvalidInput, NotFound, Stale
from shared.pages import marked
from shared.pages.signed_in import go_to

Key = Annotated[str, Path(max_length=60)]
LONGEST_REASON = 2000
NO_REASON = marked("Write a reason, of at most 2,000 characters.")
TOO_LONG = marked("This is too long for a section: cut it, and keep it again.")
Deed = Callable[[Session, Actor, int | None, datetime], object]


def add_to(routes: APIRouter, desk: Desk, draft: Draft) -> None:
    """The pages of this subject."""
    _add_looking(routes, desk)
    _add_writing(routes, desk, draft)
    _add_judging(routes, desk)


def _add_looking(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/reports/{report_id}")
    def show_report(visit: Visited, report_id: UUID, done: str = "") -> Response:
        """How it stands, what is written, and what can be done."""
        return _page(desk, visit, report_id, done=done)

    @routes.get("/reports/{report_id}/draft/{form}")
    def show_draft(visit: Visited, report_id: UUID, form: Annotated[str, Path(max_length=10)]) -> Response:
        """The draft as it was made last; it says DRAFT."""
        if form not in FORMATS:
            raise NotFound("There is no such format.")
        with desk.seat(visit) as seat:
            issue = found.drafted(seat.session, seat.actor, report_id)
        return desk.file(issue, form, f"draft-{name_of(issue)}")


def _add_writing(routes: APIRouter, desk: Desk, draft: Draft) -> None:
    @routes.post("/reports/{report_id}/sections/{key}")
    def write_section(visit: Visited, report_id: UUID, key: Key) -> Response:
        """What a section says from now on."""
        text = visit.form.one("text").replace("\r\n", "\n")
        sign = bool(visit.form.one("sign"))

        def write(session: Session, actor: Actor, version: int | None, now: datetime) -> None:
            if len(text) > NARRATIVE:
                raise InvalidInput(TOO_LONG, (FieldError("text", "too_long", TOO_LONG),))
            report = acts.write_section(session, actor, report_id, key, text, version, now)
            if sign:
                acts.sign_section(session, actor, report_id, key, report.version, now)

        return _do(desk, visit, report_id, write, "signed" if sign else "written")

    @routes.post("/reports/{report_id}/draft")
    def make_draft(visit: Visited, report_id: UUID) -> Response:
        """The figures and words of now."""

        def make(actor: Actor, version: int | None) -> None:
            composing.draft_report(desk.engine, actor, report_id, version, draft, utc_now())

        return _try(desk, visit, report_id, make, "drafted")

    @routes.post("/reports/{report_id}/submit")
    def submit(visit: Visited, report_id: UUID) -> Response:
        """Hand it over to be judged."""

        def hand_over(actor: Actor, version: int | None) -> None:
            composing.submit_report(desk.engine, actor, report_id, version, draft, utc_now())

        return _try(desk, visit, report_id, hand_over, "submitted")


def _add_judging(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/reports/{report_id}/send-back")
    def send_back(visit: Visited, report_id: UUID) -> Response:
        """Something is to be changed first."""
        reason = _reason(visit)
        return _do(
            desk, visit, report_id, lambda s, a, v, n: acts.send_back(s, a, report_id, reason(), v, n), "sent_back"
        )

    @routes.post("/reports/{report_id}/approve")
    def approve(visit: Visited, report_id: UUID) -> Response:
        """A second person agrees."""
        return _do(desk, visit, report_id, lambda s, a, v, n: acts.approve(s, a, report_id, v, n), "approved")

    @routes.post("/reports/{report_id}/publish")
    def freeze(visit: Visited, report_id: UUID) -> Response:
        """What was approved becomes an issue; for whom, the rule about people's figures decides."""
        return _do(desk, visit, report_id, lambda s, a, v, n: publish(s, a, report_id, None, v, n), "published")

    @routes.post("/reports/{report_id}/restate")
    def restate(visit: Visited, report_id: UUID) -> Response:
        """A next issue is due."""
        reason = _reason(visit)
        return _do(desk, visit, report_id, lambda s, a, v, n: acts.restate(s, a, report_id, reason(), v, n), "restated")


def _reason(visit: Visit) -> Callable[[], str]:
    def reason() -> str:
        text = visit.form.one("reason")
        if not text or len(text) > LONGEST_REASON:
            raise InvalidInput(NO_REASON, (FieldError("reason", "missing_value", NO_REASON),))
        return text

    return reason


def _do(desk: Desk, visit: Visit, report_id: UUID, deed: Deed, done: str) -> Response:
    """A deed in one transaction."""

    def within(actor: Actor, version: int | None) -> None:
        with transaction(desk.engine) as session:
            deed(session, actor, version, utc_now())

    return _try(desk, visit, report_id, within, done)


def _try(desk: Desk, visit: Visit, report_id: UUID, deed: Callable[[Actor, int | None], object], done: str) -> Response:
    """Do it and show the report; where a rule stands against it, the page says which, and keeps what was written."""
    actor = visit.actor(desk.keys)
    version = visit.form.one("version")
    try:
        deed(actor, int(version) if version.isdecimal() and len(version) < 10 else None)
    except (Conflict, InvalidInput, Stale) as error:
        return _page(desk, visit, report_id, error=error)
    return go_to(f"/reporting/reports/{report_id}?done={done}")


def _page(
    desk: Desk,
    visit: Visit,
    report_id: UUID,
    *,
    done: str = "",
    error: Conflict | InvalidInput | Stale | None = None,
) -> Response:
    status = 200 if error is None else 422 if isinstance(error, InvalidInput) else 409
    with desk.seat(visit) as seat:
        report = found.report(seat.session, seat.actor, report_id)
        grant = grants.grant(seat.session, seat.actor, report.grant_id)
        person = seat.actor.user_id is not None
        return desk.page(
            visit,
            "report.html",
            seat,
            status=status,
            report=report,
            grant=grant,
            sections=found.narrative_of(seat.session, grant, report.id),
            issues=found.issues(seat.session, seat.actor, report_id=report.id),
            steps=report.possible(),
            may_write=person and seat.actor.may(Act.WRITE_REPORTS),
            may_judge=person and seat.actor.may(Act.APPROVE_REPORTS),
            own=seat.actor.user_id == report.submitted_by,
            done=DONE.get(done, ""),
            errors=_sentences(error),
            given=visit.form.one("text") if error is not None else "",
            given_for=visit.request.url.path.rpartition("/")[2],
            formats=FORMATS,
            states=STATES,
            tags=TAGS,
        )


def _sentences(error: Conflict | InvalidInput | Stale | None) -> tuple[str, ...]:
    if error is None:
        return ()
    return tuple(dict.fromkeys((error.sentence, *(one.message for one in getattr(error, "fields", ())))))
