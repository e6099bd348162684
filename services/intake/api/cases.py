"""Cases are submitted, listed and opened."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake import commands, queries
from services.intake.api.requests import Credential, IdempotencyKey, IfMatch, Json, SubmissionRoute, actor_of
from services.intake.commands.own_fields import answers_with
from services.intake.domain import Case
from services.intake.queries.own_fields import FieldsInForce
from services.intake.schemas import (
    CASE_IN,
    CASE_SHAPES,
    CASES_IN,
    CaseOut,
    CaseRef,
    IncidentCaseIn,
    IncidentIn,
    PeopleCaseIn,
    PersonOut,
    RelationOut,
    SubmittedCase,
    incident_out,
)
from services.intake.schemas.duplicates import Submitted
from services.intake.schemas.own_fields import own_out
from services.intake.settings import BATCH_ITEMS, V1
from shared.access import Actor
from shared.crypto import KeyRing
from shared.database import single_write, transaction
from shared.errors import Conflict, FieldError, InvalidInput, pointer
from shared.openapi import documented
from shared.web import etag, expected_version, problem_of, validated

_INCIDENT = TypeAdapter(IncidentIn)


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    def submit_case(body: Json, credential: Credential, idempotency_key: IdempotencyKey = None) -> Response:
        """Submit one case. Once this answers 201 the case and its event survive any crash."""
        submitted = checked_case(body)
        writing = single_write if isinstance(submitted, IncidentCaseIn) else transaction
        with writing(engine) as session:
            actor = actor_of(session, keys, credential)
            case = commands.submit_case(session, actor, submitted, idempotency_key=idempotency_key, request=body)
        return JSONResponse(
            case, 201, headers={"Location": f"/intake/v1/cases/{case['id']}", "ETag": etag(case["version"])}
        )

    def submit_batch(body: Json, credential: Credential, idempotency_key: IdempotencyKey = None) -> Response:
        """Submit up to 1,000 cases. One result for each item, in order; a refused item harms no other."""
        if not isinstance(body, list) or not 0 < len(body) <= BATCH_ITEMS:
            raise InvalidInput(
                f"Send a JSON array of 1 to {BATCH_ITEMS:,} cases.",
                (FieldError("#", "batch_size", "The body must be an array of cases."),),
            )
        checked = [_checked(index, item) for index, item in enumerate(body)]
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            in_force = FieldsInForce(session, actor)
            checked = [_possible(session, in_force, index, item) for index, item in enumerate(checked)]
            answer = commands.submit_batch(session, actor, checked, idempotency_key=idempotency_key, request=body)
        return JSONResponse(answer)

    routes.add_api_route(
        "/cases",
        submit_case,
        methods=["POST"],
        status_code=201,
        response_model=Submitted,
        openapi_extra=documented(CASE_IN, "Case"),
        route_class_override=SubmissionRoute,
    )
    routes.add_api_route(
        "/cases/batch",
        submit_batch,
        methods=["POST"],
        openapi_extra=documented(CASES_IN, "Cases"),
        route_class_override=SubmissionRoute,
    )

    @routes.get("/cases/{case_id}", response_model=CaseOut)
    def show_case(case_id: UUID, credential: Credential) -> Response:
        """One case with its facts and people; the read is recorded. Another organisation's case is not found."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id)
            shown = _shown(session, actor, case).model_dump_json()  # FastAPI would validate it all once more
        return Response(shown, media_type="application/json", headers={"ETag": etag(case.version)})

    @routes.put("/cases/{case_id}/incident", status_code=204, openapi_extra=documented(IncidentIn))
    def correct_incident(case_id: UUID, body: Json, credential: Credential, if_match: IfMatch = None) -> Response:
        """Correct an incident: the facts, whole, as they are now known."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            facts, expected = validated(_INCIDENT, body), expected_version(if_match)
            case = commands.correct_incident(session, actor, case_id, facts, expected)
        return Response(status_code=204, headers={"ETag": etag(case.version)})

    return routes


def checked_case(item: object, prefix: tuple[int | str, ...] = ()) -> SubmittedCase:
    """A case in the shape of its type; raises `InvalidInput`."""
    named = item.get("type") if isinstance(item, dict) else None
    shape = CASE_SHAPES.get(named) if isinstance(named, str) else None
    if shape is None:
        raise InvalidInput(
            f"A case is an object whose `type` is one of: {', '.join(CASE_SHAPES)}.",
            (FieldError(pointer((*prefix, "type")), "case_type", "There is no such type of case."),),
        )
    case: SubmittedCase = validated(shape, item, prefix)
    return case


def _shown(session: Session, actor: Actor, case: Case) -> CaseOut:
    known, details, own = queries.contents(session, case)
    people = [one.person.id for one in known]
    commands.note_view(session, actor, "open", case.id, people)
    incident = case.type == "mass_incident"
    return CaseOut(
        **CaseRef.model_validate(case).model_dump(),
        incident=incident_out(queries.incident(session, actor, case.id)) if incident else None,
        details=None if incident else details,
        people=[PersonOut(id=one.person.id, role=one.role, person=one.known) for one in known],
        relations=[RelationOut.model_validate(one) for one in queries.relations(session, people)],
        own=own_out(own),
        held_by=list(queries.held_by(session, case.id)),
    )


def _checked(index: int, item: object) -> SubmittedCase | dict[str, Any]:
    """The case, or the problem document that says why not."""
    try:
        return checked_case(item, (index,))
    except InvalidInput as error:
        return problem_of(error)


def _possible(
    session: Session, in_force: FieldsInForce, index: int, item: SubmittedCase | dict[str, Any]
) -> SubmittedCase | dict[str, Any]:
    """The item, or the problem document that says why nothing is shared with a recipient that it names, or what does
    not fit the organisation's own fields."""
    if isinstance(item, PeopleCaseIn):
        try:
            commands.check_recipients(session, item)
            answers_with(in_force, item, (index,))
        except (Conflict, InvalidInput) as error:
            return problem_of(error)
    return item
