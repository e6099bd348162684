"""The life of reports: the due calendar, drafts, sections, and the steps to publication."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.reporting import composing
from services.reporting.api.requests import Credential, Form, IfMatch, Json
from services.reporting.api.shown import due_out, report_shown
from services.reporting.commands import reports as acts
from services.reporting.commands.drafts import Draft
from services.reporting.commands.publishing import publish as freeze
from services.reporting.domain import Report
from services.reporting.domain.report import State
from services.reporting.queries import reports as found
from services.reporting.rendering import RENDERINGS
from services.reporting.schemas.reports import (
    DueOut,
    PublishIn,
    ReportIn,
    ReportOut,
    ReportShown,
    RestateIn,
    SectionIn,
    SendBackIn,
)
from shared.access import Actor, read_token
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.openapi import documented
from shared.web import etag, expected_version, validated

_OPEN, _SECTION, _SEND_BACK = TypeAdapter(ReportIn), TypeAdapter(SectionIn), TypeAdapter(SendBackIn)
_PUBLISH, _RESTATE = TypeAdapter(PublishIn), TypeAdapter(RestateIn)
Key = Annotated[str, Path(max_length=60, description="The key of a section of the template.")]


def add_to(routes: APIRouter, engine: Engine, keys: KeyRing, draft: Draft) -> None:
    """The routes of this subject. `draft` makes an issue from the figures and words of now."""
    _add_lists(routes, engine, keys)
    _add_writing(routes, engine, keys, draft)
    _add_judging(routes, engine, keys)


def _add_lists(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/reports/due")
    def due_calendar(
        credential: Credential, days: Annotated[int, Query(ge=0, le=3660, description="So many days ahead.")] = 90
    ) -> list[DueOut]:
        """What is to be reported, what is due first: reports that are not published, and the periods that come."""
        now = utc_now()
        with reading(engine) as session:
            actor = read_token(keys, credential)
            entries = found.due_calendar(session, actor, until=now.date() + timedelta(days=days))
            return [due_out(one, now) for one in entries]

    @routes.get("/reports")
    def list_reports(
        credential: Credential, grant_id: UUID | None = None, state: State | None = None
    ) -> list[ReportOut]:
        """The organisation's reports, what is due first."""
        with reading(engine) as session:
            rows = found.reports(session, read_token(keys, credential), grant_id=grant_id, state=state)
            return [ReportOut.model_validate(one) for one in rows]

    @routes.get("/reports/{report_id}")
    def show_report(report_id: UUID, credential: Credential, response: Response) -> ReportShown:
        """One report: its state, what its sections say and who signed them, its published issues."""
        with reading(engine) as session:
            actor = read_token(keys, credential)
            return _shown(session, actor, found.report(session, actor, report_id), response)


