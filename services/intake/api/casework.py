"""Case work on a case that is there: its timeline, moves in its life cycle, deeds that are recorded on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import TypeAdapter
from sqlalchemy import Engine

from services.intake import commands, queries
from services.intake.api.requests import Credential, IdempotencyKey, IfMatch, Json, actor_of
from services.intake.casework import CASE_TYPES
from services.intake.commands.once import done_once
from services.intake.domain import Case
from services.intake.schemas import CaseRef, Reason, TimelineOut
from services.intake.settings import V1
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.web import etag, expected_version, validated

_REASON = TypeAdapter(Reason)


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    @routes.get("/cases/{case_id}/timeline", response_model=list[TimelineOut])
    def show_timeline(case_id: UUID, credential: Credential) -> list[TimelineOut]:
        """Who did what, when and why, oldest first. Staff are named by their id."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id)
            return [TimelineOut.told(entry) for entry in queries.timeline(session, case)]

    @routes.post("/cases/{case_id}/moves/{name}", response_model=CaseRef)
    def move_case(
        case_id: UUID,
        name: str,
        credential: Credential,
        body: Json,
        response: Response,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> CaseRef:
        """Move the case in its life cycle: `{"reason": code}` where the move wants one, else `{}`."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            queries.case(session, actor, case_id, lock=True)
            asked: Reason = validated(_REASON, body)

            def move() -> Case:
                expected = expected_version(if_match)
                return commands.move_case(session, actor, case_id, name, reason=asked.reason, expected=expected)

            request = ["move", case_id, name, body]
            return _answer(response, done_once(session, actor, idempotency_key, request, _told(move)))

    @routes.post("/cases/{case_id}/deeds/{name}", response_model=CaseRef)
    def record_deed(
        case_id: UUID,
        name: str,
        credential: Credential,
        body: Json,
        response: Response,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> CaseRef:
        """Record something on the case: a note, an attempt, an answer. The type's life cycle says what there is."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            found = queries.case(session, actor, case_id, lock=True)
            form = CASE_TYPES[found.type].life_cycle.deed_named(name).form
            filled = validated(TypeAdapter(form), body) if form is not None else None

            def record() -> Case:
                expected = expected_version(if_match)
                return commands.record_deed(session, actor, case_id, name, filled, expected=expected)

            request = ["deed", case_id, name, body]
            return _answer(response, done_once(session, actor, idempotency_key, request, _told(record)))

    return routes


def _told(act: Callable[[], Case]) -> Callable[[], dict[str, Any]]:
    return lambda: CaseRef.model_validate(act()).model_dump(mode="json")


def _answer(response: Response, told: dict[str, Any]) -> CaseRef:
    case = CaseRef.model_validate(told)
    response.headers["ETag"] = etag(case.version)
    return case
