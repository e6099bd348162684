"""What an organisation asks of its own on a type of case, and what its cases answer."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import Engine

from services.intake import queries
from services.intake.api.changes import ReadVersion, body_object
from services.intake.api.requests import Credential, Json, actor_of
from services.intake.casework.own_fields import OwnFieldsSchema
from services.intake.commands.own_fields import answer_own_fields, write_own_fields
from services.intake.domain import OwnFields
from services.intake.queries import own_fields as found
from services.intake.schemas import CaseRef
from services.intake.schemas.changes import MergePatch
from services.intake.schemas.own_fields import OwnFieldsOut
from services.intake.settings import V1
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.openapi import documented
from shared.web import etag, expected_version


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    @routes.get("/own-fields", response_model=list[OwnFieldsOut])
    def list_own_fields(credential: Credential) -> list[OwnFieldsOut]:
        """What the organisation asks of its own, type by type, in the newest versions."""
        with reading(engine) as session:
            rows = found.of_every_type(session, actor_of(session, keys, credential))
            return [_shown(name, row) for name, row in rows.items()]

    @routes.get("/own-fields/{case_type}", response_model=OwnFieldsOut)
    def show_own_fields(case_type: str, credential: Credential, response: Response) -> OwnFieldsOut:
        """What is asked on a type of case: the newest version, whose number is the ETag; version 0 before the first."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            found.check_reader(actor)
            return _answer(response, case_type, found.newest(session, actor, case_type))

    @routes.get("/own-fields/{case_type}/versions", response_model=list[OwnFieldsOut])
    def list_versions(case_type: str, credential: Credential) -> list[OwnFieldsOut]:
        """Every version, the newest first: none is ever changed."""
        with reading(engine) as session:
            rows = found.versions(session, actor_of(session, keys, credential), case_type)
            return [_shown(case_type, row) for row in rows]

    @routes.put("/own-fields/{case_type}", response_model=OwnFieldsOut, openapi_extra=documented(OwnFieldsSchema))
    def define_own_fields(
        case_type: str, body: Json, credential: Credential, if_match: ReadVersion, response: Response
    ) -> OwnFieldsOut:
        """Ask from now on what this JSON Schema says, whole. No case changes: each keeps the version it answered."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            row = write_own_fields(session, actor, case_type, body_object(body), expected_version(if_match))
            return _answer(response, case_type, row)

    @routes.delete("/own-fields/{case_type}", response_model=OwnFieldsOut)
    def retire_own_fields(
        case_type: str, credential: Credential, if_match: ReadVersion, response: Response
    ) -> OwnFieldsOut:
        """Ask nothing more on this type of case. Cases keep what they answered."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            row = write_own_fields(session, actor, case_type, None, expected_version(if_match))
            return _answer(response, case_type, row)

    @routes.patch("/cases/{case_id}/own", response_model=CaseRef, openapi_extra=documented(MergePatch))
    def answer(case_id: UUID, body: Json, credential: Credential, if_match: ReadVersion, response: Response) -> CaseRef:
        """Answer some own fields, under their newest version; null takes an answer away."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            queries.case(session, actor, case_id, lock=True)
            case = answer_own_fields(session, actor, case_id, body_object(body), expected_version(if_match))
            response.headers["ETag"] = etag(case.version)
            return CaseRef.model_validate(case)

    return routes


def _shown(case_type: str, row: OwnFields | None) -> OwnFieldsOut:
    if row is None:
        return OwnFieldsOut(case_type=case_type, version=0, fields=None, made_at=None, made_by=None)
    return OwnFieldsOut(
        case_type=case_type, version=row.version, fields=row.schema, made_at=row.made_at, made_by=row.made_by
    )


def _answer(response: Response, case_type: str, row: OwnFields | None) -> OwnFieldsOut:
    told = _shown(case_type, row)
    response.headers["ETag"] = etag(told.version)
    return told
