"""What became of messages: a list that stays quick, and the story of one."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.notify.pages.staff import words
from services.notify.pages.staff.desk import Desk
from services.notify.pages.staff.visits import HOME, Visit, Visited
from services.notify.queries import staff
from shared.errors import NotFound

IN_WORDS = {
    "statuses": words.STATUSES,
    "tags": words.TAGS,
    "outcomes": words.OUTCOMES,
    "channels": words.CHANNELS,
    "kind_in_words": words.kind_in_words,
    "reason_in_words": words.reason_in_words,
}


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/messages")
    def list_messages(
        visit: Visited, status: Annotated[str, Query(max_length=40)] = "", before: UUID | None = None
    ) -> Response:
        """Newest first, all or of one status."""
        if status and status not in words.STATUSES:
            raise NotFound("There is no such status.")
        with desk.seat(visit) as seat:
            page = staff.messages(seat.session, seat.actor, status=status or None, before=before)
            return desk.page(
                visit,
                "messages.html",
                seat,
                messages=page.messages,
                counts=staff.counts(seat.session, seat.actor),
                most=staff.MOST_COUNTED,
                chosen=status,
                following=_address(status, page.following) if page.following else None,
                first_page=_address(status) if before else None,
                **_shown(visit),
            )

    @routes.get("/messages/{notification_id}")
    def show_message(visit: Visited, notification_id: UUID) -> Response:
        """Each attempt, and what the provider said of it."""
        with desk.seat(visit) as seat:
            story = staff.message(seat.session, seat.actor, notification_id)
            return desk.page(
                visit, "message.html", seat, message=story.message, attempts=story.attempts, **_shown(visit)
            )


def _shown(visit: Visit) -> dict[str, Any]:
    return {**IN_WORDS, "language_name": lambda tag: words.language_in(visit.language, tag)}


def _address(status: str, before: UUID | None = None) -> str:
    query = urlencode({name: value for name, value in (("status", status), ("before", before)) if value})
    return f"{HOME}?{query}" if query else HOME
