"""Protection of a person's data: legal bases, erasure, holds, what a person asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake.api.requests import Credential, Json, actor_of
from services.intake.commands import protection as commands
from services.intake.domain import Erasure, LegalBasis
from services.intake.queries import protection as queries
from services.intake.schemas.protection import (
    Confirmation,
    DuePerson,
    ErasureIn,
    ErasureOut,
    ErasureShown,
    HoldIn,
    HoldOut,
    LegalBasisIn,
    LegalBasisOut,
    MayUse,
    Outcome,
    PurposeIn,
    RequestIn,
    RequestOut,
    RetentionOut,
    Wish,
)
from services.intake.settings import V1
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.events.intake import Purpose
from shared.openapi import documented
from shared.web import validated

_BASIS, _PURPOSE, _WISH = TypeAdapter(LegalBasisIn), TypeAdapter(PurposeIn), TypeAdapter(Wish)
_ERASURE, _HOLD = TypeAdapter(ErasureIn), TypeAdapter(HoldIn)
_REQUEST, _OUTCOME = TypeAdapter(RequestIn), TypeAdapter(Outcome)


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)
    for add in (_bases, _erasures, _holds, _requests):
        add(routes, engine, keys)
    return routes


def _bases(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/persons/{person_id}/legal-bases", response_model=list[LegalBasisOut])
    def list_legal_bases(person_id: UUID, credential: Credential) -> list[LegalBasisOut]:
        """Why this person's data may be used, and what the person refused, under whichever record; oldest first."""
        with reading(engine) as session:
            person = queries.person(session, actor_of(session, keys, credential), person_id)
            people = queries.everybody_of(session, person)
            return [LegalBasisOut.model_validate(one) for one in queries.legal_bases(session, people)]

    post = partial(routes.post, status_code=201, response_model=LegalBasisOut)

    def said(
        command: Callable[..., LegalBasis], shape: TypeAdapter[Any], person_id: UUID, credential: str, body: Any
    ) -> LegalBasisOut:
        with transaction(engine) as session:
            actor, given = actor_of(session, keys, credential), validated(shape, body)
            return LegalBasisOut.model_validate(command(session, actor, person_id, **given.__dict__))

    @post("/persons/{person_id}/legal-bases", openapi_extra=documented(LegalBasisIn))
    def record_legal_basis(person_id: UUID, credential: Credential, body: Json) -> LegalBasisOut:
        """Record why the person's data may be used. A consent lifts the person's earlier no to the very same."""
        return said(commands.record_legal_basis, _BASIS, person_id, credential, body)

    @post("/persons/{person_id}/withdrawals", openapi_extra=documented(PurposeIn))
    def withdraw_consent(person_id: UUID, credential: Credential, body: Json) -> LegalBasisOut:
        """The person takes its consent back: at once, and everywhere."""
        return said(commands.withdraw_consent, _PURPOSE, person_id, credential, body)

    @post("/persons/{person_id}/objections", openapi_extra=documented(PurposeIn))
    def record_objection(person_id: UUID, credential: Credential, body: Json) -> LegalBasisOut:
        """The person objects to a use, whatever its legal basis."""
        return said(commands.record_objection, _PURPOSE, person_id, credential, body)

    @routes.put("/persons/{person_id}/share-with-nobody", status_code=204, openapi_extra=documented(Wish))
    def share_with_nobody(person_id: UUID, credential: Credential, body: Json) -> None:
        """The person wishes that nothing of it leaves this organisation, or no longer does."""
        with transaction(engine) as session:
            actor, given = actor_of(session, keys, credential), validated(_WISH, body)
            commands.share_with_nobody(session, actor, person_id, wish=given.wish)

    @routes.get("/persons/{person_id}/may-use", response_model=MayUse)
    def may_use(
        person_id: UUID,
        credential: Credential,
        purpose: Purpose,
        recipient: UUID | None = None,
        on: Annotated[date | None, Query(description="Default: today.")] = None,
    ) -> MayUse:
        """Whether the person's data may be used for a purpose by an organisation (left out: this one), and why not."""
        with reading(engine) as session:
            queries.person(session, actor_of(session, keys, credential), person_id)
            decision = queries.may_use(session, person_id, purpose, recipient, on or utc_now().date())
            return MayUse(allowed=decision.allowed, ground=decision.ground, sentence=decision.sentence)


