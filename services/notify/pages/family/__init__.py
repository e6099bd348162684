"""The pages that families meet, `/notify/f`: short, for it stands in an SMS; it names no agency.

A code from a message opens a page; it stands in no address, and its visit is a cookie of a quarter of an hour. What a
page says of a request is the same for everybody, whatever became of it. Each is one answer of at most 4 KB, without
script, picture or font, in the languages that were approved (`look`, `texts`).
"""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import Engine

from services.notify.pages.family import case, choosing, complaining, entering
from services.notify.pages.family.desk import Desk
from services.notify.pages.family.texts import CATALOGUES, every_text
from services.notify.settings import FAMILY_PAGE
from shared.crypto import KeyRing

__all__ = ["CATALOGUES", "every_text", "router"]


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """Every page, bound to this service's database and keys."""
    routes = APIRouter(prefix=FAMILY_PAGE, include_in_schema=False)
    desk = Desk(engine, keys)
    for part in (entering, case, choosing, complaining):
        part.add_to(routes, desk)
    entering.add_genuine(routes, desk)
    entering.add_rest(routes)
    return routes
