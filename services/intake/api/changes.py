"""What is known of a case and its people is corrected and completed, each time against the version that was read."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Response
from pydantic import TypeAdapter
from sqlalchemy import Engine

from services.intake import commands, queries
from services.intake.api.requests import Credential, IdempotencyKey, Json, actor_of
from services.intake.casework import CASE_TYPES
from services.intake.commands.once import done_once
from services.intake.domain import Case
from services.intake.queries.locking import one_at_a_time
from services.intake.schemas import CasePersonIn, CaseRef
from services.intake.schemas.changes import RELATIONS_IN, MergePatch, PersonAdded, patched
from services.intake.settings import V1
from shared.crypto import KeyRing
from shared.database import transaction
from shared.errors import FieldError, InvalidInput
from shared.openapi import documented
from shared.web import etag, expected_version, validated

_PERSON = TypeAdapter(CasePersonIn)
ReadVersion = Annotated[
    str,
    Header(
        alias="If-Match", max_length=100, description="The ETag that was read, or `*`: refused with 412 if it changed."
    ),
]


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    @routes.patch("/cases/{case_id}/details", response_model=CaseRef, openapi_extra=documented(MergePatch))
    def update_details(
        case_id: UUID, body: Json, credential: Credential, if_match: ReadVersion, response: Response
    ) -> CaseRef:
        """Change some fields of the form; null takes a value away."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id, lock=True)
            patch = body_object(body)
            whole = patched(queries.details(session, case), patch)
            form = validated(TypeAdapter(CASE_TYPES[case.type].details), whole)
            return _answer(response, commands.update_details(session, actor, case_id, form, expected_version(if_match)))

    @routes.post(
        "/cases/{case_id}/people", status_code=201, response_model=PersonAdded, openapi_extra=documented(CasePersonIn)
    )
    def add_person(
        case_id: UUID,
        body: Json,
        credential: Credential,
        if_match: ReadVersion,
        response: Response,
        idempotency_key: IdempotencyKey = None,
    ) -> PersonAdded:
        """Take another person into the case."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            one_at_a_time(session, actor.organisation_id)
            queries.case(session, actor, case_id, lock=True)
            part: CasePersonIn = validated(_PERSON, body)

            def add() -> dict[str, Any]:
                person_id = commands.add_person(session, actor, case_id, part, expected_version(if_match))
                changed = CaseRef.model_validate(queries.case(session, actor, case_id))
                return {**changed.model_dump(mode="json"), "person_id": str(person_id)}

            request = ["add person", case_id, body]
            added = PersonAdded.model_validate(done_once(session, actor, idempotency_key, request, add))
        response.headers["ETag"] = etag(added.version)
        return added

    @routes.put("/cases/{case_id}/people/{person_id}", response_model=CaseRef, openapi_extra=documented(CasePersonIn))
    def change_person(
        case_id: UUID, person_id: UUID, body: Json, credential: Credential, if_match: ReadVersion, response: Response
    ) -> CaseRef:
        """Write anew what is known of a person, and the role: whole, as it is now known."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            part: CasePersonIn = validated(_PERSON, body)
            case = commands.change_person(session, actor, case_id, person_id, part, expected_version(if_match))
            return _answer(response, case)

    @routes.delete("/cases/{case_id}/people/{person_id}", response_model=CaseRef)
    def remove_person(
        case_id: UUID, person_id: UUID, credential: Credential, if_match: ReadVersion, response: Response
    ) -> CaseRef:
        """Take a person off the case. What is known of it stays until it is erased."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            return _answer(
                response, commands.remove_person(session, actor, case_id, person_id, expected_version(if_match))
            )

    @routes.put(
        "/cases/{case_id}/relations", response_model=CaseRef, openapi_extra=documented(RELATIONS_IN, "Relations")
    )
    def relate_people(
        case_id: UUID, body: Json, credential: Credential, if_match: ReadVersion, response: Response
    ) -> CaseRef:
        """Write anew how the people of the case are related: whole."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            wanted = validated(RELATIONS_IN, body)
            return _answer(
                response, commands.relate_people(session, actor, case_id, wanted, expected_version(if_match))
            )

    return routes


def _answer(response: Response, case: Case) -> CaseRef:
    response.headers["ETag"] = etag(case.version)
    return CaseRef.model_validate(case)


def body_object(body: Any) -> dict[str, Any]:
    """The body, which must be an object. Raises `InvalidInput`."""
    if not isinstance(body, dict):
        raise InvalidInput(
            "Send a JSON object with the fields that change.", (FieldError("#", "no_object", "Not an object."),)
        )
    return body
