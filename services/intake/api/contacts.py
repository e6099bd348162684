"""How families are told: the contacts of a case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake import commands, queries
from services.intake.api.changes import ReadVersion
from services.intake.api.requests import Credential, IdempotencyKey, Json, actor_of
from services.intake.casework.contacts import FamilyContactIn, NewFamilyContactIn
from services.intake.commands.contacts import (
    change_family_contact,
    register_family_contact,
    withdraw_family_contact,
)
from services.intake.commands.once import done_once
from services.intake.domain import FamilyContact
from services.intake.queries.family import ContactShown, contact_of, contacts_of, opened_contacts
from services.intake.schemas.contacts import FamilyContactOut, FamilyContactRef
from services.intake.settings import V1
from shared.access import Actor
from shared.crypto import KeyRing
from shared.database import transaction
from shared.openapi import documented
from shared.web import etag, expected_version, validated

_NEW, _CONTACT = TypeAdapter(NewFamilyContactIn), TypeAdapter(FamilyContactIn)
_ALL, _ONE = "/cases/{case_id}/family-contacts", "/cases/{case_id}/family-contacts/{contact_id}"


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)
    _reading(routes, engine, keys)
    _writing(routes, engine, keys)
    return routes


def _reading(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get(_ALL, response_model=list[FamilyContactOut])
    def list_contacts(case_id: UUID, credential: Credential) -> list[FamilyContactOut]:
        """How the family is told, oldest contact first, withdrawn ones too; the view is recorded."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id)
            found = contacts_of(session, case)
            _seen(session, actor, case.id, [one.row for one in found])
            return [_shown(one) for one in found]

    @routes.get(_ONE, response_model=FamilyContactOut)
    def show_contact(case_id: UUID, contact_id: UUID, credential: Credential, response: Response) -> FamilyContactOut:
        """One contact, without its addresses: only notify has them. Its version is the ETag; the view is recorded."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id)
            row = contact_of(session, case, contact_id)
            _seen(session, actor, case.id, [row])
            response.headers["ETag"] = etag(row.version)
            return _shown(opened_contacts(session, [row])[0])


def _writing(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.post(_ALL, status_code=201, response_model=FamilyContactRef, openapi_extra=documented(NewFamilyContactIn))
    def register_contact(
        case_id: UUID, body: Json, credential: Credential, response: Response, idempotency_key: IdempotencyKey = None
    ) -> FamilyContactRef:
        """Say how a person of the case wishes to be told. The addresses go, sealed, to notify alone."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            queries.case(session, actor, case_id, lock=True)
            given: NewFamilyContactIn = validated(_NEW, body)

            def register() -> dict[str, Any]:
                row = register_family_contact(session, actor, case_id, given.person_id, given)
                return FamilyContactRef.model_validate(row).model_dump(mode="json")

            request = ["register family contact", case_id, body]
            made = FamilyContactRef.model_validate(done_once(session, actor, idempotency_key, request, register))
        response.headers["ETag"] = etag(made.version)
        return made

    @routes.put(_ONE, response_model=FamilyContactRef, openapi_extra=documented(FamilyContactIn))
    def change_contact(
        case_id: UUID, contact_id: UUID, body: Json, credential: Credential, if_match: ReadVersion, response: Response
    ) -> FamilyContactRef:
        """Give the contact anew: whole, addresses too. That the family opted out stands, and what it chose itself."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            queries.case(session, actor, case_id, lock=True)
            given: FamilyContactIn = validated(_CONTACT, body)
            expected = expected_version(if_match)
            return _answer(response, change_family_contact(session, actor, case_id, contact_id, given, expected))

    @routes.delete(_ONE, response_model=FamilyContactRef)
    def withdraw_contact(
        case_id: UUID, contact_id: UUID, credential: Credential, if_match: ReadVersion, response: Response
    ) -> FamilyContactRef:
        """Reach nobody by this contact any more."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            expected = expected_version(if_match)
            return _answer(response, withdraw_family_contact(session, actor, case_id, contact_id, expected))


def _answer(response: Response, row: FamilyContact) -> FamilyContactRef:
    response.headers["ETag"] = etag(row.version)
    return FamilyContactRef.model_validate(row)


def _seen(session: Session, actor: Actor, case_id: UUID, rows: list[FamilyContact]) -> None:
    commands.note_view(session, actor, "contact", case_id, sorted({row.person_id for row in rows}))


def _shown(contact: ContactShown) -> FamilyContactOut:
    """As its holder sees it."""
    row = contact.row
    return FamilyContactOut(
        **FamilyContactRef.model_validate(row).model_dump(),
        made_at=row.made_at,
        changed_at=row.changed_at,
        withdrawn_at=row.withdrawn_at,
        opted_out_at=row.opted_out_at,
        chosen_at=row.chosen_at,
        contact=contact.kept,
    )
