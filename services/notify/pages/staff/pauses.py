"""Pauses: nothing goes out by a channel until somebody says so."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.notify.commands import pauses as acts
from services.notify.pages.staff import words
from services.notify.pages.staff.desk import Desk
from services.notify.pages.staff.visits import Visited
from services.notify.queries import staff
from shared.access import Act
from shared.pages.signed_in import go_to

HERE = "/notify/pauses"
Channel = Annotated[str, Path(max_length=20)]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/pauses")
    def list_pauses(visit: Visited, done: str = "") -> Response:
        """Each channel, and whether it is paused."""
        with desk.seat(visit) as seat:
            return desk.page(
                visit,
                "pauses.html",
                seat,
                channels={one: words.CHANNELS[one] for one in acts.CHANNELS},
                pauses=staff.pauses(seat.session, seat.actor),
                deeds=staff.deeds(seat.session, seat.actor, acts.CHANNELS),
                deed_words=words.DEEDS,
                done=done,
                own_id=seat.actor.user_id,
                may_pause=seat.actor.may(Act.PAUSE_CHANNELS) and seat.actor.user_id is not None,
            )

    @routes.post("/pauses/{channel}/pause")
    def pause(visit: Visited, channel: Channel) -> Response:
        """Hold back what would go out."""
        with desk.seat(visit, Act.PAUSE_CHANNELS) as seat:
            acts.pause_channel(seat.session, seat.actor, channel)
        return go_to(f"{HERE}?done=paused")

    @routes.post("/pauses/{channel}/resume")
    def resume(visit: Visited, channel: Channel) -> Response:
        """Let it go out."""
        with desk.seat(visit, Act.PAUSE_CHANNELS) as seat:
            acts.resume_channel(seat.session, seat.actor, channel)
        return go_to(f"{HERE}?done=resumed")
