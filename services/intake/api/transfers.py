"""Transfers: a case is offered to another organisation, which takes it over. Answered and followed as referrals are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import TypeAdapter
from sqlalchemy import Engine

from services.intake import commands, queries
from services.intake.api.referrals import told_to
from services.intake.api.requests import Credential, IdempotencyKey, IfMatch, Json, actor_of
from services.intake.casework.transfers import AskTransfer
from services.intake.commands import referrals as acts
from services.intake.commands.once import done_once
from services.intake.schemas.referrals import PreviewOut, ReferralOut
from services.intake.settings import V1
from shared.crypto import KeyRing
from shared.database import transaction
from shared.openapi import documented
from shared.web import etag, expected_version, validated

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
            agreement, share, fields = acts.what_would_be_shared(session, actor, case, validated(_ASKED, body))
            commands.note_view(session, actor, "referral", case_id, share.people)
            return PreviewOut(
                agreement_id=agreement.id,
                fields=fields,
                shared=share.view,
                shown_until=share.until,
                left_out=[],
                doubts=(),
            )

    @routes.post(
        "/cases/{case_id}/transfers", status_code=201, response_model=ReferralOut, openapi_extra=documented(AskTransfer)
    )
    def offer_transfer(
        case_id: UUID,
        body: Json,
        credential: Credential,
        response: Response,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Any:
        """Offer the case. It stays with who offers it until the receiver accepts, by `/referrals/{id}/steps/accept`."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id, lock=True)
            asked: AskTransfer = validated(_ASKED, body)

            def offer() -> dict[str, Any]:
                expected = expected_version(if_match)
                row = acts.offer_referral(session, actor, case, asked, expected=expected)
                return told_to(row, actor).model_dump(mode="json")

            told = done_once(session, actor, idempotency_key, ["offer transfer", case_id, body], offer)
        response.headers["ETag"] = etag(told["version"])
        return told

    return routes
