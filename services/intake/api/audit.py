"""The audit of reads, for auditors and data protection officers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BeforeValidator
from sqlalchemy import Engine

from services.intake.api.requests import Credential, actor_of
from services.intake.casework.forms import clean_text
from services.intake.queries.audit import Seen, views
from services.intake.schemas.search import ViewList, ViewOut
from services.intake.settings import PAGE, V1
from shared.crypto import KeyRing
from shared.database import reading


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    @routes.get("/audit", response_model=ViewList)
    def list_views(
        credential: Credential,
        user_id: UUID | None = None,
        case_id: UUID | None = None,
        person_id: UUID | None = None,
        purpose: Annotated[str | None, BeforeValidator(clean_text), Query(max_length=40)] = None,
        after: Annotated[int | None, Query(ge=0, lt=2**63, description="The `next` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> ViewList:
        """Who of the own organisation saw whose data, newest first. A `position` is its place in the trail that
        `kinbridge log verify` checks; a fresh view has none for a moment."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            seen = Seen(user_id, case_id, person_id, purpose)
            found, following = views(session, actor, seen, after=after, limit=limit)
            return ViewList(items=[ViewOut.model_validate(row) for row in found], next=following)

    return routes