def _erasures(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/erasures", response_model=list[ErasureOut])
    def list_erasures(credential: Credential) -> list[ErasureOut]:
        """Erasures of this organisation: proposed, declined, done; newest first."""
        with reading(engine) as session:
            found = queries.erasures(session, actor_of(session, keys, credential))
            return [ErasureOut.model_validate(one) for one in found]

    @routes.post("/erasures", status_code=201, response_model=ErasureShown, openapi_extra=documented(ErasureIn))
    def propose_erasure(credential: Credential, body: Json) -> ErasureShown:
        """Propose to erase a person, or take on what retention proposed. Another person approves."""
        with transaction(engine) as session:
            actor, given = actor_of(session, keys, credential), validated(_ERASURE, body)
            return _shown(session, commands.propose_erasure(session, actor, given.person_id, given.reason))

    @routes.get("/erasures/{erasure_id}", response_model=ErasureShown)
    def show_erasure(erasure_id: UUID, credential: Credential) -> ErasureShown:
        """One erasure, and which services have confirmed it."""
        with transaction(engine) as session:
            return _shown(session, queries.erasure(session, actor_of(session, keys, credential), erasure_id))

    @routes.post("/erasures/{erasure_id}/approval", response_model=ErasureShown)
    def approve_erasure(erasure_id: UUID, credential: Credential) -> ErasureShown:
        """Approve what another person proposed: the person is erased, for ever."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            return _shown(session, commands.approve_erasure(session, actor, erasure_id))

    @routes.post("/erasures/{erasure_id}/refusal", response_model=ErasureShown)
    def decline_erasure(erasure_id: UUID, credential: Credential) -> ErasureShown:
        """Decline a proposal."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            return _shown(session, commands.decline_erasure(session, actor, erasure_id))

    @routes.get("/retention", response_model=RetentionOut)
    def retention_due(credential: Credential) -> RetentionOut:
        """What is kept longer than its kind needs, and what has not been looked at for a year. Nothing is changed."""
        with reading(engine) as session:
            due = commands.retention_due(session, actor_of(session, keys, credential))
            persons = [DuePerson.model_validate(one) for one in due.persons]
            return RetentionOut(persons=persons, reviews=[case.id for case in due.reviews])


def _shown(session: Session, erasure: Erasure) -> ErasureShown:
    confirmed = [Confirmation.model_validate(one) for one in queries.confirmations(session, erasure.person_id)]
    return ErasureShown(**ErasureOut.model_validate(erasure).model_dump(), confirmed=confirmed)


def _holds(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.post(
        "/persons/{person_id}/legal-holds", status_code=201, response_model=HoldOut, openapi_extra=documented(HoldIn)
    )
    def place_legal_hold(person_id: UUID, credential: Credential, body: Json) -> HoldOut:
        """Keep this person's data whatever retention or a request says."""
        with transaction(engine) as session:
            actor, given = actor_of(session, keys, credential), validated(_HOLD, body)
            return HoldOut.model_validate(commands.place_legal_hold(session, actor, person_id, given.reason))

    @routes.delete("/persons/{person_id}/legal-holds", response_model=HoldOut)
    def lift_legal_hold(person_id: UUID, credential: Credential) -> HoldOut:
        """End the hold that lasts."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            return HoldOut.model_validate(commands.lift_legal_hold(session, actor, person_id))


def _requests(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/subject-requests", response_model=list[RequestOut])
    def list_requests(credential: Credential) -> list[RequestOut]:
        """What persons asked for and nobody has answered yet, the most urgent first."""
        with reading(engine) as session:
            found = queries.subject_requests(session, actor_of(session, keys, credential))
            return [RequestOut.model_validate(one) for one in found]

    @routes.post(
        "/persons/{person_id}/requests", status_code=201, response_model=RequestOut, openapi_extra=documented(RequestIn)
    )
    def receive_request(person_id: UUID, credential: Credential, body: Json) -> RequestOut:
        """A person asks for a copy, a correction, to object, or to be erased: to be answered within thirty days."""
        with transaction(engine) as session:
            actor, given = actor_of(session, keys, credential), validated(_REQUEST, body)
            return RequestOut.model_validate(commands.receive_request(session, actor, person_id, **given.__dict__))

    @routes.post("/subject-requests/{request_id}/answer", response_model=RequestOut, openapi_extra=documented(Outcome))
    def answer_request(request_id: UUID, credential: Credential, body: Json) -> RequestOut:
        """The request was answered."""
        with transaction(engine) as session:
            actor, given = actor_of(session, keys, credential), validated(_OUTCOME, body)
            return RequestOut.model_validate(commands.answer_request(session, actor, request_id, given.outcome))

    @routes.get("/persons/{person_id}/copy")
    def copy_of(person_id: UUID, credential: Credential) -> dict[str, Any]:
        """Everything held about a person, to be handed to that person; the view is recorded."""
        with transaction(engine) as session:
            return commands.copy_of(session, actor_of(session, keys, credential), person_id)
