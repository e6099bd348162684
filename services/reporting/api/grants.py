"""Donors, grants with their budgets and targets, and schedules."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.reporting.api.requests import Credential, IfMatch, Json
from services.reporting.commands import grants as acts
from services.reporting.domain import Donor, Grant, Schedule
from services.reporting.queries import grants as found
from services.reporting.schemas.grants import (
    BudgetLineOut,
    DonorIn,
    DonorOut,
    GrantIn,
    GrantOut,
    GrantShown,
    ScheduleIn,
    ScheduleOut,
    TargetOut,
)
from shared.access import read_token
from shared.crypto import KeyRing
from shared.database import reading, transaction
from shared.openapi import documented
from shared.web import etag, expected_version, validated

_DONOR, _GRANT, _SCHEDULE = TypeAdapter(DonorIn), TypeAdapter(GrantIn), TypeAdapter(ScheduleIn)


def add_to(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    """The routes of this subject."""
    _add_donors(routes, engine, keys)
    _add_grants(routes, engine, keys)
    _add_schedules(routes, engine, keys)


def _add_donors(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/donors")
    def list_donors(credential: Credential) -> list[DonorOut]:
        """The organisation's donors, by name."""
        with reading(engine) as session:
            return [donor_out(one) for one in found.donors(session, read_token(keys, credential))]

    @routes.post("/donors", status_code=201, openapi_extra=documented(DonorIn))
    def add_donor(body: Json, credential: Credential, response: Response) -> DonorOut:
        """Keep a donor. 409 where one of this name is kept."""
        with transaction(engine) as session:
            return _tagged(response, acts.add_donor(session, read_token(keys, credential), validated(_DONOR, body)))

    @routes.get("/donors/{donor_id}")
    def show_donor(donor_id: UUID, credential: Credential, response: Response) -> DonorOut:
        """One donor."""
        with reading(engine) as session:
            return _tagged(response, found.donor(session, read_token(keys, credential), donor_id))

    @routes.put("/donors/{donor_id}", openapi_extra=documented(DonorIn))
    def change_donor(
        donor_id: UUID, body: Json, credential: Credential, response: Response, if_match: IfMatch = None
    ) -> DonorOut:
        """Its words from now on."""
        with transaction(engine) as session:
            actor, expected = read_token(keys, credential), expected_version(if_match)
            row = acts.change_donor(session, actor, donor_id, validated(_DONOR, body), expected)
            return _tagged(response, row)


def _add_grants(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/grants")
    def list_grants(credential: Credential) -> list[GrantOut]:
        """The organisation's grants and pledges, by number."""
        with reading(engine) as session:
            return [GrantOut.model_validate(one) for one in found.grants(session, read_token(keys, credential))]

    @routes.post("/grants", status_code=201, openapi_extra=documented(GrantIn))
    def add_grant(body: Json, credential: Credential, response: Response) -> GrantShown:
        """Keep a grant with its budget and targets. 409 where its number is taken."""
        with transaction(engine) as session:
            row = acts.add_grant(session, read_token(keys, credential), validated(_GRANT, body))
            return grant_shown(session, row, response)

    @routes.get("/grants/{grant_id}")
    def show_grant(grant_id: UUID, credential: Credential, response: Response) -> GrantShown:
        """One grant with its donor, budget, targets and schedules."""
        with reading(engine) as session:
            return grant_shown(session, found.grant(session, read_token(keys, credential), grant_id), response)

    @routes.put("/grants/{grant_id}", openapi_extra=documented(GrantIn))
    def change_grant(
        grant_id: UUID, body: Json, credential: Credential, response: Response, if_match: IfMatch = None
    ) -> GrantShown:
        """Its terms, budget and targets from now on, as a whole. 409 for what published reports rest upon."""
        with transaction(engine) as session:
            actor, expected = read_token(keys, credential), expected_version(if_match)
            row = acts.change_grant(session, actor, grant_id, validated(_GRANT, body), expected)
            return grant_shown(session, row, response)


def _add_schedules(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.post("/grants/{grant_id}/schedules", status_code=201, openapi_extra=documented(ScheduleIn))
    def add_schedule(grant_id: UUID, body: Json, credential: Credential, response: Response) -> ScheduleOut:
        """From now on reports of the grant become due by it."""
        with transaction(engine) as session:
            actor = read_token(keys, credential)
            return _schedule(response, acts.add_schedule(session, actor, grant_id, validated(_SCHEDULE, body)))

    @routes.get("/schedules/{schedule_id}")
    def show_schedule(schedule_id: UUID, credential: Credential, response: Response) -> ScheduleOut:
        """One schedule."""
        with reading(engine) as session:
            return _schedule(response, found.schedule(session, read_token(keys, credential), schedule_id))

    @routes.put("/schedules/{schedule_id}", openapi_extra=documented(ScheduleIn))
    def change_schedule(
        schedule_id: UUID, body: Json, credential: Credential, response: Response, if_match: IfMatch = None
    ) -> ScheduleOut:
        """It says so from now on; reports that are due stay due."""
        with transaction(engine) as session:
            actor, expected = read_token(keys, credential), expected_version(if_match)
            row = acts.change_schedule(session, actor, schedule_id, validated(_SCHEDULE, body), expected)
            return _schedule(response, row)


def donor_out(row: Donor) -> DonorOut:
    """A donor as it is kept."""
    return DonorOut(
        id=row.id, name=row.name, group=row.donor_group, kind=row.kind, country=row.country, version=row.version
    )


def grant_shown(session: Session, row: Grant, response: Response | None = None) -> GrantShown:
    """A grant that was read through `queries.grants`, with what hangs on it."""
    if response is not None:
        response.headers["ETag"] = etag(row.version)
    return GrantShown(
        **GrantOut.model_validate(row).model_dump(),
        donor=donor_out(found.donor_of(session, row)),
        budget=[BudgetLineOut.model_validate(one) for one in found.budget_of(session, row.id)],
        targets=[TargetOut.model_validate(one) for one in found.targets_of(session, row.id)],
        schedules=[ScheduleOut.model_validate(one) for one in found.schedules_of(session, row.id)],
    )


def _tagged(response: Response, row: Donor) -> DonorOut:
    response.headers["ETag"] = etag(row.version)
    return donor_out(row)


def _schedule(response: Response, row: Schedule) -> ScheduleOut:
    response.headers["ETag"] = etag(row.version)
    return ScheduleOut.model_validate(row)
