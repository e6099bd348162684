"""Staff's pages, `/notify/…`: what became of messages, languages and their approval, pauses, reports by mail, the local
mailbox.

People sign in at intake, whose token they bring along; the pages work without JavaScript. Families' pages are beside
them, in `family`.
"""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import Engine

from services.notify.pages.staff import languages, mailbox, messages, pauses, reports
from services.notify.pages.staff.desk import Desk
from services.notify.senders.mailbox import MailboxSender
from shared.crypto import KeyRing
from shared.pages.signed_in import entering, page_route

PARTS = (messages, languages, pauses, reports)


def router(engine: Engine, keys: KeyRing, mailbox_of_families: MailboxSender | None = None) -> APIRouter:
    """The pages, bound to this service's database and keys. The mailbox has a page where it serves families: nothing
    in it is sent to anybody."""
    desk = Desk(engine, keys, mailbox_of_families)
    routes = APIRouter(prefix="/notify", include_in_schema=False, route_class=page_route(desk))
    entering.add_to(routes, desk, "/open")
    for part in PARTS:
        part.add_to(routes, desk)
    if mailbox_of_families is not None:
        mailbox.add_to(routes, desk, mailbox_of_families)
    return routes
