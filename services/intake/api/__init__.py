"""Intake's JSON interface, `/intake/v1`. One file a subject; `router` puts them together."""

from fastapi import APIRouter
from sqlalchemy import Engine

from services.intake.api import (
    audit,
    cases,
    casework,
    changes,
    duplicates,
    oauth,
    protection,
    search,
    sign_in,
    users,
)
from shared.crypto import KeyRing


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """Every route, bound to this service's database and keys."""
    routes = APIRouter(prefix="/intake/v1")
    for part in (audit, cases, casework, changes, duplicates, oauth, protection, search, sign_in, users):
        routes.include_router(part.router(engine, keys))
    return routes
