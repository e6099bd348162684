"""The service directory: every organisation of the hub reads it, its keepers change it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BeforeValidator, TypeAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake.api.changes import ReadVersion
from services.intake.api.requests import Credential, IdempotencyKey, Json, actor_of
from services.intake.casework.forms import clean_text
from services.intake.casework.service_directory import ServiceIn
from services.intake.commands import directory as acts
from services.intake.commands.once import done_once
from services.intake.domain import ServiceEntry
from services.intake.queries.directory import Service, WantedService, service, services
from services.intake.schemas.directory import Confirmed, OrganisationRef, ServiceList, ServiceOut
from services.intake.settings import PAGE, V1
from shared.access import Actor
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.openapi import documented
from shared.web import etag, expected_version, validated

_SERVICE = TypeAdapter(ServiceIn)
_Word = Annotated[str | None, BeforeValidator(clean_text), Query(max_length=60)]


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)
    _add_reading(routes, engine, keys)
    _add_keeping(routes, engine, keys)
    return routes


def _add_reading(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/services", response_model=ServiceList)
    def list_services(
        credential: Credential,
        category: _Word = None,
        place: Annotated[_Word, Query(description="How the place's code begins; a country finds its p-codes.")] = None,
        language: _Word = None,
        capacity: _Word = None,
        provider: UUID | None = None,
        to_confirm: Annotated[bool, Query(description="Own entries that wait for a confirmation.")] = False,
        withdrawn: Annotated[bool, Query(description="Own entries that were withdrawn, and no others.")] = False,
        after: Annotated[str | None, Query(max_length=200, description="The `next` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> ServiceList:
        """The services of every organisation of the hub: what was confirmed last first, so what is stale comes last."""
        wanted = WantedService(category, place, language, capacity, provider, to_confirm, withdrawn)
        with reading(engine) as session:
            actor, now = actor_of(session, keys, credential), utc_now()
            page = services(session, actor, wanted, after=after, limit=limit, now=now)
            return ServiceList(items=[_shown(one, now) for one in page.services], next=page.next)

    @routes.get("/services/{service_id}", response_model=ServiceOut)
    def show_service(service_id: UUID, credential: Credential, response: Response) -> ServiceOut:
        """One service, whoever keeps it; a withdrawn one says so."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            return _answer(session, actor, service_id, response)


def _add_keeping(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.post("/services", status_code=201, response_model=ServiceOut, openapi_extra=documented(ServiceIn))
    def add_service(
        body: Json, credential: Credential, response: Response, idempotency_key: IdempotencyKey = None
    ) -> ServiceOut:
        """Put a service into the directory; the own organisation keeps the entry."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            asked: ServiceIn = validated(_SERVICE, body)

            def add() -> dict[str, Any]:
                return {"id": str(acts.add_service(session, actor, asked).id)}

            added = done_once(session, actor, idempotency_key, ["add service", body], add)
            response.headers["Location"] = f"{V1}/services/{added['id']}"
            return _answer(session, actor, UUID(added["id"]), response)

    def changed(
        service_id: UUID, credential: str, response: Response, change: Callable[[Session, Actor], ServiceEntry]
    ) -> ServiceOut:
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            change(session, actor)
            return _answer(session, actor, service_id, response)

    @routes.put("/services/{service_id}", response_model=ServiceOut, openapi_extra=documented(ServiceIn))
    def change_service(
        service_id: UUID, body: Json, credential: Credential, if_match: ReadVersion, response: Response
    ) -> ServiceOut:
        """Write a service anew, whole, as it is now. That confirms it too."""

        def write(session: Session, actor: Actor) -> ServiceEntry:
            asked: ServiceIn = validated(_SERVICE, body)
            return acts.change_service(session, actor, service_id, asked, expected_version(if_match))

        return changed(service_id, credential, response, write)

    @routes.post("/services/{service_id}/confirmation", response_model=ServiceOut)
    def confirm_service(
        service_id: UUID, credential: Credential, if_match: ReadVersion, response: Response
    ) -> ServiceOut:
        """Say that the entry is still right, as it was read."""
        return changed(
            service_id,
            credential,
            response,
            lambda s, a: acts.confirm_service(s, a, service_id, expected_version(if_match)),
        )

    @routes.post("/services/{service_id}/withdrawal", response_model=ServiceOut)
    def withdraw_service(
        service_id: UUID, credential: Credential, if_match: ReadVersion, response: Response
    ) -> ServiceOut:
        """Take the service off the list. It can be brought back."""
        return changed(
            service_id,
            credential,
            response,
            lambda s, a: acts.withdraw_service(s, a, service_id, expected_version(if_match)),
        )

    @routes.delete("/services/{service_id}/withdrawal", response_model=ServiceOut)
    def bring_service_back(
        service_id: UUID, credential: Credential, if_match: ReadVersion, response: Response
    ) -> ServiceOut:
        """Undo the withdrawal: it is as fresh as its last confirmation."""
        return changed(
            service_id,
            credential,
            response,
            lambda s, a: acts.bring_service_back(s, a, service_id, expected_version(if_match)),
        )


def _answer(session: Session, actor: Actor, service_id: UUID, response: Response) -> ServiceOut:
    found = service(session, actor, service_id)
    response.headers["ETag"] = etag(found.entry.version)
    return _shown(found, utc_now())


def _shown(found: Service, now: datetime) -> ServiceOut:
    entry = found.entry
    return ServiceOut(
        id=entry.id,
        version=entry.version,
        service=ServiceIn.model_validate({name: getattr(entry, name) for name in ServiceIn.model_fields}),
        provider=OrganisationRef.model_validate(found.provider),
        keeper=OrganisationRef.model_validate(found.keeper),
        created_at=entry.created_at,
        changed_at=entry.changed_at,
        confirmed=Confirmed(at=entry.confirmed_at, role=entry.confirmed_as, organisation_id=entry.organisation_id),
        freshness=entry.freshness(now),
        doubts=entry.doubts(now),
        withdrawn_at=entry.withdrawn_at,
    )
