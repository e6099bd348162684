"""Reports by mail: who gets those of a grant, and what became of each mail."""

from __future__ import annotations

from typing import Annotated, Any, get_args
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.notify.commands.report_mail import send_again
from services.notify.commands.report_readers import STANDARD, NewReader, add_reader, addresses_of, end_reader
from services.notify.domain.reports import FAILED, Format
from services.notify.pages.staff import words
from services.notify.pages.staff.desk import Desk
from services.notify.pages.staff.visits import Visit, Visited
from services.notify.queries import reports
from shared.access import Act
from shared.database import utc_now
from shared.errors import Conflict, InvalidInput, NotFound
from shared.pages import LANGUAGES, marked
from shared.pages.signed_in import Seat, go_to

HERE = "/notify/reports"
WRONG = marked("Write one e-mail address, and choose one file at least.")
ENDED = marked("Whoever has this address ended these mails. Add it only if they asked for them again.")


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/reports")
    def list_reports(
        visit: Visited, grant_id: UUID | None = None, done: Annotated[str, Query(max_length=20)] = ""
    ) -> Response:
        """Readers and mails, of one grant or of all."""
        with desk.seat(visit, Act.READ_GRANTS) as seat:
            return desk.page(visit, "reports.html", seat, done=done, **_shown(seat, grant_id))

    @routes.post("/reports/readers")
    def add(visit: Visited) -> Response:
        """One more reader of a grant's reports."""
        try:
            with desk.seat(visit, Act.KEEP_GRANTS) as seat:
                add_reader(seat.session, seat.actor, _asked(visit), utc_now())
        except (InvalidInput, Conflict) as error:
            return _again(desk, visit, error)
        return go_to(_address(_asked(visit).grant_id, "added"))

    @routes.post("/reports/readers/{reader_id}/end")
    def end(visit: Visited, reader_id: UUID) -> Response:
        """Nothing more is sent there."""
        with desk.seat(visit, Act.KEEP_GRANTS) as seat:
            grant_id = reports.reader(seat.session, seat.actor, reader_id).grant_id
            end_reader(seat.session, seat.actor, reader_id, utc_now())
        return go_to(_address(grant_id, "ended"))

    @routes.post("/reports/mails/{mail_id}/again")
    def again(visit: Visited, mail_id: UUID) -> Response:
        """A mail that failed is sent again."""
        with desk.seat(visit, Act.KEEP_GRANTS) as seat:
            sent = send_again(seat.session, seat.actor, mail_id, utc_now())
        return go_to(_address(sent.grant_id, "again"))


def _asked(visit: Visit) -> NewReader:
    try:
        grant_id = UUID(visit.form.one("grant_id"))
    except ValueError:
        raise NotFound("There is no such grant.") from None
    return NewReader(
        grant_id=grant_id,
        address=visit.form.one("address"),
        language=visit.form.one("language"),
        formats=visit.form.many("formats"),
        asked_again=bool(visit.form.one("asked_again")),
    )


def _again(desk: Desk, visit: Visit, error: Exception) -> Response:
    """The page with what was entered, and why it was not taken."""
    with desk.seat(visit, Act.KEEP_GRANTS) as seat:
        entered, problem = _asked(visit), ENDED if isinstance(error, Conflict) else WRONG
        shown = _shown(seat, entered.grant_id) | {"entered": entered, "problem": problem, "ended_before": ENDED}
        return desk.page(visit, "reports.html", seat, status=409 if problem is ENDED else 422, done="", **shown)


def _shown(seat: Seat, grant_id: UUID | None) -> dict[str, Any]:
    readers = reports.readers(seat.session, seat.actor, grant_id)
    mails = reports.deliveries(seat.session, seat.actor, grant_id=grant_id)
    may_keep = seat.actor.may(Act.KEEP_GRANTS) and seat.actor.user_id is not None
    return {
        "grant_id": grant_id,
        "readers": readers,
        "mails": mails,
        "numbers": {one.grant_id: one.grant_number for one in reversed(mails) if one.grant_number},
        "addresses": addresses_of(seat.session, readers) if may_keep else {},
        "may_keep": may_keep,
        "own_id": seat.actor.user_id,
        "formats": get_args(Format),
        "tongues": LANGUAGES,
        "entered": NewReader(grant_id or UUID(int=0), "", formats=STANDARD),
        "problem": None,
        "ended_before": None,
        "failed": FAILED,
        "statuses": words.POST_STATUSES,
        "tags": words.POST_TAGS,
        "reasons": words.POST_REASONS,
    }


def _address(grant_id: UUID, done: str) -> str:
    return f"{HERE}?{urlencode({'grant_id': grant_id, 'done': done})}"
