"""Possible duplicates are listed, and decided by a person."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import TypeAdapter
from sqlalchemy import Engine

from services.intake import commands
from services.intake.api.requests import Credential, IfMatch, Json, actor_of
from services.intake.queries.duplicates import Warned, warnings
from services.intake.schemas import CaseRef
from services.intake.schemas.duplicates import MergeIn, WarningList, WarningOut
from services.intake.settings import PAGE, V1
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.openapi import documented
from shared.web import etag, expected_version, validated

_MERGE = TypeAdapter(MergeIn)


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    @routes.get("/duplicates", response_model=WarningList)
    def list_duplicates(
        credential: Credential,
        case_id: UUID | None = None,
        decided: bool = False,
        after_case: Annotated[UUID | None, Query(description="`case.id` of the last pair before.")] = None,
        after_other: Annotated[UUID | None, Query(description="`other.id` of the last pair before.")] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> WarningList:
        """Pairs of the organisation's cases that may be the same, newest first; with `decided`, those decided."""
        after = (after_case, after_other) if after_case is not None and after_other is not None else None
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            found, more = warnings(session, actor, case_id=case_id, decided=decided, after=after, limit=limit)
            return WarningList(items=[_shown(one) for one in found], more=more is not None)

    @routes.post("/cases/{case_id}/duplicates/{other_id}/different", status_code=204)
    def call_different(case_id: UUID, other_id: UUID, credential: Credential) -> Response:
        """Decide that two cases are about different people."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            commands.call_different(session, actor, case_id, other_id)
        return Response(status_code=204)

    @routes.post("/cases/{case_id}/merge", response_model=CaseRef, openapi_extra=documented(MergeIn))
    def merge_cases(
        case_id: UUID, credential: Credential, body: Json, response: Response, if_match: IfMatch = None
    ) -> CaseRef:
        """Work on this case instead of a duplicate of it, which keeps everything and points here. Can be undone."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            asked: MergeIn = validated(_MERGE, body)
            same = [(one.person, one.same_as) for one in asked.same_people]
            case = commands.merge_cases(
                session, actor, case_id, asked.duplicate, same_people=same, expected=expected_version(if_match)
            )
            response.headers["ETag"] = etag(case.version)
            return CaseRef.model_validate(case)

    @routes.post("/cases/{case_id}/undo-merge", response_model=CaseRef)
    def undo_merge(case_id: UUID, credential: Credential, response: Response, if_match: IfMatch = None) -> CaseRef:
        """Make a merged duplicate a case of its own again, as it was."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            case = commands.undo_merge(session, actor, case_id, expected=expected_version(if_match))
            response.headers["ETag"] = etag(case.version)
            return CaseRef.model_validate(case)

    return routes


def _shown(one: Warned) -> WarningOut:
    return WarningOut(
        case=CaseRef.model_validate(one.case),
        other=CaseRef.model_validate(one.other),
        noticed_at=one.warning.noticed_at,
        decided=one.warning.decided,
        decided_by=one.warning.decided_by,
        decided_at=one.warning.decided_at,
    )
