"""The local mailbox: where no gateway is set up, what families would get lies here, and is sent to nobody."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.notify.pages.staff.desk import Desk, may_read_mailbox
from services.notify.pages.staff.visits import Visited
from services.notify.queries import staff
from services.notify.senders.mailbox import MailboxSender
from services.notify.wording import LANGUAGES

LOOKED_AT = 500
"""Of every organisation's newest messages, of which the own ones are shown."""
SHOWN = 50


def add_to(routes: APIRouter, desk: Desk, box: MailboxSender) -> None:
    """The page of this subject."""

    @routes.get("/mailbox")
    def show_mailbox(visit: Visited) -> Response:
        """The organisation's newest messages, as they would stand on a telephone."""
        with desk.seat(visit) as seat:
            if not may_read_mailbox(seat.actor):
                return desk.page(visit, "mailbox_closed.html", seat, status=403)
            letters = box.messages(LOOKED_AT)
            own = staff.own_letters(seat.session, seat.actor, [letter.reference for letter in letters])
            shown = [letter for letter in letters if letter.reference in own][:SHOWN]
            return desk.page(visit, "mailbox.html", seat, letters=shown, spoken=LANGUAGES)
