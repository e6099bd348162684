"""Intake's pages, `/intake`: sign in, my work, cases, a new case, services. They work without JavaScript.

One file a subject; `add_pages` puts them together. The JSON interface is beside it, in `api`.
"""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from sqlalchemy import Engine

from services.intake.pages import (
    agreements,
    assigning,
    attached_to_referrals,
    attaching,
    case,
    choosing,
    complaints,
    contacting,
    correcting,
    deeds,
    directory,
    directory_kept,
    drafting,
    duplicates,
    finding,
    link,
    linking,
    matching,
    matching_deciding,
    messages,
    own_answers,
    own_fields,
    own_schema,
    protecting,
    questions_asked,
    referral_steps,
    referrals,
    referring,
    relations_asked,
    signing_in,
    transferring,
    updating,
    waiting,
    work,
)
from services.intake.pages.desk import Desk
from services.intake.pages.errors import answer_as_pages
from shared.crypto import KeyRing
from shared.pages import ASSETS_PATH, assets_app
from shared.web import add_routes

PARTS = (
    signing_in,
    link,
    work,
    finding,
    drafting,
    own_answers,
    questions_asked,
    relations_asked,
    own_schema,
    own_fields,
    case,
    attaching,
    deeds,
    correcting,
    contacting,
    complaints,
    assigning,
    duplicates,
    protecting,
    waiting,
    matching,
    matching_deciding,
    messages,
    linking,
    referrals,
    attached_to_referrals,
    referral_steps,
    referring,
    choosing,
    transferring,
    updating,
    agreements,
    directory_kept,
    directory,
)


def add_pages(app: FastAPI, engine: Engine, keys: KeyRing) -> None:
    """Every page, bound to this service's database and keys, and errors in the visitor's language."""
    desk = Desk(engine, keys)
    routes = APIRouter(prefix="/intake", include_in_schema=False)
    for part in PARTS:
        part.add_to(routes, desk)
    add_routes(app, routes)
    app.mount(ASSETS_PATH, assets_app())
    answer_as_pages(app, desk)
