"""Intake's JSON interface, `/intake/v1`."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Header, Query, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake import commands, queries
from services.intake.domain.organisation import KEY_PREFIX
from services.intake.schemas import CaseIn, CaseList, CaseOut, CaseRef, IncidentIn, incident_out
from services.intake.settings import BATCH_ITEMS, PAGE
from shared.access import TOKEN_LIFE, Actor, issue_token, read_token
from shared.crypto import KeyRing
from shared.database import reading, single_write, transaction
from shared.errors import FieldError, InvalidInput
from shared.web import bearer, json_body, problem_of, validated

_CASE = TypeAdapter(CaseIn)
_INCIDENT = TypeAdapter(IncidentIn)

Json = Annotated[Any, Depends(json_body)]
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=200, description="Makes a repeated request harmless."),
]


def _documented(model: Any) -> dict[str, Any]:
    """The OpenAPI part for a body that the endpoint validates itself."""
    schema = TypeAdapter(model).json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


Credential = Annotated[str, Depends(bearer)]


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix="/intake/v1")

    def actor_of(session: Session, credential: str) -> Actor:
        if credential.startswith(KEY_PREFIX):
            return queries.actor_of_key(session, credential)
        return read_token(keys, credential)

    @routes.post("/cases", status_code=201, openapi_extra=_documented(CaseIn), response_model=CaseRef)
    def submit_case(body: Json, credential: Credential, idempotency_key: IdempotencyKey = None) -> Response:
        """Submit one case. Once this answers 201 the case and its event survive any crash."""
        with single_write(engine) as session:
            actor = actor_of(session, credential)
            submitted: CaseIn = validated(_CASE, body)
            case = commands.submit_case(session, actor, submitted, idempotency_key=idempotency_key, request=body)
        return JSONResponse(case, 201, headers={"Location": f"/intake/v1/cases/{case['id']}"})

    @routes.post("/cases/batch", openapi_extra=_documented(list[CaseIn]))
    def submit_batch(body: Json, credential: Credential, idempotency_key: IdempotencyKey = None) -> Response:
        """Submit up to 1,000 cases. One result for each item, in order; a refused item harms no other."""
        if not isinstance(body, list) or not 0 < len(body) <= BATCH_ITEMS:
            raise InvalidInput(
                f"Send a JSON array of 1 to {BATCH_ITEMS:,} cases.",
                (FieldError("#", "batch_size", "The body must be an array of cases."),),
            )
        checked = [_checked(index, item) for index, item in enumerate(body)]
        with transaction(engine) as session:
            actor = actor_of(session, credential)
            answer = commands.submit_batch(session, actor, checked, idempotency_key=idempotency_key, request=body)
        return JSONResponse(answer)

    @routes.get("/cases", response_model=CaseList)
    def list_cases(
        credential: Credential,
        after: Annotated[UUID | None, Query(description="The last id of the page before.")] = None,
        type_: Annotated[str | None, Query(alias="type", max_length=40)] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> CaseList:
        """The organisation's cases, oldest first."""
        with reading(engine) as session:
            actor = actor_of(session, credential)
            found = queries.cases(session, actor, after=after, type_=type_, limit=limit + 1)
            items = [CaseRef.model_validate(case) for case in found[:limit]]
        return CaseList(items=items, next=items[-1].id if len(found) > limit else None)

    @routes.get("/cases/{case_id}", response_model=CaseOut)
    def show_case(case_id: UUID, credential: Credential) -> CaseOut:
        """One case with its facts. Another organisation's case is not found."""
        with reading(engine) as session:
            actor = actor_of(session, credential)
            case = queries.case(session, actor, case_id)
            facts = incident_out(queries.incident(session, actor, case_id))
            return CaseOut(
                **CaseRef.model_validate(case).model_dump(),
                incident=facts,
                held_by=list(queries.held_by(session, case_id)),
            )

    @routes.put("/cases/{case_id}/incident", status_code=204, openapi_extra=_documented(IncidentIn))
    def correct_incident(case_id: UUID, body: Json, credential: Credential) -> Response:
        """Correct an incident: the facts, whole, as they are now known."""
        with transaction(engine) as session:
            actor = actor_of(session, credential)
            commands.correct_incident(session, actor, case_id, validated(_INCIDENT, body))
        return Response(status_code=204)

    @routes.post("/tokens", status_code=201)
    def issue(credential: Credential, _body: Annotated[Any, Body()] = None) -> dict[str, Any]:
        """A short-lived token that notify and reporting accept too."""
        with reading(engine) as session:
            actor = queries.actor_of_key(session, credential)
        return {"token": issue_token(keys, actor), "expires_in": int(TOKEN_LIFE.total_seconds())}

    return routes


def _checked(index: int, item: object) -> CaseIn | dict[str, Any]:
    """The case, or the problem document that says why not."""
    try:
        case: CaseIn = validated(_CASE, item, (index,))
    except InvalidInput as error:
        return problem_of(error)
    return case
