"""Intake's JSON interface, `/intake/v1`. One file a subject; `add_api` puts them together."""

from fastapi import FastAPI
from sqlalchemy import Engine

from services.intake.api import (
    agreements,
    attachments,
    audit,
    cases,
    casework,
    changes,
    contacts,
    directory,
    duplicates,
    family,
    matches,
    oauth,
    own_fields,
    protection,
    referrals,
    search,
    sign_in,
    transfers,
    users,
)
from shared.crypto import KeyRing
from shared.web import add_routes

PARTS = (
    agreements,
    attachments,
    audit,
    cases,
    casework,
    changes,
    contacts,
    directory,
    duplicates,
    family,
    matches,
    oauth,
    own_fields,
    protection,
    referrals,
    search,
    sign_in,
    transfers,
    users,
)


def add_api(app: FastAPI, engine: Engine, keys: KeyRing) -> None:
    """Every route, bound to this service's database and keys."""
    for part in PARTS:
        add_routes(app, part.router(engine, keys))
