"""Photos and documents of a case: added with a form, looked at, kept by the visitor, removed after a question."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import commands, queries, receiving
from services.intake.casework.attachments import AskAttachment
from services.intake.casework.questions import questions
from services.intake.commands import attachments as acts
from services.intake.commands.once import done_once
from services.intake.domain import Attachment, Case
from services.intake.handing_out import as_file
from services.intake.pages.attachment_rows import row_of, rows
from services.intake.pages.case import name_of
from services.intake.pages.desk import Desk, Seat, go_to
from services.intake.pages.errors import problem_in
from services.intake.pages.fields import Problem, checked, problems_of, read_answers
from services.intake.pages.visits import Visit, Visited, VisitedWithFile
from services.intake.queries import attachments as found
from services.intake.queries.shared_attachments import shown_to
from shared.access import Act, Actor, require
from shared.database import uuid7
from shared.depot import DepotFailed, depot_for
from shared.errors import Conflict, InvalidInput, KinbridgeError, NotFound
from shared.pages import marked

_ASKED = questions(AskAttachment)
AWAY = marked(
    "The store of photos and documents did not answer as it should. Nothing was changed: try again in a moment."
)
Refusal = tuple[int, tuple[Problem, ...]]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/cases/{case_id}/attachments")
    def ask(visit: Visited, case_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            return _form(desk, visit, seat, _changeable(seat, case_id))

    @routes.post("/cases/{case_id}/attachments")
    def add(visit: VisitedWithFile, case_id: UUID) -> Response:
        """First who and what, then the file, which takes a second outside of any transaction, then the row."""
        with desk.seat(visit) as seat:
            case, actor = _changeable(seat, case_id), seat.actor
            asked = _asked(seat, visit, case)
            if not isinstance(asked, AskAttachment):
                return _form(desk, visit, seat, case, *asked)
        kept = _kept(desk, visit, actor)
        with desk.seat(visit) as seat:
            case = _changeable(seat, case_id, lock=True)
            refusal = _added(seat, visit, case, asked, kept) if isinstance(kept, acts.Kept) else _refusal(kept)
            if refusal is not None:
                return _form(desk, visit, seat, case, *refusal)
        return go_to(f"/intake/cases/{case_id}?done=add_attachment")

    @routes.get("/cases/{case_id}/attachments/{attachment_id}")
    def look(visit: Visited, case_id: UUID, attachment_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            case, row = _one(seat, case_id, attachment_id)
            return _shown(desk, visit, seat, case, row, "attachment.html")

    @routes.get("/cases/{case_id}/attachments/{attachment_id}/content")
    def open_file(visit: Visited, case_id: UUID, attachment_id: UUID) -> Response:
        """The file itself; that it was opened is recorded."""
        with desk.seat(visit, writes=True) as seat:
            case, row = _one(seat, case_id, attachment_id)
            opened = found.opened(seat.session, row)
            shown = found.shown_in(seat.session, case, row)
            commands.note_view(seat.session, seat.actor, "attachment", case.id, shown)
        return as_file(opened.content(depot_for(desk.engine)), opened.media_type, opened.attachment_id)

    @routes.get("/cases/{case_id}/attachments/{attachment_id}/remove")
    def ask_to_remove(visit: Visited, case_id: UUID, attachment_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            require(seat.actor, Act.CHANGE_CASES)
            case, row = _one(seat, case_id, attachment_id)
            return _shown(desk, visit, seat, case, row, "attachment_remove.html")

    @routes.post("/cases/{case_id}/attachments/{attachment_id}/remove")
    def remove(visit: Visited, case_id: UUID, attachment_id: UUID) -> Response:
        with desk.seat(visit) as seat:
            acts.remove_attachment(seat.session, seat.actor, case_id, attachment_id)
        return go_to(f"/intake/cases/{case_id}?done=remove_attachment")


def _changeable(seat: Seat, case_id: UUID, *, lock: bool = False) -> Case:
    require(seat.actor, Act.CHANGE_CASES)
    return queries.case(seat.session, seat.actor, case_id, lock=lock)


def _one(seat: Seat, case_id: UUID, attachment_id: UUID) -> tuple[Case, Attachment]:
    case = queries.case(seat.session, seat.actor, case_id)
    return case, found.attachment(seat.session, case, attachment_id)


def _asked(seat: Seat, visit: Visit, case: Case) -> AskAttachment | Refusal:
    """What was said with the file; or why it is not looked at."""
    try:
        asked = cast("AskAttachment", checked(AskAttachment, read_answers(_ASKED, visit.form)))
        acts.check_attachable(seat.session, seat.actor, case.id, asked)
    except InvalidInput as error:
        return 422, problems_of(error, _ASKED)
    except (Conflict, NotFound) as error:
        return 409, (problem_in(visit.language, error),)
    return asked


def _kept(desk: Desk, visit: Visit, actor: Actor) -> acts.Kept | KinbridgeError:
    """The file in the depot; or why it is not there."""
    try:
        return receiving.kept(desk.engine, actor, visit.file)
    except (InvalidInput, DepotFailed) as error:
        return error


def _refusal(error: KinbridgeError) -> Refusal:
    if isinstance(error, InvalidInput):
        return 422, (Problem("file", error.fields[0].message),)
    return 503, (Problem("", AWAY),)


def _added(seat: Seat, visit: Visit, case: Case, asked: AskAttachment, kept: acts.Kept) -> Refusal | None:
    """None once it is added, also by the same form before."""
    digest = hashlib.sha256(kept.came).hexdigest()
    request = ["attach on a page", str(case.id), asked.model_dump(mode="json"), digest]

    def attach() -> dict[str, Any]:
        return {"id": str(acts.add_attachment(seat.session, seat.actor, case.id, asked, kept).id)}

    try:
        with seat.session.begin_nested():
            done_once(seat.session, seat.actor, f"page {visit.form.one('key')} {digest}", request, attach)
    except (Conflict, NotFound) as error:
        return 409, (problem_in(visit.language, error),)
    return None


def _form(
    desk: Desk, visit: Visit, seat: Seat, case: Case, status: int = 200, problems: Sequence[Problem] = ()
) -> Response:
    people = queries.people(seat.session, case)
    commands.note_view(seat.session, seat.actor, "open", case.id, [one.person.id for one in people])
    choice = [(str(one.person.id), name_of(one, visit.language)) for one in people if one.known is not None]
    return desk.page(
        visit,
        "attachments.html",
        seat,
        status=status,
        case=case,
        questions=[one for one in _ASKED if one.kind != "person" or choice],
        typed=visit.form,
        options={"people": choice},
        attached=rows(seat, case, people, visit.language),
        most=depot_for(desk.engine).most // (1024 * 1024),
        key=visit.form.one("key") or str(uuid7()),
        errors=problems,
    )


def _shown(desk: Desk, visit: Visit, seat: Seat, case: Case, row: Attachment, template: str) -> Response:
    people = queries.people(seat.session, case)
    shown = found.shown_in(seat.session, case, row)
    commands.note_view(seat.session, seat.actor, "attachment", case.id, shown)
    (attached,) = found.told(seat.session, [row])
    return desk.page(
        visit,
        template,
        seat,
        case=case,
        one=row_of(attached, people, visit.language),
        may_remove=seat.actor.may(Act.CHANGE_CASES) and case.merged_into is None,
        shared_with=_shared_with(seat, row),
    )


def _shared_with(seat: Seat, row: Attachment) -> list[str]:
    """The organisations that are shown it under a referral."""
    names = {one.id: one.name for one in queries.organisations(seat.session)}
    return sorted({names.get(one, "–") for one in shown_to(seat.session, row)})
