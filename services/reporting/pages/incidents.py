"""The incident report as a page, opened by the signed link that `kinbridge up` and `kinbridge demo` show."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Cookie, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine

from services.reporting import queries
from services.reporting.api.requests import Language
from services.reporting.rendering import incident_renderings
from shared.access import LINK_LIFE, read_token
from shared.crypto import KeyRing
from shared.database import reading, utc_now
from shared.errors import NotAuthenticated
from shared.web import is_https

COOKIE = "kinbridge"
FirstIfAny = Annotated[date | None, Query(alias="from")]
LastIfAny = Annotated[date | None, Query(alias="to")]
LanguageIfAny = Annotated[Language | None, Query()]


def add_to(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    """The pages of this subject."""

    @routes.get("/open")
    def open_report(
        request: Request,
        token: Annotated[str, Query(max_length=2000)],
        first: FirstIfAny = None,
        last: LastIfAny = None,
        language: LanguageIfAny = None,
    ) -> Response:
        """A signed link: keeps the token in a host-only cookie and goes to the report, so that no address holds it."""
        read_token(keys, token)
        named = {"from": first, "to": last, "language": language}
        asked = urlencode({name: said for name, said in named.items() if said is not None})
        answer = RedirectResponse(f"/reporting/incidents?{asked}".rstrip("?"), 303)
        answer.set_cookie(
            COOKIE,
            token,
            max_age=int(LINK_LIFE.total_seconds()),
            secure=is_https(request),
            httponly=True,
            samesite="strict",
            path="/",
        )
        return answer

    @routes.get("/incidents")
    def incident_report(
        first: FirstIfAny = None,
        last: LastIfAny = None,
        language: LanguageIfAny = None,
        kinbridge: Annotated[str | None, Cookie(max_length=2000)] = None,
    ) -> Response:
        """The incident report as a page: of a period, or of all that is counted; in English, or in this language."""
        if kinbridge is None:
            raise NotAuthenticated(
                "Open this page by the link that `kinbridge demo` or `kinbridge up` shows: it signs you in."
            )
        actor = read_token(keys, kinbridge)
        with reading(engine, snapshot=True) as session:
            now = utc_now()
            if first is None or last is None:
                counted = queries.counted_period(session, actor, today=now.date())
                first, last = first or counted.first, last or counted.last
            report = queries.incident_report(session, actor, queries.Period(first, last), now=now)
        rendering = incident_renderings(language or "en")["html"]
        return Response(rendering.render(report), media_type=rendering.media_type)
