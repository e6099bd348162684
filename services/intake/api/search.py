"""Cases are listed and searched, persons are looked for by name."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, TypeAdapter
from sqlalchemy import Engine

from services.intake import commands
from services.intake.api.requests import Credential, Json, actor_of
from services.intake.casework.forms import clean_text
from services.intake.queries.names import FoundByName, find_by_name
from services.intake.queries.search import Wanted, find_cases
from services.intake.schemas import CaseRef
from services.intake.schemas.search import CaseInList, CaseList, FoundPerson, FoundPersons, NameSearch
from services.intake.settings import PAGE, V1
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.errors import FieldError, InvalidInput
from shared.openapi import documented
from shared.web import validated

_NAME_SEARCH = TypeAdapter(NameSearch)
_Word = Annotated[str | None, BeforeValidator(clean_text), Query(max_length=60)]


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    @routes.get("/cases", response_model=CaseList)
    def list_cases(
        credential: Credential,
        reference: _Word = None,
        type_: Annotated[str | None, BeforeValidator(clean_text), Query(alias="type", max_length=40)] = None,
        status: _Word = None,
        place: _Word = None,
        happened_from: date | None = None,
        happened_to: date | None = None,
        assigned_to: Annotated[UUID | Literal["me"] | None, Query(description="A user, or `me`.")] = None,
        after: Annotated[str | None, Query(max_length=200, description="The `next` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> CaseList:
        """The organisation's cases, newest first; with a day asked for, the latest day first. A reference may be typed
        in any way; one with a slip is refused, and says so."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            if assigned_to == "me":
                assigned_to = actor.user_id
                if assigned_to is None:
                    raise InvalidInput(
                        "A system has no cases of its own: name a user.",
                        (FieldError("assigned_to", "no_user", "`me` is a user who is signed in."),),
                    )
            wanted = Wanted(reference, type_, status, place, happened_from, happened_to, assigned_to)
            page = find_cases(session, actor, wanted, after=after, limit=limit)
            return CaseList(items=[CaseInList.model_validate(case) for case in page.cases], next=page.next)

    @routes.post("/search", response_model=FoundPersons, openapi_extra=documented(NameSearch))
    def search(body: Json, credential: Credential) -> FoundPersons:
        """Look for persons by name. Everyone who is shown is recorded as seen."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            asked: NameSearch = validated(_NAME_SEARCH, body)
            found = find_by_name(session, actor, asked.name, type_=asked.type, limit=asked.limit)
            commands.note_views(session, actor, "search", [(one.case.id, one.person.person.id) for one in found])
            return FoundPersons(items=[_shown(one) for one in found])

    return routes


def _shown(one: FoundByName) -> FoundPerson:
    person, known = one.person.person, one.person.known
    return FoundPerson(
        case=CaseRef.model_validate(one.case),
        person_id=person.id,
        role=one.person.role,
        names=known.names if known is not None else (),
        sex=person.sex,
        age_band=person.age_band,
        nationality=person.nationality,
        likeness=one.likeness,
        why=one.why,
    )
