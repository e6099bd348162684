"""Notify's JSON interface for reports by mail: who gets those of a grant, and what became of each mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.notify.commands.report_mail import send_again
from services.notify.commands.report_readers import NewReader, add_reader, addresses_of, end_reader
from services.notify.domain import ReportReader
from services.notify.queries import reports
from services.notify.report_schemas import ReaderIn, ReaderList, ReaderOut, ReportMailList, ReportMailOut
from shared.access import Act, Actor, read_token
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.openapi import documented
from shared.web import bearer, json_body, validated

Credential = Annotated[str, Depends(bearer)]
_READER = TypeAdapter(ReaderIn)


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix="/notify/v1")
    _add_readers(routes, engine, keys)
    _add_mails(routes, engine, keys)
    return routes


def _add_readers(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/report-readers")
    def list_readers(credential: Credential, grant_id: UUID | None = None) -> ReaderList:
        """Whom the organisation's reports go to by mail, also those that ended. Addresses are for those who keep
        grants."""
        actor = read_token(keys, credential)
        with reading(engine) as session:
            return ReaderList(items=_shown(session, actor, reports.readers(session, actor, grant_id)))

    @routes.post("/report-readers", status_code=201, openapi_extra=documented(ReaderIn))
    def add(body: Annotated[object, Depends(json_body)], credential: Credential) -> ReaderOut:
        """Send the next reports of a grant to this address, too. One that gets them already is not added twice.
        409 where whoever has the address ended these mails, unless `asked_again`."""
        actor, asked = read_token(keys, credential), validated(_READER, body)
        new = NewReader(**asked.model_dump())
        with transaction(engine) as session:
            return _shown(session, actor, [add_reader(session, actor, new, utc_now())])[0]

    @routes.get("/report-readers/{reader_id}")
    def show_reader(reader_id: UUID, credential: Credential) -> ReaderOut:
        """One of them."""
        actor = read_token(keys, credential)
        with reading(engine) as session:
            return _shown(session, actor, [reports.reader(session, actor, reader_id)])[0]

    @routes.delete("/report-readers/{reader_id}", status_code=204)
    def end(reader_id: UUID, credential: Credential) -> Response:
        """Send nothing more there; a mail that waits is not sent either. A second time changes nothing."""
        with transaction(engine) as session:
            end_reader(session, read_token(keys, credential), reader_id, utc_now())
        return Response(status_code=204)


def _add_mails(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    @routes.get("/report-mails")
    def list_mails(
        credential: Credential, grant_id: UUID | None = None, report_id: UUID | None = None
    ) -> ReportMailList:
        """The mails with the organisation's reports, newest first, and what became of each."""
        actor = read_token(keys, credential)
        with reading(engine) as session:
            found = reports.deliveries(session, actor, grant_id=grant_id, report_id=report_id)
            return ReportMailList(items=[ReportMailOut.model_validate(one) for one in found])

    @routes.get("/report-mails/{mail_id}")
    def show_mail(mail_id: UUID, credential: Credential) -> ReportMailOut:
        """One of them."""
        with reading(engine) as session:
            return ReportMailOut.model_validate(reports.delivery(session, read_token(keys, credential), mail_id))

    @routes.post("/report-mails/{mail_id}/again")
    def again(mail_id: UUID, credential: Credential) -> ReportMailOut:
        """Send a mail that failed again, though it may have arrived. 409 where it was sent, or is on its way."""
        with transaction(engine) as session:
            sent = send_again(session, read_token(keys, credential), mail_id, utc_now())
            return ReportMailOut.model_validate(sent)


def _shown(session: Session, actor: Actor, found: Sequence[ReportReader]) -> list[ReaderOut]:
    addresses = addresses_of(session, found) if actor.may(Act.KEEP_GRANTS) else {}
    return [
        ReaderOut(
            address=addresses.get(one.id),
            formats=one.formats.split(),
            **{name: getattr(one, name) for name in ReaderOut.model_fields if name not in ("address", "formats")},
        )
        for one in found
    ]
