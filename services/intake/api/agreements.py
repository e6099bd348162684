"""Data-sharing agreements are proposed, signed and ended."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter
from sqlalchemy import Engine

from services.intake.api.requests import Credential, IdempotencyKey, Json, actor_of
from services.intake.casework.referrals import AskAgreement
from services.intake.commands import agreements as acts
from services.intake.commands.once import done_once
from services.intake.domain import Agreement
from services.intake.queries import agreements as found
from services.intake.schemas.referrals import AgreementOut, PaperIn
from services.intake.settings import V1
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.openapi import documented
from shared.web import validated

_ASKED, _PAPER = TypeAdapter(AskAgreement), TypeAdapter(PaperIn)


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    @routes.get("/agreements", response_model=list[AgreementOut])
    def list_agreements(credential: Credential) -> list[AgreementOut]:
        """The agreements of the own organisation, the newest first, those that are over too."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            return [_shown(one) for one in found.agreements(session, actor)]

    @routes.post("/agreements", status_code=201, response_model=AgreementOut, openapi_extra=documented(AskAgreement))
    def propose_agreement(body: Json, credential: Credential, idempotency_key: IdempotencyKey = None) -> Any:
        """Propose an agreement, and so sign it. People do, never systems."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            asked: AskAgreement = validated(_ASKED, body)

            def propose() -> dict[str, Any]:
                return _shown(acts.propose_agreement(session, actor, asked)).model_dump(mode="json")

            return done_once(session, actor, idempotency_key, ["propose agreement", body], propose)

    @routes.post("/agreements/{agreement_id}/signature", response_model=AgreementOut)
    def sign_agreement(agreement_id: UUID, credential: Credential) -> AgreementOut:
        """Sign what the other organisation proposed."""
        with transaction(engine) as session:
            return _shown(acts.sign_agreement(session, actor_of(session, keys, credential), agreement_id))

    @routes.post(
        "/agreements/{agreement_id}/paper-signature", response_model=AgreementOut, openapi_extra=documented(PaperIn)
    )
    def record_paper_signature(agreement_id: UUID, body: Json, credential: Credential) -> AgreementOut:
        """Record that a service provider without an account signed on paper. Two people see to it."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            told: PaperIn = validated(_PAPER, body)
            return _shown(acts.record_paper_signature(session, actor, agreement_id, told.paper))

    @routes.post("/agreements/{agreement_id}/refusal", response_model=AgreementOut)
    def decline_agreement(agreement_id: UUID, credential: Credential) -> AgreementOut:
        """Decline what the other organisation proposed."""
        with transaction(engine) as session:
            return _shown(acts.decline_agreement(session, actor_of(session, keys, credential), agreement_id))

    @routes.post("/agreements/{agreement_id}/end", response_model=AgreementOut)
    def end_agreement(agreement_id: UUID, credential: Credential) -> AgreementOut:
        """End an agreement, or take a proposal back: from now on nothing passes under it."""
        with transaction(engine) as session:
            return _shown(acts.end_agreement(session, actor_of(session, keys, credential), agreement_id))

    return routes


def _shown(row: Agreement) -> AgreementOut:
    told = {name: getattr(row, name) for name in AgreementOut.model_fields if name != "state"}
    return AgreementOut(**told, state=row.state(utc_now().date()))
