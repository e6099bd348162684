"""Published issues, for the organisation's staff and for the donor's readers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Engine

from services.reporting.api.requests import Credential, Form
from services.reporting.api.shown import issue_out
from services.reporting.queries import reports as found
from services.reporting.rendering import RENDERINGS
from services.reporting.schemas.reports import IssueOut
from shared.access import read_token
from shared.crypto import KeyRing
from shared.database import reading


def add_to(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    """The routes of this subject."""

    @routes.get("/issues")
    def list_issues(credential: Credential, grant_id: UUID | None = None) -> list[IssueOut]:
        """The published issues that may be read: those of the own organisation, and those that were published for it
        as a donor; the newest period first."""
        with reading(engine) as session:
            entries = found.issues(session, read_token(keys, credential), grant_id=grant_id)
            return [issue_out(one) for one in entries]

    @routes.get("/reports/{report_id}/issues/{number}")
    def show_issue(
        report_id: UUID,
        number: Annotated[int, Path(ge=1, le=10_000)],
        credential: Credential,
        form: Annotated[Form, Query(alias="format")] = "json",
    ) -> Response:
        """One published issue as it was frozen: the same bytes each time. Its digest is the ETag."""
        with reading(engine) as session:
            issue = found.issue(session, read_token(keys, credential), report_id, number)
        rendering = RENDERINGS[form]
        return Response(rendering.render(issue), media_type=rendering.media_type, headers={"ETag": f'"{issue.digest}"'})