def _add_writing(routes: APIRouter, engine: Engine, keys: KeyRing, draft: Draft) -> None:
    @routes.post("/reports", status_code=201, openapi_extra=documented(ReportIn))
    def open_report(body: Json, credential: Credential, response: Response) -> ReportShown:
        """A report that no schedule asks for."""
        with transaction(engine) as session:
            actor = read_token(keys, credential)
            return _shown(session, actor, acts.open_report(session, actor, validated(_OPEN, body)), response)

    @routes.put("/reports/{report_id}/sections/{key}", openapi_extra=documented(SectionIn))
    def write_section(
        report_id: UUID, key: Key, body: Json, credential: Credential, response: Response, if_match: IfMatch = None
    ) -> ReportShown:
        """What a section says from now on; it is to be signed anew."""
        with transaction(engine) as session:
            actor, expected = read_token(keys, credential), expected_version(if_match)
            text = validated(_SECTION, body).text
            row = acts.write_section(session, actor, report_id, key, text, expected, utc_now())
            return _shown(session, actor, row, response)

    @routes.post("/reports/{report_id}/sections/{key}/signature")
    def sign_section(
        report_id: UUID, key: Key, credential: Credential, response: Response, if_match: IfMatch = None
    ) -> ReportShown:
        """Answer for what a section says, by role and organisation."""
        with transaction(engine) as session:
            actor, expected = read_token(keys, credential), expected_version(if_match)
            row = acts.sign_section(session, actor, report_id, key, expected, utc_now())
            return _shown(session, actor, row, response)

    @routes.post("/reports/{report_id}/draft")
    def draft_report(
        report_id: UUID, credential: Credential, response: Response, if_match: IfMatch = None
    ) -> ReportShown:
        """Make the draft anew, of the figures and words of now."""
        actor, expected = read_token(keys, credential), expected_version(if_match)
        composing.draft_report(engine, actor, report_id, expected, draft, utc_now())
        return show(actor, report_id, response)

    @routes.get("/reports/{report_id}/draft")
    def show_draft(
        report_id: UUID, credential: Credential, form: Annotated[Form, Query(alias="format")] = "json"
    ) -> Response:
        """The draft as it was made last; it says DRAFT."""
        with reading(engine) as session:
            issue = found.drafted(session, read_token(keys, credential), report_id)
        return Response(RENDERINGS[form].render(issue), media_type=RENDERINGS[form].media_type)

    @routes.post("/reports/{report_id}/submission")
    def submit(report_id: UUID, credential: Credential, response: Response, if_match: IfMatch = None) -> ReportShown:
        """Hand over figures and words as they are now. 422 names each section that is not written and signed."""
        actor, expected = read_token(keys, credential), expected_version(if_match)
        composing.submit_report(engine, actor, report_id, expected, draft, utc_now())
        return show(actor, report_id, response)

    def show(actor: Actor, report_id: UUID, response: Response) -> ReportShown:
        with reading(engine) as session:
            return _shown(session, actor, found.report(session, actor, report_id), response)


def _add_judging(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.post("/reports/{report_id}/return", openapi_extra=documented(SendBackIn))
    def send_back(
        report_id: UUID, body: Json, credential: Credential, response: Response, if_match: IfMatch = None
    ) -> ReportShown:
        """Something is to be changed before it is published."""
        with transaction(engine) as session:
            actor, expected = read_token(keys, credential), expected_version(if_match)
            reason = validated(_SEND_BACK, body).reason
            row = acts.send_back(session, actor, report_id, reason, expected, utc_now())
            return _shown(session, actor, row, response)

    @routes.post("/reports/{report_id}/approval")
    def approve(report_id: UUID, credential: Credential, response: Response, if_match: IfMatch = None) -> ReportShown:
        """Agree to what was submitted: another person than who submitted it."""
        with transaction(engine) as session:
            actor, expected = read_token(keys, credential), expected_version(if_match)
            return _shown(session, actor, acts.approve(session, actor, report_id, expected, utc_now()), response)

    @routes.post("/reports/{report_id}/publication", openapi_extra=documented(PublishIn))
    def publish(
        report_id: UUID, body: Json, credential: Credential, response: Response, if_match: IfMatch = None
    ) -> ReportShown:
        """Freeze what was approved. 409 where the donor has figures about people of some of these days already."""
        with transaction(engine) as session:
            actor, expected = read_token(keys, credential), expected_version(if_match)
            audience = validated(_PUBLISH, body).audience
            freeze(session, actor, report_id, audience, expected, utc_now())
            return _shown(session, actor, found.report(session, actor, report_id), response)

    @routes.post("/reports/{report_id}/restatement", openapi_extra=documented(RestateIn))
    def restate(
        report_id: UUID, body: Json, credential: Credential, response: Response, if_match: IfMatch = None
    ) -> ReportShown:
        """Facts came late, or were wrong: a next issue is due. What is published stays."""
        with transaction(engine) as session:
            actor, expected = read_token(keys, credential), expected_version(if_match)
            why = validated(_RESTATE, body).why
            row = acts.restate(session, actor, report_id, why, expected, utc_now())
            return _shown(session, actor, row, response)


def _shown(session: Session, actor: Actor, row: Report, response: Response) -> ReportShown:
    response.headers["ETag"] = etag(row.version)
    return report_shown(session, actor, row)
