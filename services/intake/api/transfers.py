"""Transfers: a case is offered to another organisation, which takes it over. Answered and followed as referrals are."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter
from sqlalchemy import Engine

from services.intake import queries
from services.intake.api.offers import offered, previewed
from services.intake.api.requests import Credential, IdempotencyKey, IfMatch, Json, actor_of
from services.intake.casework.transfers import AskTransfer
from services.intake.schemas.referrals import PreviewOut, ReferralOut
from services.intake.settings import V1
from shared.crypto import KeyRing
from shared.database import transaction
from shared.openapi import documented
from shared.web import etag, validated

_ASKED = TypeAdapter(AskTransfer)


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    @routes.post("/cases/{case_id}/transfers/preview", response_model=PreviewOut, openapi_extra=documented(AskTransfer))
    def preview_transfer(case_id: UUID, body: Json, credential: Credential) -> PreviewOut:
        """Exactly what the receiver would be shown while it decides. Nothing is sent."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id)
            return previewed(session, actor, case, validated(_ASKED, body))

    @routes.post(
        "/cases/{case_id}/transfers", status_code=201, response_model=ReferralOut, openapi_extra=documented(AskTransfer)
    )
    def offer_transfer(
        case_id: UUID,
        body: Json,
        credential: Credential,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Offer the case. It stays with who offers it until the receiver accepts, by `/referrals/{id}/steps/accept`."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id, lock=True)
            asked = validated(_ASKED, body)
            told = offered(session, actor, case, asked, body, if_match=if_match, idempotency_key=idempotency_key)
        return JSONResponse(told, 201, {"ETag": etag(told["version"])})

    return routes
