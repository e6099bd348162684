"""Figures of an organisation's own work, over any period."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import Engine

from services.reporting import queries
from services.reporting.api.requests import Credential, First, Form, Language, Last
from services.reporting.queries import matched, passed
from services.reporting.rendering import incident_renderings
from services.reporting.schemas import MatchReport, ReferralReport
from shared.access import read_token
from shared.crypto import KeyRing
from shared.database import reading, utc_now


def add_to(routes: APIRouter, engine: Engine, keys: KeyRing) -> None:
    """The routes of this subject."""

    @routes.get("/incidents")
    def incident_report(
        credential: Credential,
        first: First,
        last: Last,
        form: Annotated[Form, Query(alias="format")] = "json",
        language: Annotated[Language, Query(description="Of what people read: page, PDF and XLSX.")] = "en",
    ) -> Response:
        """The incident report of the token's organisation over a period."""
        actor = read_token(keys, credential)
        with reading(engine, snapshot=True) as session:
            report = queries.incident_report(session, actor, queries.Period(first, last), now=utc_now())
        rendering = incident_renderings(language)[form]
        return Response(rendering.render(report), media_type=rendering.media_type)

    @routes.get("/referrals")
    def referral_report(credential: Credential, first: First, last: Last) -> ReferralReport:
        """How the referrals and transfers of the token's organisation went that were offered in a period: what it sent,
        and what it received. Figures for the organisation itself, not suppressed: not for publication."""
        actor = read_token(keys, credential)
        with reading(engine, snapshot=True) as session:
            return passed.referral_report(session, actor, queries.Period(first, last), now=utc_now())

    @routes.get("/matches")
    def match_report(credential: Credential, first: First, last: Last) -> MatchReport:
        """How the matches of the token's organisation went that it learnt of in a period. Figures for the organisation
        itself, not suppressed: not for publication."""
        actor = read_token(keys, credential)
        with reading(engine, snapshot=True) as session:
            return matched.match_report(session, actor, queries.Period(first, last), now=utc_now())
