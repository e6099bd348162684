"""Referrals: previewed, offered, answered, followed to their end."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake import commands, queries
from services.intake.api.offers import offered, previewed, told_to
from services.intake.api.requests import Credential, IdempotencyKey, IfMatch, Json, actor_of
from services.intake.casework.referrals import AskReferral, AskUpdate
from services.intake.casework.transfers import step_named, steps_from
from services.intake.commands import links
from services.intake.commands import referrals as acts
from services.intake.commands.once import done_once
from services.intake.commands.transfers import open_for_step
from services.intake.domain import Referral
from services.intake.queries import referrals as found
from services.intake.schemas.referrals import (
    LinkIn,
    LinkOut,
    PreviewOut,
    ReferralOut,
    ReferralPage,
    ReferralShown,
    StepIn,
    StepOut,
)
from services.intake.settings import V1
from shared.access import Actor
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.openapi import documented
from shared.web import etag, expected_version, validated

_ASKED, _STEP = TypeAdapter(AskReferral), TypeAdapter(StepIn)
_UPDATE, _LINK = TypeAdapter(AskUpdate), TypeAdapter(LinkIn)
StepName = Annotated[str, Path(max_length=30)]


def router(engine: Engine, keys: KeyRing) -> APIRouter:  # noqa: C901 # a list of routes, each short
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    @routes.post("/cases/{case_id}/referrals/preview", response_model=PreviewOut, openapi_extra=documented(AskReferral))
    def preview_referral(case_id: UUID, body: Json, credential: Credential) -> PreviewOut:
        """Exactly what the receiver would be shown. Nothing is sent."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id)
            return previewed(session, actor, case, validated(_ASKED, body))

    @routes.post(
        "/cases/{case_id}/referrals",
        status_code=201,
        response_model=ReferralOut,
        openapi_extra=documented(AskReferral),
    )
    def offer_referral(
        case_id: UUID,
        body: Json,
        credential: Credential,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Offer it: what is shared is frozen now."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id, lock=True)
            asked = validated(_ASKED, body)
            told = offered(session, actor, case, asked, body, if_match=if_match, idempotency_key=idempotency_key)
        return JSONResponse(told, 201, {"ETag": etag(told["version"])})

    @routes.get("/cases/{case_id}/referrals", response_model=list[ReferralOut])
    def list_of_case(case_id: UUID, credential: Credential) -> list[ReferralOut]:
        """The referrals of one of the own cases, the newest first."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id)
            return [told_to(one, actor) for one in found.of_case(session, case)]

    @routes.get("/referrals", response_model=ReferralPage)
    def list_referrals(
        credential: Credential,
        box: Annotated[found.Box, Query(description="`in`: received; `out`: sent.")] = "in",
        over: Annotated[bool, Query(description="Also those that are over.")] = False,
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=found.PAGE)] = found.PAGE,
    ) -> Response:
        """What came in, or went out, the newest first."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            rows, following = found.referrals(session, actor, box, open_only=not over, after=after, limit=limit)
            page = ReferralPage(items=[told_to(one, actor) for one in rows], next=following)
        return Response(page.model_dump_json(), media_type="application/json")  # FastAPI would validate it once more

    @routes.get("/referrals/{referral_id}", response_model=ReferralShown)
    def show_referral(referral_id: UUID, credential: Credential, response: Response) -> ReferralShown:
        """One referral with what is shared, as it was sent; that it was looked at is recorded."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            row = found.referral(session, actor, referral_id)
            response.headers["ETag"] = etag(row.version)
            return _shown(session, actor, row)

    @routes.post("/referrals/{referral_id}/steps/{name}", response_model=ReferralOut, openapi_extra=documented(StepIn))
    def take_step(
        referral_id: UUID,
        name: StepName,
        body: Json,
        credential: Credential,
        response: Response,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Any:
        """Acknowledge, accept, decline, ask, answer, hand over, complete or take back: as the side and state allow."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            row = open_for_step(session, actor, referral_id, name)
            asked: StepIn = validated(_STEP, body)
            step = step_named(row.kind, name)
            said = validated(TypeAdapter(step.form), {"text": asked.text}) if step is not None and step.form else None

            def take() -> dict[str, Any]:
                expected = expected_version(if_match)
                row = acts.take_step(
                    session, actor, referral_id, name, reason=asked.reason, said=said, expected=expected
                )
                return told_to(row, actor).model_dump(mode="json")

            told = done_once(session, actor, idempotency_key, ["step", referral_id, name, body], take)
        response.headers["ETag"] = etag(told["version"])
        return told

    @routes.post("/referrals/{referral_id}/update", response_model=ReferralOut, openapi_extra=documented(AskUpdate))
    def bring_up_to_date(
        referral_id: UUID, body: Json, credential: Credential, response: Response, if_match: IfMatch = None
    ) -> ReferralOut:
        """Send the receiver what is known by now, of the same fields."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            found.referral(session, actor, referral_id)
            asked: AskUpdate = validated(_UPDATE, body)
            expected = expected_version(if_match)
            row = acts.bring_up_to_date(session, actor, referral_id, note=asked.note, expected=expected)
            response.headers["ETag"] = etag(row.version)
            return told_to(row, actor)

    @routes.post(
        "/referrals/{referral_id}/link", status_code=201, response_model=LinkOut, openapi_extra=documented(LinkIn)
    )
    def make_link(referral_id: UUID, body: Json, credential: Credential) -> LinkOut:
        """A link for a provider without an account: read and answer this one referral. Ends an earlier one."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            asked: LinkIn = validated(_LINK, body)
            row, secret = links.make_link(session, actor, referral_id, days=asked.days)
            return LinkOut(path=f"/intake/link/{secret}", ends_at=row.ends_at)

    @routes.delete("/referrals/{referral_id}/link", status_code=204)
    def revoke_link(referral_id: UUID, credential: Credential) -> Response:
        """Take the link back: it opens nothing from now on."""
        with transaction(engine) as session:
            links.revoke_links(session, actor_of(session, keys, credential), referral_id)
        return Response(status_code=204)

    return routes


def _shown(session: Session, actor: Actor, row: Referral) -> ReferralShown:
    side = found.side_of(row, actor)
    shown = found.shown(session, actor, row, utc_now().date())
    if shown.view is not None:
        commands.note_view(session, actor, "referral", row.case_id, [UUID(one) for one in row.people])
    return ReferralShown(
        **told_to(row, actor).model_dump(),
        shared=shown.view,
        shared_at=shown.sent_at,
        hidden_because=shown.ground,
        history=[
            StepOut(
                number=one.step.number,
                at=one.step.at,
                side=one.step.side,
                user_id=one.step.user_id if one.step.side == side else None,
                what=one.step.what,
                reason=one.step.reason,
                text=one.text if shown.view is not None else None,
            )
            for one in found.history(session, row)
        ],
        possible=[one.name for one in steps_from(row.kind, row.state, side)],
    )
