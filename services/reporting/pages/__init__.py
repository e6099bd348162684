"""Reporting's pages, `/reporting/…`: donors' reports by period, and, for staff, what is due, writing and sign-off.

People sign in at intake, whose token they bring along; the pages work without JavaScript. The incident report has a
signed link of its own.
"""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import Engine

from services.reporting.commands.drafts import Draft
from services.reporting.drafting import draft_issue
from services.reporting.pages import incidents, reading, writing
from services.reporting.pages.desk import Desk
from shared.crypto import KeyRing
from shared.pages.signed_in import entering, page_route


def router(engine: Engine, keys: KeyRing, draft: Draft = draft_issue) -> APIRouter:
    """The pages, bound to this service's database and keys. `draft` makes an issue from the figures of now."""
    routes = APIRouter(include_in_schema=False)
    linked = APIRouter(prefix="/reporting")
    incidents.add_to(linked, engine, keys)
    desk = Desk(engine, keys)
    signed_in = APIRouter(prefix="/reporting", route_class=page_route(desk))
    entering.add_to(signed_in, desk, "/enter")
    reading.add_to(signed_in, desk)
    writing.add_to(signed_in, desk, draft)
    routes.include_router(linked)
    routes.include_router(signed_in)
    return routes
