"""Notify's JSON interface, `/notify/v1`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Engine

from services.notify import queries
from services.notify.schemas import NotificationList, NotificationOut
from shared.access import read_token
from shared.crypto import KeyRing
from shared.database import reading
from shared.web import bearer


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix="/notify/v1")

    @routes.get("/notifications")
    def list_notifications(
        credential: Annotated[str, Depends(bearer)], limit: Annotated[int, Query(ge=1, le=100)] = 100
    ) -> NotificationList:
        """The messages to the token's organisation, newest first."""
        actor = read_token(keys, credential)
        with reading(engine) as session:
            found = queries.notifications(session, actor, limit)
            return NotificationList(items=[NotificationOut.model_validate(one) for one in found])

    return routes
