"""Photos and documents that were chosen for a referral, as either side looks at them."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from services.intake import commands
from services.intake.handing_out import as_file
from services.intake.pages.desk import Desk, Seat
from services.intake.pages.shared_record import in_words
from services.intake.pages.visits import Visited
from services.intake.queries import referrals as found
from services.intake.queries.attachments import Opened
from services.intake.queries.shared_attachments import opened_by
from shared.database import utc_now
from shared.depot import depot_for
from shared.errors import NotFound
from shared.pages import marked


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/referrals/{referral_id}/attachments/{attachment_id}")
    def look(visit: Visited, referral_id: UUID, attachment_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            _opened(seat, referral_id, attachment_id)
            row = found.referral(seat.session, seat.actor, referral_id)
            view = found.shown(seat.session, seat.actor, row, utc_now().date()).view or {"people": ()}
            told = [one for one in in_words(view, visit.language).attachments if one.id == str(attachment_id)]
            if not told:
                raise NotFound(marked("There is no such page."))
            return desk.page(visit, "shared_attachment.html", seat, referral=row, one=told[0])

    @routes.get("/referrals/{referral_id}/attachments/{attachment_id}/content")
    def open_file(visit: Visited, referral_id: UUID, attachment_id: UUID) -> Response:
        with desk.seat(visit, writes=True) as seat:
            opened = _opened(seat, referral_id, attachment_id)
        return as_file(opened.content(depot_for(desk.engine)), opened.media_type, opened.attachment_id)


def _opened(seat: Seat, referral_id: UUID, attachment_id: UUID) -> Opened:
    """That it was opened is recorded."""
    row = found.referral(seat.session, seat.actor, referral_id)
    shared, opened = opened_by(seat.session, seat.actor, row, attachment_id, utc_now().date())
    commands.note_view(seat.session, seat.actor, "attachment", row.case_id, [shared.person_id])
    return opened
