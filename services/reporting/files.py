"""The files of issues for donors, for the service that mails them: as a function, and beside the feed.

Each is rendered from the frozen snapshot when it is asked for. An issue that is internal is handed to nobody here.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy import Engine, select
from sqlalchemy.orm import undefer

from services.reporting.domain import ReportIssue
from services.reporting.queries import reports
from services.reporting.rendering import RENDERINGS, Issue
from services.reporting.settings import SERVICE
from shared.crypto import KeyRing, same_secret
from shared.database import reading
from shared.errors import NotAuthenticated, NotFound
from shared.issue_files import IssueFile, IssueHead, content_digest

READER = "notify"
Number = Annotated[int, Path(ge=1, lt=2**31)]


class LocalIssueFiles:
    """The files as a function: for whoever has reporting's database in reach. Raises `NotFound`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def head(self, report_id: UUID, number: int) -> IssueHead:
        """What the issue is about."""
        issue = self._issue(report_id, number)
        return IssueHead(
            number,
            issue.digest,
            issue.organisation,
            issue.grant.number if issue.grant else "",
            issue.grant.title if issue.grant else issue.title,
            issue.date_from,
            issue.date_to,
        )

    def file(self, report_id: UUID, number: int, form: str) -> IssueFile:
        """One of `RENDERINGS`, made now: the same bytes each time."""
        if form not in RENDERINGS:
            raise NotFound("There is no such format of an issue.")
        content = RENDERINGS[form].render(self._issue(report_id, number))
        return IssueFile(form, RENDERINGS[form].media_type, content, hashlib.sha256(content).digest())

    def _issue(self, report_id: UUID, number: int) -> Issue:
        with reading(self._engine) as session:
            found = session.scalar(
                select(ReportIssue)
                .where(
                    ReportIssue.report_id == report_id, ReportIssue.number == number, ReportIssue.audience == "donor"
                )
                .options(undefer(ReportIssue.snapshot))
            )
        if found is None:
            raise NotFound("There is no such issue for a donor.")
        return reports.opened(found.snapshot, found.digest)


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, for the feed's listener: its reader must be notify."""

    def authenticate(request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not same_secret(given, keys.feed_key(SERVICE, READER)):
            raise NotAuthenticated("The files of issues are for the service that mails them alone.")

    routes = APIRouter(prefix="/issues/v1", dependencies=[Depends(authenticate)])
    files = LocalIssueFiles(engine)

    @routes.get("/{report_id}/{number}.{form}")
    def file(report_id: UUID, number: Number, form: str) -> Response:
        found = files.file(report_id, number, form)
        headers = {"Content-Digest": content_digest(found.sha256)}
        return Response(found.content, media_type=found.media_type, headers=headers)

    @routes.get("/{report_id}/{number}")
    def head(report_id: UUID, number: Number) -> dict[str, object]:
        found = asdict(files.head(report_id, number))
        return found | {"date_from": found["date_from"].isoformat(), "date_to": found["date_to"].isoformat()}

    return routes
